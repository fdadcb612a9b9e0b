"""How two tables, arrays or numbers differ, as a reader would say it."""

from __future__ import annotations

import sys
from typing import Any, Iterator

__all__ = ["contrast"]

_PLAIN = (str, bytes, int, float, complex, bool, type(None))


def contrast(one: Any, other: Any, tolerance: float = 0.0) -> str | None:
    """Return how two values differ that a comparison has found to; none if it knows best.

    Of columns and elements it says how many differ, and which one is the first.
    """
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is None or type(one) is not type(other):
        return None
    if isinstance(one, numpy.generic):
        return f"{one} against {other}" if str(one) != str(other) else None
    if type(one) is numpy.ndarray:
        return _arrays(numpy, one, other, tolerance)
    if pandas is not None and type(one) in (pandas.DataFrame, pandas.Series):
        return next(_tables(pandas, one, other, tolerance), None)
    return None


def _arrays(numpy: Any, one: Any, other: Any, tolerance: float) -> str | None:
    if one.shape != other.shape:
        return f"shape {one.shape} against {other.shape}"
    if one.dtype != other.dtype:
        return f"{one.dtype} against {other.dtype}"
    differs = _differing(numpy, one, other, tolerance)
    if differs is None or not differs.any():
        return None
    place = tuple(int(i) for i in numpy.argwhere(differs)[0])
    shown = ", ".join(map(str, place))
    return (
        f"{int(differs.sum())} of {one.size} elements differ, the first at [{shown}]: "
        f"{one[place]} against {other[place]}"
    )


def _tables(pandas: Any, one: Any, other: Any, tolerance: float) -> Iterator[str]:
    if type(one) is pandas.Series:
        one, other = one.to_frame("values"), other.to_frame("values")
    if len(one) != len(other):
        yield f"{len(one)} rows against {len(other)}"
    names, others = list(one.columns), list(other.columns)
    if not _same(names, others):
        yield f"columns {_listed(names)} against {_listed(others)}"
        return
    if len(one) != len(other):
        return
    for at, name in enumerate(names):
        yield from _columns(one.iloc[:, at], other.iloc[:, at], name, tolerance)
    if not _same(list(one.index), list(other.index)):
        yield "another index"


def _columns(one: Any, other: Any, name: Any, tolerance: float) -> Iterator[str]:
    numpy = sys.modules["numpy"]
    if str(one.dtype) != str(other.dtype):
        yield f"column {name!r} is {one.dtype} against {other.dtype}"
        return
    differs = _differing(numpy, one.to_numpy(), other.to_numpy(), tolerance)
    if differs is None or not differs.any():
        return
    row = int(differs.argmax())
    yield (
        f"column {name!r}: {int(differs.sum())} of {len(one)} values differ, the first "
        f"in row {one.index[row]!s}: {one.iloc[row]!s:.60} against {other.iloc[row]!s:.60}"
    )


def _differing(numpy: Any, one: Any, other: Any, tolerance: float) -> Any:
    """Return where arrays of one shape differ; none if nobody can tell without code."""
    if one.dtype.kind in "fc":
        return ~numpy.isclose(one, other, rtol=tolerance, atol=0.0, equal_nan=True)
    if one.dtype.kind in "biuSUmM":
        return one != other
    if one.dtype.kind != "O":
        return None
    pairs = zip(one.ravel().tolist(), other.ravel().tolist())
    found = numpy.array([not _same([a], [b]) for a, b in pairs], dtype=bool)
    return found.reshape(one.shape)


def _same(one: list, other: list) -> bool:
    """Tell whether lists hold the same, where that is told without running code."""
    return len(one) == len(other) and all(
        a is b or (type(a) is type(b) and (type(a) not in _PLAIN or a == b or a != a))
        for a, b in zip(one, other)
    )


def _listed(names: list, most: int = 6) -> str:
    shown = ", ".join(f"{name!s:.40}" for name in names[:most])
    return f"{shown}, ... ({len(names)})" if len(names) > most else shown
