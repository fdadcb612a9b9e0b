"""Arrays of numpy, which may lie in the memory of other arrays and of buffers."""

from __future__ import annotations

import array
import ctypes
import sys
from typing import Any, Iterable

from .storages import array_in

__all__ = ["Arrays", "freeze", "root_of", "sealed"]

_BUFFERS = (bytearray, array.array)
"""Kinds of memory that are no array and may change."""


class Arrays:
    """How the arrays of one pickle are rebuilt, so that they share what they shared."""

    def __init__(self, views: frozenset, memory: tuple = ()) -> None:
        """Take the ids of the roots that are shared, and in the pickle themselves.

        Arrays that lie in `memory`, which are storages of tensors, are parts of it.
        """
        self.views = views
        self._storages = memory
        self._plain: dict[int, tuple[Any, Any]] = {}

    def reduced(self, found: Any) -> Any:
        """Return how an array of any class is rebuilt; NotImplemented: as it says."""
        if type(found) is not sys.modules["numpy"].ndarray:
            return self._of_class(found)
        reduced = self._view(found)
        if self._storages:
            reduced = array_in(found, self._storages) or reduced
        if found.flags.writeable:
            return reduced
        if reduced is NotImplemented:
            reduced = _thawed(found).__reduce_ex__(5)
        made, arguments, *state = reduced
        # Pickle sets no state that is None.
        return made, arguments, tuple(state), None, None, freeze

    def row(self, found: Any) -> Any:
        """Return how a row of a structured array is rebuilt, which is a part of it.

        Pickle makes of it what cannot be written to.
        """
        numpy = sys.modules["numpy"]
        if not isinstance(found.base, numpy.ndarray):
            return NotImplemented
        root = root_of(found)
        if id(root) not in self.views:
            return _make_row, (numpy.array(found),)
        memory = self._memory(root)
        offset = _address(found) - _address(memory)
        return _make_row, (memory, found.dtype, offset)

    def _view(self, found: Any) -> Any:
        root = root_of(found)
        if id(root) not in self.views:
            return NotImplemented
        memory = self._memory(root)
        if memory is found:
            return NotImplemented
        offset = _address(found) - _address(memory)
        return _make_view, (memory, found.dtype, found.shape, found.strides, offset)

    def _memory(self, root: Any) -> Any:
        """Return what is stored for a root: a plain array whose memory has no gaps."""
        numpy = sys.modules["numpy"]
        if not isinstance(root, numpy.ndarray):
            return root
        if type(root) is numpy.ndarray and _is_contiguous(root):
            return root
        if id(root) not in self._plain:
            plain = numpy.ndarray.view(root, numpy.ndarray)
            if not _is_contiguous(plain):
                axes = numpy.argsort([-stride for stride in plain.strides])
                plain = plain.transpose(axes)
            # The root is kept too: its id must not be given away meanwhile.
            self._plain[id(root)] = plain, root
        return self._plain[id(root)][0]

    def _of_class(self, found: Any) -> Any:
        numpy = sys.modules["numpy"]
        kind = type(found)
        if not _is_rebuilt(kind):
            return NotImplemented
        state = dict(getattr(found, "__dict__", {}))
        mask = state.pop("_mask", None)
        if mask is getattr(sys.modules.get("numpy.ma"), "nomask", None):
            mask = None
        if root_of(found) is found:
            memory = self._memory(found)
        else:
            memory = numpy.ndarray.view(found, numpy.ndarray)
        return _make_of_class, (kind, memory, mask), state, None, None, _set_attributes


def root_of(found: Any) -> Any:
    """Return what holds the memory of an array or of a row of one.

    That is an array, or a buffer that may change.
    """
    numpy = sys.modules["numpy"]
    while True:
        base = found.base
        if type(base).__name__ == "DummyArray":  # of as_strided and what uses it
            base = base.base
        if isinstance(base, (numpy.ndarray, numpy.void)):
            found = base
            continue
        held = base.obj if type(base) is memoryview else base
        return held if isinstance(held, _BUFFERS) else found


def freeze(found: Any, state: tuple) -> None:
    """Give an array its state, and let nobody write to it."""
    for own in state:
        found.__setstate__(own)
    found.flags.writeable = False


def _thawed(found: Any) -> Any:
    """Return the array as one that may be written to, where its buffer can be lent.

    Pickle loads a buffer that may not be written as one that never may be again.
    """
    flags = found.flags
    if found.dtype.hasobject or not (flags.c_contiguous or flags.f_contiguous):
        return found
    memory: Any = ctypes.c_char * found.nbytes
    buffer = memory.from_address(found.ctypes.data)
    buffer.owner = found  # it must not go before its memory is used no longer
    return type(found)(found.shape, found.dtype, buffer, 0, found.strides)


def sealed(arrays: dict[str, Iterable[Any]]) -> dict[str, str]:
    """Return the names of arrays that share memory and are not rebuilt so, with why.

    Their classes say themselves how they are pickled, and copy what they hold.
    """
    sharers: dict[int, set[int]] = {}
    closed: list[tuple[str, Any, int]] = []
    for name, each in arrays.items():
        for found in each:
            root = id(root_of(found))
            sharers.setdefault(root, set()).add(id(found))
            if not _is_rebuilt(type(found)):
                closed.append((name, type(found), root))
    return {
        name: f"an array of the class `{kind.__qualname__}` that shares its memory"
        for name, kind, root in closed
        if len(sharers[root]) > 1
    }


def _is_rebuilt(kind: type) -> bool:
    masked = getattr(sys.modules.get("numpy.ma"), "MaskedArray", None)
    plain = kind.__reduce__ is sys.modules["numpy"].ndarray.__reduce__
    return plain or (masked is not None and kind.__reduce__ is masked.__reduce__)


def _is_contiguous(found: Any) -> bool:
    return bool(found.flags.c_contiguous or found.flags.f_contiguous)


def _address(memory: Any) -> int:
    numpy = sys.modules["numpy"]
    if not isinstance(memory, (numpy.ndarray, numpy.void)):
        memory = numpy.frombuffer(memory, numpy.uint8)
    return int(memory.__array_interface__["data"][0])


def _make_view(root: Any, dtype: Any, shape: Any, strides: Any, offset: int) -> Any:
    import numpy

    return numpy.ndarray(shape, dtype, root, offset, strides)


def _make_row(memory: Any, dtype: Any = None, offset: int = 0) -> Any:
    return (memory if dtype is None else _make_view(memory, dtype, (), (), offset))[()]


def _make_of_class(kind: type, memory: Any, mask: Any) -> Any:
    import numpy

    made: Any = numpy.ndarray.view(memory, kind)
    if mask is not None:
        made._mask = mask
    return made


def _set_attributes(found: Any, state: dict) -> None:
    found.__dict__.update(state)
