"""What modules and cached functions remember, which no other process can see."""

from __future__ import annotations

import functools
import os
import site
import sys
import types
from typing import Any

from .imports import Imports
from .pickling import Dumper, NotHandedOnError, dump
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
    """Modules beside the notebook, and functions that cache, as a step found them."""

    def __init__(self, places: Places, namespace: dict[str, Any]) -> None:
        self._places = places
        self._namespace = namespace
        self._found: dict[str, dict[str, str]] = {}
        self._files: dict[str, Any] = {}
        self._calls: dict[str, Any] = {}
        self._beside: dict[str, bool] = {}
        """Whether a path lies in the notebook's tree."""

    def anchors(self) -> dict[int, tuple[str, str]]:
        """Return the objects that are attributes of such modules, by their ids.

        A name that stands for one of them must stand for the same one elsewhere.
        """
        return {
            id(value): (module.__name__, name)
            for module in self._local()
            for name, value in list(vars(module).items())
            if not name.startswith("__") and not isinstance(value, _PLAIN)
        }

    def _local(self) -> list[types.ModuleType]:
        return [m for name, m in list(sys.modules.items()) if self._is_local(name, m)]

    def _is_local(self, name: str, module: Any) -> bool:
        path = getattr(module, "__file__", None)
        # Most modules are of a library, and to ask where they really lie takes time.
        if not isinstance(path, str) or path.startswith(_LIBRARY):
            return False
        is_own = name != "__main__" and getattr(module, "__name__", None) == name
        return is_own and self._lies_beside(path)

    def _lies_beside(self, path: str) -> bool:
        found = self._beside.get(path)
        if found is None:
            found = self._places.is_project(os.path.realpath(path))
            self._beside[path] = found
        return found

    def begin(self, imports: Imports) -> None:
        """Remember how they are, and how modules are that are imported from now on."""
        for module in self._local():
            self._remember(module)
        for name, value in self._namespace.items():
            if isinstance(value, functools._lru_cache_wrapper):
                self._calls[name] = value.cache_info()
        imports.tell(self._imported)

    def _imported(self, module: types.ModuleType) -> None:
        if self._is_local(module.__name__, module):
            self._remember(module)

    def changed(self) -> dict[str, str]:
        """Return the modules that are no longer as replaying makes them, with why."""
        found = {}
        for name, before in self._found.items():
            module = sys.modules.get(name)
            if module is None:
                continue
            if self._tokens(module) != before:
                found[name] = "was changed in place"
            elif stamp(self._files[name][0]) != self._files[name][1]:
                found[name] = "was written anew after it had been imported"
        return found

    def called(self) -> set[str]:
        """Return cached functions that were called and do more than compute."""
        return {
            name
            for name, before in self._calls.items()
            if isinstance(
                value := self._namespace.get(name), functools._lru_cache_wrapper
            )
            and value.cache_info() != before
            and not is_pure(value, self._namespace)
        }

    def is_from(self, value: Any, modules: dict[str, str], dumper: Any) -> str | None:
        """Return the one of the modules that a value is, comes from or refers to."""
        if isinstance(value, types.ModuleType):
            return value.__name__ if value.__name__ in modules else None
        for name in modules:
            parts = vars(sys.modules[name]).values()
            if any(value is part for part in parts if not isinstance(part, _PLAIN)):
                return name
        inside: set[str] = set() if dumper is None else dumper.modules
        inside = inside | {getattr(value, "__module__", None) or ""}
        return next(iter(sorted(inside & set(modules))), None)

    def _remember(self, module: Any) -> None:
        name, place = module.__name__, os.path.realpath(module.__file__)
        if name not in self._found:
            self._files[name] = place, stamp(place)
            self._found[name] = self._tokens(module)

    def _tokens(self, module: Any) -> dict[str, str]:
        found = {}
        for name, value in list(vars(module).items()):
            if name.startswith("__") or isinstance(value, types.ModuleType):
                continue
            if isinstance(value, (type, types.FunctionType)):
                found[name] = str(id(value))
                continue
            try:
                dumper: Dumper = dump(value, self._namespace)
            except NotHandedOnError:
                found[name] = str(id(value))
                continue
            found[name] = dumper.digest()
        return found
