"""Pickles values so that they fit into another step's `__main__`."""

from __future__ import annotations

import copyreg
import enum
import functools
import hashlib
import importlib
import inspect
import io
import linecache
import marshal
import math
import pickle
import sys
import types
from collections import deque
from typing import Any, Callable, Iterator

from . import endings, figures, frames, unpickling
from .arrays import Arrays, root_of
from .attributes import Attributes
from .caches import Caches, without_caches
from .classmaking import class_reduction
from .collecting import not_collecting
from .databases import file_of, is_connection
from .deep import with_room
from .defaults import defaults_of
from .factories import factory_reduction
from .opened import NotRecreatedError, is_open_file
from .purity import global_names, is_pure
from .reach import Reach
from .recreate import is_ordinary, recreated
from .sentinels import Sentinels
from .sets import insertion, is_alike, is_misplaced, says_hash
from .tensors import is_storage
from .wholes import error_reduction, left_out, whole_reduction

__all__ = ["Dumper", "NotHandedOnError", "dump"]

_ATOMS = (
    str, bytes, int, float, complex, bool, type(None), type, tuple, frozenset, range,
    slice, types.FunctionType, types.BuiltinFunctionType, types.ModuleType,
    types.CodeType, enum.Enum, pickle.PickleBuffer, types.MappingProxyType,
    property, classmethod, staticmethod,
)  # fmt: skip

_PLAIN = frozenset({int, bool, type(None), bytes, complex})
"""What is the same wherever it stands, and has no parts."""
_CONTAINERS = (list, dict, set, deque, bytearray, io.StringIO, io.BytesIO)


class NotHandedOnError(Exception):
    """A value that cannot be given to another step."""


