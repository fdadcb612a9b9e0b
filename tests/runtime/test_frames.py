"""Which frames have to be kept together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_kfx.runtime.pickling import dump
from jupyter_kfx.runtime.sharing import partition

_FRAME = pd.DataFrame(
    {
        "n": [1, 2, 3],
        "s": ["x", "y", "x"],
        "c": pd.Categorical(["a", "b", "a"]),
        "m": pd.array([1, None, 2]),
        "p": pd.period_range("2020", periods=3, freq="M"),
        "i": pd.interval_range(0, 3),
        "t": pd.date_range("2020", periods=3, tz="UTC"),
    }
)
_SERIES = pd.Series(np.arange(3.0))
DERIVED = {
    "some rows": _FRAME[_FRAME.n > 1],
    "all rows, copied": _FRAME.copy(),
    "the first rows, copied": _FRAME.head(2),
    "sorted": _FRAME.sort_values("n", ascending=False),
    "merged": _FRAME.merge(_FRAME[_FRAME.n > 1], on="n"),
    "described": _FRAME.describe(),
    "summed": _FRAME.groupby("s").n.sum(),
    "differences": _FRAME[["n"]].diff(),
}
TOGETHER: dict[str, tuple[Any, Any]] = {
    "one frame": (_FRAME, _FRAME),
    "a frame in a list": (_FRAME, [_FRAME]),
    "an index": (_FRAME, _FRAME.index),
    "a column": (_FRAME, _FRAME["n"]),
    "the first rows": (_FRAME, _FRAME.iloc[:2]),
    "one more column": (_FRAME, _FRAME.assign(z=1)),
    "the labels as an array": (
        indexed := pd.Series(["a", "b"], [2, 1]),
        indexed.index.to_numpy(),
    ),
    "the memory of a series": (_SERIES, _SERIES.to_numpy()),
    "a series of an array": (array := np.arange(3), pd.Series(array, copy=False)),
    "lists in two frames": (
        lists := pd.DataFrame({"o": [[1], [2]]}),
        lists.copy(),
    ),
}


def _groups(**values: Any) -> int:
    found = partition({name: dump(value, {}) for name, value in values.items()})
    return len(set(found.values()))


@pytest.mark.parametrize("name", DERIVED)
def test_frames_that_have_labels_in_common_stand_apart(name: str) -> None:
    assert _groups(one=_FRAME, other=DERIVED[name]) == 2


@pytest.mark.parametrize("name", TOGETHER)
def test_what_shows_in_the_other_stays_together(name: str) -> None:
    one, other = TOGETHER[name]
    assert _groups(one=one, other=other) == 1
    assert _groups(other=other, one=one) == 1
