from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx import project
from jupyter_kfx.engines.report import RunReport
from tests.cli.conftest import Cells, document

RunCells = Callable[..., RunReport]


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "store")


@pytest.fixture
def run(tmp_path: Path, place: str) -> RunCells:
    """Runs cells as a pipeline, in the notebook `n.ipynb`."""

    def ran(cells: Cells, **options: Any) -> RunReport:
        path = tmp_path / "n.ipynb"
        path.write_text(json.dumps(document(cells)), "utf-8")
        return project.run(path, store=place, **options)

    return ran
