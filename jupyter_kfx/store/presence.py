"""Whether the process that schedules a run is still there.

It holds a lock on a file in the run's directory. The kernel lets go of it when the
process ends, however it ends, which holds across containers and on macOS too, where
process ids say nothing.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Presence", "is_present", "since"]

_NAME = "lock"


class Presence:
    """Says that this process schedules a run, until it lets go or dies."""

    def __init__(self, directory: Path) -> None:
        self._file = os.open(directory / _NAME, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def end(self) -> None:
        """Let go of the run."""
        os.close(self._file)


def is_present(directory: Path) -> bool:
    """Tell whether a process schedules the run in a directory."""
    try:
        file = os.open(directory / _NAME, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def since(directory: Path) -> int:
    """Return when the run in a directory began, by the clock of the file system."""
    return (directory / _NAME).stat().st_mtime_ns
