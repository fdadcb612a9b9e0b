"""Classes that calls have made, as `type` does, taken apart and made again."""

from __future__ import annotations

import types
from typing import Any

__all__ = ["class_reduction"]

_OF_ITS_OWN = frozenset({"__dict__", "__weakref__"})
"""What every class makes for itself."""


def class_reduction(kind: type) -> tuple | None:
    """Return how to make a class once more; none where making it does more than that."""
    own = {k: v for k, v in vars(kind).items() if k not in _OF_ITS_OWN}
    bases = kind.__mro__[1:]
    if type(kind) is not type or "__slots__" in own or "__classcell__" in own:
        return None
    if any("__init_subclass__" in vars(base) for base in bases[:-1]):
        return None
    if any(hasattr(type(value), "__set_name__") for value in own.values()):
        return None
    made = kind.__name__, kind.__bases__
    return _made, made, own, None, None, _finished


def _made(name: str, bases: tuple) -> type:
    return types.new_class(name, bases)


def _finished(kind: type, own: dict[str, Any]) -> None:
    for name, value in own.items():
        setattr(kind, name, value)
