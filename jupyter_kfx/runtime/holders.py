"""What a module has made that can hold other things, and how it is made to hold them."""

from __future__ import annotations

import copyreg
import enum
import functools
import sys
import types
from typing import Any, Iterator

from .caches import STANDARD
from .filling import CODE, CONTAINERS, HELD, attributes, held_in, hold, slots
from .generators import is_generator, set_state, state_of

__all__ = [
    "PLAIN",
    "contents",
    "follow",
    "is_code",
    "is_leaf",
    "put",
    "remove",
    "walk",
]

Part = tuple[str, Any]
"""How a part is reached, and its name or its place."""
PLAIN = (str, bytes, int, float, complex, type(None), type(...), range, slice)
"""What never changes."""
_WRAPPERS = (classmethod, staticmethod)
_KEYS = (str, int, float, bool, type(None))
_UNSAID = frozenset({"_abc_impl", "_is_protocol", "_is_runtime_protocol"})
_WAYS = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__")
_NEW_WAYS = ("__getnewargs__", "__getnewargs_ex__")
STATE = "state"
"""The name of what a generator or an array holds."""
_MANY, _MOST = 10_000, 2_000
"""So many things in a container, or in all, are data: nobody knows them one by one."""


def is_code(value: Any) -> bool:
    """Tell whether a value is part of a program, which only importing it can make."""
    if isinstance(value, (*CODE, *_WRAPPERS, property, functools.cached_property)):
        return True
    if isinstance(value, (types.MemberDescriptorType, types.GetSetDescriptorType)):
        return True
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ufunc):
        return True  # the module that it says it is from depends on what is loaded
    return isinstance(value, (functools._lru_cache_wrapper, enum.Enum))


def is_leaf(holder: Any) -> bool:
    """Tell whether an object keeps what it holds where only its class finds it."""
    if isinstance(holder, (types.ModuleType, type, types.FunctionType, tuple)):
        return False
    if isinstance(holder, functools._lru_cache_wrapper):
        return False
    if type(holder) in CONTAINERS or is_generator(holder) or _is_array(holder):
        return False
    return not _is_open(holder)


def walk(module: types.ModuleType) -> Iterator[tuple[tuple, Any]]:
    """Give everything that a module reaches and others may know, each with its path."""
    seen = {id(module)}
    todo: list[tuple[tuple, Any]] = [((), module)]
    for path, holder in todo:
        yield path, holder
        for part, value in parts_of(holder).items():
            inner = _unwrapped(value)
            if id(inner) in seen or not _is_known(inner, module):
                continue
            if len(todo) < _MOST and not _is_elsewhere(part[1], value):
                seen.add(id(inner))
                todo.append(((*path, part), inner))


def follow(module: types.ModuleType, path: tuple) -> Any:
    """Return what is found at a path; KeyError if nothing is."""
    found: Any = module
    for part in path:
        found = _unwrapped(parts_of(found)[part])
    return found


def parts_of(holder: Any) -> dict[Part, Any]:
    """Return what an object holds, by how it is reached."""
    if isinstance(holder, (types.ModuleType, type)):
        return {
            ("name", name): value
            for name, value in list(vars(holder).items())
            if not isinstance(value, types.ModuleType)
            and name not in _UNSAID
            and (not name.startswith("__") or isinstance(value, types.FunctionType))
        }
    if isinstance(holder, types.FunctionType):
        return _parts_of_function(holder)
    found: dict[Part, Any] = {}
    if isinstance(holder, dict) and len(holder) <= _MANY:
        found = {("item", k): v for k, v in holder.items() if type(k) in _KEYS}
    elif isinstance(holder, (list, tuple)) and len(holder) <= _MANY:
        found = {("item", place): v for place, v in enumerate(holder)}
    if not is_leaf(holder):
        own = {**(attributes(holder) or {}), **slots(holder)}
        found.update({("name", name): value for name, value in own.items()})
    return found


