"""Names that calls have added to modules of libraries, as `deap.creator.create` does."""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

from .mentions import is_library

__all__ = ["ADDED", "Additions"]

ADDED = "names of "
"""How the states of modules are called: this, and the module."""


class Additions:
    """How many names each module of a library has when the cells begin."""

    def __init__(self) -> None:
        self._looked: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._given: dict[str, dict[str, Any]] = {}

    def restore(self, key: str, state: dict[str, Any]) -> None:
        """Add what steps above have added to a module."""
        self._given[key] = state
        vars(importlib.import_module(key[len(ADDED) :])).update(state)

    def look(self) -> None:
        """Measure the modules that were not there before."""
        for name, module in list(sys.modules.items()):
            if name in self._looked:
                continue
            self._looked.add(name)
            if type(module) is types.ModuleType and is_library(module):
                self._sizes[name] = len(vars(module))

    def changed(self) -> dict[str, dict[str, Any]]:
        """Return the names that were added to modules, also by the steps above."""
        found = {}
        for name, size in self._sizes.items():
            there = vars(sys.modules[name]) if name in sys.modules else {}
            if len(there) <= size and f"{ADDED}{name}" not in self._given:
                continue  # to list what all modules hold takes a while
            above = self._given.get(f"{ADDED}{name}", {})
            added = {n: there[n] for n in above if n in there}
            added |= {
                attribute: value
                for attribute, value in list(there.items())[size:]
                if not attribute.startswith("_") and not _is_found(value, name)
            }
            if added:
                found[f"{ADDED}{name}"] = added
        return found


def _is_found(value: Any, module: str) -> bool:
    """Tell whether a module only found something in another when it was asked for it.

    Or made it of its own code, or of what stands in another module under that name, as
    networkx compiles functions at their first call.
    """
    if isinstance(value, types.ModuleType):
        return True
    if getattr(value, "__globals__", None) is vars(sys.modules[module]):
        return True
    home, name = (
        getattr(value, "__module__", None),
        getattr(value, "__qualname__", None),
    )
    if not isinstance(home, str) or not isinstance(name, str) or home == module:
        return False
    found: Any = sys.modules.get(home)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is value or (callable(found) and callable(value))
