"""No step ends when the notebook's kernel would: what cells leave for the end is refused."""

from __future__ import annotations

import atexit
import sys
from typing import Any, Callable

from .exits import RefusedError

__all__ = ["refuse"]


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
