"""Classes that cells have registered with abstract ones, which no pickle of a class says."""

from __future__ import annotations

import abc
from typing import Any, Callable

__all__ = ["REGISTRATIONS", "Registrations"]

REGISTRATIONS = "registered classes"
"""How the state is called."""


class Registrations:
    """Hears of `register`, but for what modules do when they are imported."""

    def __init__(self, is_import: Callable[[], bool]) -> None:
        self._is_import = is_import
        self._pairs: list[tuple[Any, Any]] = []
        self._new = False

    def restore(self, pairs: list[tuple[Any, Any]]) -> None:
        """Register what steps above have registered."""
        for kind, inside in pairs:
            kind.register(inside)
        self._pairs += pairs

    def listen(self) -> None:
        """Take note from now on."""
        original = abc.ABCMeta.register

        def register(kind: Any, subclass: Any) -> Any:
            found = original(kind, subclass)
            if not self._is_import():
                self._pairs.append((kind, subclass))
                self._new = True
            return found

        register.__doc__ = original.__doc__
        abc.ABCMeta.register = register  # type: ignore[method-assign,assignment]

    def changed(self) -> dict[str, Any]:
        """Return all that were registered, if the cells have registered any."""
        return {REGISTRATIONS: self._pairs} if self._new else {}
