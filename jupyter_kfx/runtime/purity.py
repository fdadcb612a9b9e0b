"""Whether a function does nothing but compute its result."""

from __future__ import annotations

import builtins
import dis
import functools
import gc
import types
from typing import Any, Iterable, Iterator

__all__ = ["global_names", "is_pure", "names_used"]

_PURE = frozenset(vars(builtins)) - {
    "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "exit",
    "globals", "id", "input", "locals", "next", "open", "print", "quit", "setattr",
    "vars",
}  # fmt: skip
_ATOMS = (str, bytes, int, float, complex, type(None))
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


def names_used(names: Iterable[str], namespace: dict[str, Any]) -> set[str]:
    """Return those names that there are, and those that functions and classes use."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in namespace and name not in found:
            found.add(name)
            for function in _functions(namespace[name]):
                todo += global_names(function.__code__)
    return found


def _functions(value: Any) -> Iterator[types.FunctionType]:
    inner = vars(value).values() if isinstance(value, type) else (value,)
    for each in inner if getattr(value, "__module__", None) == "__main__" else ():
        function = (
            getattr(each, "__func__", None) or getattr(each, "fget", None) or each
        )
        if isinstance(function, types.FunctionType):
            yield function


def _stores_globals(code: Any) -> bool:
    return any(
        each.opname in ("STORE_GLOBAL", "DELETE_GLOBAL")
        for each in dis.get_instructions(code)
    )


def _results(cached: Any) -> Iterator[Any]:
    """Give what a function has kept; what it was called with may be among it."""
    is_bounded = cached.cache_parameters()["maxsize"] is not None
    for held in gc.get_referents(cached) if cached.cache_info().currsize else ():
        if held is vars(cached) or isinstance(held, (type, types.FunctionType)):
            continue
        links = type(held) is dict and {type(v).__name__ for v in held.values()}
        if type(held) is dict and not is_bounded:
            yield from held.values()
        elif type(held) is not object and links != {"_lru_list_elem"}:
            yield held


def _is_atom(value: Any) -> bool:
    if isinstance(value, (tuple, frozenset)):
        return all(map(_is_atom, value))
    return isinstance(value, _ATOMS)


def is_pure(
    value: Any, namespace: dict[str, Any], known: frozenset = frozenset()
) -> bool:
    """Tell whether a function, cached or not, is seen to do nothing but compute."""
    function = getattr(value, "__wrapped__", value)
    if not isinstance(function, types.FunctionType) or function.__closure__:
        return False
    is_cached = isinstance(value, functools._lru_cache_wrapper)
    kept = _results(value) if is_cached else ()
    if _stores_globals(function.__code__) or not all(map(_is_atom, kept)):
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
