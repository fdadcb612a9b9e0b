"""Expressions of SymPy that were not evaluated, as a pickle evaluates them."""

from __future__ import annotations

import importlib
import sys
from typing import Any

__all__ = ["BASE", "unevaluated"]

BASE = ("sympy.core.basic", "Basic")
"""The class of all expressions, with its module."""


def unevaluated(obj: Any) -> tuple | None:
    """Return how an expression is made of its parts as they are; none if it just is."""
    base: Any = getattr(sys.modules[BASE[0]], BASE[1])
    kind = type(obj)
    if kind.__module__ == "__main__" or not obj.args:
        return None
    if kind.__getnewargs__ is not base.__getnewargs__:
        return None
    # Those that set their own rules, as matrices do, say how they are pickled.
    if kind.__reduce_ex__ is not base.__reduce_ex__ or "__reduce__" in vars(kind):
        return None
    try:
        if _is_made(obj, kind, evaluate=True) or not _is_made(
            obj, kind, evaluate=False
        ):
            return None
    except Exception:  # classes want of their parts what they like
        return None
    return _make, (kind, *obj.args)


def _is_made(obj: Any, kind: Any, *, evaluate: bool) -> bool:
    """Tell whether the parts of an expression give it back."""
    made = _make(kind, *obj.args, evaluate=evaluate)
    return type(made) is kind and made.args == obj.args


def _make(kind: Any, *parts: Any, evaluate: bool = False) -> Any:
    parameters = importlib.import_module("sympy.core.parameters")
    with parameters.evaluate(evaluate):
        return kind.__new__(kind, *parts)
