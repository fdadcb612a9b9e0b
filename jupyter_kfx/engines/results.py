"""What a step process left behind, as an observation."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines.protocol import (
    AmbientState,
    Failure,
    Group,
    Observation,
    Unavailable,
)
from jupyter_kfx.runtime.exits import CELLS_RAISED, NOT_LOADED, UNWRITTEN

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_kfx.engines.processes import End
    from jupyter_kfx.pipeline.model import Cell

__all__ = ["observation"]

_LOG_LINES = 20
_KINDS = {CELLS_RAISED: "error", NOT_LOADED: "unavailable"}


def observation(
    directory: Path,
    end: End,
    *,
    because: Failure | None,
    running: Cell | None,
    after: int,
) -> Observation:
    """Return what the execution in the directory did.

    `because` is given where the engine ended it, `running` where a cell had begun and
    not ended; `after` is the position of the step's last cell.
    """
    try:
        result = json.loads((directory / "result.json").read_text("utf-8"))
    except FileNotFoundError:
        died = because or _died(directory, end)
        if running is not None:
            died = replace(died, cell=running.id, index=running.index)
        return Observation("failed", died)
    failure: Failure | None = None
    if because is not None or result["status"] == "failed":
        failure = _failure(result["error"] or {}, end)
    if because is not None and failure is not None:
        failure = replace(
            failure, ename=because.ename, evalue=because.evalue, kind=because.kind
        )
    stored = () if failure else tuple(map(_group, result.get("stored", ())))
    return Observation(
        status="failed" if failure else result["status"],
        failure=failure,
        stored=stored,
        deleted=frozenset(result.get("deleted", ())),
        changed=frozenset(result.get("changed", ())),
        unavailable={
            name: Unavailable(why["message"], why["cure"], after)
            for name, why in result.get("unavailable", {}).items()
        },
        ambient={
            key: AmbientState(
                state["digest"],
                state["size"],
                state["token"],
                after,
                frozenset(state.get("needs", ())),
            )
            for key, state in result.get("ambient", {}).items()
        },
        conditions=result.get("conditions", {}),
        observed=result.get("observed", {}),
        metrics=result.get("metrics", {}),
        warnings=tuple(result.get("warnings", ())),
        seconds=result.get("seconds", 0.0),
    )


def _group(stored: dict[str, Any]) -> Group:
    return Group(
        digest=stored["digest"],
        names=frozenset(stored["names"]),
        content=stored["content"],
        needs=frozenset(stored.get("needs", ())),
        definitions=frozenset(stored.get("definitions", ())),
        modules=frozenset(stored.get("modules", ())),
        types=stored.get("types", {}),
        size=stored["size"],
    )


def _failure(error: dict[str, Any], end: End) -> Failure:
    return Failure(
        ename=error.get("ename", "Error"),
        evalue=error.get("evalue", ""),
        traceback=tuple(error.get("traceback", ())),
        cell=error.get("cell"),
        index=error.get("index"),
        line=error.get("line"),
        name=error.get("name"),
        artifact=error.get("artifact"),
        reason=error.get("reason", ""),
        left=error.get("left", ""),
        kind=_KINDS.get(end.code or 0, "runtime"),
    )


def _died(directory: Path, end: End) -> Failure:
    log = directory / "log"
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    _, crash, stack = text.rpartition("Fatal Python error")
    said = (crash + stack).splitlines()
    tail = tuple(said[:_LOG_LINES] if crash else said[-_LOG_LINES:])
    if end.server_died:
        return Failure(
            "ProcessDied",
            "the fork server of the run ended, and the step with it. Run again, or with "
            "`--isolation spawn`.",
            tail,
            kind="killed",
        )
    if end.signal is not None:
        name = signal.Signals(end.signal).name
        cures = {
            signal.SIGKILL: "Most often the machine ran out of memory: give the step "
            "less data, or let fewer steps run at once (`memory:`, `--jobs`).",
            signal.SIGSEGV: "Compiled code crashed; its log shows where.",
        }
        cure = cures.get(signal.Signals(end.signal), "")
        return Failure(
            "ProcessDied",
            f"the step's process was ended by {name}. {cure}".rstrip(),
            tail,
            kind="killed",
        )
    if end.code == UNWRITTEN:
        return Failure(
            "NotStored",
            "what the step did cannot be written to the store: the disk is full. Make "
            "room (`jupyter kfx runs rm` deletes runs).",
            tail,
            kind="runtime",
        )
    return Failure(
        "ProcessDied",
        f"the step's process ended with exit code {end.code} in the middle of a cell. A "
        "cell must not end the process (`os._exit`).",
        tail,
        kind="killed",
    )
