"""Two runs side by side: parameters, code, values, metrics, durations."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines.bundle import runtime_archive
from jupyter_kfx.engines.fingerprint import fingerprint
from jupyter_kfx.engines.interpreter import interpreter
from jupyter_kfx.engines.local import hash_seed
from jupyter_kfx.errors import EngineError
from jupyter_kfx.inspection.attempts import last_attempts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.inspection.attempts import Attempt
    from jupyter_kfx.store import RunRecord, Store

__all__ = ["compare"]

_ROLES = ("inputs", "outputs")
_SETUP = "(setup)"
"""Stands for the code that steps share."""


def compare(
    store: Store, one: str, other: str, tolerance: float = 0.0
) -> dict[str, Any]:
    """Return how two runs differ, as plain data.

    Values with other contents by digest are compared by what is in them, in the
    interpreter of the kernel: floats that differ by no more than the tolerance times
    the larger are the same. UsageError if there is no such run or kernel.
    """
    runs = (store.run(one), store.run(other))
    definitions = [store.definition(run.id) for run in runs]
    attempts = [last_attempts(store, run) for run in runs]
    codes = [_codes(definition) for definition in definitions]
    names = [*dict.fromkeys(step for code in codes for step in code)]
    steps = [
        _step(step, [code.get(step) for code in codes], [a.get(step) for a in attempts])
        for step in names
    ]
    _look_inside(store, definitions[1]["kernel"], steps, attempts, tolerance)
    found = {
        "runs": [{**run.to_json(), "seconds": _seconds(run)} for run in runs],
        "parameters": _side_by_side(*map(_parameters, runs, definitions)),
        "metrics": _side_by_side(runs[0].metrics, runs[1].metrics),
        "steps": steps,
    }
    return {"same": _is_same(found), **found}


def _is_same(found: Mapping[str, Any]) -> bool:
    """Tell whether the runs are the same in all but durations."""
    entries = [*found["parameters"], *found["metrics"]]
    for step in found["steps"]:
        if not step["code"]["same"] or len({*step["status"]}) > 1:
            return False
        entries += [each for role in _ROLES for each in step[role]]
    return all(entry["same"] for entry in entries)


def _codes(definition: Mapping[str, Any]) -> dict[str, list[str]]:
    setup = [statement["code"] for statement in definition["setup"]]
    steps = {
        step["name"]: [cell["source"] for cell in step["cells"]]
        for step in definition["steps"]
    }
    return {_SETUP: setup, **steps} if setup else steps


def _side_by_side(
    one: Mapping[str, Any], other: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = []
    for name in dict.fromkeys((*one, *other)):
        a, b = one.get(name), other.get(name)
        entry: dict[str, Any] = {"name": name, "one": a, "other": b}
        entry["same"] = name in one and name in other and repr(a) == repr(b)
        numbers = all(isinstance(v, (int, float)) for v in (a, b))
        entry["change"] = b - a if numbers and not entry["same"] else None  # type: ignore[operator]
        found.append(entry)
    return found


def _step(
    name: str, codes: list[list[str] | None], attempts: list[Attempt | None]
) -> dict[str, Any]:
    executions = [None if a is None else a.execution for a in attempts]
    return {
        "step": name,
        "status": [None if e is None else e.status for e in executions],
        "seconds": [None if e is None else e.seconds for e in executions],
        "cached": [e is not None and bool(e.cached_from) for e in executions],
        "code": _code(codes),
        **{role: _names(role, attempts) for role in _ROLES},
    }


def _code(codes: list[list[str] | None]) -> dict[str, Any]:
    """Say whether the code is the same, comments and blank lines left out."""
    one, other = (code or [] for code in codes)
    digests = [[fingerprint(source).digest for source in code] for code in (one, other)]
    if None not in codes and digests[0] == digests[1]:
        return {"same": True, "diff": ""}
    then, now = ("\n".join(code).splitlines() for code in (one, other))
    diff = difflib.unified_diff(then, now, "one", "other", lineterm="")
    return {"same": False, "diff": "\n".join(diff)}


def _names(role: str, attempts: list[Attempt | None]) -> list[dict[str, Any]]:
    one, other = ({} if a is None else getattr(a, role) for a in attempts)
    found = []
    for name in sorted({*one, *other}):
        entry: dict[str, Any] = {"name": name, "same": False, "why": ""}
        if name not in one or name not in other:
            which = "first" if name in one else "second"
            entry["why"] = f"only the {which} run has it"
        else:
            a, b = one[name], other[name]
            entry["same"] = a["digest"] == b["digest"] or (
                a["content"] == b["content"] != ""
            )
            if not entry["same"]:
                entry["digests"] = [a["digest"], b["digest"]]
        found.append(entry)
    return found


def _look_inside(
    store: Store,
    kernel: str,
    steps: list[dict[str, Any]],
    attempts: list[dict[str, Attempt]],
    tolerance: float,
) -> None:
    """Compare the values whose pickles differ, and say where they do."""
    asked: list[list[dict[str, Any]]] = []
    pairs = []
    for step in steps:
        for role in _ROLES:
            entries = [entry for entry in step[role] if "digests" in entry]
            for entry in entries:
                if not all(map(store.files.use, entry["digests"])):
                    entry["why"] = "unknown: a value was deleted"
            there = [entry for entry in entries if not entry["why"]]
            if there:
                order = attempts[1][step["step"]].directory / "order.json"
                names = {entry["name"]: entry["digests"] for entry in there}
                pairs.append({"order": str(order), "names": names})
                asked.append(there)
    answers = _asked(store, kernel, pairs, tolerance) if pairs else []
    for entries, answer in zip(asked, answers, strict=True):
        for entry in entries:
            name = entry["name"]
            if name in answer["unknown"]:
                entry["why"] = f"unknown: {answer['unknown'][name]}"
            else:
                entry["why"] = answer["different"].get(name, "")
                entry["same"] = not entry["why"]
    for step in steps:
        for role in _ROLES:
            for entry in step[role]:
                entry.pop("digests", None)


def _asked(
    store: Store, kernel: str, pairs: list[dict[str, Any]], tolerance: float
) -> list[dict[str, Any]]:
    """Have values compared in a process of the kernel's interpreter."""
    python = interpreter(kernel)
    archive = runtime_archive(store.root / "runtime")
    with tempfile.TemporaryDirectory(prefix="kfx-compare-") as name:
        folder = Path(name)
        request, answer, log = (folder / n for n in ("request", "answer", "log"))
        content = {
            "pairs": pairs,
            "artifacts": str(store.artifacts.absolute()),
            "tolerance": tolerance,
            "answer": str(answer),
            "log": str(log),
        }
        request.write_text(json.dumps(content), "utf-8")
        ended = subprocess.run(  # noqa: S603  (the interpreter of the user's kernel)
            [*python.command, str(archive), "compare", str(request)],
            env={**os.environ, **python.env, "PYTHONHASHSEED": hash_seed()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if ended.returncode != 0 or not answer.exists():
            said = log.read_bytes() if log.exists() else ended.stdout
            tail = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
            message = f"values cannot be compared: {tail or 'the process ended'}."
            raise EngineError(message, cure=f"Look at the kernel {kernel!r}.")
        found: list[dict[str, Any]] = json.loads(answer.read_bytes())
    return found


def _parameters(run: RunRecord, definition: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {each["name"]: each["default"] for each in definition["parameters"]}
    return {**defaults, **run.parameters}


def _seconds(run: RunRecord) -> float | None:
    if run.ended is None:
        return None
    return round((run.ended - run.started).total_seconds(), 3)
