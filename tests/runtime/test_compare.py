"""The one comparer: contents, types, order and sharing, and no caches."""

from __future__ import annotations

import copy
import dataclasses
import decimal
import math
from collections import OrderedDict, defaultdict, deque
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.linear_model import LogisticRegression

from jupyter_kfx.runtime.compare import Comparison


@dataclasses.dataclass
class _Point:
    x: Any = 1
    y: Any = None


class _Slots:
    __slots__ = ("a",)

    def __init__(self, a: Any) -> None:
        self.a = a


def _adder(start: int) -> Any:
    total = [start]

    def add(n: int = 1) -> int:
        total[0] += n
        return total[0]

    return add


def _shared() -> list[Any]:
    item = [1]
    return [item, item]


SAME = {
    "nan": [math.nan],
    "frame": pd.DataFrame({"a": [1.5, math.nan], "b": ["x", None]}),
    "categorical": pd.Series(["u", "v"], dtype="category"),
    "dates": pd.Series(range(3), index=pd.date_range("2020", periods=3)),
    "dates of a zone": pd.date_range("2020", periods=3, tz="Europe/Berlin"),
    "methods of classes": [dict.fromkeys, int.from_bytes],
    "structured": np.zeros(2, dtype=[("a", "i4"), ("b", "O")]),
    "masked": np.ma.masked_array([1, 2], [True, False]),
    "fortran": np.asfortranarray(np.arange(12).reshape(3, 4)),
    "times": np.array(["2020-01-01"], "M8[D]"),
    "sparse": scipy.sparse.eye(3, format="csr"),
    "graph": nx.path_graph(4),
    "model": LogisticRegression().fit([[0.0], [1.0]], [0, 1]),
    "object": _Point([1, {"a": (2, 3)}]),
    "slots": _Slots([1]),
    "deque": deque([1, 2], maxlen=3),
    "defaultdict": defaultdict(list, {"a": [1]}),
    "ordered": OrderedDict(a=1, b=2),
    "decimal": decimal.Decimal("1.10"),
    "shared": _shared(),
    "bytearray": bytearray(b"ab"),
}
DIFFERENT: dict[str, tuple[Any, Any]] = {
    "int and float": (1, 1.0),
    "bool and int": (True, 1),
    "signed zero": (0.0, -0.0),
    "order of a dict": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "methods of two classes": (dict.fromkeys, OrderedDict.fromkeys),
    "nested": ({"a": [1, (2, 3)]}, {"a": [1, (2, 4)]}),
    "dtype": (np.zeros(2, "f4"), np.zeros(2, "f8")),
    "shape": (np.zeros((2, 1)), np.zeros(2)),
    "memory order": (np.zeros((2, 2)), np.zeros((2, 2), order="F")),
    "array": (np.array([1, 2]), np.array([1, 3])),
    "object array": (np.array([[1], 2], object), np.array([[2], 2], object)),
    "mask": (np.ma.masked_array([1], [True]), np.ma.masked_array([1], [False])),
    "frame": (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})),
    "column name": (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
    "index name": (pd.Series([1]), pd.Series([1]).rename_axis("i")),
    "attribute": (_Point(1), _Point(2)),
    "more attributes": (_Point(1), _Point(1, y=3)),
    "slot": (_Slots(1), _Slots(2)),
    "sharing": (_shared(), [[1], [1]]),
    "maxlen": (deque([1], maxlen=2), deque([1], maxlen=3)),
    "length": ([1], [1, 2]),
    "closure": (_adder(1), _adder(2)),
    "default": (lambda x=1: x, lambda x=2: x),
    "class": (_Point, _Slots),
    "bytes": (bytearray(b"ab"), bytearray(b"ac")),
    "exact decimal": (decimal.Decimal("1.1"), decimal.Decimal("1.10")),
}


@pytest.mark.parametrize("name", SAME)
def test_a_copy_is_the_same(name: str) -> None:
    assert Comparison().difference(SAME[name], copy.deepcopy(SAME[name])) is None


@pytest.mark.parametrize("name", DIFFERENT)
def test_tells_what_differs(name: str) -> None:
    one, other = DIFFERENT[name]
    assert Comparison().difference(one, other)
    assert Comparison().difference(other, one)


def test_names_the_place() -> None:
    one, other = {"a": [1, _Point(2)]}, {"a": [1, _Point(3)]}
    assert Comparison().difference(one, other) == "['a'][1].x: 2 against 3"


def test_a_cycle_is_the_same_as_its_copy() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    assert Comparison().difference(loop, copy.deepcopy(loop)) is None


def test_caches_do_not_count() -> None:
    point, frame = _Point(3), pd.Series(range(60), pd.date_range("2020", periods=60))
    graph = nx.path_graph(4)
    before = copy.deepcopy((point, frame, graph))
    assert frame.loc["2020-02"].sum()
    assert repr(frame.resample("W").sum())
    assert nx.pagerank(graph)
    assert Comparison().difference(before, (point, frame, graph)) is None


def test_sharing_between_values_counts() -> None:
    item: list[int] = []
    other = Comparison()
    assert other.difference(item, []) is None
    assert other.difference([item], [[]]) == "[0]: shared in another way"


def test_sharing_can_be_left_out() -> None:
    shared: list[int] = [1]
    one, other = [shared, shared], [[1], [1]]
    assert Comparison().difference(one, other) == "[1]: shared in another way"
    assert Comparison(sharing=False).difference(one, other) is None
    assert Comparison(sharing=False).difference(one, [[1], [2]]) is not None
    one.append(one)  # type: ignore[arg-type]
    other.append(other)  # type: ignore[arg-type]
    assert Comparison(sharing=False).difference(one, other) is None


def test_tolerance_is_relative() -> None:
    numpy = pytest.importorskip("numpy")
    for make in (float, numpy.array):
        near = Comparison(tolerance=1e-3).difference
        assert near(make(1000.0), make(1000.1)) is None
        assert near(make(1000.0), make(1002.0)) is not None
        assert near(make(1000.0), make(float("inf"))) is not None
        assert Comparison().difference(make(1000.0), make(1000.1)) is not None
