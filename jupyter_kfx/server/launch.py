"""Starts runs in processes of their own, and ends them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import EngineError, UsageError
from jupyter_kfx.server.journal import turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.store import RunRecord

__all__ = ["cancel", "launch"]

_PATIENCE = 60.0
"""Seconds in which a run must have an id or be refused."""


def launch(request: Mapping[str, Any]) -> dict[str, Any]:
    """Start a run and return its id as `run`, or why it is refused as `error`."""
    with tempfile.TemporaryFile() as noise:
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "jupyter_kfx.server.worker"],
                input=json.dumps(request).encode(),
                stdout=subprocess.PIPE,
                stderr=noise,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            message = "the run did not start within a minute."
            raise EngineError(
                message, cure="Look at the load of the server."
            ) from error
        if not ended.stdout:
            noise.seek(0)
            last = noise.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            message = f"the run did not start: {last or 'its process ended'}."
            raise EngineError(
                message, cure="Run it with `jupyter kfx run` to see more."
            )
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def cancel(run: RunRecord) -> None:
    """Ask a run to end; UsageError if it has ended or is not ours to end."""
    if run.status != "running":
        message = f"run {run.id} is not running: it is {run.status}."
        raise UsageError(message, cure="There is nothing to cancel.")
    pid = next((turn["pid"] for turn in turns(run.directory) if "pid" in turn), None)
    if pid is None:
        message = f"run {run.id} was not started here."
        raise UsageError(message, cure="Press Ctrl-C in the terminal where it runs.")
    # The run's lock says that this very process is still there.
    os.kill(pid, signal.SIGTERM)
