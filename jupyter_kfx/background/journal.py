"""What a run tells while it lasts, kept in its directory for whoever asks later.

`events.jsonl` has the turns it took, `logs/<n>.log` what the n-th step printed, and
`request.json` what it was started with.
"""

from __future__ import annotations

import codecs
import json
import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.engines.protocol import Group
    from jupyter_kfx.store import ArtifactRecord

__all__ = ["Journal", "error_json", "log_part", "output_json", "request_of", "turns"]

_EVENTS, _LOGS, _REQUEST = "events.jsonl", "logs", "request.json"
_PART = 256 * 1024
"""Bytes of a log that one answer holds, at most."""


class Journal:
    """Writes down the events of one run as they come."""

    def __init__(
        self,
        folder: Callable[[str], Path],
        steps: Sequence[str],
        request: Mapping[str, Any],
        started: Callable[[str], None],
    ) -> None:
        self.run: str | None = None
        """Its id, once it has begun."""
        self._folder = folder
        self._request = request
        self._started = started
        self._numbers = {step: number for number, step in enumerate(steps)}
        self._events: BinaryIO | None = None
        self._logs: Path | None = None
        self._open: dict[str, BinaryIO] = {}

    def hear(self, event: RunEvent) -> None:
        """Take an event in."""
        data = event.data
        match event.kind:
            case "run-started":
                self.run = data["run"]
                folder = self._folder(data["run"])
                self._logs = folder / _LOGS
                self._logs.mkdir(exist_ok=True)
                (folder / _REQUEST).write_text(json.dumps(self._request), "utf-8")
                self._events = (folder / _EVENTS).open("ab", buffering=0)
                self.note(event.kind, pid=os.getpid(), warnings=data["warnings"])
                self._started(data["run"])
            case "step-started":
                if "attempt" in data:  # the scheduler's; the engine's says no more
                    self.note(
                        event.kind,
                        event.step,
                        attempt=data["attempt"],
                        reason=data.get("reason", ""),
                    )
            case "step-cached":
                reason = data["look"].reason
                self._write(
                    event.step, f"--- taken from an earlier run: {reason} ---\n"
                )
                self.note(event.kind, event.step, reason=reason)
            case "step-cell":
                if data.get("state") == "start":
                    self.note(event.kind, event.step, index=data["index"])
            case "step-output":
                self._write(event.step, str(data.get("text", "")))
            case "step-rerun":
                self._write(event.step, f"\n--- runs again: {data['reason']} ---\n")
                self.note(event.kind, event.step, reason=data["reason"])
            case "step-joined":
                first = data["first"]
                beside = (
                    "" if event.step == first else f", whose log goes on at `{first}`"
                )
                self._write(
                    event.step,
                    f"\n--- runs as one with others{beside}: {data['reason']} ---\n",
                )
                self.note(event.kind, event.step, first=first, reason=data["reason"])
            case "step-retried":
                self._write(event.step, "\n--- failed, and is tried again ---\n")
                self.note(event.kind, event.step)
            case "step-waiting":
                self.note(event.kind, event.step, reason=data["reason"])
            case "step-finished":
                outcome = data["outcome"]
                failure = outcome.failure if outcome.status == "failed" else None
                if failure is not None:
                    lines = failure.traceback or (f"{failure.ename}: {failure.evalue}",)
                    self._write(event.step, "\n".join(lines) + "\n")
                if outcome.passed_over:
                    self._write(event.step, f"--- skipped: {outcome.reason} ---\n")
                seen = outcome.observation
                self.note(
                    event.kind,
                    event.step,
                    status=outcome.status,
                    passed_over=outcome.passed_over,
                    **({"reason": outcome.reason} if outcome.passed_over else {}),
                    seconds=None if seen is None else seen.seconds,
                    error=None if failure is None else error_json(asdict(failure)),
                    outputs=[] if seen is None else list(map(output_json, seen.stored)),
                )

    def note(self, kind: str, step: str | None = None, **data: Any) -> None:
        """Write a turn down."""
        if self._events is not None:
            turn = {"at": time.time(), "kind": kind, "step": step, **data}
            self._events.write(json.dumps(turn).encode() + b"\n")

    def close(self) -> None:
        """Let go of the files."""
        for file in (*self._open.values(), self._events):
            if file is not None:
                file.close()

    def _write(self, step: str | None, text: str) -> None:
        if step is None or step not in self._numbers or self._logs is None:
            return
        if step not in self._open:
            path = _log(self._logs.parent, self._numbers[step])
            self._open[step] = path.open("ab", buffering=0)
        self._open[step].write(text.encode("utf-8", "replace"))


def request_of(directory: Path) -> dict[str, Any] | None:
    """Return what a run was started with; none if nobody wrote it down."""
    try:
        found: dict[str, Any] = json.loads((directory / _REQUEST).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return found


def turns(directory: Path, position: int = 0) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the turns that a run has taken after a position, each with its own end.

    None if nobody wrote them down. UsageError if no turn ends at the position.
    """
    path = directory / _EVENTS
    try:
        # Many look, often: mostly there is nothing new.
        if position and path.stat().st_size == position:
            return
        with path.open("rb") as file:
            if position:
                file.seek(position - 1)
                if file.read(1) != b"\n":
                    message = f"{position} is no position in the events of the run."
                    raise UsageError(message, cure="Give one that the server gave.")
            content = file.read()
    except FileNotFoundError:
        return
    # The last line may be half written.
    for line in content[: content.rfind(b"\n") + 1].splitlines(keepends=True):
        position += len(line)
        yield json.loads(line), position


def log_part(
    directory: Path, number: int, offset: int, limit: int = _PART
) -> tuple[str, int]:
    """Return the log of the step of a number from an offset, and where the rest begins.

    It ends with a whole character.
    """
    path = _log(directory, number)
    try:
        if path.stat().st_size <= offset:
            return "", offset
        with path.open("rb") as file:
            file.seek(offset)
            part = file.read(limit)
    except FileNotFoundError:
        return "", offset
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(part)
    rest, _ = decoder.getstate()
    return text, offset + len(part) - len(rest)


def _log(directory: Path, number: int) -> Path:
    return directory / _LOGS / f"{number}.log"


def error_json(failure: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a front end is told of the failure of a step."""
    return {
        "kind": failure.get("kind"),
        "ename": failure.get("ename"),
        "message": failure.get("evalue"),
        "cell": failure.get("cell"),
        "cell_index": failure.get("index"),
        "line": failure.get("line"),
    }


def output_json(output: Group | ArtifactRecord) -> dict[str, Any]:
    """Return what a front end is told of something that a step has stored."""
    return {
        "digest": output.digest,
        "names": sorted(output.names),
        "size": output.size,
        "types": dict(output.types),
    }
