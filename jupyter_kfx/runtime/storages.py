"""Memory that arrays of numpy and tensors of PyTorch have in common."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Iterator

from .opened import NotRecreatedError
from .tensors import memory_of

if TYPE_CHECKING:
    from .pickles import Pickle

__all__ = ["array_in", "overlapping"]


def overlapping(pickles: dict[str, Pickle]) -> Iterator[tuple[str, str]]:
    """Give the names of values whose arrays lie in tensors of others, with these."""
    spans = sorted(
        (storage.data_ptr(), storage.data_ptr() + storage.nbytes(), name)
        for name, pickled in pickles.items()
        for storage in pickled.met.storages
        if storage.nbytes()
    )
    if not spans:
        return
    starts = [start for start, _, _ in spans]
    for name, pickled in pickles.items():
        for array in pickled.arrays():
            low, high = _bounds(array)
            at = max(bisect_right(starts, low) - 1, 0)
            while at < len(spans) and spans[at][0] < high:
                if spans[at][1] > low:
                    yield name, spans[at][2]
                at += 1


def array_in(array: Any, memory: tuple) -> tuple | None:
    """Return how an array is rebuilt that lies in one of the storages; none if in none.

    NotRecreatedError if a part of it does.
    """
    low, high = _bounds(array)
    for storage in memory:
        first = storage.data_ptr()
        last = first + storage.nbytes()
        if first <= low and high <= last and low < high:
            start = array.__array_interface__["data"][0] - first
            parts = (storage, array.dtype, array.shape, array.strides, start)
            return _placed, parts
        if low < last and first < high:
            raise NotRecreatedError("an array of which a part is a tensor as well")
    return None


def _placed(storage: Any, dtype: Any, shape: tuple, strides: tuple, start: int) -> Any:
    memory = memory_of(storage)
    return type(memory)(shape, dtype, memory, start, strides)


def _bounds(array: Any) -> tuple[int, int]:
    """Return the first address that an array uses, and the one after its last."""
    low = high = array.__array_interface__["data"][0]
    if not array.nbytes:
        return low, low
    for length, stride in zip(array.shape, array.strides):
        low += min(stride, 0) * (length - 1)
        high += max(stride, 0) * (length - 1)
    return low, high + array.itemsize
