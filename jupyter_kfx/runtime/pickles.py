"""What is pickled, with what others may want to know of it."""

from __future__ import annotations

import functools
import hashlib
import io
import sys
from collections import deque
from typing import Any, Callable, Iterator

from . import figures, frames
from .arrays import root_of
from .attributes import Attributes
from .collecting import not_collecting
from .inventory import Inventory
from .numbering import Numbering
from .sharing import is_shared

__all__ = ["Pickle"]

_CONTAINERS = (list, dict, set, deque, bytearray, io.StringIO, io.BytesIO)


class Pickle:
    """One value's pickle, with what it shares and needs."""

    def __init__(
        self,
        file: io.BytesIO,
        buffers: list[Any],
        memo: Any,
        met: Inventory,
        attributes: Attributes,
        numbering: Numbering,
    ) -> None:
        """Take what a pickler has written, and what it knows."""
        self.file = file
        self.buffers = buffers
        self.met = met
        self.attributes = attributes
        self._memo = memo
        self._numbering = numbering
        self._objects: list | None = None
        self._shared: list[int] | None = None
        self._digests: dict[Callable[[Any], bytes | None], str] = {}

    def digest(
        self, stand_in: Callable[[Any], bytes | None] = lambda _buffer: None
    ) -> str:
        """Return the digest of the pickle and its buffers, or what stands for them."""
        if stand_in not in self._digests:  # it may be part of many others
            found = hashlib.sha256(self.file.getbuffer())
            for buffer in self.buffers:
                found.update(stand_in(buffer) or buffer.raw())
            for whole in self.met.within:
                found.update(whole.digest(stand_in).encode())
            self._digests[stand_in] = found.hexdigest()
        return self._digests[stand_in]

    def objects(self) -> list:
        """Return the objects that the pickle may refer to again, with their places."""
        if self._objects is None:
            with not_collecting():
                self._objects = list(self._memo.copy().values())
        return self._objects

    def arrays(self) -> Iterator[Any]:
        """Give the arrays in the value."""
        numpy: Any = sys.modules.get("numpy")
        if numpy is not None:
            for _, obj in self.objects():
                if isinstance(obj, numpy.ndarray):
                    yield obj
        for whole in self.met.within:
            yield from whole.arrays()

    def held(self) -> set[int]:
        """Return the ids of the containers and the buffers in the value.

        The dictionaries that are the attributes of objects are no such containers.
        """
        found = {id(obj) for _, obj in self.objects() if isinstance(obj, _CONTAINERS)}
        found.difference_update(self.attributes.owners())
        return found.union(*(whole.held() for whole in self.met.within))

    def shared(self) -> list[int]:
        """Return the ids of the mutable objects that the value reaches."""
        if self._shared is None:
            others = (i for whole in self.met.within for i in whole.shared())
            self._shared = [*self._own(), *others]
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
        return [*own, *(i for whole in self.met.within for i in whole.lent())]

    @functools.cached_property
    def _lent(self) -> dict[int, Any]:
        return frames.lent(obj for _, obj in self.objects())

    def _own(self) -> Iterator[int]:
        yield from self._numbering.ids()
        yield from map(id, self.met.classes)
        yield from self.met.anchored
        for each, owner in self.attributes.owners().items():
            if is_shared(owner) and each not in self._lent:
                yield each
        numpy = sys.modules.get("numpy")
        apart = figures.settings() | self._lent.keys()
        for _, obj in self.objects():
            if id(obj) in apart:
                continue
            if numpy is not None and isinstance(obj, (numpy.ndarray, numpy.void)):
                yield id(root_of(obj))
            elif is_shared(obj):
                yield id(obj)
