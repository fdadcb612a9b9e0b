"""Whether two values are the same: contents, types, order and sharing."""

from __future__ import annotations

import functools
import math
import pickle
import sys
import types
from typing import Any, Callable, Iterator, Optional, Sequence, Tuple

from .classmaking import are_one_class
from .codes import parts_of
from .collecting import not_collecting
from .parts import Parts, is_bound, shown, unplaced

__all__ = ["Comparison"]

_EXACT = (str, bytes, int, bool, type(None), range, type(Ellipsis))
_LEAVES = frozenset({*_EXACT, float})
_IDENTICAL = (type, types.ModuleType, types.BuiltinFunctionType, type(NotImplemented))
_DEEPEST = 100_000
"""Objects that are made of new objects whenever they are asked have no bottom."""
_Token = Callable[[Any], Optional[bytes]]
_Pairs = Tuple[Callable[[int], str], Sequence[Any], Sequence[Any]]
"""Parts to compare one by one, and how to write the place of one of them."""


class Comparison:
    """Walks two values side by side as pickle would, without calling their `==`.

    One comparison takes in several pairs of values: an object that two of them share on
    one side must be shared on the other. What only remembers something that can be
    computed again (`cached_property`, caches of networkx and scipy) does not count.
    Floats are the same if they differ by no more than the tolerance times the larger.
    Whether one object stands in two places can be left out: libraries copy arrays that
    were loaded where they keep others, and put lists of their own into what they make.
    """

    def __init__(
        self,
        token: _Token = lambda _buffer: None,
        tolerance: float = 0.0,
        *,
        sharing: bool = True,
    ) -> None:
        self._token = token
        self._sharing = sharing
        self._met: set[tuple[int, int]] = set()
        self._tolerance = tolerance
        self._other: dict[int, int] = {}
        self._one: dict[int, int] = {}
        self._kept: list[Any] = []
        self._parts = Parts(sharing=sharing)

    def difference(self, one: Any, other: Any) -> str | None:
        """Return where two values differ first and how; none if they are the same."""
        with not_collecting():
            return self._walk(one, other)

    def _walk(self, one: Any, other: Any) -> str | None:
        path: list[tuple[Callable[[int], str], int]] = []
        labels: Callable[[int], str] = unplaced
        pairs: Iterator[tuple[int, tuple[Any, Any]]] = enumerate(((one, other),))
        todo = []
        while True:
            for at, (a, b) in pairs:
                kind = type(a)
                # Most parts are such, and equal; a zero has a sign.
                if kind in _LEAVES and (a is b or (kind is type(b) and a == b and a)):
                    continue
                found = self._step(a, b)
                if found is None:
                    continue
                path.append((labels, at))
                todo.append((labels, pairs))
                if not isinstance(found, str) and len(found[1]) != len(found[2]):
                    found = f"{len(found[1])} parts against {len(found[2])}"
                elif len(path) > _DEEPEST:
                    found = "nested too deeply"
                if isinstance(found, str):
                    place = "".join(labels(at) for labels, at in path)
                    return f"{place}: {found}" if place else found
                labels, pairs = found[0], enumerate(zip(found[1], found[2]))
                break
            else:
                if not path:
                    return None
                path.pop()
                labels, pairs = todo.pop()

    def _step(self, a: Any, b: Any) -> _Pairs | str | None:
        """Return how two objects differ, or the parts in which they may; none if not."""
        kind = type(a)
        if kind is not type(b) and not are_one_class(kind, type(b)):
            return f"{_name(kind)} against {_name(type(b))}"
        if kind is pickle.PickleBuffer:
            return None if self._same_bytes(a, b) else "other contents"
        if kind is float:
            return None if self._close(a, b) else f"{a!r} against {b!r}"
        if kind is complex:
            same = self._close(a.real, b.real) and self._close(a.imag, b.imag)
            return None if same else f"{a!r} against {b!r}"
        if kind in _EXACT:
            return None if a == b else f"{shown(a)} against {shown(b)}"
        if kind is types.CodeType:
            same = parts_of(a) == parts_of(b)
            return None if same else f"{shown(a)} against {shown(b)}"
        if isinstance(a, _IDENTICAL) and not is_bound(a):
            is_one = isinstance(a, type) and are_one_class(a, b)
            if a is b or not is_one:
                return None if a is b else f"{shown(a)} against {shown(b)}"
        if kind is not tuple:
            seen = self._pair(a, b)
            if seen is not None:
                if not seen and self._sharing:
                    return "shared in another way"
                if seen or (id(a), id(b)) in self._met:
                    return None
                self._met.add((id(a), id(b)))
                self._kept += (a, b)
            if self._close_arrays(a, b):
                return None
        if kind is functools._lru_cache_wrapper:  # what they have kept, they compute
            kept = [(f.__wrapped__, f.cache_parameters()) for f in (a, b)]
            return (lambda at: (".__wrapped__", " of the cache")[at]), kept[0], kept[1]
        try:
            one, other = self._parts.of(a), self._parts.of(b)
        except Exception:  # objects raise what they like where they cannot be pickled
            one = other = None
        if one is None or other is None:
            return None if a is b else f"two of {_name(kind)}, which cannot be compared"
        if kind is type(b):
            return one[1], one[0], other[0]
        labels = one[1]
        return (
            lambda at: labels(at - 1) if at else "",
            (kind, *one[0]),
            (type(b), *other[0]),
        )

    def _close(self, a: float, b: float) -> bool:
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        if a == b:
            return math.copysign(1, a) == math.copysign(1, b) or bool(self._tolerance)
        largest = max(abs(a), abs(b))
        return largest < math.inf and abs(a - b) <= self._tolerance * largest

    def _close_arrays(self, a: Any, b: Any) -> bool:
        """Tell whether arrays of floats differ in nothing but what is tolerated."""
        numpy = sys.modules.get("numpy")
        if not self._tolerance or numpy is None or type(a) is not numpy.ndarray:
            return False
        if a.dtype != b.dtype or a.shape != b.shape or a.dtype.kind not in "fc":
            return False
        return bool(numpy.allclose(a, b, self._tolerance, 0.0, equal_nan=True))

    def _pair(self, a: Any, b: Any) -> bool | None:
        """Tell whether two objects were met before, and together; none if new."""
        there = self._other.get(id(a))
        if there is not None or id(b) in self._one:
            return there == id(b)
        self._other[id(a)], self._one[id(b)] = id(b), id(a)
        self._kept += (a, b)
        return None

    def _same_bytes(self, a: pickle.PickleBuffer, b: pickle.PickleBuffer) -> bool:
        one = self._token(a)
        if one is not None and one == self._token(b):
            return True
        left, right = a.raw(), b.raw()
        if left.nbytes != right.nbytes:
            return False
        numpy = sys.modules.get("numpy")
        if numpy is None:
            return bool(left == right)
        return bool(
            (numpy.frombuffer(left, "u1") == numpy.frombuffer(right, "u1")).all()
        )


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}".replace("builtins.", "")
