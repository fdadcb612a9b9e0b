"""Values that reach all that another one does, and need not be walked through again."""

from __future__ import annotations

import gc
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pickles import Pickle

__all__ = ["Reach", "leading"]

_MANY = 2000
"""Objects in a pickle from which on it is worth looking."""
_HOLDERS = (list, tuple, dict, set, frozenset)
_GLOBAL = (type, types.ModuleType, types.FunctionType)
"""What leads everywhere."""
_NEAR = 3000
"""Objects that are looked at on the way back."""
_MOST = 100
"""Objects that a list holds from which on nothing is likely to know them all."""
_EFFORT = 100_000
"""Objects that are looked at on all ways back together: it has to be worth while."""


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
        self._places: dict[int, tuple[Pickle, int]] = {}
        self._roots: dict[int, list] = {}
        self._found: dict[int, bool] = {}
        self._effort = 0

    def add(self, value: Any, pickled: Pickle) -> None:
        """Take in a value and its pickle."""
        if pickled.met.within or len(pickled.objects()) < _MANY:
            return
        content = _content(value)
        if content is None:
            return
        self._roots[id(pickled)] = content
        shared = set(pickled.shared())
        for place, obj in pickled.objects():
            if id(obj) in shared and gc.is_tracked(obj) and type(obj) not in _HOLDERS:
                self._places.setdefault(id(obj), (pickled, place))

    def __bool__(self) -> bool:
        return bool(self._places)

    def place_of(self, obj: Any) -> tuple[Pickle, int] | None:
        """Return the pickle that is all that an object reaches, and its place there."""
        found = self._places.get(id(obj))
        if found is None:
            return None
        knows = self._found.get(id(obj))
        if knows is None:
            roots = self._roots[id(found[0])]
            knows = self._found[id(obj)] = self._leads_to(obj, roots)
        return found if knows else None

    def _leads_to(self, obj: Any, roots: list) -> bool:
        """Tell whether an object refers to others, through few others."""
        if self._effort > _EFFORT:
            return False
        missing = {id(root) for root in roots}
        seen, todo = {id(obj)}, [obj]
        for each in todo:
            missing.discard(id(each))
            if not missing:
                break
            if len(todo) > _NEAR or isinstance(each, _GLOBAL):
                continue
            for other in gc.get_referents(each):
                if id(other) not in seen and gc.is_tracked(other):
                    seen.add(id(other))
                    todo.append(other)
        self._effort += len(todo)
        return not missing


def _content(value: Any) -> list | None:
    """Return the objects that a value only holds, which know nothing of it; not many."""
    found: list = []
    todo, seen = [value], set[int]()
    for each in todo:
        if id(each) in seen or not gc.is_tracked(each):
            continue
        if len(seen) > _MOST:
            return None
        seen.add(id(each))
        if type(each) is dict:
            todo += [*each, *each.values()]
        elif type(each) in _HOLDERS:
            todo += each
        else:
            found.append(each)
    return found