def contents(holder: Any) -> dict[Any, Any]:
    """Return what of an object is to be stored: its parts, or all that it contains."""
    found: dict[Any, Any] = {
        part: value for part, value in parts_of(holder).items() if part[0] != "item"
    }
    inner = held_in(holder)
    if inner is not None:
        found[HELD] = inner
    elif is_generator(holder):
        found[STATE] = state_of(holder)
    elif _is_array(holder):
        found[STATE] = holder.view()
    return found


def put(holder: Any, part: Any, value: Any) -> None:
    """Let an object hold something."""
    if part == HELD:
        hold(holder, value)
        return
    if part == STATE:
        if is_generator(holder):
            set_state(holder, value)
        else:
            holder[...] = value
        return
    how, name = part
    if how == "cell":
        _cells(holder)[name].cell_contents = value
    elif how == "default":
        defaults = list(holder.__defaults__)
        defaults[name] = value
        holder.__defaults__ = tuple(defaults)
    elif how == "keyword":
        holder.__kwdefaults__[name] = value
    elif isinstance(holder, type):
        type.__setattr__(holder, name, value)
    elif attributes(holder) is not None:
        vars(holder)[name] = value
    else:
        object.__setattr__(holder, name, value)


def remove(holder: Any, part: Part) -> None:
    """Let an object hold something no longer."""
    _, name = part
    if isinstance(holder, type):
        if name in vars(holder):
            type.__delattr__(holder, name)
    else:
        (attributes(holder) or {}).pop(name, None)


def _parts_of_function(function: types.FunctionType) -> dict[Part, Any]:
    found: dict[Part, Any] = {("name", n): v for n, v in vars(function).items()}
    for place, value in enumerate(function.__defaults__ or ()):
        found["default", place] = value
    for name, value in (function.__kwdefaults__ or {}).items():
        found["keyword", name] = value
    for name, cell in _cells(function).items():
        try:
            found["cell", name] = cell.cell_contents
        except ValueError:
            continue
    return found


def _cells(function: types.FunctionType) -> dict[str, Any]:
    return dict(zip(function.__code__.co_freevars, function.__closure__ or ()))


def _unwrapped(value: Any) -> Any:
    return value.__func__ if isinstance(value, _WRAPPERS) else value


def _is_known(value: Any, module: types.ModuleType) -> bool:
    """Tell whether it is worth to know where a value is found."""
    if isinstance(value, (types.FunctionType, functools._lru_cache_wrapper)):
        return value.__module__ == module.__name__
    if isinstance(value, type):
        return value.__module__ == module.__name__ and not issubclass(value, enum.Enum)
    return not (isinstance(value, PLAIN) or is_code(value))


def _is_elsewhere(name: Any, value: Any) -> bool:
    """Tell whether it is a library's object that was only imported, as `os.environ`."""
    if not isinstance(name, str):
        return False
    home = str(type(value).__module__)
    root = home.partition(".")[0]
    file = getattr(sys.modules.get(home), "__file__", None) or ""
    if root not in STANDARD and "-packages" not in file:
        return False
    places = (sys.modules.get(home), sys.modules.get(root))
    return any(vars(there).get(name) is value for there in places if there is not None)


def _is_array(value: Any) -> bool:
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and type(value) is numpy.ndarray and value.flags.writeable


def _is_open(value: Any) -> bool:
    """Tell whether an object is all in its attributes."""
    kind = type(value)
    if kind in copyreg.dispatch_table or any(hasattr(kind, n) for n in _NEW_WAYS):
        return False
    if any(getattr(kind, n, None) is not getattr(object, n, None) for n in _WAYS):
        # Up to Python 3.10 objects have no `__getstate__`.
        return False
    if kind.__module__.partition(".")[0] in STANDARD - {"types"}:
        return False
    try:
        made: Any = value.__reduce_ex__(4)
    except TypeError:
        return False
    return made[0].__name__ == "__newobj__"
