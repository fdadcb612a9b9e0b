"""No step ends when the notebook's kernel would: what is left for the end is refused."""

from __future__ import annotations

import atexit
import sys
import weakref
from typing import Any, Callable

from .exits import RefusedError
from .opened import NotRecreatedError

__all__ = ["check", "refuse"]

_WEAK = frozenset({"weakref", "_weakrefset", "logging"})
"""Modules with collections of weak references."""


def refuse() -> None:
    """Let `atexit.register` raise an error with its cure where a cell calls it.

    Libraries register what belongs to the process, and that is the step's.
    """
    register = atexit.register

    def registered(function: Callable, *arguments: Any, **options: Any) -> Callable:
        if sys._getframe(1).f_globals.get("__name__") == "__main__":
            message = (
                "a function cannot be registered for the end of the notebook: each step "
                "is a process, and it would be called at the end of this one. Call it in "
                "the last cell that should come before it."
            )
            raise RefusedError(message)
        return register(function, *arguments, **options)

    atexit.register = registered  # type: ignore[assignment]  # as loose as it is here


def check(obj: Any, kind: type) -> None:
    """Raise NotRecreatedError, saying what it is, for what ends with its step."""
    if kind in weakref.ProxyTypes:
        raise NotRecreatedError("a weak proxy, which is another object's stand-in")
    if kind is weakref.finalize and obj.alive:
        raise NotRecreatedError("it is removed or closed when its step ends")
    if kind.__module__ != "__main__":
        return
    if _is_waited_for(obj):
        raise NotRecreatedError(
            "an object whose end somebody waits for (`weakref`), and it ends with its "
            "step"
        )
    if hasattr(kind, "__del__"):
        raise NotRecreatedError(
            f"an object of the class `{kind.__qualname__}`, whose `__del__` is called "
            "where the object goes, and that is in one step only"
        )


def _is_waited_for(obj: Any) -> bool:
    """Tell whether code of the notebook is called when an object ends.

    Collections of weak references are told of it too, and are handed on as they are.
    """
    calls = (
        ref.__callback__
        for ref in weakref.getweakrefs(obj)
        if type(ref) not in weakref.ProxyTypes
    )
    return any(
        call is not None
        and (isinstance(call, weakref.finalize) or call.__module__ not in _WEAK)
        for call in calls
    )
