"""Pickles values so that they fit into another step's `__main__`."""

from __future__ import annotations

import enum
import hashlib
import importlib
import io
import marshal
import math
import pickle
import sys
import types
from typing import Any, Callable, Iterator

from .caches import cached_attributes, without_caches
from .recreate import NotRecreatedError, recreated
from .sets import filled, insertion

__all__ = ["Dumper", "NotHandedOnError", "dump", "global_names", "load"]

_ATOMS = (
    str, bytes, int, float, complex, bool, type(None), type, tuple, frozenset, range,
    slice, types.FunctionType, types.BuiltinFunctionType, types.ModuleType,
    types.CodeType, enum.Enum, pickle.PickleBuffer,
)  # fmt: skip


class NotHandedOnError(Exception):
    """A value that cannot be given to another step."""


class Dumper(pickle.Pickler):
    """One value's pickle, with what it shares and needs."""

    def __init__(
        self, main: dict, views: frozenset = frozenset(), anchors: Any = None
    ) -> None:
        self.buffers: list = []
        self.file = io.BytesIO()
        super().__init__(self.file, 5, buffer_callback=self.buffers.append)
        self.main = main
        self.views = views
        self.needs: set = set()
        self.nans: dict = {}
        self.sets: dict = {}
        self.reorders = False
        """Whether a set in it will iterate in another order when it is loaded."""
        self.anchors: dict = anchors or {}
        self.anchored: set = set()
        self.modules: set = set()
        """Modules whose classes and functions it refers to."""
        self.tracebacks = False
        """Whether there is a caught error in it, whose traceback stays behind."""
        self.files = False
        """Whether there is an open file in it."""

    def persistent_id(self, obj: Any) -> Any:
        """Give NaNs an identity, as `x in [x]` asks for it, and look at sets."""
        if type(obj) is float and math.isnan(obj):
            if obj is math.nan:  # noqa: PLW0177  (identity is the question)
                return "math"
            numpy = sys.modules.get("numpy")
            if numpy is not None and obj is numpy.nan:
                return "numpy"
            return self._number(self.nans, obj)
        if id(obj) in self.anchors:
            self.anchored.add(id(obj))
            self.modules.add(self.anchors[id(obj)][0])
            return "attribute", *self.anchors[id(obj)]
        if type(obj) is set and len(obj) > 1:
            return self._ordered_set(obj)
        return None

    def _ordered_set(self, obj: set) -> Any:
        """Say how a set is filled so that it iterates as it does here."""
        if id(obj) in self.sets:
            return "set", self._number(self.sets, obj), None
        items = list(obj)
        if list(set(items)) == items:
            return None
        order = insertion(items)
        if order is None:
            self.reorders = True
            return None
        return "set", self._number(self.sets, obj), order

    def _number(self, known: dict, obj: Any) -> int:
        """Return the number of an object: its id is another one in every process."""
        number, _ = known.setdefault(id(obj), (len(known), obj))
        return int(number)

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
        if self.views and kind.__module__ == "pandas.core.internals.blocks":
            return self._block(obj)
        reduced = recreated(obj)
        if reduced is not None:
            self.files = self.files or isinstance(obj, io.IOBase)
            return reduced
        if isinstance(obj, BaseException):
            self.tracebacks = self.tracebacks or obj.__traceback__ is not None
            if obj.__cause__ or obj.__context__ or obj.__suppress_context__:
                return self._error(obj)
        cached = cached_attributes(obj)
        if not cached:
            return NotImplemented
        parts = list(obj.__reduce_ex__(4))
        parts[2:3] = [without_caches(state, cached) for state in parts[2:3]]
        return tuple(parts)

    def _block(self, block: Any) -> Any:
        """Copy what pandas copies on the next write, for it forgets that in a pickle."""
        pandas = sys.modules["pandas"]
        always = int(pandas.__version__.partition(".")[0]) >= 3
        if not (always or pandas.options.mode.copy_on_write):
            return NotImplemented
        parts: Any = block.__reduce_ex__(5)
        if isinstance(parts, str) or not block.refs.has_reference():
            return NotImplemented
        values, *others = parts[1]
        return (parts[0], (values.copy(), *others), *parts[2:])

    def _error(self, error: BaseException) -> Any:
        parts: Any = error.__reduce_ex__(4)
        links = (error.__cause__, error.__context__, error.__suppress_context__)
        state = (parts[2] if len(parts) > 2 else None, links)
        return (*parts[:2], state, None, None, _finish_error)

    def _function(self, function: Any) -> Any:
        if function.__globals__ is not self.main:
            self.modules.add(function.__module__)
            if _is_importable(function):
                return NotImplemented
            raise NotHandedOnError(f"the function `{function.__qualname__}`")
        code = function.__code__
        self.needs.update(global_names(code))
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
        self.modules.add(kind.__module__)
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

    def digest(
        self, stand_in: Callable[[Any], bytes | None] = lambda _buffer: None
    ) -> str:
        """Return the digest of the pickle and its buffers, or what stands for them."""
        found = hashlib.sha256(self.file.getbuffer())
        for buffer in self.buffers:
            found.update(stand_in(buffer) or buffer.raw())
        return found.hexdigest()

    def shared(self) -> Iterator[int]:
        """Give the ids of the mutable objects that the value reaches."""
        yield from self.nans
        yield from self.sets
        yield from self.anchored
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


