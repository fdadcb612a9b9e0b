"""What pickles in files say, read without running anything of theirs.

The same values give other bytes where equal texts are one object here and two there:
a pickle refers back to an object that it has met. What is mutable keeps its identity.
"""

from __future__ import annotations

import hashlib
import pickle
import struct
from math import prod
from typing import IO, TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["meaning"]

_PROTOCOLS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_ATOMS = (str, bytes, int, float, complex, bool, type(None))
_LONGEST = 100_000_000
"""Parts of a pickle; tuples in tuples can stand for more than fit into any memory."""


def meaning(file: IO[bytes]) -> str | None:
    """Return a digest of what the pickles in a file say; none if it has other things.

    Those of joblib have the bytes of arrays in between.
    """
    if file.read(2) not in _PROTOCOLS:
        return None
    size = file.seek(0, 2)
    file.seek(0)
    digest = _Digest()
    try:
        while file.tell() < size:
            digest.add(_Reader(file).load())
    # The bytes are anyone's, and what reads them fails as it likes.
    except Exception:  # noqa: BLE001
        return None
    return digest.hexdigest()


class _Made:
    """Stands for what a call of something named makes, and what is done to it."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = object.__new__(cls)
        made.parts = ["made", cls, args, kwargs]
        return made

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self.parts: list[Any]

    def __call__(self, *args: Any) -> _Made:
        made = object.__new__(_Made)
        made.parts = ["called", self, args]
        return made

    def __setstate__(self, state: Any) -> None:
        self.parts += ["state", state]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.parts += ["item", key, value]

    def extend(self, items: list[Any]) -> None:
        self.parts += ["items", *items]

    append = add = lambda self, item: self.extend([item])


class _Set:
    """Stands for a set, whose order means nothing."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self._items = list(items)

    def add(self, item: Any) -> None:
        self._items.append(item)

    def parts(self) -> list[Any]:
        if all(type(item) in _ATOMS for item in self._items):
            return sorted(self._items, key=lambda item: (type(item).__name__, item))
        return self._items


class _FrozenSet(_Set):
    """Stands for one that cannot change."""


_InPython: Any = pickle._Unpickler  # noqa: SLF001


class _Reader(_InPython):  # type: ignore[misc]
    """Reads a pickle without the classes it names; the reader in C cannot do so."""

    dispatch: ClassVar[dict[int, Any]] = dict(_InPython.dispatch)

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._source = file
        self._named: dict[tuple[str, str], type] = {}

    def find_class(self, module: str, name: str) -> type:
        found = self._named.get((module, name))
        if found is None:
            # Nothing is imported: it is a class of that name, and knows nothing.
            found = self._named[module, name] = type("_Named", (_Made,), {})
            found.place = f"{module}:{name}"  # type: ignore[attr-defined]
        return found

    def load_build(self) -> None:
        super().load_build()
        made = self.stack[-1]
        place = getattr(type(made), "place", "")
        if place == "joblib.numpy_pickle:NumpyArrayWrapper":
            made.parts += ["content", self._array(made.parts[-1])]

    dispatch[pickle.BUILD[0]] = load_build

    def load_empty_set(self) -> None:
        self.append(_Set())

    dispatch[pickle.EMPTY_SET[0]] = load_empty_set

    def load_frozenset(self) -> None:
        self.append(_FrozenSet(self.pop_mark()))

    dispatch[pickle.FROZENSET[0]] = load_frozenset

    def _array(self, state: dict[str, Any]) -> Any:
        """Return what joblib writes behind what describes an array."""
        dtype = state["dtype"].parts[2][0]
        if "O" in dtype:
            return _Reader(self._source).load()
        if state.get("numpy_array_alignment_bytes") is not None:
            self._source.read(self._source.read(1)[0])
        size = state["dtype"].parts[-1][5] if dtype[0] in "VSU" else int(dtype[1:])
        return self._source.read(prod(state["shape"]) * size)


class _Digest:
    """Takes in objects of one pickle after the other."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._met: dict[int, int] = {}
        self._kept: list[Any] = []

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def add(self, value: Any) -> None:
        todo = [value]
        count = 0
        while todo:
            count += 1
            if count > _LONGEST:
                raise ValueError("too many parts")
            each = todo.pop()
            kind = type(each)
            if kind in _ATOMS:
                self._write(kind.__name__, _bytes(each))
            elif kind is type:
                self._write("named", each.place.encode())
            elif id(each) in self._met:
                self._write("again", b"%d" % self._met[id(each)])
            else:
                parts = _parts(each)
                if kind is not tuple:
                    self._met[id(each)] = len(self._met)
                self._kept.append(each)
                self._write(kind.__name__, b"%d" % len(parts))
                todo += reversed(parts)

    def _write(self, kind: str, data: bytes) -> None:
        self._hash.update(f"{kind} {len(data)} ".encode())
        self._hash.update(data)


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, float):
        return struct.pack("<d", value)
    return repr(value).encode("utf-8", "surrogatepass")


def _parts(value: Any) -> list[Any]:
    if isinstance(value, _Made):
        return value.parts
    if isinstance(value, _Set):
        return value.parts()
    if isinstance(value, dict):
        return [part for pair in value.items() for part in pair]
    if isinstance(value, bytearray):
        return [bytes(value)]
    return list(value)
