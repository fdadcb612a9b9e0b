"""Classes taken apart and made again: those that calls have made, and the notebook's."""

from __future__ import annotations

import abc
import importlib
import types
from typing import Any

from .factories import factory_reduction
from .wholes import is_python

__all__ = ["are_one_class", "class_reduction", "parts_of_class"]

_OF_ITS_OWN = frozenset({"__dict__", "__weakref__", "__slotnames__", "_abc_impl"})
"""What every class makes for itself."""
_METACLASSES = (type, abc.ABCMeta)


class _Open:
    """Stands for a base whose objects have attributes."""


class _Closed:
    """Stands for a base whose objects have none."""

    __slots__ = ()


def class_reduction(kind: type) -> tuple | None:
    """Return how to make a class once more; none where making it does more than that.

    What its metaclass and its bases do where a class is made is not done again.
    """
    by_factory = factory_reduction(kind)
    if by_factory is not None:
        return by_factory
    own = parts_of_class(kind)
    slots = own.pop("__slots__", ())
    meta: type = type(kind)
    is_plain = meta in _METACLASSES or (
        meta.__module__ == "__main__"
        and all(
            base in (*_METACLASSES, object) or base.__module__ == "__main__"
            for base in type.mro(meta)
        )
    )
    if not is_plain or not isinstance(slots, (str, tuple, list)):
        return None
    stand_in = None
    if any("__init_subclass__" in vars(base) for base in kind.__mro__[1:-1]):
        stand_in = _stand_in(kind)
        if stand_in is None:
            return None
    has_slots = "__slots__" in vars(kind)
    namespace = {"__slots__": slots} if has_slots else {}
    made = meta, kind.__name__, kind.__bases__, namespace, stand_in
    return _made, made, (kind.__qualname__, own), None, None, _finished


def parts_of_class(kind: type) -> dict[str, Any]:
    """Return what a class itself was given or has been given since."""
    return {
        name: value
        for name, value in vars(kind).items()
        if name not in _OF_ITS_OWN
        and not (
            isinstance(value, (types.MemberDescriptorType, types.GetSetDescriptorType))
            and value.__objclass__ is kind
        )
    }


def are_one_class(one: type, other: type) -> bool:
    """Tell whether two classes may be one that was made again.

    Those of the notebook are, and named tuples that a library makes of its data.
    """
    if (one.__module__, one.__qualname__) != (other.__module__, other.__qualname__):
        return False
    is_named_tuple = getattr(one, "_fields", None) == getattr(other, "_fields", ())
    return one.__module__ == "__main__" or is_named_tuple


def _stand_in(kind: type) -> type | None:
    """Return a class whose place the bases can take once the class is made."""
    base: Any = kind.__base__
    stand_in = _Open if base.__dictoffset__ else _Closed
    is_alike = (
        is_python(base)
        and base.__basicsize__ == stand_in.__basicsize__
        and base.__weakrefoffset__ == stand_in.__weakrefoffset__
        and "__slots__" not in vars(kind)
    )
    return stand_in if is_alike else None


def _made(
    meta: Any, name: str, bases: tuple, namespace: dict, stand_in: type | None
) -> type:
    if stand_in is None:
        made: type = type.__new__(meta, name, bases, namespace)
        return made
    made = type.__new__(meta, name, (stand_in,), namespace)
    made.__bases__ = bases
    return made


def _finished(kind: type, state: tuple[str, dict[str, Any]]) -> None:
    qualname, own = state
    kind.__qualname__ = qualname
    for name in [name for name in parts_of_class(kind) if name not in own]:
        if name != "__slots__":
            type.__delattr__(kind, name)
    for name, value in own.items():
        type.__setattr__(kind, name, value)
    if isinstance(kind, abc.ABCMeta):
        importlib.import_module("_abc")._abc_init(kind)
