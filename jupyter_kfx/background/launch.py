"""Starts runs in processes of their own, and ends them."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

from jupyter_kfx.background.journal import turns
from jupyter_kfx.errors import EngineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.store import RunRecord

__all__ = ["Worker", "cancel", "launch"]

_PATIENCE = 60.0
"""Seconds in which a run must have an id or be refused."""


class Worker:
    """The near end of a process that runs what it is told to, and belongs to nobody."""

    def __init__(self) -> None:
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115  (`close` closes it)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_kfx.background.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._noise,
            bufsize=0,
        )

    def tell(self, request: Mapping[str, Any]) -> bool:
        """Give it a request; false if it has ended."""
        content = json.dumps(request).encode() + b"\n"
        assert self._process.stdin is not None
        try:
            while content:
                content = content[self._process.stdin.write(content) or 0 :]
        except BrokenPipeError:
            return False
        return True

    def hear(self) -> dict[str, Any] | None:
        """Return its next answer, none if it has ended; EngineError after a minute."""
        assert self._process.stdout is not None
        end, line = time.monotonic() + _PATIENCE, b""
        while not line.endswith(b"\n"):
            left = max(end - time.monotonic(), 0)
            if not select.select([self._process.stdout], [], [], left)[0]:
                message = "the run did not start within a minute."
                cure = "Look at the load of the server."
                raise EngineError(message, cure=cure)
            part = os.read(self._process.stdout.fileno(), 65536)
            if not part:
                return None
            line += part
        answer: dict[str, Any] = json.loads(line)
        return answer

    def last_words(self) -> str:
        """Return the last line of what went wrong with it."""
        self._noise.seek(0)
        text = self._noise.read().decode("utf-8", "replace")
        return text.strip().rpartition("\n")[2]

    def close(self) -> None:
        """Hang up: one that has no run ends, a run goes on."""
        for pipe in (self._process.stdin, self._process.stdout, self._noise):
            if pipe is not None:
                pipe.close()
        self._process.wait()


def launch(request: Mapping[str, Any]) -> dict[str, Any]:
    """Start a run and return its id as `run`, or why it is refused as `error`."""
    worker = Worker()
    try:
        worker.tell(request)
        answer = worker.hear()
        if answer is None:
            last = worker.last_words() or "its process ended"
            message = f"the run did not start: {last}."
            cure = "Run it with `jupyter kfx run` to see more."
            raise EngineError(message, cure=cure)
    finally:
        worker.close()
    return answer


def cancel(run: RunRecord) -> None:
    """Ask a run to end; UsageError if it has ended or is not ours to end."""
    if run.status != "running":
        message = f"run {run.id} is not running: it is {run.status}."
        raise UsageError(message, cure="There is nothing to cancel.")
    pid = next((turn["pid"] for turn, _ in turns(run.directory) if "pid" in turn), None)
    if pid is None:
        message = f"run {run.id} was not started here."
        raise UsageError(message, cure="Press Ctrl-C in the terminal where it runs.")
    # The run's lock says that this very process is still there.
    os.kill(pid, signal.SIGTERM)
