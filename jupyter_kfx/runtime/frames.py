"""What frames hold and never change: pandas copies it before something is written.

Since pandas 3 that is so of all frames and series; what two of them have in common shows
only to who holds the memory itself, as an array.
"""

from __future__ import annotations

import gc
import sys
import types
from typing import Any, Callable, Iterable

__all__ = ["always_copies", "is_dtype", "lent"]

_COPIES_FROM = 3
"""Major version of pandas from which on each write to what is shared copies first."""
_DEEPEST = 3


def is_dtype(obj: Any) -> bool:
    """Tell whether an object is a type of pandas' own, which never changes."""
    dtypes: Any = sys.modules.get("pandas.core.dtypes.base")
    return dtypes is not None and isinstance(obj, dtypes.ExtensionDtype)


def always_copies() -> bool:
    """Tell whether the pandas that is loaded copies before every write."""
    pandas: Any = sys.modules.get("pandas")
    major = str(getattr(pandas, "__version__", "0")).partition(".")[0]
    return major.isdigit() and int(major) >= _COPIES_FROM


def lent(objects: Iterable[Any]) -> dict[int, Any]:
    """Return what frames, indexes and dtypes among the objects hold, by ids."""
    if not always_copies():
        return {}
    found: dict[int, Any] = {}
    ways: dict[type, Callable[[Any], Iterable[Any]]] = {}
    for obj in objects:
        way = ways.get(type(obj))
        if way is None:
            way = ways[type(obj)] = _way(obj)
        for part in way(obj):
            _add(part, found)
    return found


def _way(obj: Any) -> Callable[[Any], Iterable[Any]]:
    """Return what gives the arrays that an object holds, and all of its class."""
    if type(obj).__module__ == "pandas.core.internals.managers":
        return lambda manager: [block.values for block in manager.blocks]
    if isinstance(obj, sys.modules["pandas.core.indexes.base"].Index):
        return lambda index: [
            getattr(index, "_data", None),
            *getattr(index, "_codes", ()),
        ]
    if is_dtype(obj):
        return lambda dtype: [*getattr(dtype, "__dict__", {}).values()]
    return _nothing


def _nothing(_obj: Any) -> Iterable[Any]:
    return ()


def _add(values: Any, found: dict[int, Any], depth: int = 0) -> None:
    """Take in an array, and what it is made of if it is one of pandas' own."""
    if id(values) in found or isinstance(values, (type, types.ModuleType)):
        return
    found[id(values)] = values
    numpy = sys.modules["numpy"]
    if isinstance(values, numpy.ndarray) or depth > _DEEPEST:
        return
    for part in gc.get_referents(values):
        _add(part, found, depth + 1)
