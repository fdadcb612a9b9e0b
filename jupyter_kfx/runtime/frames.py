"""What frames hold and never change: the labels of rows and columns, and dtypes.

Since pandas 3 labels are not to be written to; that two frames have them in common shows
only to who holds the memory itself, as an array. What frames have in common of their
contents shows: whether a write goes to a copy depends on whether others hold it.
"""

from __future__ import annotations

import gc
import sys
import types
import weakref
from typing import Any, Callable, Iterable

__all__ = [
    "always_copies",
    "is_dtype",
    "is_label",
    "is_lent",
    "lent",
    "make_lent_block",
    "make_lent_index",
    "make_references",
]

_COPIES_FROM = 3
"""Major version of pandas from which on writes to what is shared copy first, always."""
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


def is_label(obj: Any) -> bool:
    """Tell whether an object is an index of pandas."""
    base: Any = sys.modules.get("pandas.core.indexes.base")
    return base is not None and isinstance(obj, base.Index)


def is_lent(obj: Any) -> bool:
    """Tell whether the memory of a block or index is copied before a write to it."""
    # A range has no memory, only what it has been asked for.
    refs = vars(obj).get("_references") if is_label(obj) else obj.refs
    on = always_copies() or sys.modules["pandas"].options.mode.copy_on_write
    return bool(on and refs is not None and refs.has_reference())


def make_references(kind: Any, count: int) -> Any:
    """Return what counts those who hold some memory, when there are so many.

    Some may not be handed on: they are held to be there still, as in the notebook.
    """
    references = kind()
    references.referenced_blocks[:] = [weakref.ref(kind)] * count
    return references


def make_lent_block(make: Any, arguments: tuple, references: Any) -> Any:
    """Return a block that pandas copies before it writes to it."""
    block = make(*arguments)
    block.refs = references
    _come(references)
    references.add_reference(block)
    return block


def make_lent_index(make: Any, arguments: tuple, references: Any) -> Any:
    """Return an index for which pandas copies its memory before it writes to that."""
    index = make(*arguments)
    index._references = references
    _come(references)
    references.add_index_reference(index)
    return index


def _come(references: Any) -> None:
    """Let one of those who are held to be there be there."""
    there = references.referenced_blocks
    if there and isinstance(there[0](), type):
        del there[0]


def lent(objects: Iterable[Any]) -> dict[int, Any]:
    """Return what indexes and dtypes among the objects hold, by ids."""
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
    if is_label(obj):
        return lambda index: [
            getattr(index, "_data", None),
            *getattr(index, "_codes", ()),
        ]
    if is_dtype(obj):
        return lambda dtype: [getattr(dtype, "__dict__", None)]
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
