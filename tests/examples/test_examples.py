"""Every example gives as a pipeline what it gives as a notebook."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_kfx import project

EXAMPLES = sorted((Path(__file__).parents[2] / "example_notebooks").glob("*.ipynb"))

EDGES = {
    "compare_models": {
        ("load", "split"),
        ("split", "logistic"),
        ("split", "forest"),
        ("split", "neighbours"),
        ("split", "compare"),
        ("logistic", "compare"),
        ("forest", "compare"),
        ("neighbours", "compare"),
    },
    "clean_in_place": {
        ("read", "names"),
        ("names", "ages"),
        ("ages", "group"),
        ("group", "report"),
        ("read", "report"),
    },
    "plots": {
        ("data", "first line"),
        ("data", "second line"),
        ("first line", "second line"),
        ("second line", "show"),
    },
}


def shown(cell: Any) -> list[Any]:
    found: list[Any] = []
    for output in cell["outputs"]:
        data = output.get("data", {"text": output.get("text", "")})
        for kind in ("text", "text/plain", "text/html", "image/png"):
            if kind in data:
                value = "".join(data[kind]).strip()
                if value:  # a kernel sometimes sends an empty stream
                    found.append(
                        (kind, re.sub(r"0x[0-9a-f]+|ipykernel_\d+", "", value))
                    )
    return found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_gives_what_the_notebook_gives(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(path, tmp_path / "nb.ipynb")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    report = project.run("nb.ipynb", output="out.ipynb", store=str(tmp_path / "store"))
    assert report.status == "succeeded", report.failed
    executed = json.loads((tmp_path / "out.ipynb").read_text())
    for want, got in zip(notebook.cells, executed["cells"], strict=True):
        if want.cell_type == "code":
            assert shown(got) == shown(want), want.source


@pytest.mark.parametrize("name", EDGES)
def test_draws_the_true_edges(name: str) -> None:
    path = next(path for path in EXAMPLES if path.stem == name)
    edges = project.load(path).pipeline.edges
    assert {(edge.source, edge.target) for edge in edges} == EDGES[name]


def test_reports_parameters_and_metrics(tmp_path: Path) -> None:
    path = next(path for path in EXAMPLES if path.stem == "parameters_and_metrics")
    report = project.run(path, parameters={"depth": 1}, store=str(tmp_path / "store"))
    assert report.status == "succeeded"
    assert 0.5 < report.metrics["accuracy"] <= 1
