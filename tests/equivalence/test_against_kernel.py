"""Small notebooks, a step a cell: what a kernel shows is what the pipeline shows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_kfx import project
from jupyter_kfx.analysis import build
from jupyter_kfx.errors import DiagnosticsError
from jupyter_kfx.notebook import from_json
from tests.equivalence import (
    class_cases,
    database_cases,
    figure_cases,
    frame_cases,
    image_cases,
    keras_cases,
    kernel_cases,
    lesson_cases,
    library_cases,
    module_cases,
    state_cases,
    tensor_cases,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.equivalence.kernel_cases import Case

SAME = {
    **class_cases.SAME,
    **figure_cases.SAME,
    **frame_cases.SAME,
    **kernel_cases.SAME,
    **database_cases.SAME,
    **image_cases.SAME,
    **keras_cases.SAME,
    **lesson_cases.SAME,
    **library_cases.SAME,
    **module_cases.SAME,
    **state_cases.SAME,
    **tensor_cases.SAME,
}
REFUSED = {
    **figure_cases.REFUSED,
    **kernel_cases.REFUSED,
    **database_cases.REFUSED,
    **image_cases.REFUSED,
    **lesson_cases.REFUSED,
    **library_cases.REFUSED,
    **module_cases.REFUSED,
    **state_cases.REFUSED,
    **tensor_cases.REFUSED,
}


JOINED = {**figure_cases.REFUSED, **state_cases.REFUSED}
"""What is right if the steps run as one."""
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def _notebook(folder: Path, case: Case) -> Any:
    folder.mkdir()
    for module in ("h5py", "pyarrow", "torch", "keras", "tensorflow"):
        if any(module in str(part) for part in case):
            pytest.importorskip(module)
    cells: list[dict[str, Any]] = []
    for part in case:
        if isinstance(part, dict):
            for name, text in part.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(text)
            continue
        tags = [f"step:s{len(cells)}"]
        if "#raises" in part:
            tags.append("raises-exception")
        cells.append(
            nbformat.v4.new_code_cell(
                part, id=f"c{len(cells)}", metadata={"tags": tags}
            )
        )
    document = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(document, folder / "nb.ipynb")
    return document


def _execute(document: Any, folder: Path) -> None:
    NotebookClient(
        document,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    ).execute()


def _shown(document: Any) -> list[list[Any]]:
    """Return what each code cell shows; texts of one stream in one piece."""
    found = []
    for cell in document["cells"]:
        shown: list[Any] = []
        for output in cell.get("outputs", ()):
            kind = output["output_type"]
            if kind == "stream":
                name, text = output["name"], "".join(output["text"])
                if shown and shown[-1][0] == name:
                    text = shown.pop()[1] + text
                shown.append([name, text])
            elif kind == "error":
                shown.append([kind, output["ename"], output["evalue"]])
            else:
                data = {k: _ADDRESS.sub("0x", v) for k, v in output["data"].items()}
                shown.append([kind, data])
        if cell["cell_type"] == "code":
            found.append(shown)
    return found


@pytest.mark.parametrize("name", SAME)
def test_shows_what_a_kernel_shows(name: str, tmp_path: Path) -> None:
    document = _notebook(tmp_path / "kernel", SAME[name])
    _execute(document, tmp_path / "kernel")
    _notebook(tmp_path / "pipeline", SAME[name])
    output = tmp_path / "out.ipynb"
    report = project.run(
        tmp_path / "pipeline" / "nb.ipynb",
        output=str(output),
        store=str(tmp_path / "store"),
        join=False,
    )
    assert report.status == "succeeded", report.failed
    assert _shown(json.loads(output.read_text())) == _shown(document)


@pytest.mark.parametrize("name", SAME)
def test_tags_of_order_change_no_data(name: str, tmp_path: Path) -> None:
    document = _notebook(tmp_path / "free", SAME[name])
    free = build(from_json(json.loads(json.dumps(document))))
    for i, cell in enumerate(document["cells"][1:]):
        cell["metadata"]["tags"].append(f"prev:s{i}")
    chained = build(from_json(json.loads(json.dumps(document))))
    assert [
        (step.inputs, step.outputs, step.live, step.ambient) for step in chained.steps
    ] == [(step.inputs, step.outputs, step.live, step.ambient) for step in free.steps]
    assert {(e.source, e.target) for e in free.edges} <= {
        (e.source, e.target) for e in chained.edges
    }


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_stays_behind(name: str, tmp_path: Path) -> None:
    case, why = REFUSED[name]
    _notebook(tmp_path / "pipeline", case)
    try:
        report = project.run(
            tmp_path / "pipeline" / "nb.ipynb",
            store=str(tmp_path / "store"),
            join=False,
        )
    except DiagnosticsError as error:
        assert why in str(error)
        return
    assert report.failed is not None
    assert report.failed.error is not None
    assert why in report.failed.error.message


@pytest.mark.parametrize("name", JOINED)
def test_is_right_or_refused_if_steps_may_run_as_one(name: str, tmp_path: Path) -> None:
    case, why = JOINED[name]
    _notebook(tmp_path / "pipeline", case)
    output = tmp_path / "out.ipynb"
    try:
        report = project.run(
            tmp_path / "pipeline" / "nb.ipynb",
            output=str(output),
            store=str(tmp_path / "store"),
        )
    except DiagnosticsError as error:
        assert why in str(error)
        return
    if report.failed is not None:
        assert report.failed.error is not None
        assert why in report.failed.error.message
        return
    assert any("ran as one" in warning for warning in report.warnings)
    document = _notebook(tmp_path / "kernel", case)
    _execute(document, tmp_path / "kernel")
    assert _shown(json.loads(output.read_text())) == _shown(document)
