"""Classes that factories of the standard library made, made by them once more."""

from __future__ import annotations

import enum
import types
from collections import namedtuple
from typing import Any

__all__ = ["factory_reduction"]

_ENUMS = frozenset(
    getattr(enum, name)
    for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")
    if hasattr(enum, name)
)
_METHODS = (classmethod, staticmethod, property, types.FunctionType)
_OF_MEMBERS = frozenset({"_value_", "_name_", "__objclass__", "_sort_order_"})


def factory_reduction(kind: Any) -> tuple | None:
    """Return how to make a named tuple or an enumeration again; none if it is neither."""
    if kind.__bases__ == (tuple,) and isinstance(getattr(kind, "_fields", None), tuple):
        defaults = tuple(kind._field_defaults.values())
        given = kind.__name__, kind._fields, defaults, kind.__module__
        return _reduction(kind, _named_tuple, given)
    if type(kind) is type(enum.Enum) and _is_plain(kind):
        values = [(name, each._value_) for name, each in kind.__members__.items()]
        return _reduction(
            kind, _enumeration, (kind.__name__, kind.__base__, values, kind.__module__)
        )
    return None


def _reduction(kind: Any, make: Any, given: tuple) -> tuple:
    made = vars(make(*given))
    added = {
        name: value
        for name, value in vars(kind).items()
        if name not in made or (name == "__doc__" and value != made[name])
        if isinstance(value, _METHODS) or name in ("__doc__", "__annotations__")
    }
    return make, given, (kind.__qualname__, added), None, None, _finish


def _is_plain(kind: Any) -> bool:
    """Tell whether the members of an enumeration are their values and no more."""
    return (
        len(kind.__bases__) == 1
        and kind.__bases__[0] in _ENUMS
        and not {"__init__", "__new_member__"} & vars(kind).keys()
        and all(vars(each).keys() <= _OF_MEMBERS for each in kind)
    )


def _named_tuple(name: str, fields: tuple, defaults: tuple, module: str) -> Any:
    return namedtuple(name, fields, rename=True, defaults=defaults, module=module)  # noqa: PYI024  (typing's are of annotations)


def _enumeration(name: str, base: Any, values: list, module: str) -> Any:
    return base(name, values, module=module)


def _finish(kind: Any, state: tuple[str, dict[str, Any]]) -> None:
    kind.__qualname__, added = state
    for name, value in added.items():
        type.__setattr__(kind, name, value)
