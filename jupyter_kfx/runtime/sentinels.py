"""Objects of libraries that mean something by being that very object."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["Sentinels"]

_TEXTS = (("argparse", "SUPPRESS"), ("optparse", "SUPPRESS_HELP"))
"""Strings that a library asks for with `is`."""
_BARE = 32
"""Bytes that an object has whose class adds nothing but a dictionary, at most."""
_OTHERS = ("__main__", "builtins")
"""Modules that such objects do not belong to."""


class Sentinels:
    """Where in their modules such objects are found."""

    def __init__(self) -> None:
        self.texts = {
            id(vars(sys.modules[module])[name]): (module, name)
            for module, name in _TEXTS
            if module in sys.modules
        }
        """The places of strings, by their ids."""
        self._plain: dict[int, tuple[str, str]] | None = None
        self._of_module: dict[str, dict[int, str]] = {}

    @staticmethod
    def may_be(kind: type) -> bool:
        """Tell whether objects of a class may be such ones."""
        if kind is object:
            return True
        holds = issubclass(kind, (list, dict, set))
        return (
            not holds and kind.__basicsize__ <= _BARE and kind.__module__ not in _OTHERS
        )

    def place_of(self, obj: Any) -> tuple[str, str] | None:
        """Return the module and the name of an object that knows no more than its name."""
        kind = type(obj)
        own = getattr(obj, "__dict__", None) or {}
        if len(own) > 1:
            return None
        if kind is object:
            if self._plain is None:
                self._plain = _plain_objects()
            return self._plain.get(id(obj))
        home = kind.__module__
        if home not in self._of_module:
            names = _names(home)
            self._of_module[home] = {id(value): name for name, value in names}
        name = self._of_module[home].get(id(obj))
        is_bare = all(type(v) is str and v == name for v in own.values())
        return (home, name) if name is not None and is_bare else None


def _names(module: str) -> list[tuple[str, Any]]:
    return list(getattr(sys.modules.get(module), "__dict__", {}).items())


def _plain_objects() -> dict[int, tuple[str, str]]:
    return {
        id(value): (module, name)
        for module in list(sys.modules)
        if module not in _OTHERS
        for name, value in _names(module)
        if type(value) is object
    }
