"""What modules and cached functions remember, which no other process can see."""

from __future__ import annotations

import functools
import os
import site
import sys
import types
from typing import Any

from .imports import Imports
from .places import Places
from .purity import is_pure
from .tokens import stamp

__all__ = ["Modules"]

_LIBRARY = (
    os.path.dirname(os.__file__),
    os.path.dirname(__file__),
    *site.getsitepackages(),
)
_PLAIN = (
    str, bytes, int, float, complex, type(None), type, types.ModuleType,
    types.FunctionType, types.BuiltinFunctionType,
)  # fmt: skip


class Modules:
    """Modules of the user's own, and functions that cache, as a step found them."""

    def __init__(self, places: Places, namespace: dict[str, Any]) -> None:
        self._places = places
        self._namespace = namespace
        self._files: dict[str, tuple[str, Any]] = {}
        self._calls: dict[str, Any] = {}
        self._looked: set[str] = set()
        self._local: dict[str, types.ModuleType] = {}

    def local(self) -> list[types.ModuleType]:
        """Return the modules of the user's own, beside the notebook or elsewhere."""
        for name, module in list(sys.modules.items()):
            if name not in self._looked:
                self._looked.add(name)
                if self._is_local(name, module):
                    self._local[name] = module
        return [*self._local.values()]

    def _is_local(self, name: str, module: Any) -> bool:
        path = getattr(module, "__file__", None)
        # Most modules are of a library, and to ask where they really lie takes time.
        if not isinstance(path, str) or path.startswith(_LIBRARY):
            return False
        is_own = name != "__main__" and getattr(module, "__name__", None) == name
        return is_own and not self._places.is_installed(os.path.realpath(path))

    def begin(self, imports: Imports) -> None:
        """Remember how they are, and how modules are that are imported from now on."""
        for module in self.local():
            self._remember(module)
        for name, value in self._namespace.items():
            if isinstance(value, functools._lru_cache_wrapper):
                self._calls[name] = value.cache_info()
        imports.tell(self._imported)

    def _imported(self, module: types.ModuleType) -> None:
        if self._is_local(module.__name__, module):
            self._remember(module)

    def changed(self) -> dict[str, str]:
        """Return the modules that are no longer as importing makes them, with why."""
        return {
            name: "was written anew after it had been imported"
            for name, (place, then) in self._files.items()
            if name in sys.modules and stamp(place) != then
        }

    def called(self) -> set[str]:
        """Return cached functions that were called and do more than compute."""
        return {
            name
            for name, value in list(self._namespace.items())
            if isinstance(value, functools._lru_cache_wrapper)
            and (name in self._calls or value.__module__ == "__main__")
            and value.cache_info().misses
            and value.cache_info() != self._calls.get(name)
            and not is_pure(value, self._namespace)
        }

    def is_from(self, value: Any, modules: dict[str, str], pickled: Any) -> str | None:
        """Return the one of the modules that a value is, comes from or refers to."""
        if isinstance(value, types.ModuleType):
            return value.__name__ if value.__name__ in modules else None
        for name in sorted(modules.keys() & sys.modules.keys()):
            parts = vars(sys.modules[name]).values()
            if any(value is part for part in parts if not isinstance(part, _PLAIN)):
                return name
        inside: set[str] = set() if pickled is None else pickled.met.modules
        inside = inside | {getattr(value, "__module__", None) or ""}
        return next(iter(sorted(inside & set(modules))), None)

    def _remember(self, module: Any) -> None:
        name, place = module.__name__, os.path.realpath(module.__file__)
        if name not in self._files:
            self._files[name] = place, stamp(place)
