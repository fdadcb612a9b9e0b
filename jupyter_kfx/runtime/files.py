"""Which files the cells looked at, as they were at the time, and which they wrote."""

from __future__ import annotations

import os
from typing import Any

from . import tokens
from .tokens import holds, is_brief_stamp, stamp

__all__ = ["Files"]


class Files:
    """The files of one step, by their real paths.

    What was read before it was written is an input: its token says what it was then.
    """

    def __init__(self) -> None:
        self.written: set[str] = set()
        self.as_read: dict[str, list[int] | None] = {}
        """How each was when it was looked at first."""
        self.place: int | None = None
        """Position of the cell whose setup is being replayed, if one is."""
        self._places: dict[str, int] = {}
        self._names: dict[str, set[str]] = {}
        self._opened: set[str] = set()
        self._timed: set[str] = set()
        self._tokens: dict[str, str] = {}

    def look(self, path: str, name: object, *, read: bool, timed: bool = False) -> None:
        """Remember a file that is looked at, read, or asked for its times, by a name."""
        spelled = path
        if isinstance(name, (str, bytes, os.PathLike)):
            # A link may lead elsewhere the next time.
            spelled = os.path.abspath(os.fsdecode(name))
        for place in {path, spelled}:
            then = self.as_read.get(place)
            if place not in self.as_read or (read and is_brief_stamp(then)):
                self.as_read[place] = stamp(place, brief=not read)
        if path in self.written:
            return
        if self.place is not None:
            self._places.setdefault(path, self.place)
        self._names.setdefault(path, set()).add(spelled)
        if read:
            self._opened.add(path)
        if timed:
            self._timed.add(path)

    def change(self, path: str) -> None:
        """Remember a file that is about to be written."""
        if path in self._names and path not in self._tokens:
            self._tokens[path] = self._token(path)
        self.written.add(path)

    def are_stale(self) -> bool:
        """Tell whether any is no longer as it was when it was looked at first."""
        return any(not holds(path, then) for path, then in self.as_read.items())

    def observed(self) -> dict[str, Any]:
        """Return what was read and written, and what stands for the inputs."""
        found: dict[str, str] = {}
        for path, names in self._names.items():
            if path not in self._tokens:
                self._tokens[path] = self._token(path)
            found.update(dict.fromkeys(names, self._tokens[path]))
        return {
            "files_read": sorted(self.as_read),
            "files_digest": found,
            "setup_read": dict(self._places),
            "files_written": sorted(self.written),
        }

    def _token(self, path: str) -> str:
        brief = path in self._timed or path not in self._opened
        token = tokens.of_file(path, brief=brief)
        return token if holds(path, self.as_read[path]) else tokens.CHANGED
