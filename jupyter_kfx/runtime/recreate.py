"""Makes again what pickle cannot store, where that gives the very same thing."""

from __future__ import annotations

import _thread
import decimal
import gc
import inspect
import io
import logging
import os
import sys
import threading
import types
from typing import Any, Iterator

from . import logs

__all__ = ["NotRecreatedError", "recreated"]

_RLOCK = type(threading.RLock())
_FILES = (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom)
_STANDARD = ("stdout", "stderr", "stdin")


class NotRecreatedError(Exception):
    """An object in a state that cannot be made again."""


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
    if kind is decimal.Context and obj is decimal.getcontext():
        return decimal.getcontext, ()
    if isinstance(obj, logging.Handler):
        place = logs.place_of(obj)
        return None if place is None else (logs.attached, place)
    if isinstance(obj, io.IOBase):
        for name in _STANDARD:
            if obj is getattr(sys, name):
                return _stream, (name,)
        if kind in _FILES:
            return _file(obj)
    return None


def _rlock(lock: Any) -> tuple:
    if lock._is_owned() or not lock.acquire(blocking=False):
        raise NotRecreatedError("a lock that is held")
    lock.release()
    return threading.RLock, ()


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


def _begun(function: Any, positional: tuple, named: dict) -> Iterator:
    made: Iterator = function(*positional, **named)
    return made


def _ended() -> Iterator:
    generator = (item for item in "")
    list(generator)
    return generator


def _file(file: Any) -> tuple:
    what = f"the open file {file.name!r}"
    if not isinstance(file.name, str):
        raise NotRecreatedError(what)
    raw = file.buffer.raw if isinstance(file, io.TextIOWrapper) else file.raw
    if type(raw) is not io.FileIO or not os.path.isfile(file.name):
        raise NotRecreatedError(what)
    if file.closed:
        return _closed, (file.name, raw.mode, _text(file))
    if not os.path.samestat(os.fstat(raw.fileno()), os.stat(file.name)):
        raise NotRecreatedError(f"{what}, which is another file by now")
    try:
        if file.writable():
            file.flush()
        place = file.tell()
    except OSError:
        raise NotRecreatedError(f"{what}, which is partly read") from None
    path = os.path.abspath(file.name)
    return _opened, (file.name, path, raw.mode, _text(file), place)


def _text(file: Any) -> tuple | None:
    if isinstance(file, io.TextIOWrapper):
        return file.mode, file.encoding, file.errors, file.line_buffering
    return None


def _closed(name: str, mode: str, text: Any) -> Any:
    file = _opened(name, os.devnull, mode, text, 0)
    file.close()
    return file


def _opened(name: str, path: str, mode: str, text: Any, place: int) -> Any:
    def opener(_name: str, flags: int) -> int:
        return os.open(path, flags & ~(os.O_TRUNC | os.O_EXCL | os.O_CREAT))

    binary = open(name, mode, opener=opener)  # noqa: SIM115  (it is handed on)
    file: Any = binary
    if text is not None:
        how, encoding, errors, lines = text
        file = io.TextIOWrapper(binary, encoding, errors, line_buffering=lines)
        file.mode = how
    if place:
        file.seek(place)
    return file
