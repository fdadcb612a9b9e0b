"""Whether a function does nothing but compute its result."""

from __future__ import annotations

import builtins
import types
from typing import Any

__all__ = ["global_names", "is_pure"]

_PURE = frozenset(vars(builtins)) - {
    "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "exit",
    "globals", "id", "input", "locals", "next", "open", "print", "quit", "setattr",
    "vars",
}  # fmt: skip
_PURE_MODULES = frozenset(
    {"math", "cmath", "functools", "operator", "itertools", "fractions", "string"}
)


def global_names(code: Any) -> set:
    """Return the names that code looks up outside of itself, attributes included."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= global_names(constant)
    return names


def is_pure(
    value: Any, namespace: dict[str, Any], known: frozenset = frozenset()
) -> bool:
    """Tell whether a function, cached or not, is seen to do nothing but compute."""
    function = getattr(value, "__wrapped__", value)
    if not isinstance(function, types.FunctionType) or function.__closure__:
        return False
    for name in global_names(function.__code__):
        if name in known or name == function.__name__:
            continue
        there = namespace.get(name)
        if isinstance(there, types.ModuleType):
            if there.__name__ not in _PURE_MODULES:
                return False
        elif name in namespace:
            if not isinstance(there, (int, float, str)) and not is_pure(
                there, namespace, known | {function.__name__, name}
            ):
                return False
        elif hasattr(builtins, name) and name not in _PURE:
            return False
    return True
