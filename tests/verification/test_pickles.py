"""What pickles in files say, whatever bytes they say it with."""

from __future__ import annotations

import io
import pickle
from collections import Counter, OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from jupyter_kfx.verification.pickles import meaning
from jupyter_kfx.verification.trees import contents

if TYPE_CHECKING:
    from pathlib import Path

_FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", None]}, pd.date_range("2020", periods=2))
_LOOP: list[Any] = [1]
_LOOP.append(_LOOP)
VALUES: dict[str, Any] = {
    "dict": {"a": [1, 2.5, None, True, 3j], (1, "x"): {"b": b"c"}},
    "frame": _FRAME,
    "model": LogisticRegression().fit([[0.0], [1.0]], [0, 1]),
    "arrays": [
        np.arange(6).reshape(2, 3),
        np.array(["a", None], object),
        np.array("x"),
    ],
    "records": np.zeros(2, dtype=[("a", "i4"), ("b", "f8")]),
    "sets": [{"a", "b", 1}, frozenset({Decimal(1)})],
    "subclasses": [OrderedDict(a=1), Counter("aab"), datetime(2020, 1, 1, tzinfo=UTC)],
    "bytearray": bytearray(b"ab"),
    "loop": _LOOP,
}


def _said(*values: Any, protocol: int | None = None) -> str | None:
    return meaning(io.BytesIO(b"".join(pickle.dumps(v, protocol) for v in values)))


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("dump", [pickle.dump, joblib.dump])
def test_says_the_same_of_what_was_loaded(name: str, dump: Any, tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "value", tmp_path / "other" / "value"
    for path in (one, other):
        path.parent.mkdir()
    with one.open("wb") as file:
        dump(VALUES[name], file)
    with one.open("rb") as file, other.open("wb") as there:
        dump((pickle.load if dump is pickle.dump else joblib.load)(file), there)
    assert contents(one.parent) == contents(other.parent)
    with one.open("rb") as file:
        assert meaning(file) is not None


def test_equal_texts_are_one_or_two_objects() -> None:
    text = "some text"
    again = text[:4] + text[4:]
    pair = ("x", 1)
    assert pickle.dumps([text, text]) != pickle.dumps([text, again])
    assert _said([text, text]) == _said([text, again])
    assert _said([pair, pair]) == _said([pair, ("".join("x"), 1)])
    assert _said({text, "a", 3}) == _said({3, "a", again})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1], [2]),
        ([1], [True]),
        ([1], [1.0]),
        ([0.0], [-0.0]),
        (["ab", "c"], ["a", "bc"]),
        ("1", 1),
        ([1], (1,)),
        ([[1], [1]], [_LOOP[:1]] * 2),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1}, {2}),
        ({1}, frozenset({1})),
        (OrderedDict(a=1), Counter(a=1)),
        (np.arange(3), np.arange(3.0)),
        (_FRAME, _FRAME.rename(columns={"a": "c"})),
        (LogisticRegression(), LogisticRegression(C=2.0)),
    ],
)
def test_tells_apart_what_differs(one: Any, other: Any) -> None:
    assert _said(one) != _said(other)


def test_arrays_of_joblib_count() -> None:
    said = []
    for array in (np.arange(3), np.array([0, 1, 3]), np.array([0, 1, 3], "f8")):
        file = io.BytesIO()
        joblib.dump({"a": array, "b": 1}, file)
        file.seek(0)
        said.append(meaning(file))
    assert len(set(said)) == 3
    assert None not in said


def test_a_file_may_have_several_or_none() -> None:
    assert _said([1], [2]) not in (_said([1]), _said([2]), None)
    assert meaning(io.BytesIO(b"")) is None
    assert meaning(io.BytesIO(b"\x80\x04 text")) is None
    assert meaning(io.BytesIO(pickle.dumps([1]) + b"more")) is None
    assert meaning(io.BytesIO(pickle.dumps([1, 2])[:-2])) is None


class _Hostile:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("a pickle has run",))


def test_runs_nothing() -> None:
    assert _said(_Hostile()) is not None
