"""Whether two values are the same: contents, types, order and sharing."""

from __future__ import annotations

import copyreg
import math
import pickle
import sys
import types
from typing import Any, Callable, Optional

from .caches import Caches, without_caches
from .classmaking import are_one_class, parts_of_class
from .codes import parts_of
from .recreate import is_ordinary, recreated
from .wholes import whole_reduction

__all__ = ["Comparison"]

_EXACT = (str, bytes, int, bool, type(None), range, type(Ellipsis))
_SHOWN = (*_EXACT, types.CodeType)
_IDENTICAL = (type, types.ModuleType, types.BuiltinFunctionType, type(NotImplemented))
_CACHES_OF = {
    "pandas": frozenset({"_cache"}),
    "statsmodels": frozenset({"_cache"}),
    # Counted up whenever a figure is pickled; has ids for keys; says what to compute.
    "matplotlib": frozenset({"_cid_gen", "_parents", "_invalid"}),
}
_MATRIX = frozenset({"_mtx", "_inverted"})
_COMPUTED = {
    "Affine2D": frozenset({"_inverted"}),
    "BboxTransform": _MATRIX,
    "BboxTransformFrom": _MATRIX,
    "BboxTransformTo": _MATRIX,
    "BlendedAffine2D": _MATRIX,
    "BlendedGenericTransform": frozenset({"_affine"}),
    "CompositeAffine2D": _MATRIX,
    "ScaledTranslation": _MATRIX,
    "TransformedBbox": frozenset({"_points"}),
    "TransformedPatchPath": frozenset({"_transformed_path", "_transformed_points"}),
    "TransformedPath": frozenset({"_transformed_path", "_transformed_points"}),
}
"""What transforms of matplotlib compute from others when they are asked next."""
_DEEPEST = 100_000
"""Objects that are made of new objects whenever they are asked have no bottom."""
_Token = Callable[[Any], Optional[bytes]]


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
        self._caches = Caches()
        self._ordinary: dict[type, bool] = {}

    def difference(self, one: Any, other: Any) -> str | None:
        """Return where two values differ first and how; none if they are the same."""
        todo = [("", 0, one, other)]
        while todo:
            place, depth, a, b = todo.pop()
            why = self._step((place, depth), a, b, todo)
            if depth > _DEEPEST:
                why = "nested too deeply"
            if why is not None:
                return f"{place}: {why}" if place else why
        return None

    def _step(self, place: tuple[str, int], a: Any, b: Any, todo: list) -> str | None:
        kind = type(a)
        if kind is not type(b) and are_one_class(kind, type(b)):
            todo.append((*place, kind, type(b)))
        elif kind is not type(b):
            return f"{_name(kind)} against {_name(type(b))}"
        if kind is float:
            return None if self._close(a, b) else f"{a!r} against {b!r}"
        if kind is complex:
            same = self._close(a.real, b.real) and self._close(a.imag, b.imag)
            return None if same else f"{a!r} against {b!r}"
        if kind in _EXACT:
            return None if a == b else f"{_short(a)} against {_short(b)}"
        if kind is types.CodeType:
            same = parts_of(a) == parts_of(b)
            return None if same else f"{_short(a)} against {_short(b)}"
        if isinstance(a, _IDENTICAL) and not getattr(a, "__self__", None):
            is_one = isinstance(a, type) and are_one_class(a, b)
            if a is b or not is_one:
                return None if a is b else f"{_short(a)} against {_short(b)}"
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
        try:
            one, other = self._parts(a), self._parts(b)
        except Exception:  # objects raise what they like where they cannot be pickled
            one = other = None
        if one is None or other is None:
            return None if a is b else f"two of {_name(kind)}, which cannot be compared"
        return self._spread(place, one, other, todo)

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

    def _spread(
        self, place: tuple[str, int], one: list, other: list, todo: list
    ) -> str | None:
        if len(one) != len(other):
            return f"{len(one)} parts against {len(other)}"
        for (label, a), (_, b) in zip(reversed(one), reversed(other)):
            if isinstance(a, pickle.PickleBuffer) and isinstance(b, type(a)):
                if not self._same_bytes(a, b):
                    return "other contents"
            else:
                todo.append((place[0] + label, place[1] + 1, a, b))
        return None

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

    def _parts(self, value: Any) -> list | None:
        """Return what a value is made of, each part with how to write its place."""
        kind = type(value)
        if kind in (list, tuple):
            return [(f"[{i}]", item) for i, item in enumerate(value)]
        if kind is dict:
            return _items(value)
        if kind in (set, frozenset):
            return [("", item) for item in value]
        if isinstance(value, type):
            return [("", kind), ("", value.__bases__), *_items(parts_of_class(value))]
        if kind is types.FunctionType:
            return _function(value)
        if kind is types.CellType:
            return _cell(value)
        if kind is types.MethodType:
            return [(".__self__", value.__self__), ("", value.__func__)]
        numpy = sys.modules.get("numpy")
        if numpy is not None and kind is numpy.ndarray:
            return _array(value, self._sharing)
        return self._reduced(value)

    def _reduced(self, value: Any) -> list | None:
        kind = type(value)
        if (
            kind.__module__ == "matplotlib.colors"
            and getattr(value, "_isinit", True) is False
        ):
            value._init()  # as it does by itself when the first number is given a colour
        ordinary = self._ordinary.get(kind)
        if ordinary is None:
            ordinary = self._ordinary[kind] = is_ordinary(kind)
        reduced: Any = None if ordinary else recreated(value)
        reduced = reduced or whole_reduction(value)
        if reduced is None:
            reducer = copyreg.dispatch_table.get(kind)
            reduced = reducer(value) if reducer else value.__reduce_ex__(5)
        if isinstance(reduced, str):
            return None
        state = reduced[2] if len(reduced) > 2 else None
        root = (kind.__module__ or "").partition(".")[0]
        cached = self._caches.of(value) | _CACHES_OF.get(root, frozenset())
        if kind.__module__ == "matplotlib.transforms":
            cached |= _COMPUTED.get(kind.__name__, frozenset())
        state = without_caches(state, cached)
        parts = [("", reduced[0]), ("", reduced[1])]
        if isinstance(state, dict):
            parts += [(f".{name}", item) for name, item in state.items()]
            parts.append(("", list(state)))
        else:
            parts.append(("", state))
        for more in reduced[3:5]:
            parts.append(("", None if more is None else list(more)))
        return parts


