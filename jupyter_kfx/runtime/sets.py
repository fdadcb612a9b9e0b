"""Sets that iterate in the order in which they iterated in another process."""

from __future__ import annotations

import random
import types
from typing import Any

__all__ = ["filled", "insertion", "is_misplaced", "says_hash"]

_STABLE = (str, bytes, int, float, bool, type(None))
_ROUNDS = 300
_MOST = 500
_WAYS = ("added", "copied", "emptied")


def insertion(items: list) -> tuple[str, list] | None:
    """Return how to fill a set so that it iterates like the items; none if not found.

    That is a way of filling, which decides on the size of the table, and the order to
    put the items in: of two that want one place in the table the first gets it. Only
    items whose hash is the same in all processes of a run can be ordered so.
    """
    if len(items) > _MOST or not all(map(_is_stable, items)):
        return None
    chance = random.Random(0)  # noqa: S311  (the same at every try)
    for way in _WAYS:
        order = list(items)
        for _ in range(_ROUNDS):
            found = list(filled((way, order)))
            wrong = [pair for pair in zip(items, found) if pair[0] != pair[1]]
            if not wrong:
                return way, order
            wanted, got = chance.choice(wrong)
            order.remove(wanted)
            order.insert(order.index(got), wanted)
    return None


def filled(how: tuple[str, list]) -> set:
    """Return the set that is filled in that way."""
    way, order = how
    made: set[Any] = set()
    for item in order:
        made.add(item)
    if way == "copied":
        return set(made)  # a table for twice the items, not four times
    if way == "emptied":
        for number in range(len(order) + 1):
            made.add((_WAYS, number))
        for number in range(len(order) + 1):
            made.discard((_WAYS, number))
    return made


def _is_stable(item: Any) -> bool:
    if type(item) is tuple:
        return all(map(_is_stable, item))
    return type(item) in _STABLE and item == item


def says_hash(kind: type) -> bool:
    """Tell whether a class of the notebook says how its instances are hashed."""
    is_own = kind.__module__ == "__main__"
    return is_own and isinstance(kind.__hash__, types.FunctionType)


def is_misplaced(container: Any) -> bool:
    """Tell whether something is no longer found in a container that holds it."""
    if type(container) not in (dict, set, frozenset):
        return False
    return any(says_hash(type(key)) and key not in container for key in container)
