"""What setup above a step defines, and whether the names still stand for that."""

from __future__ import annotations

import types
from typing import Any, Container

from .exits import CURE
from .libraries import Libraries
from .order import Order
from .pickles import Pickle
from .states import state_of

__all__ = ["Definitions"]

_KINDS = (types.FunctionType, type)


class Definitions:
    """What setup defines in a step, as it was when the cells began."""

    def __init__(
        self, order: Order, namespace: dict[str, Any], libraries: Libraries
    ) -> None:
        self._order = order
        self._namespace = namespace
        self._libraries = libraries
        self._values: dict[str, Any] = {}
        self._states: dict[str, Any] = {}
        self.names = {name for each in order.own_setup for name in each.names}
        """All that setup defines, that of the step's own cells too."""
        self.names |= order.definitions.keys()

    def remember(self) -> None:
        """Remember what the names stand for."""
        self._values = {n: self._namespace.get(n) for n in self._order.definitions}
        self._states = {
            name: state_of(value, self._namespace)
            for name, value in self._values.items()
            if isinstance(value, _KINDS)
        }

    def untouched(self) -> set[str]:
        """Return the names that stand for what setup above defines."""
        there = self._namespace
        return {n for n, value in self._values.items() if there.get(n) is value}

    def standing(self, now: dict[str, Any], bound: Container[str]) -> set[str]:
        """Return the names that are what setup above defines, and nothing more.

        Those that are `bound` stand for values that steps above have made.
        """
        return {
            name
            for name in self._order.definitions
            if name in now and name not in bound and self._is_as_defined(name, now)
        }

    def _is_as_defined(self, name: str, now: dict[str, Any]) -> bool:
        value = now[name]
        if value is not self._values[name]:
            return False
        if isinstance(value, _KINDS) and value.__module__ == "__main__":
            return bool(state_of(value, self._namespace) == self._states[name])
        if id(value) in self._libraries.anchors:
            return True
        is_code = isinstance(value, types.ModuleType) or callable(value)
        return is_code or value is None or type(value).__module__ == "typing"

    def unavailable(
        self,
        now: dict[str, Any],
        live: set[str],
        standing: set[str],
        pickles: dict[str, Pickle],
    ) -> dict[str, Any]:
        """Return what later steps cannot define, or not find defined, as it is here."""
        found = {}
        for name in sorted(self.names & now.keys() - standing):
            value = now[name]
            if not isinstance(value, type) or value.__module__ != "__main__":
                continue
            if value.__qualname__ == name:  # under another it is kept by its own
                found[name] = f"{self._why(name)}, and cannot be handed on."
        for name in sorted(pickles.keys() & live):
            for other in sorted(pickles[name].met.definitions - standing)[:1]:
                found[name] = f"`{name}` cannot be handed on: {self._why(other)}."
        return {name: {"message": why, "cure": CURE} for name, why in found.items()}

    def _why(self, name: str) -> str:
        if name in self.names:
            return f"`{name}` is no longer what its definition makes of it"
        return f"`{name}` is defined with values that only this step has"
