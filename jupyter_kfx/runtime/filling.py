"""What an object that stays the same is filled with, and how it is filled again."""

from __future__ import annotations

import copyreg
import types
from collections import Counter, OrderedDict, defaultdict
from typing import Any

from .wholes import is_python

__all__ = [
    "CODE",
    "CONTAINERS",
    "HELD",
    "attributes",
    "can_be_filled",
    "held_in",
    "hold",
    "is_code",
    "parts_of",
    "refill",
    "slots",
]

CODE = (
    type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType,
    types.MethodType,
)  # fmt: skip
CONTAINERS = (list, dict, set, OrderedDict, defaultdict, Counter)
HELD = "[]"
"""The name of what a container holds, among its attributes."""


def parts_of(obj: Any) -> dict[str, Any]:
    """Return the attributes of an object, and what it holds."""
    found = dict(attributes(obj) or {})
    inner = held_in(obj)
    return found if inner is None else {**found, HELD: inner}


def held_in(obj: Any) -> Any:
    """Return a plain container with what another one holds; none if it is none."""
    kinds: tuple[Any, ...] = (dict, list, set)
    return next((kind(obj) for kind in kinds if isinstance(obj, kind)), None)


def is_code(value: Any) -> bool:
    """Tell whether a value is code, or plain and never changes."""
    return isinstance(value, (*CODE, str, bytes, int, float, type(None)))


def attributes(value: Any) -> dict[str, Any] | None:
    """Return the attributes that an object has for itself; none if it can have none."""
    found = getattr(value, "__dict__", None)
    return found if type(found) is dict else None


def slots(value: Any) -> dict[str, Any]:
    """Return what an object has in the slots of its class."""
    names = copyreg._slotnames(type(value))  # type: ignore[attr-defined]
    return {
        name: getattr(value, name)
        for name in names
        if isinstance(getattr(type(value), name, None), types.MemberDescriptorType)
        and hasattr(value, name)
    }


def can_be_filled(value: Any) -> bool:
    """Tell whether an object can be given what another of its kind holds."""
    kind = type(value)
    if kind in (list, dict, set):
        return True
    if kind is tuple:
        return all(is_code(part) or can_be_filled(part) for part in value)
    if issubclass(kind, (list, dict, set)) or not is_python(kind):
        return False
    return kind.__module__ not in ("builtins", "numpy")


def refill(there: Any, value: Any) -> None:
    """Put into an object what another of its kind holds."""
    if type(there) in (list, dict, set):
        hold(there, value)
    elif type(there) is tuple:
        for one, other in zip(there, value):
            if type(one) is type(other) and not is_code(one):
                refill(one, other)
    else:
        if attributes(there) is not None:
            vars(there).clear()
            vars(there).update(vars(value))
        for name, part in slots(value).items():
            setattr(there, name, part)


def hold(there: Any, held: Any) -> None:
    """Let a container hold other things, whatever its class makes of that."""
    if isinstance(there, list):
        list.__setitem__(there, slice(None), held)
    elif isinstance(there, set):
        set.clear(there)
        set.update(there, held)
    elif isinstance(there, dict):
        kind: Any = OrderedDict if isinstance(there, OrderedDict) else dict
        kind.clear(there)
        for key, value in held.items():
            kind.__setitem__(there, key, value)
