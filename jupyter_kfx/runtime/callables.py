"""Functions, methods and classes: named where code defines them, else taken apart."""

from __future__ import annotations

import copyreg
import inspect
import linecache
import marshal
import sys
from typing import Any, Container

from . import unpickling
from .classmaking import class_reduction
from .factories import factory_reduction
from .inventory import Inventory
from .opened import NotRecreatedError
from .purity import global_names, is_pure

__all__ = ["Callables", "cell_reduction", "method_reduction"]

_OF_BARE = "lru_cache.<locals>.<lambda>"
"""What tells the parameters of a cache if `lru_cache` decorates without parentheses."""


class Callables:
    """How the functions and classes in one pickle are rebuilt, and what they need.

    All raise NotRecreatedError, saying what it is, for what cannot be made again.
    """

    def __init__(
        self,
        main: dict[str, Any],
        met: Inventory,
        made: frozenset[int] = frozenset(),
        replayed: Container[str] | None = None,
    ) -> None:
        """Take the names that setup defines in each step, none if that is not known.

        Classes that are `made`, by their ids, are kept as what they are made of.
        """
        self._main = main
        self._met = met
        self._made = made
        self._replayed = replayed

    def function(self, function: Any) -> Any:
        """Return how a function is rebuilt."""
        if function.__globals__ is not self._main:
            return self._function_of_library(function)
        code = function.__code__
        self._met.needs.update(global_names(code))
        if self._main.get(function.__qualname__) is function:
            # Who pickles it below, as to a file, finds it there by its name.
            self._met.needs.add(function.__qualname__)
        made = (
            marshal.dumps(code), function.__name__, function.__qualname__,
            function.__module__, function.__closure__,
        )  # fmt: skip
        return _finished(unpickling.make_function, made, function)

    def _function_of_library(self, function: Any) -> Any:
        """Refer to a function of a module, or store one that a call in it has made."""
        self._met.modules.add(function.__module__ or "")
        of_main = function.__module__ == "__main__"
        first = function.__qualname__.partition(".")[0] if of_main else ""
        if (not of_main or self._is_replayed(first)) and _is_importable(function):
            if of_main:
                self._met.definitions.add(first)
            return NotImplemented
        if function.__code__.co_filename.startswith("<lambdifygenerated"):
            return _generated(function)
        home = function.__globals__.get("__name__")
        module = sys.modules.get(home)
        if module is None or vars(module) is not function.__globals__:
            raise NotRecreatedError(f"the function `{function.__qualname__}`")
        self._met.modules.add(home)
        for name, value in vars(module).items():
            if value is function:
                return getattr, (module, name)
        made = (
            home, marshal.dumps(function.__code__), function.__name__,
            function.__qualname__, function.__module__, function.__closure__,
        )  # fmt: skip
        return _finished(unpickling.make_library_function, made, function)

    def cached(self, cached: Any) -> Any:
        """Return how a function of `functools.lru_cache` is rebuilt, without results."""
        if cached.__module__ != "__main__":
            return NotImplemented
        if cached.cache_info().misses and not is_pure(cached, self._main):
            raise NotRecreatedError(
                f"the cached function `{cached.__name__}`, which has results and does "
                "more than compute them"
            )
        how: dict[str, Any] | None = {}
        if hasattr(cached, "cache_parameters"):
            says = cached.cache_parameters
            is_bare = getattr(says, "__qualname__", "") == _OF_BARE
            how = None if is_bare else says()
        return unpickling.make_cached, (cached.__wrapped__, how)

    def class_(self, kind: type) -> Any:
        """Return how a class is rebuilt."""
        self._met.modules.add(kind.__module__ or "")
        if kind.__module__ != "__main__":
            return self._class_of_library(kind)
        name = kind.__qualname__
        first, *inner = name.split(".")
        found: Any = self._main.get(first)
        for part in inner:
            found = getattr(found, part, None)
        is_code = found is kind and self._is_replayed(first)
        reduced = None if is_code else class_reduction(kind)
        if reduced is not None:
            self._met.classes.append(kind)
            if found is kind:
                self._met.needs.add(first)
            return reduced
        if found is not kind:
            raise NotRecreatedError(
                f"an object of the class `{name}`, which is not the class that this "
                "name stands for now"
            )
        self._met.definitions.add(first)
        return NotImplemented

    def _class_of_library(self, kind: type) -> Any:
        has_way = type(kind) in copyreg.dispatch_table
        if id(kind) not in self._made:
            # There is one such class in a process, whoever refers to it.
            if _is_importable(kind):
                return kind.__qualname__ if has_way else NotImplemented
            reduced = None if has_way else factory_reduction(kind)
            if reduced is None:
                return NotImplemented
            self._met.classes.append(kind)
            return reduced
        reduced = NotImplemented if has_way else class_reduction(kind)
        if reduced is None:
            raise NotRecreatedError(f"the class `{kind.__qualname__}`, made by a call")
        return reduced

    def _is_replayed(self, name: str) -> bool:
        return self._replayed is None or name in self._replayed


def method_reduction(method: Any) -> Any:
    """Return how a method is rebuilt that an object has bound to itself."""
    bound = (unpickling.make_method, (method.__func__, method.__self__))
    return NotImplemented if _is_of_class(method) else bound


def cell_reduction(cell: Any) -> tuple:
    """Return how a cell of a closure is rebuilt, which a function in it may refer to."""
    try:
        content: tuple = (cell.cell_contents,)
    except ValueError:
        content = ()
    return unpickling.make_cell, (), content, None, None, unpickling.fill_cell


def _is_of_class(method: Any) -> bool:
    """Tell whether a method is found again by its name, as pickle looks for it."""
    owner, function = method.__self__, method.__func__
    name = getattr(function, "__name__", "")
    if isinstance(owner, type):
        return getattr(getattr(owner, name, None), "__func__", None) is function
    if name in (getattr(owner, "__dict__", None) or ()):
        return False
    return inspect.getattr_static(type(owner), name, None) is function


def _is_importable(function: Any) -> bool:
    found: Any = sys.modules.get(function.__module__)
    for part in function.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is function


def _generated(function: Any) -> tuple:
    """Return how to make a function that SymPy has written, in globals of its own."""
    code, there = function.__code__, function.__globals__
    used = {name: there[name] for name in global_names(code) if name in there}
    made = (
        marshal.dumps(code), function.__name__, function.__qualname__,
        function.__module__, function.__closure__, dict(sorted(used.items())),
        linecache.getlines(code.co_filename),
    )  # fmt: skip
    return _finished(unpickling.make_generated, made, function)


def _finished(make: Any, made: tuple, function: Any) -> tuple:
    """Return how a function is made, and then given the rest of what it has."""
    state = {
        "defaults": function.__defaults__,
        "kwdefaults": function.__kwdefaults__,
        "annotations": function.__annotations__,
        "dict": function.__dict__,
        "doc": function.__doc__,
    }
    return make, made, state, None, None, unpickling.finish_function
