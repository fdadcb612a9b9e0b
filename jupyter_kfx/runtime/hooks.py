"""What a process has one of, and code that is called may leave replaced."""

from __future__ import annotations

import gc
import logging
import re
import sys
import threading
import types
import warnings
from typing import Any, Iterable

from .exits import RefusedError
from .mentions import is_library

__all__ = ["Hooks"]


class Hooks:
    """Tells when a step ends with one replaced: the steps below would not have it.

    What its code assigns by name is known before the run.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._source = "\n".join(sources)
        self._found: dict[str, Any] = {}
        self._asked: list[Any] = []
        """What libraries ask the collector to call, who were imported in the cells."""

    def begin(self) -> None:
        """Remember what is there."""
        self._found = _hooks()

    def imported(self, module: types.ModuleType) -> None:
        """Take what a library asks to be told by the collector for a part of it.

        It is asked for again wherever the library is imported.
        """
        if is_library(module):
            self._asked += [
                each
                for each in gc.callbacks
                if getattr(each, "__module__", None) == module.__name__
            ]

    def check(self) -> None:
        """Raise RefusedError if another one is there now."""
        now = _hooks()
        now["gc.callbacks"] = [c for c in gc.callbacks if c not in self._asked]
        for name, hook in now.items():
            last = name.rpartition(".")[2]
            if self._found.get(name) == hook or re.search(
                rf"\.{re.escape(last)}\s*=(?!=)", self._source
            ):
                continue
            message = (
                f"`{name}` is still replaced at the end of the step, and the steps "
                "below would not have what replaces it. Put the cells up to where it "
                "is put back into one step."
            )
            raise RefusedError(message)


def _hooks() -> dict[str, Any]:
    found = {
        "sys.stdout": sys.stdout,
        "sys.stderr": sys.stderr,
        "sys.stdin": sys.stdin,
        "sys.displayhook": sys.displayhook,
        "sys.excepthook": sys.excepthook,
        "sys.unraisablehook": sys.unraisablehook,
        "threading.excepthook": threading.excepthook,
        "warnings.showwarning": warnings.showwarning,
        "gc.callbacks": list(gc.callbacks),
    }
    # `captureWarnings` is part of what is set on `logging`; what
    # `catch_warnings(record=True)` replaces is behind the function that is there first.
    usual = (
        getattr(warnings, "_showwarning_orig", None),
        getattr(logging, "_showwarning", None),
    )
    if warnings.showwarning in usual:
        found["warnings.showwarning"] = getattr(warnings, "_showwarnmsg_impl", None)
    mock = sys.modules.get("unittest.mock")
    if mock is not None:
        for patch in getattr(getattr(mock, "_patch", None), "_active_patches", ()):
            found[f"{_named(patch)}{patch.attribute}"] = patch
    return found


def _named(patch: Any) -> str:
    target = patch.getter()
    return f"{getattr(target, '__name__', type(target).__name__)}."
