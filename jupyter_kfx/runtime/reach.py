"""Values that reach all that another one does, and need not be walked through again."""

from __future__ import annotations

import gc
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pickling import Dumper

__all__ = ["Reach", "leading"]

_MANY = 2000
"""Objects in a pickle from which on it is worth looking."""
_HOLDERS = (list, tuple, dict, set, frozenset)
_GLOBAL = (type, types.ModuleType, types.FunctionType)
"""What leads everywhere."""
_NEAR = 3000
"""Objects that are looked at on the way back."""


def leading(values: dict[str, Any]) -> dict[str, Any]:
    """Return values in an order in which those come late that only hold others."""

    def holds(name: str) -> bool:
        kind = type(values[name])
        return kind in _HOLDERS or kind.__name__ == "ndarray"

    return {name: values[name] for name in sorted(values, key=holds)}


class Reach:
    """What has been pickled already, one value after the other.

    The axes of a figure know the figure, which knows them: whatever knows one of them
    reaches the whole, and is told apart by where it enters.
    """

    def __init__(self) -> None:
        self._places: dict[int, tuple[Dumper, int]] = {}
        self._roots: dict[int, Any] = {}
        self._found: dict[int, bool] = {}

    def add(self, value: Any, dumper: Dumper) -> None:
        """Take in a value and its pickle."""
        if dumper.within or len(dumper.objects()) < _MANY:
            return
        self._roots[id(dumper)] = value
        shared = set(dumper.shared())
        for place, obj in dumper.objects():
            if id(obj) in shared and gc.is_tracked(obj) and type(obj) not in _HOLDERS:
                self._places.setdefault(id(obj), (dumper, place))

    def __bool__(self) -> bool:
        return bool(self._places)

    def place_of(self, obj: Any) -> tuple[Dumper, int] | None:
        """Return the pickle that is all that an object reaches, and its place there."""
        found = self._places.get(id(obj))
        if found is None:
            return None
        knows = self._found.get(id(obj))
        if knows is None:
            root = self._roots[id(found[0])]
            knows = self._found[id(obj)] = _leads_to(obj, root)
        return found if knows else None


def _leads_to(obj: Any, root: Any) -> bool:
    """Tell whether an object refers to another one, through few others."""
    seen, todo = {id(obj)}, [obj]
    for each in todo:
        if each is root:
            return True
        if len(todo) > _NEAR or isinstance(each, _GLOBAL):
            continue
        for other in gc.get_referents(each):
            if id(other) not in seen and gc.is_tracked(other):
                seen.add(id(other))
                todo.append(other)
    return False
