"""Sets that iterate in the order in which they iterated in another process."""

from __future__ import annotations

import random
import types
from typing import Any, Iterator

__all__ = ["filled", "insertion", "is_alike", "is_misplaced", "says_hash"]

_STABLE = (str, bytes, int, float, bool, type(None))
_ROUNDS = 300
_MOST = 20_000
_FEW = 500
_WAYS = ("added", "copied", "emptied")
_LINEAR = 9
"""So many places after the one that an item wants are tried before others."""
_SHIFT = 5
_FARTHEST = 200
_WORD = (1 << 64) - 1


def insertion(there: Any) -> tuple | None:
    """Return how to fill a set so that it iterates like this one; none if not found.

    That is a way of filling, which decides on the size of the table, the order to put
    the items in, of which of two that want one place in the table the first gets it, and
    how many are put in at once. Only items whose hash is the same in all processes of a
    run can be ordered so.
    """
    items = list(there)
    if len(items) > _MOST or not all(map(_is_stable, items)):
        return None
    way = "frozen" if type(there) is frozenset else "united"
    size = _size(there)
    order = _order(items, size)
    for at_once in _at_once(len(items), size):
        how = _settled(items, way, order or items, at_once)
        if how is not None:
            return how
    if way == "united" and len(items) <= _FEW:
        for old in _WAYS:
            how = _settled(items, old, items)
            if how is not None:
                return how
    return None


def _settled(items: list, way: str, order: list, *at_once: int) -> tuple | None:
    """Return how to fill the set with that order, or one that is found from it."""
    chance = random.Random(0)  # noqa: S311  (the same at every try)
    order = list(order)
    for _ in range(_ROUNDS if len(items) <= _FEW else 1):
        how = (way, order, *at_once)
        found = list(filled(how))
        wrong = [pair for pair in zip(items, found) if pair[0] != pair[1]]
        if not wrong:
            return how
        wanted, got = chance.choice(wrong)
        order.remove(wanted)
        order.insert(order.index(got), wanted)
    return None


def filled(how: tuple) -> Any:
    """Return the set that is filled in that way."""
    way, order, *at_once = how
    if at_once:  # for keys of a dictionary the table grows first, and once
        empty: Any = frozenset() if way == "frozen" else set()
        (many,) = at_once
        return empty.union(dict.fromkeys(order[:many]), order[many:])
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


def is_alike(one: Any, other: Any) -> bool:
    """Tell whether two sets iterate in the same order, and as well once they grow."""
    return _size(one) == _size(other) and list(one) == list(other)


def _size(there: Any) -> int:
    """Return how many places the table of a set has."""
    return max(8, (there.__sizeof__() - set().__sizeof__()) // 16)


def _at_once(count: int, size: int) -> list[int]:
    """Return how many items to put in at once, so that the table may get that size."""
    powers = [1 << bit for bit in range(2, count.bit_length())]
    likely = [
        size // 2 - 1,
        size // 4,
        count,
        0,
        5,
        *powers,
        *(2 * p - 1 for p in powers),
    ]
    likely = [many for many in dict.fromkeys(likely) if many <= count]
    fits = [
        many
        for many in likely
        if _size(set().union(dict.fromkeys(range(many)), range(many, count))) == size
    ]
    return fits or [count, 0]


def _order(items: list, size: int) -> list | None:
    """Return an order that puts items into an empty table where they are; none if not found.

    The places rise in the order of iteration, and all that an item tried before its own
    were taken by then.
    """
    taken: dict[int, int] = {}
    before: list[list[int]] = []
    choices: list[Iterator[tuple[int, list[int]]]] = []
    places: list[int] = []
    wanted: list[set[int]] = [set()]
    left = 20 * len(items) + 2000
    while len(places) < len(items):
        at = len(places)
        if len(choices) == at:
            last = places[-1] if places else -1
            choices.append(_choices(hash(items[at]), size - 1, last, taken))
        left -= 1
        choice = next(choices[at], None) if left > 0 else None
        if left <= 0:
            return None
        if choice is None:
            choices.pop()
            if not places:
                return None
            del taken[places.pop()]
            before.pop()
            wanted.pop()
            continue
        place, tried = choice
        open_ = (wanted[-1] | {p for p in tried if p not in taken}) - {place}
        if any(p < place for p in open_):
            continue
        taken[place] = at
        places.append(place)
        before.append(tried)
        wanted.append(open_)
    if wanted[-1]:
        return None
    return _sorted(items, [[taken[p] for p in tried] for tried in before])


def _choices(
    number: int, mask: int, last: int, taken: dict[int, int]
) -> Iterator[tuple[int, list[int]]]:
    """Give the places after the last that an item may have, each with those tried before."""
    tried: list[int] = []
    perturb = number & _WORD
    place = perturb & mask
    while len(tried) < _FARTHEST:
        run = _LINEAR + 1 if place + _LINEAR <= mask else 1
        for each in range(place, place + run):
            if each > last:
                if each not in tried:
                    yield each, list(tried)
            elif each not in taken:
                return
            tried.append(each)
        perturb >>= _SHIFT
        place = (place * 5 + 1 + perturb) & mask


def _sorted(items: list, before: list[list[int]]) -> list | None:
    """Return the items, each after those that it needs, first what none needs."""
    needed = {each for tried in before for each in tried}
    ready = [n for n, tried in enumerate(before) if not tried]
    ready.sort(key=needed.__contains__)
    missing = [set(tried) for tried in before]
    after: dict[int, list[int]] = {}
    for number, tried in enumerate(missing):
        for each in tried:
            after.setdefault(each, []).append(number)
    for number in ready:
        for each in after.get(number, ()):
            missing[each].discard(number)
            if not missing[each]:
                ready.append(each)
    return [items[n] for n in ready] if len(ready) == len(items) else None


def _is_stable(item: Any) -> bool:
    if type(item) in (tuple, frozenset):
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
