"""What a value is made of, as pickle would take it apart."""

from __future__ import annotations

import copyreg
import pickle
import sys
import types
from typing import Any, Callable, Sequence, Tuple

from .caches import Caches, without_caches
from .classmaking import parts_of_class
from .recreate import is_ordinary, recreated
from .wholes import whole_reduction

__all__ = ["Parts", "Split", "is_bound", "shown", "unplaced"]

_SHOWN = (str, bytes, int, bool, type(None), range, type(Ellipsis), types.CodeType)
_CACHES_OF = {
    "pandas": frozenset({"_cache"}),
    "statsmodels": frozenset({"_cache"}),
    # Counted up whenever a figure is pickled; has ids for keys; says what to compute;
    # tells whether pyplot has it open.
    "matplotlib": frozenset({"_cid_gen", "_parents", "_invalid", "_restore_to_pylab"}),
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
Split = Tuple[Sequence[Any], Callable[[int], str]]
"""The parts, and how to write the place of one of them."""


class Parts:
    """Takes values apart, but for what they only remember.

    Parts of arrays that stand for whole ones can be taken for these.
    """

    def __init__(self, *, sharing: bool = True) -> None:
        self._sharing = sharing
        self._caches = Caches()
        self._ordinary: dict[type, bool] = {}

    def of(self, value: Any) -> Split | None:
        """Return the parts of a value; none of what cannot be taken apart.

        Raises what the value raises where it cannot be pickled.
        """
        kind = type(value)
        if kind in (list, tuple):
            return value, _numbered
        if kind is dict:
            return _items(value)
        if kind in (set, frozenset):
            return list(value), unplaced
        if isinstance(value, type):
            keyed, place = _items(parts_of_class(value))
            parts = [*keyed, kind, value.__bases__]
            return parts, lambda at: place(at) if at < len(keyed) else ""
        if kind is types.FunctionType:
            return _function(value)
        if kind is types.CellType:
            return _cell(value)
        if kind is types.MethodType:
            return (value.__self__, value.__func__), (".__self__", "").__getitem__
        if is_bound(value):
            return (value.__self__, value.__name__), (".__self__", "").__getitem__
        numpy = sys.modules.get("numpy")
        if numpy is not None and kind is numpy.ndarray:
            return _array(value, self._sharing)
        return self._reduced(value)

    def _reduced(self, value: Any) -> Split | None:
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
        more = [None if each is None else list(each) for each in reduced[3:5]]
        if not isinstance(state, dict):
            return [reduced[0], reduced[1], state, *more], unplaced
        names = list(state)
        parts = [reduced[0], reduced[1], *state.values(), names, *more]
        return parts, lambda at: f".{names[at - 2]}" if 0 <= at - 2 < len(names) else ""


def shown(value: Any) -> str:
    """Return a short text for a value, in which nothing of its own code runs."""
    text = object.__repr__(value) if not isinstance(value, _SHOWN) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def unplaced(_at: int) -> str:
    """Write nothing: the place is the whole's."""
    return ""


def _numbered(at: int) -> str:
    return f"[{at}]"


def _items(value: dict) -> Split:
    keys = list(value)

    def place(at: int) -> str:
        if at < 1:
            return ""
        key = shown(keys[(at - 1) % len(keys)])
        return f"[key {key}]" if at <= len(keys) else f"[{key}]"

    return [len(keys), *keys, *value.values()], place


def _function(value: types.FunctionType) -> Split:
    names = (
        *("__code__", "__defaults__", "__kwdefaults__", "__closure__", "__dict__"),
        *("__name__", "__qualname__", "__doc__"),
    )
    parts = [getattr(value, name) for name in names]
    return parts, lambda at: f".{names[at]}" if at else ""


def is_bound(value: Any) -> bool:
    """Tell whether it is a method written in C, of an object or of a class.

    There is a new one whenever it is asked for.
    """
    owner = getattr(value, "__self__", None)
    is_method = isinstance(value, types.BuiltinMethodType)
    return is_method and not isinstance(owner, (types.ModuleType, type(None)))


def _cell(value: Any) -> Split:
    try:
        return [value.cell_contents], unplaced
    except ValueError:
        return [], unplaced


def _array(value: Any, sharing: bool) -> Split:
    flags = value.flags
    writeable = flags.writeable
    if not (sharing or flags.c_contiguous or flags.f_contiguous):
        value = value.copy()  # as a pickle makes of a part of another array
        flags = value.flags
    order = (flags.c_contiguous, flags.f_contiguous, writeable)
    parts: list[Any] = [repr(value.dtype), value.shape, order]
    place = (".dtype", ".shape", ".flags", "").__getitem__
    if value.dtype.hasobject and value.dtype.names:
        names = value.dtype.names
        parts += [value[name] for name in names]
        return parts, lambda at: place(at) if at < 3 else f"[{names[at - 3]!r}]"
    if value.dtype.hasobject:
        parts += list(value.flat)
        return parts, lambda at: place(at) if at < 3 else f".flat[{at - 3}]"
    if not (flags.c_contiguous or flags.f_contiguous):
        value = value.copy()
    if value.dtype.kind in "mM":
        value = value.view("i8")
    return [*parts, pickle.PickleBuffer(value)], place
