"""An error that a cell raised, as data."""

from __future__ import annotations

import re
import traceback as tracebacks
from dataclasses import dataclass

__all__ = ["Raised"]


@dataclass(frozen=True)
class Raised:
    """What a traceback says, and where in the cell it began."""

    ename: str
    evalue: str
    traceback: list[str]
    line: int | None = None
    name: str | None = None
    """For a NameError: the name that is not there."""

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
        return cls(type(error).__name__, str(error), lines, line, _missing(error))


def _missing(error: BaseException) -> str | None:
    if not isinstance(error, NameError):
        return None
    name = getattr(error, "name", None)
    if isinstance(name, str):
        return name
    found = re.search(r"name '([^']+)' is not defined", str(error))
    return found.group(1) if found else None
