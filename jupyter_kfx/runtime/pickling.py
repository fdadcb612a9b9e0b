"""Pickles values so that they fit into another step's `__main__`."""

from __future__ import annotations

import enum
import functools
import importlib
import io
import marshal
import math
import pickle
import sys
import types
from typing import Any, Iterator

__all__ = ["Dumper", "NotHandedOnError", "dump", "load"]

_ATOMS = (
    str, bytes, int, float, complex, bool, type(None), type, tuple, frozenset, range,
    slice, types.FunctionType, types.BuiltinFunctionType, types.ModuleType,
    types.CodeType, enum.Enum, pickle.PickleBuffer,
)  # fmt: skip
_CACHES = frozenset(
    {"__networkx_cache__", "_has_sorted_indices", "_has_canonical_format", "_stale"}
)
"""Attributes that only remember what can be computed again."""


class NotHandedOnError(Exception):
    """A value that cannot be given to another step."""


class Dumper(pickle.Pickler):
    """One value's pickle, with what it shares and needs."""

    def __init__(self, main: dict, views: frozenset = frozenset()) -> None:
        self.buffers: list = []
        self.file = io.BytesIO()
        super().__init__(self.file, 5, buffer_callback=self.buffers.append)
        self.main = main
        self.views = views
        self.needs: set = set()
        self.nans: dict = {}
        self.reorders = False
        """Whether a set in it will iterate in another order when it is loaded."""

    def persistent_id(self, obj: Any) -> Any:
        """Give NaNs an identity, as `x in [x]` asks for it, and look at sets."""
        if type(obj) is float and math.isnan(obj):
            if obj is math.nan:  # noqa: PLW0177  (identity is the question)
                return "math"
            numpy = sys.modules.get("numpy")
            if numpy is not None and obj is numpy.nan:
                return "numpy"
            self.nans[id(obj)] = obj
            return id(obj)
        if type(obj) is set and len(obj) > 1 and not self.reorders:
            items = list(obj)
            self.reorders = list(set(items)) != items
        return None

    def reducer_override(self, obj: Any) -> Any:
        """Say how functions, classes, modules and views are rebuilt."""
        kind = type(obj)
        if kind is types.FunctionType:
            return self._function(obj)
        if kind is types.CellType:
            try:
                content: tuple = (obj.cell_contents,)
            except ValueError:
                content = ()
            return _cell, (), content, None, None, _fill_cell
        if kind is types.ModuleType:
            if obj.__name__ == "__main__":
                raise NotHandedOnError("the module `__main__`")
            return importlib.import_module, (obj.__name__,)
        if isinstance(obj, type):
            return self._class(obj)
        numpy = sys.modules.get("numpy")
        if numpy is not None and kind is numpy.ndarray and self.views:
            return self._view(numpy, obj)
        state = getattr(obj, "__dict__", None)
        if isinstance(state, dict) and state:
            return self._without_caches(obj, state)
        return NotImplemented

    def _function(self, function: Any) -> Any:
        if function.__globals__ is not self.main:
            if _is_importable(function):
                return NotImplemented
            raise NotHandedOnError(f"the function `{function.__qualname__}`")
        code = function.__code__
        self.needs.update(_global_names(code))
        state = {
            "defaults": function.__defaults__,
            "kwdefaults": function.__kwdefaults__,
            "annotations": function.__annotations__,
            "dict": function.__dict__,
            "doc": function.__doc__,
        }
        made = (
            marshal.dumps(code), function.__name__, function.__qualname__,
            function.__module__, function.__closure__,
        )  # fmt: skip
        return _function, made, state, None, None, _finish_function

    def _class(self, kind: type) -> Any:
        if kind.__module__ != "__main__":
            return NotImplemented
        name = kind.__qualname__
        found: Any = self.main.get(name.partition(".")[0])
        for part in name.split(".")[1:]:
            found = getattr(found, part, None)
        if found is not kind:
            raise NotHandedOnError(
                f"an object of the class `{name}`, which is not the class that this "
                "name stands for now"
            )
        self.needs.add(name.partition(".")[0])
        return NotImplemented

    def _view(self, numpy: Any, array: Any) -> Any:
        root = root_of(array)
        if root is array or id(root) not in self.views or array.dtype.hasobject:
            return NotImplemented
        if not (root.flags.c_contiguous or root.flags.f_contiguous):
            return NotImplemented
        offset = (
            array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
        )
        return _view, (root, array.dtype, array.shape, array.strides, offset)

    def _without_caches(self, obj: Any, state: dict) -> Any:
        kind = type(obj)
        own = _attributes(kind)
        if "__reduce_ex__" in own or "__reduce__" in own or "__slots__" in own:
            return NotImplemented
        if "__getstate__" in own and kind.__module__ != "__main__":
            return NotImplemented
        cached = [
            name
            for name in state
            if name in _CACHES
            or isinstance(getattr(kind, name, None), functools.cached_property)
        ]
        if not cached:
            return NotImplemented
        reduced = list(obj.__reduce_ex__(4))
        if isinstance(reduced[2], dict):
            reduced[2] = {k: v for k, v in reduced[2].items() if k not in cached}
        return tuple(reduced)

    def shared(self) -> Iterator[int]:
        """Give the ids of the mutable objects that the value reaches."""
        yield from self.nans
        numpy = sys.modules.get("numpy")
        for _, obj in self.memo.copy().values():
            if numpy is not None and isinstance(obj, numpy.ndarray):
                yield id(root_of(obj))
            elif not isinstance(obj, _ATOMS) and not _is_atom(obj):
                yield id(obj)


