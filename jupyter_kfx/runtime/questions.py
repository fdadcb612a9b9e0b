"""What code asks of values from other steps that is not stored with them."""

from __future__ import annotations

import re
from collections import deque
from typing import Any, Container, Mapping

from .databases import LOST
from .identity import has_no_identity
from .order import Order
from .pickles import Pickle

__all__ = ["unanswered"]

_SIZES = ("getsizeof", "__sizeof__", "getrefcount")
_GROWING = (list, dict, set, deque, bytearray)


def unanswered(
    order: Order,
    values: Mapping[str, Any],
    pickles: Mapping[str, Pickle],
    compared: Container[str],
) -> tuple[str, str, str | None] | None:
    """Return a name of which a step would be told something wrong, and what.

    And a cure, if there is one of its own.

    `values` are what it is given, and `compared` the names that it compares by `is`.
    """
    setup = [statement.code for statement in order.setup]
    everything = "\n".join((*setup, *order.code))
    for name, pickled in pickles.items():
        for word in LOST if pickled.met.databases else ():
            if word in everything:
                return (
                    name,
                    f"`{name}` cannot be handed on: the step asks a database for its "
                    f"`{word}`, which is of what one connection did.",
                    None,
                )
    for name, word in _sized("\n".join(order.code), values):
        if name in pickles:
            return (
                name,
                f"`{name}` cannot be handed on to `{word}`: what a container has set "
                "aside is not stored with it.",
                None,
            )
    for name, value in values.items():
        if name in compared and has_no_identity(value):
            return (
                name,
                f"`{name}` cannot be handed on to `is`: which object an immutable value "
                "is, is not stored with it.",
                "Compare with `==`.",
            )
    return None


def _sized(code: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the names whose memory is asked for, with the word that asks."""
    return [
        (name, word)
        for word in _SIZES
        if word in code
        for line in code.split("\n")
        if word in line
        for name in re.findall(r"\w+", line)
        if name in values and _is_growing(values[name])
    ]


def _is_growing(value: Any) -> bool:
    return isinstance(value, _GROWING) or type(value).__name__ == "ndarray"