class Dumper(pickle.Pickler):
    """One value's pickle, with what it shares and needs."""

    def __init__(
        self,
        main: dict,
        views: frozenset = frozenset(),
        anchors: Any = None,
        memory: tuple = (),
        attributes: frozenset = frozenset(),
        reach: Reach | None = None,
    ) -> None:
        self.buffers: list = []
        self.file = io.BytesIO()
        super().__init__(self.file, 5, buffer_callback=self.buffers.append)
        self.main = main
        self._views = views
        self._arrays = Arrays(views, memory)
        self.attributes = Attributes(attributes)
        self._meet = self.attributes.met.append
        self._sentinels = Sentinels()
        self._texts = self._sentinels.texts
        self.needs: set = set()
        self.definitions: set = set()
        """Names of the notebook's functions and classes that it refers to as such."""
        self.nans: dict = {}
        self.sets: dict = {}
        self.reorders = False
        """Whether a set in it will iterate in another order when it is loaded."""
        self.anchors: dict = anchors or {}
        self.anchored: set = set()
        self.made: frozenset = frozenset()
        """Classes that are kept as what they are made of, by their ids."""
        self.replayed: Any = None
        """Names that setup defines in each step; none if that is not known."""
        self.classes: list = []
        """Classes of the notebook that are kept as what they are made of."""
        self.defaults: dict = {}
        """Defaults of the classes that were met, by their ids, with their places."""
        self._ordinary: dict = {}
        """Whether pickle alone knows what to do with objects of the classes met."""
        self._bare: set = set()
        self.drawn: set[int] = set()
        """Objects of matplotlib that were met, by their ids."""
        self.registries: list = []
        """Those that call others when something changes."""
        self.hashes = False
        """Whether it holds objects whose classes say how they are hashed."""
        self._caches = Caches()
        self.modules: set = set()
        """Modules whose classes and functions it refers to."""
        self.tracebacks = False
        """Whether there is a caught error in it, whose traceback stays behind."""
        self.storages: list = []
        """Memory of tensors that was met."""
        self.files = False
        """Whether there is an open file in it."""
        self.databases: set = set()
        """Files that it is connected to; an empty path for a database in memory."""
        self._reach = reach or None
        self.within: list = []
        """Pickles that stand for parts of this one, which then cannot be loaded."""
        self._objects: list | None = None
        self._shared: list | None = None
        self._digests: dict[Callable[[Any], bytes | None], str] = {}

    def persistent_id(self, obj: Any) -> Any:
        """Give NaNs an identity, as `x in [x]` asks for it, and look at sets."""
        kind = type(obj)  # it is asked of every object: what is common comes first
        if kind is str:
            return self._text(obj) if id(obj) in self._texts else None
        if kind in _PLAIN:
            return None
        if kind is dict:
            if obj is self.main:
                raise NotHandedOnError("the dictionary of all names of the notebook")
            self._meet(id(obj))
        if kind is float:
            if obj == obj:  # only NaN is not
                return None
            if obj is math.nan:  # noqa: PLW0177  (identity is the question)
                return "math"
            numpy = sys.modules.get("numpy")
            if numpy is not None and obj is numpy.nan:
                return "numpy"
            return self._number(self.nans, obj)
        if self.anchors and id(obj) in self.anchors:
            self.anchored.add(id(obj))
            self.modules.add(self.anchors[id(obj)][0])
            return "attribute", *self.anchors[id(obj)]
        if self.defaults and id(obj) in self.defaults:
            place = self.defaults[id(obj)]
            return "default", place, obj.copy()
        if kind is set and len(obj) > 1:
            return self._ordered_set(obj)
        found = None if self._reach is None else self._part(obj, self._reach)
        if found is None and kind is frozenset and len(obj) > 1:
            return self._ordered_set(obj)
        return found

    def _part(self, obj: Any, reach: Reach) -> Any:
        """Refer to another pickle that holds all that an object reaches."""
        found = reach.place_of(obj)
        if found is None:
            return None
        whole, place = found
        if whole not in self.within:
            self.within.append(whole)
            self.needs |= whole.needs
            self.definitions |= whole.definitions
            self.modules |= whole.modules
            self.storages += whole.storages
            self.anchored |= whole.anchored
            self.files |= whole.files
            self.databases |= whole.databases
            self.reorders |= whole.reorders
            self.tracebacks |= whole.tracebacks
        return "within", self.within.index(whole), place

    def _text(self, obj: str) -> Any:
        module, name = self._texts[id(obj)]
        self.modules.add(module)
        return "attribute", module, name

    def _ordered_set(self, obj: set | frozenset) -> Any:
        """Say how a set is filled so that it iterates as it does here."""
        if id(obj) in self.sets:
            return "set", self._number(self.sets, obj), None
        as_pickled = type(obj)(list(obj))
        if is_alike(as_pickled, obj):
            return None
        order = insertion(obj)
        if order is None:
            self.reorders |= list(as_pickled) != list(obj)
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
        if str(kind.__module__).startswith("matplotlib."):
            self.drawn.add(id(obj))
            if (kind.__module__, kind.__name__) == figures.REGISTRY:
                self.registries.append(obj)
        if kind is types.CellType:
            try:
                content: tuple = (obj.cell_contents,)
            except ValueError:
                content = ()
            return unpickling.make_cell, (), content, None, None, unpickling.fill_cell
        if kind is types.ModuleType:
            if obj.__name__ == "__main__":
                raise NotHandedOnError("the module `__main__`")
            return importlib.import_module, (obj.__name__,)
        if kind is types.MethodType:
            bound = (unpickling.make_method, (obj.__func__, obj.__self__))
            return NotImplemented if _is_of_class(obj) else bound
        if kind is functools._lru_cache_wrapper:
            return self._cached(obj)
        if isinstance(obj, type):
            return self._class(obj)
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(obj, numpy.ndarray):
            recreated(obj)
            reduced = self._arrays.reduced(obj)
            if kind is numpy.ndarray or reduced is not NotImplemented:
                return reduced
        if numpy is not None and isinstance(obj, numpy.void):
            return self._arrays.row(obj)
        reduced = frames.frame_reduction(obj, self._views)
        if reduced is not None:
            return reduced
        endings.check(obj, kind)
        ordinary = self._ordinary.get(kind)
        if ordinary is None:
            ordinary = self._ordinary[kind] = is_ordinary(kind)
            if self._sentinels.may_be(kind):
                self._bare.add(kind)
            self.hashes = self.hashes or says_hash(kind)
            self.defaults.update({id(v): place for v, place in defaults_of(kind)})
        reduced = None if ordinary else recreated(obj)
        if reduced is not None:
            if is_storage(obj):
                self.storages.append(obj)
            self.files = self.files or is_open_file(obj)
            if is_connection(obj):
                self.databases.add(file_of(obj))
            return reduced
        if isinstance(obj, BaseException):
            self.tracebacks = self.tracebacks or obj.__traceback__ is not None
            return self._error(obj)
        if kind in self._bare:
            place = self._sentinels.place_of(obj)
            if place is not None:
                self.modules.add(place[0])
                return getattr, (sys.modules[place[0]], place[1])
        whole = self.attributes.reduced(obj) or whole_reduction(obj)
        if whole is not None:
            return whole
        cached = self._caches.of(obj)
        if not cached:
            return left_out(obj) or NotImplemented
        parts = list(obj.__reduce_ex__(4))
        parts[2:3] = [without_caches(state, cached) for state in parts[2:3]]
        return tuple(parts)

    def _error(self, error: BaseException) -> Any:
        parts = error_reduction(error)
        links = (error.__cause__, error.__context__, error.__suppress_context__)
        if not any(links):
            return parts
        state = (parts[2] if len(parts) > 2 else None, links)
        return (*parts[:2], state, None, None, unpickling.finish_error)

    def _function(self, function: Any) -> Any:
        if function.__globals__ is not self.main:
            return self._function_of_library(function)
        code = function.__code__
        self.needs.update(global_names(code))
        if self.main.get(function.__qualname__) is function:
            # Who pickles it below, as to a file, finds it there by its name.
            self.needs.add(function.__qualname__)
        made = (
            marshal.dumps(code), function.__name__, function.__qualname__,
            function.__module__, function.__closure__,
        )  # fmt: skip
        return (
            unpickling.make_function,
            made,
            _function_state(function),
            None,
            None,
            unpickling.finish_function,
        )

    def _function_of_library(self, function: Any) -> Any:
        """Refer to a function of a module, or store one that a call in it has made."""
        self.modules.add(function.__module__ or "")
        of_main = function.__module__ == "__main__"
        first = function.__qualname__.partition(".")[0] if of_main else ""
        is_code = not of_main or self.replayed is None or first in self.replayed
        if is_code and _is_importable(function):
            if of_main:
                self.definitions.add(first)
            return NotImplemented
        if function.__code__.co_filename.startswith("<lambdifygenerated"):
            return _generated(function)
        home = function.__globals__.get("__name__")
        module = sys.modules.get(home)
        if module is None or vars(module) is not function.__globals__:
            raise NotHandedOnError(f"the function `{function.__qualname__}`")
        self.modules.add(home)
        for name, value in vars(module).items():
            if value is function:
                return getattr, (module, name)
        made = (
            home, marshal.dumps(function.__code__), function.__name__,
            function.__qualname__, function.__module__, function.__closure__,
        )  # fmt: skip
        return (
            unpickling.make_library_function,
            made,
            _function_state(function),
            None,
            None,
            unpickling.finish_function,
        )

    def _cached(self, cached: Any) -> Any:
        if cached.__module__ != "__main__":
            return NotImplemented
        if cached.cache_info().misses and not is_pure(cached, self.main):
            raise NotHandedOnError(
                f"the cached function `{cached.__name__}`, which has results and does "
                "more than compute them"
            )
        how = cached.cache_parameters() if hasattr(cached, "cache_parameters") else {}
        return unpickling.make_cached, (cached.__wrapped__, how)

    def _class(self, kind: type) -> Any:
        self.modules.add(kind.__module__ or "")
        if kind.__module__ != "__main__":
            return self._class_of_library(kind)
        name = kind.__qualname__
        first, *inner = name.split(".")
        found: Any = self.main.get(first)
        for part in inner:
            found = getattr(found, part, None)
        is_code = self.replayed is None or first in self.replayed
        reduced = None if found is kind and is_code else class_reduction(kind)
        if reduced is not None:
            self.classes.append(kind)
            if found is kind:
                self.needs.add(first)
            return reduced
        if found is not kind:
            raise NotHandedOnError(
                f"an object of the class `{name}`, which is not the class that this "
                "name stands for now"
            )
        self.definitions.add(first)
        return NotImplemented

    def _class_of_library(self, kind: type) -> Any:
        has_way = type(kind) in copyreg.dispatch_table
        if id(kind) not in self.made:
            # There is one such class in a process, whoever refers to it.
            if _is_importable(kind):
                return kind.__qualname__ if has_way else NotImplemented
            reduced = None if has_way else factory_reduction(kind)
            if reduced is None:
                return NotImplemented
            self.classes.append(kind)
            return reduced
        reduced = NotImplemented if has_way else class_reduction(kind)
        if reduced is None:
            raise NotHandedOnError(f"the class `{kind.__qualname__}`, made by a call")
        return reduced

    def digest(
        self, stand_in: Callable[[Any], bytes | None] = lambda _buffer: None
    ) -> str:
        """Return the digest of the pickle and its buffers, or what stands for them."""
        if stand_in not in self._digests:  # it may be part of many others
            found = hashlib.sha256(self.file.getbuffer())
            for buffer in self.buffers:
                found.update(stand_in(buffer) or buffer.raw())
            for whole in self.within:
                found.update(whole.digest(stand_in).encode())
            self._digests[stand_in] = found.hexdigest()
        return self._digests[stand_in]

    def objects(self) -> list:
        """Return the objects that the pickle may refer to again, with their places."""
        if self._objects is None:
            with not_collecting():
                self._objects = list(self.memo.copy().values())
        return self._objects

    def arrays(self) -> Iterator[Any]:
        """Give the arrays in the value."""
        numpy: Any = sys.modules.get("numpy")
        if numpy is not None:
            for _, obj in self.objects():
                if isinstance(obj, numpy.ndarray):
                    yield obj
        for whole in self.within:
            yield from whole.arrays()

    def held(self) -> set[int]:
        """Return the ids of the containers and the buffers in the value.

        The dictionaries that are the attributes of objects are no such containers.
        """
        found = {id(obj) for _, obj in self.objects() if isinstance(obj, _CONTAINERS)}
        found.difference_update(self.attributes.owners())
        return found.union(*(whole.held() for whole in self.within))

    def shared(self) -> list[int]:
        """Return the ids of the mutable objects that the value reaches."""
        if self._shared is None:
            self._shared = [*self._own(), *(i for w in self.within for i in w.shared())]
        return self._shared

    def lent(self) -> list[int]:
        """Return the ids of the arrays that only indexes hold, which do not change them.

        Whoever holds such an array itself shares it with the index.
        """
        numpy = sys.modules.get("numpy")
        own = [
            id(root_of(obj))
            for obj in self._lent.values()
            if numpy is not None and isinstance(obj, numpy.ndarray)
        ]
        return [*own, *(i for w in self.within for i in w.lent())]

    @functools.cached_property
    def _lent(self) -> dict[int, Any]:
        return frames.lent(obj for _, obj in self.objects())

    def _own(self) -> Iterator[int]:
        yield from self.nans
        yield from self.sets
        yield from map(id, self.classes)
        yield from self.anchored
        for each, owner in self.attributes.owners().items():
            if _is_shared(owner) and each not in self._lent:
                yield each
        numpy = sys.modules.get("numpy")
        apart = figures.settings() | self._lent.keys()
        for _, obj in self.objects():
            if id(obj) in apart:
                continue
            if numpy is not None and isinstance(obj, (numpy.ndarray, numpy.void)):
                yield id(root_of(obj))
            elif _is_shared(obj):
                yield id(obj)