def root_of(array: Any) -> Any:
    """Return the array that holds the memory of a view."""
    while type(array.base) is type(array):
        array = array.base
    return array


def dump(value: Any, main: dict, views: frozenset = frozenset()) -> Dumper:
    """Return the pickle of a value; NotHandedOnError if it cannot be stored."""
    dumper = Dumper(main, views)
    try:
        dumper.dump(value)
    except NotHandedOnError:
        raise
    except RecursionError:
        raise NotHandedOnError("an object that is nested too deeply") from None
    except Exception as error:
        raise NotHandedOnError(f"{type(value).__name__}: {error}") from error
    return dumper


def load(data: Any, buffers: list) -> Any:
    """Return the value in a pickle."""
    return _Loader(io.BytesIO(data), buffers=buffers).load()


class _Loader(pickle.Unpickler):
    """Gives each NaN of a pickle its identity back."""

    def __init__(self, file: Any, buffers: list) -> None:
        super().__init__(file, buffers=buffers)
        self._nans: dict = {}

    def persistent_load(self, identity: Any) -> Any:
        """Return the NaN that the pickle means."""
        if identity == "math":
            return math.nan
        if identity == "numpy":
            return importlib.import_module("numpy").nan
        return self._nans.setdefault(identity, float("nan"))


def _attributes(kind: type) -> set:
    return {name for base in kind.__mro__[:-1] for name in vars(base)}


def _is_atom(obj: Any) -> bool:
    module = type(obj).__module__
    return module in ("datetime", "decimal", "fractions", "re", "pathlib", "uuid") or (
        module.startswith("numpy") and type(obj).__name__.endswith(("DType", "dtype"))
    )


def _is_importable(function: Any) -> bool:
    found: Any = sys.modules.get(function.__module__)
    for part in function.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is function


def _global_names(code: Any) -> set:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _global_names(constant)
    return names


def _cell() -> Any:
    return types.CellType()


def _fill_cell(cell: Any, content: tuple) -> None:
    if content:
        cell.cell_contents = content[0]


def _function(code: bytes, name: str, qualname: str, module: str, closure: Any) -> Any:
    main = sys.modules["__main__"].__dict__
    made = marshal.loads(code)
    there = main.get(name)
    if (
        closure is None
        and type(there) is types.FunctionType
        and there.__globals__ is main
        and there.__code__ == made
    ):
        return there
    function = types.FunctionType(made, main, name, None, closure)
    function.__qualname__ = qualname
    function.__module__ = module
    return function


def _finish_function(function: Any, state: dict) -> None:
    if function.__defaults__ is None:
        function.__defaults__ = state["defaults"]
    function.__kwdefaults__ = function.__kwdefaults__ or state["kwdefaults"]
    function.__annotations__ = function.__annotations__ or state["annotations"]
    function.__dict__.update(state["dict"])
    function.__doc__ = state["doc"]


def _view(root: Any, dtype: Any, shape: Any, strides: Any, offset: int) -> Any:
    import numpy

    return numpy.ndarray(shape, dtype, root, offset, strides)