def _items(value: dict) -> list:
    parts: list = [("", len(value))]
    for key, item in value.items():
        parts += [(f"[key {_short(key)}]", key), (f"[{_short(key)}]", item)]
    return parts


def _function(value: types.FunctionType) -> list:
    return [
        ("", value.__code__),
        (".__defaults__", value.__defaults__),
        (".__kwdefaults__", value.__kwdefaults__),
        (".__closure__", value.__closure__),
        (".__dict__", value.__dict__),
    ]


def _cell(value: Any) -> list:
    try:
        return [("", value.cell_contents)]
    except ValueError:
        return []


def _array(value: Any, sharing: bool) -> list:
    flags = value.flags
    writeable = flags.writeable
    if not (sharing or flags.c_contiguous or flags.f_contiguous):
        value = value.copy()  # as a pickle makes of a part of another array
        flags = value.flags
    parts = [
        (".dtype", repr(value.dtype)),
        (".shape", value.shape),
        (".flags", (flags.c_contiguous, flags.f_contiguous, writeable)),
    ]
    if value.dtype.hasobject and value.dtype.names:
        return parts + [(f"[{name!r}]", value[name]) for name in value.dtype.names]
    if value.dtype.hasobject:
        return parts + [(f".flat[{i}]", item) for i, item in enumerate(value.flat)]
    if not (flags.c_contiguous or flags.f_contiguous):
        value = value.copy()
    if value.dtype.kind in "mM":
        value = value.view("i8")
    return [*parts, ("", pickle.PickleBuffer(value))]


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}".replace("builtins.", "")


def _short(value: Any) -> str:
    text = object.__repr__(value) if not isinstance(value, _SHOWN) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
