"""No step can ask the user anything: the functions that would say so."""

from __future__ import annotations

import builtins
import getpass
from typing import Any

__all__ = ["refuse"]


def _error_class() -> type[Exception]:
    try:
        from IPython.core.error import StdinNotImplementedError
    except ImportError:
        return NotImplementedError
    return StdinNotImplementedError


def refuse() -> None:
    """Let `input` and `getpass` raise an error that names the cure."""
    error = _error_class()

    def ask(*_arguments: Any, **_options: Any) -> str:
        message = (
            "a step cannot ask for input. Make the value a parameter (assign it in the "
            "cell tagged `parameters`), or a secret of the step (tag `secret:`) that is "
            "read from os.environ."
        )
        raise error(message)

    builtins.input = ask
    getpass.getpass = ask
