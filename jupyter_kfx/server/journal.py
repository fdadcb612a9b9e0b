"""What a run tells while it lasts, kept in its directory for whoever asks later.

`events.jsonl` has the turns it took, `logs/<n>.log` what the n-th step printed.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from jupyter_kfx.engines.events import RunEvent

__all__ = ["Journal", "error_json", "log_part", "turns"]

_EVENTS, _LOGS = "events.jsonl", "logs"
_PART = 256 * 1024
"""Bytes of a log that one answer holds."""


class Journal:
    """Writes down the events of one run as they come."""

    def __init__(
        self,
        folder: Callable[[str], Path],
        steps: Sequence[str],
        started: Callable[[str], None],
    ) -> None:
        self._folder = folder
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
                folder = self._folder(data["run"])
                self._logs = folder / _LOGS
                self._logs.mkdir(exist_ok=True)
                self._events = (folder / _EVENTS).open("ab", buffering=0)
                self.note(event.kind, pid=os.getpid(), warnings=data["warnings"])
                self._started(data["run"])
            case "step-started":
                if "attempt" in data:  # the scheduler's; the engine's says no more
                    self.note(event.kind, event.step, attempt=data["attempt"])
            case "step-cell":
                if data.get("state") == "start":
                    self.note(event.kind, event.step, index=data["index"])
            case "step-output":
                self._write(event.step, str(data.get("text", "")))
            case "step-rerun":
                self._write(event.step, f"\n--- runs again: {data['reason']} ---\n")
                self.note(event.kind, event.step, reason=data["reason"])
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
                seen = outcome.observation
                self.note(
                    event.kind,
                    event.step,
                    status=outcome.status,
                    seconds=None if seen is None else seen.seconds,
                    error=None if failure is None else error_json(asdict(failure)),
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


def turns(directory: Path) -> Iterator[dict[str, Any]]:
    """Yield the turns that a run has taken; none if nobody wrote them down."""
    try:
        content = (directory / _EVENTS).read_bytes()
    except FileNotFoundError:
        return
    whole, _, _ = content.rpartition(b"\n")  # the last line may be half written
    for line in whole.splitlines():
        yield json.loads(line)


def log_part(directory: Path, number: int, offset: int) -> tuple[str, int]:
    """Return the log of the step of a number from an offset, and where the rest begins.

    It ends with a whole character, and after at most a quarter of a megabyte.
    """
    try:
        with _log(directory, number).open("rb") as file:
            file.seek(offset)
            part = file.read(_PART)
    except FileNotFoundError:
        return "", offset
    for cut in range(min(4, len(part))):
        piece = part[: len(part) - cut]
        try:
            return piece.decode(), offset + len(piece)
        except UnicodeDecodeError:
            continue
    return part.decode("utf-8", "replace"), offset + len(part)


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