def dump(
    value: Any,
    main: dict,
    views: frozenset = frozenset(),
    *,
    anchors: Any = None,
    memory: tuple = (),
    attributes: frozenset = frozenset(),
    made: frozenset = frozenset(),
    replayed: Any = None,
    fast: bool = False,
    reach: Reach | None = None,
) -> Dumper:
    """Return the pickle of a value; NotHandedOnError if it cannot be stored.

    Objects that are attributes of modules (`anchors`, by id) are referred to as such,
    and arrays that lie in `memory`, which are storages of tensors, as parts of it.
    The dictionaries whose ids are in `attributes` stay those of their objects. Classes
    that are `made`, by their ids, are taken apart, and so are those of the notebook that
    are not `replayed` or not found by their names.
    A fast one does not say which objects are the same, and is equal for equal values.
    Where it holds all of what others hold that are in `reach`, it refers to them.
    """
    dumper = Dumper(main, views, anchors, memory, attributes, reach)
    dumper.fast, dumper.made, dumper.replayed = fast, made, replayed
    try:
        try:
            with not_collecting():
                _pickle(dumper, value)
        except RecursionError:
            if fast:
                raise
            dumper = Dumper(main, views, anchors, memory, attributes, reach)
            dumper.made, dumper.replayed = made, replayed
            with_room(lambda: _pickle(dumper, value))
        if dumper.hashes and any(is_misplaced(obj) for _, obj in dumper.objects()):
            raise NotHandedOnError("a key whose hash has changed since it was put in")
    except NotHandedOnError:
        raise
    except NotRecreatedError as error:
        raise NotHandedOnError(str(error)) from None
    except RecursionError:
        raise NotHandedOnError("an object that is nested too deeply") from None
    except Exception as error:
        raise NotHandedOnError(f"{type(value).__name__}: {error}") from error
    return dumper


