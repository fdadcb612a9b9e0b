"""Dictionaries of attributes that values use as dictionaries too."""

from __future__ import annotations

import copyreg
from collections import Counter, OrderedDict
from typing import Any

from .caches import Caches
from .opened import NotRecreatedError
from .wholes import set_state, whole_reduction

__all__ = ["Attributes"]

_WAYS = ("__reduce_ex__", "__reduce__", "__getstate__")


class Attributes:
    """The objects in one pickle whose attributes are in a dictionary."""

    def __init__(self, used: frozenset = frozenset()) -> None:
        """Take the ids of the dictionaries that are known to be used as such."""
        self._used = used
        self._owners: dict[int, Any] = {}
        self.met: list[int] = []
        """The ids of dictionaries, as often as they are referred to."""

    def reduced(self, obj: Any) -> tuple | None:
        """Return how an object keeps its dictionary; none if nothing else uses it.

        NotRecreatedError if it cannot be given one.
        """
        try:
            own = object.__getattribute__(obj, "__dict__")
        except AttributeError:
            return None
        if own is obj or id(own) in self._used:
            if isinstance(obj, OrderedDict):  # its order is beside the dictionary
                raise _refusal(obj)
            return _adopting(obj, own)
        if type(own) is dict:
            self._owners[id(own)] = obj
        return None

    def used(self) -> frozenset:
        """Return the ids of dictionaries that are not only those of their objects."""
        times = Counter(self.met) if self._owners else Counter()
        return frozenset(
            each
            for each, obj in self._owners.items()
            if times[each] > 1 or (each in times and not _is_pickled(obj))
        )

    def owners(self) -> dict[int, Any]:
        """Return the objects that were met, by the ids of their dictionaries."""
        return self._owners


def _is_pickled(obj: Any) -> bool:
    """Tell whether a pickle of the object refers to its dictionary, not to a copy."""
    kind = type(obj)
    own = object.__getattribute__(obj, "__dict__")
    ways = [getattr(kind, w, None) is getattr(object, w, None) for w in _WAYS]
    if all(ways) and kind not in copyreg.dispatch_table:
        return bool(own) and not Caches().of(obj)
    parts = _reduction(obj)
    state = parts[2] if len(parts) > 2 else None
    inside = list(state.values()) if type(state) is dict else state
    within = isinstance(inside, (list, tuple)) and any(part is own for part in inside)
    return state is own or within


def _adopting(obj: Any, own: Any) -> tuple:
    try:
        object.__setattr__(obj, "__dict__", own)  # the one that it has
    except (AttributeError, TypeError):
        raise _refusal(obj) from None
    parts = _reduction(obj)
    made, arguments, state, *items = parts if len(parts) > 2 else (*parts[:2], None)
    if items[2:] == [set_state]:
        _, slots, filling = state
        return made, arguments, (own, slots, filling), None, None, _adopt
    slots = {}
    if isinstance(state, tuple) and len(state) == 2:
        state, slots = state
    # An empty dictionary is no state to pickle.
    if state is not own and (own or state):
        raise _refusal(obj)
    filled = (*items, None, None)[:2]
    return made, arguments, (own, slots or {}, None), *filled, _adopt


def _reduction(obj: Any) -> tuple:
    whole = whole_reduction(obj)
    if whole is not None:
        return whole
    reducer: Any = copyreg.dispatch_table.get(type(obj))
    parts = reducer(obj) if reducer else obj.__reduce_ex__(4)
    if isinstance(parts, str):  # only its name is stored
        raise _refusal(obj)
    return tuple(parts)


def _refusal(obj: Any) -> NotRecreatedError:
    return NotRecreatedError(
        f"an object of the class `{type(obj).__qualname__}` whose attributes are in a "
        "dictionary that another value uses"
    )


def _adopt(obj: Any, state: tuple) -> None:
    """Give an object its dictionary itself, and the rest of its state."""
    own, slots, items = state
    object.__setattr__(obj, "__dict__", own)
    set_state(obj, ({}, slots, items))
