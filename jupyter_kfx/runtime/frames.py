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
    "frame_reduction",
    "is_dtype",
    "lent",
    "make_lent_block",
    "make_lent_index",
    "make_references",
]

_COPIES_FROM = 3
"""Major version of pandas from which on writes to what is shared copy first, always."""
_DEEPEST = 3
_BLOCKS = "pandas.core.internals.blocks"
_MANAGERS = "pandas.core.internals.managers"
_REFERENCES = ("pandas._libs.internals", "BlockValuesRefs")


def is_dtype(obj: Any) -> bool:
    """Tell whether an object is a type of pandas' own, which never changes."""
    dtypes: Any = sys.modules.get("pandas.core.dtypes.base")
    return dtypes is not None and isinstance(obj, dtypes.ExtensionDtype)


def always_copies() -> bool:
    """Tell whether the pandas that is loaded copies before every write."""
    pandas: Any = sys.modules.get("pandas")
    major = str(getattr(pandas, "__version__", "0")).partition(".")[0]
    return major.isdigit() and int(major) >= _COPIES_FROM


def frame_reduction(obj: Any, views: frozenset) -> Any:
    """Return how a part of a frame is rebuilt, NotImplemented: as it says; else none.

    What is lent is copied on the next write, which a pickle forgets. `views` are the
    ids of the roots of arrays that are shared.
    """
    kind = type(obj)
    home = kind.__module__
    if home == _BLOCKS:
        return _block(obj, views)
    if views and home == _MANAGERS:
        return _series(obj)
    if views and _is_label(obj) and _is_lent(obj):
        return _index(obj)
    if (home, kind.__name__) == _REFERENCES:
        alive = [ref for ref in obj.referenced_blocks if ref() is not None]
        return make_references, (kind, len(alive))
    return None


def _block(block: Any, views: frozenset) -> Any:
    """Take no copy of rows, nor of what is read backwards, as a block does itself."""
    parts: Any = block.__reduce_ex__(5)
    if isinstance(parts, str):
        return NotImplemented
    arguments = (block.values, *parts[1][1:])
    if views and _is_lent(block):
        return make_lent_block, (parts[0], arguments, block.refs)
    return (parts[0], arguments, *parts[2:])


def _series(manager: Any) -> Any:
    blocks = manager.blocks
    if manager.ndim > 1 or len(blocks) != 1 or not _is_lent(blocks[0]):
        return NotImplemented
    return type(manager), (blocks[0], manager.axes[0])


def _index(index: Any) -> Any:
    parts: Any = index.__reduce__()
    if any(parts[2:]):
        return NotImplemented
    return make_lent_index, (parts[0], parts[1], index._references)


def _is_label(obj: Any) -> bool:
    """Tell whether an object is an index of pandas."""
    base: Any = sys.modules.get("pandas.core.indexes.base")
    return base is not None and isinstance(obj, base.Index)


def _is_lent(obj: Any) -> bool:
    """Tell whether the memory of a block or index is copied before a write to it."""
    # A range has no memory, only what it has been asked for.
    refs = vars(obj).get("_references") if _is_label(obj) else obj.refs
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
    if _is_label(obj):
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
