"""Which notebook a kernel runs for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from jupyter_kfx.errors import UsageError

__all__ = ["current"]


def current() -> str:
    """Return the path of the notebook that this kernel runs for.

    UsageError where the front end does not tell it, or the notebook was renamed since.
    """
    # Jupyter Server says it in the environment, VS Code in the namespace.
    told = getattr(sys.modules["__main__"], "__vsc_ipynb_file__", None)
    named = told or os.environ.get("JPY_SESSION_NAME", "")
    path = Path(str(named)).absolute()
    if path.suffix != ".ipynb" or not path.is_file():
        message = "which notebook this is cannot be known here."
        raise UsageError(message, cure="Give the path of its file.")
    return str(path)
