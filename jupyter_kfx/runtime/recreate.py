"""Makes again what pickle cannot store, where that gives the very same thing."""

from __future__ import annotations

import _thread
import decimal
import gc
import inspect
import io
import itertools
import logging
import random
import re
import subprocess
import sys
import threading
import types
import typing
from typing import Any, Iterator

from . import (
    belonging,
    databases,
    expressions,
    figures,
    images,
    layers,
    logs,
    opened,
    tables,
    tensors,
)
from .opened import NotRecreatedError

__all__ = ["is_ordinary", "recreated"]

_RLOCK = type(threading.RLock())
_SHOWN = "a widget or a comm, which its front end knows only in one step"
_LINKED = (
    ("ipywidgets.widgets.widget", "Widget", _SHOWN),
    ("comm.base_comm", "BaseComm", _SHOWN),
    (
        "multiprocessing.connection",
        "_ConnectionBase",
        "the end of a pipe between processes, which is open in one step only",
    ),
    # Those of the other kinds are no objects of Python.
    ("dbm.dumb", "_Database", "a database of keys, which is open in one step only"),
)
"""Classes whose objects have a twin elsewhere, and what these are."""
_GLOBAL = (
    # Generators that all functions of a module draw from, and whose states travel.
    ("random", "_inst"),
    ("numpy.random.mtrand", "_rand"),
    # All markers of nothing refer to it.
    ("matplotlib.markers", "_empty_path"),
)
"""Objects of modules of which there is one."""
_STANDARD = ("stdout", "stderr", "stdin")
_WRAPPERS = (property, classmethod, staticmethod, types.MappingProxyType)
_SINGULAR = (
    *_WRAPPERS,
    _thread.LockType, _RLOCK, types.GeneratorType, re.Match, subprocess.Popen,
    decimal.Context, logging.Handler, io.IOBase, random.Random, typing.ForwardRef,
    threading.local,
)  # fmt: skip
_SINGULAR_THERE = (
    *((module, name) for module, name, _ in _LINKED),
    *tables.OWNERS,
    *belonging.KINDS,
    expressions.BASE,
    ("keras.src.saving.keras_saveable", "KerasSaveable"),
    *(("keras.src.utils.tracking", name) for name in (*layers.TRACKED, "Tracker")),
    ("IPython.core.interactiveshell", "InteractiveShell"),
    ("matplotlib.figure", "Figure"),
    ("matplotlib.path", "Path"),
    ("PIL.ImageDraw", "ImageDraw"),
    ("PIL.ImageFile", "ImageFile"),
    ("PIL.ImageFont", "FreeTypeFont"),
    ("numpy", "ndarray"),
    ("numpy.random.mtrand", "RandomState"),
    ("sqlite3", "Connection"),
    ("sqlite3", "Cursor"),
    ("torch", "Tensor"),
    ("torch", "UntypedStorage"),
    ("torch.optim", "Optimizer"),
)
"""Classes that are there once their modules have been imported."""
_SINGULAR_NAMES = frozenset(
    {"CallbackRegistry", "File", "NpzFile", "_AxesStack", "_TemporaryFileWrapper"}
)

_ITERATORS: dict[type, str] = {
    # Pickle would make an iterator over a list of them.
    type(iter(set())): "set",
    type(iter({})): "keys",
    type(iter({}.values())): "values",
    type(iter({}.items())): "items",
}


def is_ordinary(kind: type) -> bool:
    """Tell whether pickle alone knows what to do with all objects of a class."""
    if kind in _ITERATORS or kind.__name__ in _SINGULAR_NAMES:
        return False
    there: Any = (
        getattr(sys.modules.get(module), name, None) for module, name in _SINGULAR_THERE
    )
    singular: Any = (*_SINGULAR, *(each for each in there if isinstance(each, type)))
    return not issubclass(kind, singular)


def recreated(obj: Any) -> tuple | None:
    """Return a call, as of `__reduce__`, that makes the object; none if it is no such.

    NotRecreatedError, saying what it is, if its state cannot be made again.
    """
    kind = type(obj)
    if kind is _thread.LockType:
        if obj.locked():
            raise NotRecreatedError("a lock that is held")
        return _thread.allocate_lock, ()
    if kind is _RLOCK:
        return _rlock(obj)
    if kind is types.GeneratorType:
        return _generator(obj)
    if kind is typing.ForwardRef:
        return kind, (obj.__forward_arg__,)
    if kind is re.Match:
        return _match(obj)
    if kind in _WRAPPERS:
        return _wrapper(obj)
    if kind in _ITERATORS:
        return _iterator(obj, _ITERATORS[kind])
    interaction = sys.modules.get("IPython.core.interactiveshell")
    if interaction is not None and isinstance(obj, interaction.InteractiveShell):
        return interaction.InteractiveShell.instance, ()
    if isinstance(obj, subprocess.Popen) and obj.returncode is None:
        raise NotRecreatedError("a process that was started and not waited for")
    for module, name, what in _LINKED:
        if module in sys.modules and isinstance(
            obj, getattr(sys.modules[module], name)
        ):
            raise NotRecreatedError(what)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(obj, numpy.ndarray):
        if _is_mapped(obj, numpy):
            raise NotRecreatedError("an array that is a file as well")
        return None
    basic: Any = getattr(sys.modules.get(expressions.BASE[0]), "Basic", None)
    if basic is not None and isinstance(obj, basic):
        return expressions.unevaluated(obj)
    for module, name in _GLOBAL:
        if module in sys.modules and obj is getattr(sys.modules[module], name):
            return getattr, (sys.modules[module], name)
    if belonging.unlike_frame(obj):
        raise NotRecreatedError(
            "a model whose data frame has changed since it was made"
        )
    place = belonging.place_in_figure(obj)
    if place is not None:
        return place
    if kind is decimal.Context and obj is decimal.getcontext():
        return decimal.getcontext, ()
    if isinstance(obj, logging.Handler):
        place = logs.place_of(obj)
        return None if place is None else (logs.attached, place)
    if (kind.__module__, kind.__name__) == ("matplotlib.figure", "_AxesStack"):
        return _axes_stack(obj)
    if (kind.__module__, kind.__name__) == figures.REGISTRY:
        return figures.callbacks(obj)
    if "matplotlib.figure" in sys.modules and isinstance(
        obj, sys.modules["matplotlib.figure"].Figure
    ):
        return figures.reduction(obj)
    if isinstance(obj, io.IOBase):
        for name in _STANDARD:
            if obj is getattr(sys, name):
                return _stream, (name,)
    if databases.is_connection(obj):
        return databases.connected(obj)
    if isinstance(obj, threading.local):
        # Other threads begin with nothing.
        return kind.__new__, (kind,), dict(vars(obj))
    ways = (
        tensors.taken_apart,
        layers.taken_apart,
        opened.reopened,
        images.made_again,
        tables.with_notes,
    )
    return next((found for way in ways if (found := way(obj)) is not None), None)


