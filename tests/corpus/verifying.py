"""One notebook through `jupyter kfx verify`, its result kept on the disk."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from tests.corpus.environment import KERNEL, home

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.corpus.projects import Case

__all__ = ["Result", "kept", "verified"]

Verdict = Literal["SAME", "DIFF", "REFUSED", "FAILED", "left out"]

_VERDICTS: Mapping[str, Verdict] = {
    "same": "SAME",
    "different": "DIFF",
    "refused": "REFUSED",
    "failed": "FAILED",
}
_PATIENCE = 900
"""Seconds after which a pipeline of a quick notebook has failed."""


@dataclass(frozen=True)
class Result:
    """How a notebook compares with its pipeline."""

    case: str
    verdict: Verdict
    """`left out` is a notebook that does not run offline in the time allowed."""
    reason: str = ""
    steps: int = 0
    reruns: tuple[str, ...] = ()
    needless: int = 0
    joined: int = 0
    """How many steps ran as one with a step above them."""
    notebook_seconds: float = 0.0
    pipeline_seconds: float = 0.0


def kept(case: Case) -> Result | None:
    """Return the result of the last time."""
    try:
        found = json.loads(_place(case, "result").read_text("utf-8"))
    except FileNotFoundError:
        return None
    return Result(**{**found, "reruns": tuple(found["reruns"])})


async def verified(case: Case, env: Mapping[str, str], limit: float) -> Result:
    """Verify a notebook cut at every cell, and keep the result.

    It is left out if it ends with an error by itself or runs longer than the limit.
    """
    result = await _run(case, env, limit)
    _place(case, "result").write_text(json.dumps(asdict(result), indent=1))
    return result


def _place(case: Case, what: str) -> Path:
    """Return where something about a notebook is kept: beside it, it would be seen."""
    folder = home() / "results" / case.project
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{case.name}.{what}.json"


async def _run(case: Case, env: Mapping[str, str], limit: float) -> Result:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "jupyter_kfx.cli", "verify", str(case.path),
        "--cut", "cell", "--kernel", KERNEL, "--once", "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=dict(env), start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    stages: asyncio.Queue[str] = asyncio.Queue()
    told = asyncio.create_task(_tell(process.stderr, stages))
    output = asyncio.create_task(process.stdout.read())
    try:
        # The machine may be busy, and variables are kept on the way: what counts is
        # the notebook's own time, which is known once it has ended.
        async with asyncio.timeout(4 * limit + 60):
            while "pipeline" not in (stage := await stages.get()) and stage:
                pass
    except TimeoutError:
        await _end(process)
        return Result(case.id, "left out", f"runs longer than {limit:g} s")
    try:
        async with asyncio.timeout(_PATIENCE):
            text = await output
            await process.wait()
    except TimeoutError:
        await _end(process)
        return Result(case.id, "FAILED", f"takes longer than {_PATIENCE} s", case.cells)
    errors = await told
    _place(case, "verification").write_bytes(text)
    try:
        document = json.loads(text)
    except ValueError:
        return Result(case.id, "FAILED", errors.strip()[-500:], case.cells)
    return _result(case, document, limit)


async def _tell(stream: asyncio.StreamReader, stages: asyncio.Queue[str]) -> str:
    lines = []
    async for line in stream:
        lines.append(line.decode(errors="replace"))
        stages.put_nowait(lines[-1])
    stages.put_nowait("")
    return "".join(lines)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Interrupt a verification, which then ends its kernels and steps."""
    process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(20):
            await process.wait()
    except TimeoutError:
        pass
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _result(case: Case, document: Mapping[str, Any], limit: float) -> Result:
    error = document.get("error")
    if error is not None:
        return Result(case.id, "REFUSED", json.dumps(error), case.cells)
    if document["notebook_error"] is not None and not document["differences"]:
        return Result(case.id, "left out", document["notebook_error"])
    seconds = document["notebook_seconds"]
    if seconds > limit:
        return Result(case.id, "left out", f"runs longer than {limit:g} s")
    reason = document["message"] or ""
    if document["cell_index"] is not None:
        reason = f"cell {document['cell_index'] + 1}: {reason}"
    for found in document["differences"][:1]:
        name = "" if found["name"] is None else f" {found['name']}"
        place = found["cell_index"]
        where = "" if place is None else f"cell {place + 1}: "
        reason = f"{where}{found['kind']}{name}: {found['what']}"
    return Result(
        case.id,
        _VERDICTS[document["status"]],
        reason,
        document["steps"],
        tuple(document["reruns"]),
        document["needless"],
        len(document["joined"]),
        seconds,
        document["pipeline_seconds"],
    )
