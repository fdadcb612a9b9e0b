from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx.cli import main


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Call = Callable[..., Ended]
Cells = list[tuple[list[str], str]]


def document(cells: Cells) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
        "cells": [
            {
                "id": f"c{i}",
                "cell_type": "code",
                "metadata": {"tags": tags},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for i, (tags, source) in enumerate(cells)
        ],
    }


GOOD: Cells = [
    (["parameters"], "n = 3  # how many\nname = 'x'\nrate = 0.5"),
    (["step:load"], "rows = list(range(n))\nprint('loaded', n)"),
    (["step:total"], "total = sum(rows)\nprint('total', total)"),
    (["pipeline-metrics"], "total"),
]
FAILING: Cells = [
    (["step:first"], "x = 1\nprint('\\x1b]0;title\\x07[bold]fine[/bold]')"),
    (["step:second"], "y = 0\nz = x / y"),
    (["step:third"], "print(z)"),
]
REFUSED: Cells = [(["step:a"], "x = 1"), (["step:b", "prev:nowhere"], "y = x")]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of one's own, with a store and the three notebooks in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_KFX_STORE", str(tmp_path / "store"))
    for name, cells in (("good", GOOD), ("failing", FAILING), ("refused", REFUSED)):
        Path(f"{name}.ipynb").write_text(json.dumps(document(cells)), "utf-8")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Give what calls the command line in this process."""

    def run(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, *capsys.readouterr())

    return run
