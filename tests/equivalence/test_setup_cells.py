"""Cells that are setup alone, between and within steps: each counts from its place on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_kfx import project
from tests.cli.conftest import Cells, document

NOTEBOOKS: dict[str, Cells] = {
    "an import between steps": [
        (["step:a"], "x = 1"),
        (["imports"], "import math"),
        (["step:b"], "print(math.pi + x)"),
    ],
    "a class within a step": [
        (["step:a"], "x = 1"),
        (["functions"], "class S:\n    size = 3"),
        ([], "print(S().size)"),
        (["step:b"], "print(S.__name__, x)"),
    ],
    "a function defined anew": [
        (["functions"], "def f():\n    return 1"),
        (["step:a"], "print(f())"),
        (["functions"], "def f():\n    return 2"),
        (["step:b"], "print(f())"),
        (["step:c"], "def f():\n    return 3"),
        (["functions"], "def f():\n    return 4"),
        (["step:d"], "print(f())"),
    ],
    "a value under the name of an import": [
        (["step:a"], "math = 3\nprint(math)"),
        (["imports"], "import math"),
        (["step:b"], "print(math.pi)"),
        (["step:c"], "math = 4"),
        (["step:d"], "print(math)"),
    ],
    "a module that asks at its import where it is": [
        (["imports"], "import pandas as pd"),
        (["step:a"], "print(pd.options.display.max_columns)"),
        (["step:b"], "print([name for name in dir() if name[0] != '_'])"),
    ],
    "a class of a class of a step": [
        (["step:a"], "class A:\n    size = 3\nprint(A.size)"),
        (["functions"], "class B(A):\n    pass"),
        (["step:b"], "print(B.size, issubclass(B, A))"),
    ],
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_setup_counts_from_its_place_on(name: str, tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    path.write_text(json.dumps(document(NOTEBOOKS[name])), "utf-8")
    found = project.verify(path)
    assert found.status == "same", found.message or found.differences
