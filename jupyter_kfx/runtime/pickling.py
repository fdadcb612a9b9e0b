"""Pickles values so that they fit into another step's `__main__`."""

from __future__ import annotations

import functools
import importlib
import io
import pickle
import sys
import types
from typing import Any, Container

from . import endings, figures, frames, unpickling
from .arrays import Arrays
from .attributes import Attributes
from .caches import Caches, without_caches
from .callables import Callables, cell_reduction, method_reduction
from .collecting import not_collecting
from .databases import file_of, is_connection
from .deep import with_room
from .defaults import defaults_of
from .inventory import Inventory
from .numbering import Numbering
from .opened import NotRecreatedError, is_open_file
from .pickles import Pickle
from .reach import Reach
from .recreate import is_ordinary, recreated
from .sentinels import Sentinels
from .sets import is_misplaced, says_hash
from .tensors import is_storage
from .wholes import error_reduction, left_out, whole_reduction

__all__ = ["NotHandedOnError", "dump"]

_PLAIN = frozenset({int, bool, type(None), bytes, complex})
"""What is the same wherever it stands, and has no parts."""


class NotHandedOnError(Exception):
    """A value that cannot be given to another step."""


class _Dumper(pickle.Pickler):
    """Writes one value's pickle, and notes what it meets."""

    # They are looked up for every object.
    __slots__ = (
        "_anchors",
        "_arrays",
        "_attributes",
        "_bare",
        "_buffers",
        "_caches",
        "_callables",
        "_defaults",
        "_drawn",
        "_file",
        "_hashes",
        "_main",
        "_meet",
        "_met",
        "_numbering",
        "_ordinary",
        "_reach",
        "_registries",
        "_sentinels",
        "_texts",
        "_views",
    )

    def __init__(
        self,
        main: dict,
        views: frozenset,
        anchors: Any,
        memory: tuple,
        attributes: frozenset,
        made: frozenset,
        replayed: Container[str] | None,
        reach: Reach | None,
    ) -> None:
        self._file = io.BytesIO()
        self._buffers: list = []
        super().__init__(self._file, 5, buffer_callback=self._buffers.append)
        self._main = main
        self._views = views
        self._anchors: dict = anchors or {}
        self._reach = reach or None
        self._met = Inventory()
        self._arrays = Arrays(views, memory)
        self._attributes = Attributes(attributes)
        self._meet = self._attributes.met.append
        self._callables = Callables(main, self._met, made, replayed)
        self._numbering = Numbering(self._met)
        self._caches = Caches()
        self._sentinels = Sentinels()
        self._texts = self._sentinels.texts
        self._defaults: dict = {}
        """Defaults of the classes that were met, by their ids, with their places."""
        self._ordinary: dict = {}
        """Whether pickle alone knows what to do with objects of the classes met."""
        self._bare: set = set()
        self._drawn: set[int] = set()
        """Objects of matplotlib that were met, by their ids."""
        self._registries: list = []
        """Those that call others when something changes."""
        self._hashes = False
        """Whether it holds objects whose classes say how they are hashed."""

    def write(self, value: Any) -> None:
        """Pickle a value, and behind it what calls what in it when something changes."""
        self.dump(value)
        if self.fast:
            return  # it does not remember what it has met
        met = self._drawn
        links = [link for each in self._registries for link in figures.links(each, met)]
        if links:
            self.dump(links)

    def pickled(self) -> Pickle:
        """Return what has been written."""
        found = Pickle(
            self._file,
            self._buffers,
            self.memo,
            self._met,
            self._attributes,
            self._numbering,
        )
        if self._hashes and any(is_misplaced(obj) for _, obj in found.objects()):
            raise NotHandedOnError("a key whose hash has changed since it was put in")
        return found

    def persistent_id(self, obj: Any) -> Any:
        """Return what stands for an object that means something by being that one."""
        kind = type(obj)  # it is asked of every object: what is common comes first
        if kind is str:
            return self._text(obj) if id(obj) in self._texts else None
        if kind in _PLAIN:
            return None
        if kind is dict:
            if obj is self._main:
                raise NotHandedOnError("the dictionary of all names of the notebook")
            self._meet(id(obj))
        if kind is float:
            return None if obj == obj else self._numbering.of_nan(obj)
        if self._anchors and id(obj) in self._anchors:
            self._met.anchored.add(id(obj))
            return self._attribute(*self._anchors[id(obj)])
        if self._defaults and id(obj) in self._defaults:
            return "default", self._defaults[id(obj)], obj.copy()
        if kind is set and len(obj) > 1:
            return self._numbering.of_set(obj)
        found = None if self._reach is None else self._part(obj, self._reach)
        if found is None and kind is frozenset and len(obj) > 1:
            return self._numbering.of_set(obj)
        return found

    def _text(self, obj: str) -> tuple[str, str, Any]:
        return self._attribute(*self._texts[id(obj)])

    def _attribute(self, module: str, path: Any) -> tuple[str, str, Any]:
        """Refer to what is found at that place in a module."""
        self._met.modules.add(module)
        return "attribute", module, path

    def _part(self, obj: Any, reach: Reach) -> Any:
        """Refer to another pickle that holds all that an object reaches."""
        found = reach.place_of(obj)
        if found is None:
            return None
        whole, place = found
        return "within", self._met.take_in(whole), place

    def reducer_override(self, obj: Any) -> Any:
        """Say how functions, classes, modules and views are rebuilt."""
        kind = type(obj)
        if kind is types.FunctionType:
            return self._callables.function(obj)
        home = str(kind.__module__)
        if home.startswith("matplotlib."):
            self._drawn.add(id(obj))
            if (home, kind.__name__) == figures.REGISTRY:
                self._registries.append(obj)
        if kind is types.CellType:
            return cell_reduction(obj)
        if kind is types.ModuleType:
            if obj.__name__ == "__main__":
                raise NotHandedOnError("the module `__main__`")
            return importlib.import_module, (obj.__name__,)
        if kind is types.MethodType:
            return method_reduction(obj)
        if kind is functools._lru_cache_wrapper:
            return self._callables.cached(obj)
        if isinstance(obj, type):
            return self._callables.class_(obj)
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(obj, numpy.ndarray):
            recreated(obj)
            reduced = self._arrays.reduced(obj)
            if kind is numpy.ndarray or reduced is not NotImplemented:
                return reduced
        if numpy is not None and isinstance(obj, numpy.void):
            return self._arrays.row(obj)
        if self._views or home.startswith("pandas."):
            reduced = frames.frame_reduction(obj, self._views)
            if reduced is not None:
                return reduced
        endings.check(obj, kind)
        return self._object(obj, kind)

    def _object(self, obj: Any, kind: type) -> Any:
        """Say how an object is rebuilt that is of no kind with a way of its own."""
        ordinary = self._ordinary.get(kind)
        if ordinary is None:
            ordinary = self._ordinary[kind] = is_ordinary(kind)
            self._look(kind)
        reduced = None if ordinary else recreated(obj)
        if reduced is not None:
            self._note(obj)
            return reduced
        if isinstance(obj, BaseException):
            met = self._met
            met.tracebacks = met.tracebacks or obj.__traceback__ is not None
            return _error(obj)
        if kind in self._bare:
            place = self._sentinels.place_of(obj)
            if place is not None:
                self._met.modules.add(place[0])
                return getattr, (sys.modules[place[0]], place[1])
        whole = self._attributes.reduced(obj) or whole_reduction(obj)
        if whole is not None:
            return whole
        cached = self._caches.of(obj)
        if not cached:
            return left_out(obj) or NotImplemented
        parts = list(obj.__reduce_ex__(4))
        parts[2:3] = [without_caches(state, cached) for state in parts[2:3]]
        return tuple(parts)

    def _look(self, kind: type) -> None:
        """Remember what matters of a class whose objects are met from now on."""
        if self._sentinels.may_be(kind):
            self._bare.add(kind)
        self._hashes = self._hashes or says_hash(kind)
        self._defaults.update({id(v): place for v, place in defaults_of(kind)})

    def _note(self, obj: Any) -> None:
        """Remember what is in memory or in files that others have too."""
        if is_storage(obj):
            self._met.storages.append(obj)
        self._met.files = self._met.files or is_open_file(obj)
        if is_connection(obj):
            self._met.databases.add(file_of(obj))


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
) -> Pickle:
    """Return the pickle of a value; NotHandedOnError if it cannot be stored.

    Objects that are attributes of modules (`anchors`, by id) are referred to as such,
    and arrays that lie in `memory`, which are storages of tensors, as parts of it.
    The dictionaries whose ids are in `attributes` stay those of their objects. Classes
    that are `made`, by their ids, are taken apart, and so are those of the notebook that
    are not `replayed` or not found by their names.
    A fast one does not say which objects are the same, and is equal for equal values.
    Where it holds all of what others hold that are in `reach`, it refers to them.
    """
    begun = functools.partial(
        _Dumper, main, views, anchors, memory, attributes, made, replayed, reach
    )
    dumper = begun()
    dumper.fast = fast
    try:
        try:
            with not_collecting():
                dumper.write(value)
        except RecursionError:
            if fast:
                raise
            deep = dumper = begun()
            with_room(lambda: deep.write(value))
        return dumper.pickled()
    except NotHandedOnError:
        raise
    except NotRecreatedError as error:
        raise NotHandedOnError(str(error)) from None
    except RecursionError:
        raise NotHandedOnError("an object that is nested too deeply") from None
    except Exception as error:
        raise NotHandedOnError(f"{type(value).__name__}: {error}") from error


def _error(error: BaseException) -> Any:
    parts = error_reduction(error)
    links = (error.__cause__, error.__context__, error.__suppress_context__)
    if not any(links):
        return parts
    state = (parts[2] if len(parts) > 2 else None, links)
    return (*parts[:2], state, None, None, unpickling.finish_error)
