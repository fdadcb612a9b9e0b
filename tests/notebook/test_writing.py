from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook import Notebook, from_json
from jupyter_kfx.notebook.writing import ExecutedCell, Record, executed, write

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
END = datetime(2026, 1, 2, 3, 4, 15, 500000, tzinfo=UTC)


def code(identity: str, source: str, *tags: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": identity,
        "metadata": {"tags": list(tags), "collapsed": True},
        "source": source,
        "execution_count": 99,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "stale"}],
    }


def notebook(*cells: dict[str, Any], minor: int = 5) -> Notebook:
    return from_json(
        {
            "nbformat": 4,
            "nbformat_minor": minor,
            "metadata": {"title": "kept"},
            "cells": list(cells),
        },
        "in.ipynb",
    )


def record(**parameters: Any) -> Record:
    return Record(START, END, "out.ipynb", parameters)


OUTPUT = {"output_type": "stream", "name": "stdout", "text": "1\n"}
RAN = ExecutedCell([OUTPUT], 1, 2.5, started=START)


def test_the_document_is_that_of_the_notebook_with_new_outputs() -> None:
    source = notebook(
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# T"},
        code("a", "print(1)"),
        code("b", "print(2)"),
    )
    before = json.dumps(source.raw)
    document = executed(source, {"a": RAN}, record(), parameters_index=None)
    assert json.dumps(source.raw) == before
    nbformat.validate(nbformat.from_dict(document))
    assert [cell["id"] for cell in document["cells"]] == ["m", "a", "b"]
    ran, idle = document["cells"][1:]
    assert ran["outputs"] == [OUTPUT]
    assert ran["execution_count"] == 1
    assert ran["metadata"] == {
        "tags": [],
        "collapsed": True,
        "papermill": {
            "duration": 2.5,
            "end_time": "2026-01-02T03:04:07.500000+00:00",
            "exception": False,
            "start_time": "2026-01-02T03:04:05+00:00",
            "status": "completed",
        },
    }
    assert (idle["outputs"], idle["execution_count"]) == ([], None)
    assert idle["metadata"]["papermill"]["status"] == "pending"
    assert document["metadata"] == {
        "title": "kept",
        "papermill": {
            "default_parameters": {},
            "duration": 10.5,
            "end_time": "2026-01-02T03:04:15.500000+00:00",
            "environment_variables": {},
            "exception": None,
            "input_path": "in.ipynb",
            "output_path": "out.ipynb",
            "parameters": {},
            "start_time": "2026-01-02T03:04:05+00:00",
            "version": papermill.__version__,
        },
    }


HOSTILE = "it's \"so\"\n\\ {{x}} '''); import os #"


@pytest.mark.parametrize("minor", [4, 5])
def test_parameters_stand_below_their_cell(minor: int) -> None:
    cells = [code("x", "0"), code("p", "a = 1", "parameters"), code("y", "a")]
    if minor == 4:
        for cell in cells:
            del cell["id"]
    document = executed(
        notebook(*cells, minor=minor),
        {},
        record(a=HOSTILE, b=[1, None]),
        parameters_index=1,
    )
    nbformat.validate(nbformat.from_dict(document))
    injected = document["cells"][2]
    assert injected["metadata"]["tags"] == ["injected-parameters"]
    values: dict[str, Any] = {}
    exec(injected["source"], values)
    assert (values["a"], values["b"]) == (HOSTILE, [1, None])
    assert document["metadata"]["papermill"]["parameters"]["b"] == [1, None]


def test_the_cells_are_where_papermill_puts_them(tmp_path: Path) -> None:
    source = notebook(
        code("p", "a = 1", "parameters"),
        code("injected-parameters", "a = 2", "injected-parameters"),
        code("y", "a"),
    )
    path = tmp_path / "in.ipynb"
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    path.write_text(json.dumps({**source.raw, "metadata": {"kernelspec": spec}}))
    theirs = papermill.execute_notebook(
        path, None, {"a": 3}, prepare_only=True, progress_bar=False
    )
    ours = executed(source, {}, record(a=3), parameters_index=0)
    assert [c["source"] for c in ours["cells"]] == [c["source"] for c in theirs.cells]
    assert ours["cells"][1]["metadata"]["tags"] == theirs.cells[1].metadata["tags"]
    assert set(ours["metadata"]["papermill"]) >= set(theirs.metadata["papermill"])


def test_parameters_that_were_in_the_notebook_are_run_when_none_are_given() -> None:
    source = notebook(code("i", "a = 2", "injected-parameters"))
    document = executed(source, {"i": RAN}, record(), parameters_index=None)
    assert document["cells"][0]["outputs"] == [OUTPUT]


def test_without_a_parameters_cell_they_stand_at_the_top() -> None:
    document = executed(
        notebook(code("x", "0")), {}, record(a=1), parameters_index=None
    )
    assert "injected-parameters" in document["cells"][0]["metadata"]["tags"]


def test_a_failed_cell_is_pointed_to_once() -> None:
    source = notebook(code("a", "1"), code("b", "1/0"))
    failed = ExecutedCell([], 2, 0.1, failed=True)
    document = executed(
        source, {"a": RAN, "b": failed}, record(), parameters_index=None
    )
    nbformat.validate(nbformat.from_dict(document))
    kinds = [cell["cell_type"] for cell in document["cells"]]
    assert kinds == ["markdown", "code", "markdown", "code"]
    assert "In [2]" in document["cells"][0]["source"]
    assert document["cells"][3]["metadata"]["papermill"]["status"] == "failed"
    assert document["metadata"]["papermill"]["exception"] is True
    again = executed(from_json(document), {}, record(), parameters_index=None)
    assert [cell["id"] for cell in again["cells"]] == ["a", "b"]


def test_a_notebook_is_written_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.ipynb"
    document = executed(notebook(code("a", "'é'")), {}, record(), parameters_index=None)
    write(path, document)
    assert json.loads(path.read_text("utf-8")) == document
    assert "é" in path.read_text("utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_character_in_an_output_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "out.ipynb"
    write(path, {"text": "\ud800"})
    assert json.loads(path.read_text("utf-8")) == {"text": "\ud800"}


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("kept")
    for path in (place / "out.ipynb", tmp_path / "none" / "out.ipynb", tmp_path):
        with pytest.raises(UsageError, match="cannot be written") as caught:
            write(path, {})
        assert "-o" in str(caught.value.cure)
    assert place.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [place]
