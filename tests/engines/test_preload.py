"""What the fork server may import for all steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_kfx.engines.preload import preloadable
from jupyter_kfx.pipeline.model import Cell, Pipeline, SetupKind, SetupStatement

if TYPE_CHECKING:
    from pathlib import Path


def _pipeline(*sources: str) -> Pipeline:
    cells = tuple(
        Cell(f"c{i}", i, source, i + 1) for i, source in enumerate(sources, start=1)
    )
    setup = tuple(
        SetupStatement(cell.id, cell.index, n, n, line, SetupKind.IMPORT)
        for cell in cells
        for n, line in enumerate(cell.source.splitlines(), start=1)
        if "import" in line
    )
    return Pipeline("p", setup_cells=cells, setup=setup)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (
            ("import numpy as np\nfrom os import path as p, sep",),
            ["import numpy", "import os", "from os import path, sep"],
        ),
        (("import os.path, json",), ["import os.path", "import json"]),
        (("from json import *",), ["import json"]),
        (("from __future__ import annotations",), []),
        (("from . import x\nfrom .y import z",), []),
        (
            ("import here\nfrom here import x\nimport package.part\nimport json",),
            ["import json"],
        ),
        (("import json\nos.environ['A'] = '1'\nimport csv",), ["import json"]),
        (("%env A=1\nimport json",), []),
        (("import json", "!pip install x", "import csv"), ["import json"]),
        (("sys.path.insert(0, 'x')\nimport json",), []),
        (
            ("import matplotlib\nmatplotlib.use('svg')\nimport csv",),
            ["import matplotlib"],
        ),
        (("import tensorflow as tf\nimport json",), ["import json"]),
    ],
)
def test_preloadable(
    sources: tuple[str, ...], expected: list[str], tmp_path: Path
) -> None:
    (tmp_path / "here.py").touch()
    (tmp_path / "package").mkdir()
    assert list(preloadable(_pipeline(*sources), tmp_path)) == expected


def test_what_is_imported_first_may_draw(tmp_path: Path) -> None:
    pipeline = _pipeline("# about\nimport json\n\nimport csv", "f()\nimport os")
    assert preloadable(pipeline, tmp_path) == {
        "import json": True,
        "import csv": True,
        "import os": False,
    }
