"""Objects of the notebook's classes that say for themselves how they are pickled.

What they leave out, a notebook would still have: they are taken apart as others are.
"""

from __future__ import annotations

import copyreg
import enum
from collections import OrderedDict
from typing import Any, Callable

__all__ = [
    "bare",
    "error_reduction",
    "is_python",
    "left_out",
    "set_memory",
    "set_state",
    "whole_reduction",
]

_WAYS = (
    "__reduce_ex__", "__reduce__", "__getstate__", "__setstate__", "__new__",
    "__getnewargs__", "__getnewargs_ex__",
)  # fmt: skip
_ATOMS = (int, float, complex, str, bytes, tuple, frozenset)
_FILLED: dict[type, tuple[Callable[[Any], list], Callable[[Any, Any], Any]]] = {
    list: (lambda obj: list(list.__iter__(obj)), list.append),
    set: (lambda obj: list(set.__iter__(obj)), set.add),
    dict: (
        lambda obj: list(dict.items(obj)),
        lambda obj, pair: dict.__setitem__(obj, *pair),
    ),
    OrderedDict: (
        lambda obj: list(OrderedDict.items(obj)),
        lambda obj, pair: OrderedDict.__setitem__(obj, *pair),
    ),
}
"""How to take out what such an object holds, and how to put it in again."""
_HEAP_TYPE = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: the class was made by a statement, not in C."""


def whole_reduction(obj: Any) -> tuple | None:
    """Return how an object is rebuilt with all it has, if its class says otherwise."""
    kind = type(obj)
    if kind.__module__ != "__main__" or isinstance(obj, enum.Enum):
        return None
    base: Any = next(c for c in kind.__mro__ if not is_python(c))
    if f"{base.__module__}.{base.__name__}" == "numpy.ndarray":
        # It keeps its memory and forgets its attributes.
        made, given, memory = base.__reduce__(obj)
        return made, given, (base, memory, obj.__dict__), None, None, set_memory
    if base not in _ATOMS and base not in _FILLED and base is not object:
        return None
    if base not in _FILLED and not _has_own_way(kind):
        return None
    arguments = base.__getnewargs__(obj) if hasattr(base, "__getnewargs__") else ()
    if base is frozenset:
        arguments = (tuple(frozenset.__iter__(obj)),)
    items = _FILLED[base][0](obj) if base in _FILLED else None
    state = getattr(obj, "__dict__", {}), _slots(obj), items
    return bare, (kind, *arguments), state, None, None, set_state


def left_out(obj: Any) -> tuple | None:
    """Return how an object is rebuilt with attributes that its base does not keep.

    `Decimal`, `date` and others say how they are pickled, and mean themselves alone.
    """
    kind = type(obj)
    attributes = getattr(obj, "__dict__", None)
    if kind.__module__ != "__main__" or isinstance(obj, enum.Enum) or not attributes:
        return None
    if any(
        n in vars(c)
        for c in kind.__mro__
        if c.__module__ == "__main__"
        for n in _WAYS[:4]
    ):
        return None
    made, arguments, state, *items = (*obj.__reduce_ex__(4), None)[:5]
    if state is not None:
        return None
    state = dict(attributes), _slots(obj), None
    return made, arguments, state, *(*items, None, None)[:2], set_state


def error_reduction(error: BaseException) -> tuple:
    """Return how an error is rebuilt, whatever its class wants to be made with."""
    kind = type(error)
    reduced: Any = error.__reduce_ex__(4)
    made, arguments, *state = reduced
    says = next(c for c in kind.__mro__ if "__reduce__" in vars(c))
    own = any(is_python(c) and "__init__" in vars(c) for c in kind.__mro__)
    if made is kind and own and (says.__module__ == "__main__" or not is_python(says)):
        return bare, (kind, *arguments), *state
    return made, arguments, *state


def bare(kind: type, *arguments: Any) -> Any:
    """Return an object of a class, made past what Python code does about it."""
    base: Any = next(c for c in kind.__mro__ if not is_python(c))
    made = base.__new__(kind, *arguments)
    if isinstance(made, BaseException):
        base.__init__(made, *arguments)
    return made


def set_state(obj: Any, state: tuple) -> None:
    """Give an object its attributes, past what its class does about them."""
    attributes, slots, items = state
    if attributes:
        obj.__dict__.update(attributes)
    if items is not None:
        base: Any = next(c for c in type(obj).__mro__ if not is_python(c))
        for item in items:
            _FILLED[base][1](obj, item)
    for name, value in slots.items():
        object.__setattr__(obj, name, value)


def set_memory(obj: Any, state: tuple) -> None:
    """Give an array what it holds, and its attributes."""
    base, memory, attributes = state
    base.__setstate__(obj, memory)
    obj.__dict__.update(attributes)


def is_python(kind: type) -> bool:
    """Tell whether a class was made by a statement, not in C."""
    return bool(kind.__flags__ & _HEAP_TYPE)


def _has_own_way(kind: type) -> bool:
    if kind in copyreg.dispatch_table:
        return True
    for name in _WAYS:
        for base in kind.__mro__:
            if name in vars(base):
                if base.__module__ == "__main__":
                    return True
                break
    return False


def _slots(obj: Any) -> dict[str, Any]:
    return {
        name: getattr(obj, name)
        for name in copyreg._slotnames(type(obj))  # type: ignore[attr-defined]
        if hasattr(obj, name)
    }
