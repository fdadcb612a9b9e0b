"""What of an object only remembers something that can be computed again."""

from __future__ import annotations

import functools
import sys
from typing import Any

__all__ = ["STANDARD", "Caches", "without_caches"]

_CACHES = frozenset(
    {"__networkx_cache__", "_has_sorted_indices", "_has_canonical_format", "_stale"}
)

STANDARD: frozenset = getattr(sys, "stdlib_module_names", frozenset())
"""Packages of the standard library; Python 3.9 does not tell them."""


class Caches:
    """Which attributes of objects only remember something, class by class."""

    def __init__(self) -> None:
        self._names: dict[type, frozenset] = {}

    def of(self, obj: Any) -> frozenset:
        """Return the names of attributes that need not travel with an object.

        Objects that say themselves how they are pickled have none: they know better.
        """
        state = getattr(obj, "__dict__", None)
        if not isinstance(state, dict) or not state:
            return frozenset()
        kind = type(obj)
        names = self._names.get(kind)
        if names is None:
            names = self._names[kind] = _cached_names(kind)
        return names.intersection(state) if names else names


def _cached_names(kind: type) -> frozenset:
    own = {name for base in kind.__mro__[:-1] for name in vars(base)}
    if own & {"__reduce_ex__", "__reduce__", "__slots__"}:
        return frozenset()
    if "__getstate__" in own and kind.__module__ != "__main__":
        return frozenset()
    properties = {n for n in own if _is_library_property(getattr(kind, n, None))}
    return _CACHES | properties


def _is_library_property(found: Any) -> bool:
    """Tell whether a class computes an attribute once, and sees to it that it may.

    What a property of the notebook or of a module of the user's own has computed may be
    another thing by now, or do more.
    """
    if not isinstance(found, functools.cached_property):
        return False
    name = str(getattr(found.func, "__module__", None))
    file = str(getattr(sys.modules.get(name), "__file__", None))
    return name.partition(".")[0] in STANDARD or "-packages" in file


def without_caches(state: Any, names: frozenset) -> Any:
    """Return the state of an object, or the parts of it, without those attributes."""
    if not names:
        return state
    if isinstance(state, dict):
        kept = {name: value for name, value in state.items() if name not in names}
        return kept if kept or not state else None
    if type(state) is tuple:
        parts = [without_caches(part, names) for part in state]
        while parts and parts[-1] is None and state[len(parts) - 1] is not None:
            parts.pop()
        return tuple(parts)
    return state
