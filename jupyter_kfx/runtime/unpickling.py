"""Builds values again from the pickles that another step wrote."""

from __future__ import annotations

import functools
import importlib
import io
import linecache
import marshal
import math
import pickle
import sys
import types
from typing import Any, Callable

from . import figures
from .codes import parts_of
from .collecting import not_collecting
from .defaults import default
from .holders import follow
from .sets import filled

__all__ = ["load"]

_ARCHIVED = "_kfx_runtime"
"""The name of this package in the archive that steps run from."""
_SMALL = 1 << 16
"""Bytes of an array that is sooner copied than left in the memory of a file."""


def load(
    data: Any,
    buffers: list,
    *,
    apart: bool = False,
    main: Callable[[], dict] | None = None,
    holder: Callable[[str, tuple], Any] | None = None,
) -> Any:
    """Return the value in a pickle.

    A value loaded apart has functions of its own, even where `__main__` has the same
    ones, whose defaults may have changed since. `main` gives what to take for the
    globals of `__main__`, and is called only if the value refers to them. `holder`
    finds what the import of a module has made, where cells may have changed it since.
    """
    file = io.BytesIO(data)
    loader = _Loader(file, buffers, apart=apart, main=main)
    loader.holder = holder or _followed
    # Formulas of patsy look for names where they are loaded: as in a cell.
    there = sys.modules["__main__"].__dict__
    with not_collecting():
        found = eval("loader.load()", there, {"loader": loader})  # noqa: S307
        if file.tell() < len(data):
            figures.link(loader.load())
        return found


class _Loader(pickle.Unpickler):
    """Gives each NaN its identity back, and each set its order."""

    def __init__(self, file: Any, buffers: list, *, apart: bool, main: Any) -> None:
        super().__init__(file, buffers=buffers)
        self._main = main
        self._nans: dict = {}
        self._sets: dict = {}
        self._apart = apart
        self.holder: Callable[[str, tuple], Any] = _followed

    def find_class(self, module: str, name: str) -> Any:
        """Return what a pickle refers to by name."""
        root, _, rest = module.partition(".")
        if root == _ARCHIVED and root != __package__:
            module = f"{__package__}.{rest}" if rest != "cloudpickle" else rest
        if (module, name) == (__name__, "make_function") and (
            self._apart or self._main
        ):
            return functools.partial(_new_function, main=self._main and self._main())
        if module == "__main__" and self._main is not None:
            found: Any = types.SimpleNamespace(**self._main())
            for part in name.split("."):
                found = getattr(found, part)
            return found
        found = super().find_class(module, name)
        if root == "numpy" and name == "_frombuffer":
            return functools.partial(_own_array, found)
        return found

    def persistent_load(self, identity: Any) -> Any:
        """Return the NaN or the set that the pickle means."""
        if identity == "math":
            return math.nan
        if identity == "numpy":
            return importlib.import_module("numpy").nan
        if isinstance(identity, tuple):
            kind, number, items = identity
            if kind == "default":
                return default(number, items)
            if kind == "attribute" and isinstance(items, tuple):
                return self.holder(number, items)
            if kind == "attribute":
                return getattr(importlib.import_module(number), items)
            if items is not None:
                self._sets[number] = filled(items)
            return self._sets[number]
        return self._nans.setdefault(identity, float("nan"))


def _followed(module: str, path: tuple) -> Any:
    return follow(importlib.import_module(module), path)


def _own_array(make: Callable[..., Any], *parts: Any) -> Any:
    """Return an array that owns its memory, as it did, if it takes little to copy it.

    It then is the base of its views, and can be resized in place.
    """
    found = make(*parts)
    # What lies between the fields of records is not copied, and some classes read it.
    if found.nbytes > _SMALL or found.dtype.names:
        return found
    own = found.copy("K")
    own.flags.writeable = found.flags.writeable
    return own


def make_cell() -> Any:
    """Return an empty cell of a closure."""
    return types.CellType()


def fill_cell(cell: Any, content: tuple) -> None:
    """Put into a cell what it held, if it held anything."""
    if content:
        cell.cell_contents = content[0]


def make_method(function: Any, owner: Any) -> Any:
    """Return what an object has bound to itself, and its class does not know."""
    return types.MethodType(function, owner)


def make_function(
    code: bytes, name: str, qualname: str, module: str, closure: Any
) -> Any:
    """Return a function, or the one of `__main__` that has its code."""
    main = sys.modules["__main__"].__dict__
    made = marshal.loads(code)
    there = main.get(name)
    if (
        closure is None
        and type(there) is types.FunctionType
        and there.__globals__ is main
        and parts_of(there.__code__) == parts_of(made)
    ):
        return there
    return _new_function(code, name, qualname, module, closure)


def _new_function(
    code: bytes, name: str, qualname: str, module: str, closure: Any, main: Any = None
) -> Any:
    main = sys.modules["__main__"].__dict__ if main is None else main
    made = marshal.loads(code)
    function = types.FunctionType(made, main, name, None, closure)
    function.__qualname__ = qualname
    function.__module__ = module
    return function


def make_library_function(
    home: str, code: bytes, name: str, qualname: str, module: str, closure: Any
) -> Any:
    """Return a function that has the globals of another module."""
    there = vars(importlib.import_module(home))
    return _new_function(code, name, qualname, module, closure, there)


def make_generated(
    code: bytes,
    name: str,
    qualname: str,
    module: str,
    closure: Any,
    there: dict[str, Any],
    lines: list[str],
) -> Any:
    """Return a function that has some globals of its own, and its source in no file."""
    function = _new_function(code, name, qualname, module, closure, there)
    source = function.__code__.co_filename
    linecache.cache[source] = (sum(map(len, lines)), None, lines, source)
    return function


def make_cached(function: Any, how: dict | None) -> Any:
    """Return a cached function, or the one of `__main__` that has its code.

    Without parameters it is made as by a decorator without parentheses.
    """
    there = sys.modules["__main__"].__dict__.get(function.__name__)
    wrapped = getattr(there, "__wrapped__", None)
    if type(there) is functools._lru_cache_wrapper:
        if isinstance(wrapped, types.FunctionType):
            if parts_of(wrapped.__code__) == parts_of(function.__code__):
                return there
    decorator: Any = functools.lru_cache
    return decorator(function) if how is None else decorator(**how)(function)


def finish_function(function: Any, state: dict) -> None:
    """Give a function its defaults and attributes."""
    if function.__defaults__ is None:
        function.__defaults__ = state["defaults"]
    function.__kwdefaults__ = function.__kwdefaults__ or state["kwdefaults"]
    function.__annotations__ = function.__annotations__ or state["annotations"]
    function.__dict__.update(state["dict"])
    function.__doc__ = state["doc"]


def finish_error(error: BaseException, state: tuple) -> None:
    """Give an error its state and the errors behind it."""
    own, (cause, context, suppress) = state
    if own is not None:
        error.__setstate__(own)
    error.__cause__, error.__context__ = cause, context
    error.__suppress_context__ = suppress
