"""An error that a cell raised, as data."""

from __future__ import annotations

import re
import sys
import traceback as tracebacks
from dataclasses import dataclass

from .exits import RefusedError

__all__ = ["Raised", "missing"]


_DEEPEST = 20
"""How many errors are followed that were raised from one another."""


@dataclass(frozen=True)
class Raised:
    """What a traceback says, and where in the cell it began."""

    ename: str
    evalue: str
    traceback: list[str]
    line: int | None = None
    name: str | None = None
    """The name that is not there, if it was looked up in the notebook."""
    refused: bool = False
    """Whether the cells did what no step can do."""
    left: str = ""
    """What steps above have left that is in the way, as a RefusedError says it."""

    @classmethod
    def of(cls, error: BaseException, lines: list[str], filename: str) -> Raised:
        """Return the error as data; the file name is that of the running cell."""
        line = None
        if isinstance(error, SyntaxError) and error.filename == filename:
            line = error.lineno
        else:
            for frame, number in tracebacks.walk_tb(error.__traceback__):
                if frame.f_code.co_filename == filename:
                    line = number
        refused = isinstance(error, RefusedError)
        left = error.left if isinstance(error, RefusedError) else ""
        name = missing(error)
        return cls(type(error).__name__, str(error), lines, line, name, refused, left)


def missing(error: BaseException) -> str | None:
    """Return the name of the notebook that was not there, if that is behind an error."""
    behind: BaseException | None = error
    for _ in range(_DEEPEST):
        name = None if behind is None else _name(behind)
        if behind is None or name is not None:
            return name
        behind = behind.__cause__ or behind.__context__
    return None


def _name(error: BaseException) -> str | None:
    name = getattr(error, "name", None)
    if isinstance(error, AttributeError):
        if getattr(error, "obj", None) is sys.modules.get("__main__"):
            return name if isinstance(name, str) else None
        # What a pickle says, in C.
        found = re.match(
            r"Can't get attribute '(\w+)' on <module '__main__'", str(error)
        )
        return found.group(1) if found else None
    if not isinstance(error, NameError):
        return None
    if isinstance(name, str):
        return name
    found = re.search(r"name '([^']+)' is not defined", str(error))
    return found.group(1) if found else None
