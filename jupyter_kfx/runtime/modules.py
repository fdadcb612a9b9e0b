"""What modules and cached functions remember, which no other process can see."""

from __future__ import annotations

import builtins
import functools
import os
import re
import site
import sys
import types
from importlib.machinery import SourceFileLoader
from typing import Any

from .guard import stamp
from .pickling import Dumper, NotHandedOnError, dump, global_names
from .places import Places

__all__ = ["Modules"]

_PURE = frozenset(vars(builtins)) - {
    "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "exit",
    "globals", "id", "input", "locals", "next", "open", "print", "quit", "setattr",
    "vars",
}  # fmt: skip
_PURE_MODULES = frozenset(
    {"math", "cmath", "functools", "operator", "itertools", "fractions", "string"}
)
_LIBRARY = (os.path.dirname(os.__file__), *site.getsitepackages())
_PLAIN = (
    str, bytes, int, float, complex, type(None), type, types.ModuleType,
    types.FunctionType, types.BuiltinFunctionType,
)  # fmt: skip
_RELOADS = re.compile(r"\breload\b|autoreload")


class Modules:
    """Modules beside the notebook, and functions that cache, as a step found them."""

    def __init__(self, places: Places, namespace: dict[str, Any]) -> None:
        self._places = places
        self._namespace = namespace
        self._found: dict[str, dict[str, str]] = {}
        self._files: dict[str, Any] = {}
        self._calls: dict[str, Any] = {}

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
        return is_own and self._places.is_project(os.path.realpath(path))

    def begin(self) -> None:
        """Remember how they are, and how modules are that are imported from now on."""
        for module in self._local():
            self._remember(module)
        for name, value in self._namespace.items():
            if isinstance(value, functools._lru_cache_wrapper):
                self._calls[name] = value.cache_info()
        loader_type: Any = SourceFileLoader
        original = loader_type.exec_module

        def exec_module(loader: SourceFileLoader, module: types.ModuleType) -> None:
            original(loader, module)
            if self._is_local(module.__name__, module):
                self._remember(module)

        loader_type.exec_module = exec_module

    def changed(self, sources: str) -> dict[str, str]:
        """Return the modules that are no longer as replaying makes them, with why."""
        found = {}
        for name, before in self._found.items():
            module = sys.modules.get(name)
            if module is None:
                continue
            if self._tokens(module) != before:
                found[name] = "was changed in place"
            elif stamp(self._files[name][0]) != self._files[name][1]:
                if not _RELOADS.search(sources):
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
            and not _pure(value, self._namespace)
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


def _pure(
    value: Any, namespace: dict[str, Any], known: frozenset = frozenset()
) -> bool:
    """Tell whether a cached function is seen to do nothing but compute its result."""
    function = getattr(value, "__wrapped__", value)
    if not isinstance(function, types.FunctionType) or function.__closure__:
        return False
    for name in global_names(function.__code__):
        if name in known or name == function.__name__:
            continue
        there = namespace.get(name)
        if isinstance(there, types.ModuleType):
            if there.__name__ not in _PURE_MODULES:
                return False
        elif name in namespace:
            if not isinstance(there, (int, float, str)) and not _pure(
                there, namespace, known | {function.__name__, name}
            ):
                return False
        elif hasattr(builtins, name) and name not in _PURE:
            return False
    return True
