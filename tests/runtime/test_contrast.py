"""How values differ is said as a reader would say it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_kfx.runtime.contrast import contrast

_FRAME = pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]}, index=[7, 8, 9])

CASES: dict[str, tuple[Any, Any, str | None]] = {
    "numbers": (np.float64(1.5), np.float64(2.5), "1.5 against 2.5"),
    "shapes": (np.zeros(2), np.zeros((2, 1)), "shape (2,) against (2, 1)"),
    "types of elements": (np.zeros(1), np.zeros(1, "f4"), "float64 against float32"),
    "elements": (
        np.array([[1.0, np.nan], [3.0, 4.0]]),
        np.array([[1.0, np.nan], [3.5, 4.5]]),
        "2 of 4 elements differ, the first at [1, 0]: 3.0 against 3.5",
    ),
    "tolerated elements": (
        np.array([1.0, 2.0]),
        np.array([1.0 + 1e-12, 3.0]),
        "1 of 2 elements differ, the first at [1]: 2.0 against 3.0",
    ),
    "rows": (_FRAME, _FRAME[:1], "3 rows against 1"),
    "columns": (
        _FRAME,
        _FRAME.rename(columns={"b": "c"}),
        "columns a, b against a, c",
    ),
    "values": (
        _FRAME,
        _FRAME.assign(a=[1, 5, 6]),
        "column 'a': 2 of 3 values differ, the first in row 8: 2 against 5",
    ),
    "texts": (
        _FRAME,
        _FRAME.assign(b=["x", None, "y"]),
        "column 'b': 1 of 3 values differ, the first in row 9: z against y",
    ),
    "kinds of columns": (
        _FRAME,
        _FRAME.assign(a=[1.0, 2.0, 3.0]),
        "column 'a' is int64 against float64",
    ),
    "indices": (_FRAME, _FRAME.set_axis([7, 8, 10]), "another index"),
    "series": (
        pd.Series([1.0, 2.0]),
        pd.Series([1.0, 3.0]),
        "column 'values': 1 of 2 values differ, the first in row 1: 2.0 against 3.0",
    ),
    "signs of nought": (np.zeros(1), -np.zeros(1), None),
    "objects": (np.array([object()]), np.array([object()]), None),
    "others": ([1], [2], None),
    "kinds": (np.zeros(1), [0.0], None),
}


@pytest.mark.parametrize("name", CASES)
def test_says_what_differs(name: str) -> None:
    one, other, said = CASES[name]
    assert contrast(one, other, 1e-9) == said