def _pickle(dumper: Dumper, value: Any) -> None:
    """Pickle a value, and behind it what calls what in it when something changes."""
    dumper.dump(value)
    if dumper.fast:
        return  # it does not remember what it has met
    links = [x for each in dumper.registries for x in figures.links(each, dumper.drawn)]
    if links:
        dumper.dump(links)


def _is_shared(obj: Any) -> bool:
    """Tell whether two values that refer to an object share what may change."""
    is_atom = isinstance(obj, _ATOMS) or _is_atom(obj) or frames.is_dtype(obj)
    return not (is_atom or _is_named(obj))


def _is_atom(obj: Any) -> bool:
    module, name = type(obj).__module__ or "", type(obj).__name__
    if module in ("datetime", "decimal", "fractions", "re", "pathlib", "uuid"):
        return True
    if module.startswith("pandas._libs."):
        return name in ("NAType", "NaTType")
    return module.startswith("numpy") and name.endswith(("DType", "dtype"))


def _is_named(obj: Any) -> bool:
    """Tell whether pickle only names an object, as functions of Cython and NumPy."""
    if not callable(obj):
        return False
    kind = type(obj)
    own = getattr(obj, "__dict__", None)
    if "__qualname__" not in (own if type(own) is dict else ()):
        if not {"__qualname__", "__name__"} & vars(kind).keys():
            return False
    reducer: Any = copyreg.dispatch_table.get(kind)
    return isinstance(reducer(obj) if reducer else obj.__reduce_ex__(5), str)


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
    state = _function_state(function)
    finish = unpickling.finish_function
    return unpickling.make_generated, made, state, None, None, finish


def _function_state(function: Any) -> dict:
    return {
        "defaults": function.__defaults__,
        "kwdefaults": function.__kwdefaults__,
        "annotations": function.__annotations__,
        "dict": function.__dict__,
        "doc": function.__doc__,
    }
