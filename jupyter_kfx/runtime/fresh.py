"""Whether an interpreter that has waited is still what a fresh one would be."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from .tokens import stamp

__all__ = ["Readings"]


class Readings:
    """Notes the files that imports read, until told to stop."""

    def __init__(self) -> None:
        self._began = time.time_ns()
        self._opened: set[str] | None = set()
        self._stamps: dict[str, Any] = {}
        self._names: list[str] = []
        sys.addaudithook(self._hear)

    def stop(self) -> None:
        """Note no more."""
        self._opened = None

    def remember(self) -> None:
        """Remember how everything is that imports have read, or could have."""
        paths = {os.path.abspath(path) for path in self._opened or ()}
        self.stop()
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str):
                paths.add(os.path.abspath(path))
        paths.update(entry for entry in sys.path if entry)
        paths.add(os.path.realpath(sys.executable))
        self._stamps = {
            path: stamp(path)
            for path in paths
            if not path.startswith(("/proc/", "/dev/", "/sys/"))
        }
        self._names = _names()

    def hold(self) -> bool:
        """Tell whether everything is as it was remembered, and was so at the start."""
        return self._names == _names() and all(
            stamp(path) == then and (then is None or then[0] < self._began)
            for path, then in self._stamps.items()
        )

    def _hear(self, event: str, arguments: tuple) -> None:
        opened = self._opened
        if opened is not None and event == "open" and isinstance(arguments[0], str):
            opened.add(arguments[0])


def _names() -> list[str]:
    """Return what an import could find in the working directory, and settings too."""
    return sorted(os.listdir())