def _is_mapped(array: Any, numpy: Any) -> bool:
    """Tell whether an array is the memory of a file that is open for writing."""
    while array is not None:
        if isinstance(array, numpy.memmap):
            return getattr(array, "mode", None) in ("r+", "w+")
        array = getattr(array, "base", None)
    return False


def _rlock(lock: Any) -> tuple:
    if lock._is_owned() or not lock.acquire(blocking=False):
        raise NotRecreatedError("a lock that is held")
    lock.release()
    return threading.RLock, ()


def _wrapper(wrapper: Any) -> tuple:
    """Return the call that wraps the functions of a class, or a dictionary, once more."""
    kind = type(wrapper)
    if kind is property:
        return kind, (wrapper.fget, wrapper.fset, wrapper.fdel, wrapper.__doc__)
    if kind is types.MappingProxyType:
        found = gc.get_referents(wrapper)
        if len(found) != 1 or type(found[0]) is not dict:
            raise NotRecreatedError("the attributes of a class")
        return _read_only, (found[0],)
    return kind, (wrapper.__func__,)


def _read_only(content: dict) -> types.MappingProxyType:
    return types.MappingProxyType(content)


def _stream(name: str) -> Any:
    return getattr(sys, name)


def _generator(generator: types.GeneratorType) -> tuple:
    state = inspect.getgeneratorstate(generator)
    if state == inspect.GEN_CLOSED:
        return _ended, ()
    if state != inspect.GEN_CREATED:
        raise NotRecreatedError(
            f"the generator `{generator.__qualname__}`, which is partly consumed"
        )
    code = generator.gi_code
    found = [
        item
        for item in gc.get_referents(generator)
        if isinstance(item, types.FunctionType) and item.__code__ is code
    ]
    frame = generator.gi_frame
    if not found or frame is None:
        raise NotRecreatedError(f"the generator `{generator.__qualname__}`")
    values = frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    names = code.co_varnames
    positional = [values[name] for name in names[: code.co_argcount]]
    named = {name: values[name] for name in names[code.co_argcount : count]}
    if code.co_flags & inspect.CO_VARARGS:
        positional += values[names[count]]
        count += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        named.update(values[names[count]])
    return _begun, (found[0], tuple(positional), named)


def _match(match: re.Match) -> tuple:
    """Return the call that found it; what `finditer` found is not found again."""
    place = (match.string, match.pos, match.endpos)
    for way in ("search", "match", "fullmatch"):
        found = getattr(match.re, way)(*place)
        if found is not None and found.regs == match.regs:
            return getattr(match.re, way), place
    raise NotRecreatedError("a match that was found after others")


def _iterator(iterator: Any, over: str) -> tuple:
    """Return how to begin it and go on to where it is: it knows its set or dict."""
    left = iterator.__length_hint__()
    found = [
        o for o in gc.get_referents(iterator) if isinstance(o, (set, frozenset, dict))
    ]
    if not found:
        return _iterating, (over, {} if over != "set" else set(), 0)
    if not left and found[0]:
        raise NotRecreatedError("an iterator whose set or dict has changed since")
    return _iterating, (over, found[0], len(found[0]) - left)


def _iterating(over: str, container: Any, steps: int) -> Iterator:
    made = iter(container if over == "set" else getattr(container, over)())
    for _ in range(steps):
        next(made)
    if not container:
        next(made, None)
    return made


def _begun(function: Any, positional: tuple, named: dict) -> Iterator:
    made: Iterator = function(*positional, **named)
    return made


def _ended() -> Iterator:
    generator = (item for item in "")
    list(generator)
    return generator


def _axes_stack(stack: Any) -> tuple | None:
    """Return how to fill a figure's stack of axes, which pickled forgets its count."""
    if set(vars(stack)) != {"_axes", "_counter"}:
        return None
    axes = [*stack._axes]
    latest = sorted(axes, key=stack._axes.__getitem__)
    return object.__new__, (type(stack),), (axes, latest), None, None, _fill_axes_stack


def _fill_axes_stack(stack: Any, state: tuple) -> None:
    axes, latest = state
    stack._axes = {each: latest.index(each) for each in axes}
    stack._counter = itertools.count(len(axes))