def dump(
    value: Any,
    main: dict,
    views: frozenset = frozenset(),
    *,
    anchors: Any = None,
    fast: bool = False,
) -> Dumper:
    """Return the pickle of a value; NotHandedOnError if it cannot be stored.

    Objects that are attributes of modules (`anchors`, by id) are referred to as such.
    A fast one does not say which objects are the same, and is equal for equal values.
    """
    dumper = Dumper(main, views, anchors)
    dumper.fast = fast
    try:
        dumper.dump(value)
    except NotHandedOnError:
        raise
    except NotRecreatedError as error:
        raise NotHandedOnError(str(error)) from None
    except RecursionError:
        raise NotHandedOnError("an object that is nested too deeply") from None
    except Exception as error:
        raise NotHandedOnError(f"{type(value).__name__}: {error}") from error
    return dumper


def load(data: Any, buffers: list, *, apart: bool = False) -> Any:
    """Return the value in a pickle.

    A value loaded apart has functions of its own, even where `__main__` has the same
    ones, whose defaults may have changed since.
    """
    return _Loader(io.BytesIO(data), buffers, apart=apart).load()


class _Loader(pickle.Unpickler):
    """Gives each NaN its identity back, and each set its order."""

    def __init__(self, file: Any, buffers: list, *, apart: bool) -> None:
        super().__init__(file, buffers=buffers)
        self._nans: dict = {}
        self._sets: dict = {}
        self._apart = apart

    def find_class(self, module: str, name: str) -> Any:
        """Return what a pickle refers to by name."""
        if self._apart and (module, name) == (__name__, "_function"):
            return _new_function
        return super().find_class(module, name)

    def persistent_load(self, identity: Any) -> Any:
        """Return the NaN or the set that the pickle means."""
        if identity == "math":
            return math.nan
        if identity == "numpy":
            return importlib.import_module("numpy").nan
        if isinstance(identity, tuple):
            kind, number, items = identity
            if kind == "attribute":
                return getattr(importlib.import_module(number), items)
            if items is not None:
                self._sets[number] = filled(items)
            return self._sets[number]
        return self._nans.setdefault(identity, float("nan"))


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


def global_names(code: Any) -> set:
    """Return the names that code looks up outside of itself, attributes included."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= global_names(constant)
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
    return _new_function(code, name, qualname, module, closure)


def _new_function(
    code: bytes, name: str, qualname: str, module: str, closure: Any
) -> Any:
    main = sys.modules["__main__"].__dict__
    made = marshal.loads(code)
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


def _finish_error(error: BaseException, state: tuple) -> None:
    own, (cause, context, suppress) = state
    if own is not None:
        error.__setstate__(own)
    error.__cause__, error.__context__ = cause, context
    error.__suppress_context__ = suppress


def _view(root: Any, dtype: Any, shape: Any, strides: Any, offset: int) -> Any:
    import numpy

    return numpy.ndarray(shape, dtype, root, offset, strides)
