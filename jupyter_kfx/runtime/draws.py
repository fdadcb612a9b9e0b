"""Whether a generator got from one state to another by drawing, not by seeding."""

from __future__ import annotations

import random
import sys
from typing import Any

__all__ = ["has_drawn"]

_WORDS = 624
"""Numbers that a Mersenne Twister makes at a time."""
_MOST = 2_000
"""How many times so many are tried; that takes some 50 ms."""


def has_drawn(key: str, before: Any, after: Any) -> bool:
    """Tell whether the global generator of that name can have come there by drawing.

    False as well where more was drawn than can be tried.
    """
    if key == "random":
        return _random(before[1], after[1])
    if key == "numpy.random":
        same = before[0] == after[0] == "MT19937"
        return same and _numpy(before, after)
    return True


def _random(before: tuple, after: tuple) -> bool:
    generator = random.Random()  # noqa: S311  (repeats what was drawn)
    generator.setstate((3, before, None))
    drawn = (after[-1] - before[-1]) % _WORDS
    if drawn:
        generator.getrandbits(32 * drawn)
    for _ in range(_MOST):
        if generator.getstate()[1] == after:
            return True
        generator.getrandbits(32 * _WORDS)
    return False


def _numpy(before: Any, after: Any) -> bool:
    numpy = sys.modules["numpy"]
    twister = numpy.random.MT19937()
    state = {"key": before[1], "pos": before[2]}
    twister.state = {"bit_generator": "MT19937", "state": state}
    drawn = (after[2] - before[2]) % _WORDS
    if drawn:
        twister.random_raw(int(drawn), output=False)
    for _ in range(_MOST):
        found = twister.state["state"]
        if found["pos"] == after[2] and (found["key"] == after[1]).all():
            return True
        twister.random_raw(_WORDS, output=False)
    return False
