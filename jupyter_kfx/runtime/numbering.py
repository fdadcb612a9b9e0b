"""NaNs and sets by numbers, as an identity that holds in every process."""

from __future__ import annotations

import math
import sys
from typing import Any

from .inventory import Inventory
from .sets import insertion, is_alike

__all__ = ["Numbering"]


class Numbering:
    """Which NaNs and sets in one pickle are the same, and how the sets are filled."""

    def __init__(self, met: Inventory) -> None:
        self._met = met
        self._nans: dict[int, tuple[int, Any]] = {}
        self._sets: dict[int, tuple[int, Any]] = {}

    def ids(self) -> list[int]:
        """Return the ids of all that have a number."""
        return [*self._nans, *self._sets]

    def of_nan(self, obj: float) -> Any:
        """Return what stands for a NaN: `x in [x]` asks which one it is."""
        if obj is math.nan:  # noqa: PLW0177  (identity is the question)
            return "math"
        numpy = sys.modules.get("numpy")
        if numpy is not None and obj is numpy.nan:
            return "numpy"
        return _number(self._nans, obj)

    def of_set(self, obj: set | frozenset) -> Any:
        """Return how a set is filled so that it iterates as here; none if it does."""
        if id(obj) in self._sets:
            return "set", _number(self._sets, obj), None
        as_pickled = type(obj)(list(obj))
        if is_alike(as_pickled, obj):
            return None
        order = insertion(obj)
        if order is None:
            self._met.reorders |= list(as_pickled) != list(obj)
            return None
        return "set", _number(self._sets, obj), order


def _number(known: dict[int, tuple[int, Any]], obj: Any) -> int:
    """Return the number of an object: its id is another one in every process."""
    number, _ = known.setdefault(id(obj), (len(known), obj))
    return int(number)
