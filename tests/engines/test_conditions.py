"""Steps with conditions in runs: what is recorded of them, and taken again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx import project
from jupyter_kfx.background.states import document
from jupyter_kfx.engines.report import RunReport
from jupyter_kfx.errors import UsageError
from jupyter_kfx.store import Store

CELLS: dict[str, tuple[str, str | None]] = {
    "load": ("n = 1\nprint('load')", None),
    "tune": ("best = n + 1\nprint('tune')", "print('asked') or n > 3"),
    "use": ("print(best)", None),
    "show": ("print(n)", None),
}


class Work:
    """A notebook in a folder, and its store."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "work.ipynb"
        self.store = str(folder / "store")
        self.cells = dict(CELLS)

    def write(self) -> None:
        cells: list[dict[str, Any]] = [
            {
                "cell_type": "code",
                "id": name,
                "metadata": {
                    "tags": [f"step:{name}", *([f"when:{test}"] if test else [])]
                },
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for name, (source, test) in self.cells.items()
        ]
        kernel = {"name": "python3", "language": "python", "display_name": "Python"}
        notebook = {
            "cells": cells,
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        self.path.write_text(json.dumps(notebook))

    def run(self, **options: Any) -> RunReport:
        self.write()
        return project.run(self.path, store=self.store, **options)

    def ended(self, **options: Any) -> dict[str, tuple[str, bool]]:
        """Run, and return how each step ended and whether it was taken as it was."""
        return {s.name: (s.status, s.cached) for s in self.run(**options).steps}


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


ASKED = "its condition `print('asked') or n > 3` is false"
LACKS = "it needs `best`, and step `tune`, which binds it, is skipped"


def test_what_is_recorded_of_skipped_steps(work: Work) -> None:
    output = work.path.with_name("out.ipynb")
    report = work.run(output=str(output))
    assert report.status == "succeeded"
    assert [(s.status, s.reason, s.passed_over) for s in report.steps] == [
        ("succeeded", "it has no earlier result", False),
        ("skipped", ASKED, True),
        ("skipped", LACKS, True),
        ("succeeded", "it has no earlier result", False),
    ]
    cells = json.loads(output.read_text())["cells"]
    assert [cell["execution_count"] for cell in cells] == [1, None, None, 4]
    assert [
        ["".join(o["text"]) for o in cell["outputs"]] for cell in cells
    ] == [["load\n"], ["asked\n"], [], ["1\n"]]  # fmt: skip
    assert [cell["metadata"]["papermill"]["status"] for cell in cells] == [
        "completed",
        "pending",
        "pending",
        "completed",
    ]
    store = Store.open(work.store)
    record = store.run(report.id)
    assert [(e.step, e.status) for e in store.executions(report.id)] == [
        ("load", "succeeded"),
        ("tune", "skipped"),
        ("show", "succeeded"),
    ]
    states = document(store, record)["steps"]
    store.close()
    assert [(s["status"], s["passed_over"]) for s in states if s["step"] == "tune"] == [
        ("skipped", True)
    ]
    said = [str(reason) for reason in project.reasons(report.id, store=work.store)]
    assert said[1:3] == [
        f"step `tune` did not run: {ASKED}.",
        f"step `use` did not run: {LACKS}.",
    ]


def test_a_false_condition_is_taken_from_the_cache_and_asked_anew(work: Work) -> None:
    work.run()
    assert work.ended() == {
        "load": ("succeeded", True),
        "tune": ("skipped", True),
        "use": ("skipped", False),
        "show": ("succeeded", True),
    }
    work.cells["tune"] = (CELLS["tune"][0], "n > 0")
    report = work.run()
    assert [(s.status, s.cached) for s in report.steps] == [
        ("succeeded", True),
        ("succeeded", False),
        ("succeeded", False),
        ("succeeded", True),
    ]
    assert report.steps[1].reason == (
        "its setting when is n > 0 and was print('asked') or n > 3"
    )
    work.cells["load"] = ("n = 5\nprint('load')", None)
    assert work.ended()["tune"] == ("succeeded", False)


def test_parts_of_a_pipeline_with_skipped_steps(work: Work) -> None:
    first = work.run()
    assert work.ended(only="show")["show"] == ("succeeded", False)
    assert work.ended(only="use")["use"] == ("skipped", False)
    assert work.ended(resume=first.id)["tune"] == ("skipped", True)
    assert work.ended(from_step="tune") == {
        "load": ("succeeded", True),
        "tune": ("skipped", False),
        "use": ("skipped", False),
        "show": ("succeeded", True),
    }


def test_a_step_that_has_acted_cannot_be_skipped(work: Work) -> None:
    work.cells["use"] = (
        "def f():\n    return best\nopen('log.txt', 'w').write('x')\nf()",
        None,
    )
    report = work.run()
    assert report.failed is not None
    assert report.failed.name == "use"
    assert report.failed.error is not None
    assert "cannot be skipped" in report.failed.error.message
    assert "`when:'best' in globals()`" in report.failed.error.message
    work.cells["use"] = (work.cells["use"][0], "'best' in globals()")
    assert work.ended()["use"] == ("skipped", False)


def test_a_step_that_lacks_a_name_is_not_tried_again(work: Work) -> None:
    work.cells["use"] = ("def f():\n    return best\nf()", None)
    work.write()
    notebook = json.loads(work.path.read_text())
    notebook["cells"][2]["metadata"]["tags"].append("retry:2")
    work.path.write_text(json.dumps(notebook))
    report = project.run(work.path, store=work.store)
    (use,) = [step for step in report.steps if step.name == "use"]
    assert (use.status, use.attempts, use.reason) == ("skipped", 1, LACKS)
    store = Store.open(work.store)
    found = {e.step: (e.status, e.failure) for e in store.executions(report.id)}
    store.close()
    assert found["use"] == ("skipped", {})


def test_an_error_in_a_condition_is_an_error_of_its_step(work: Work) -> None:
    work.cells["tune"] = (CELLS["tune"][0], "1 / (n - 1)")
    report = work.run()
    assert report.failed is not None
    error = report.failed.error
    assert error is not None
    assert (error.ename, error.cell, error.line) == ("ZeroDivisionError", "tune", None)
    plain = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error.traceback))
    assert "1 / (n - 1)" in plain
    assert report.failed.name == "tune"


def test_a_condition_has_no_other_meaning_than_in_its_step(work: Work) -> None:
    work.cells["tune"] = ("x = 1", "'<script>alert(1)</script>' in str(n)")
    work.write()
    pipeline = project.load(work.path).pipeline
    assert pipeline.step("tune").settings.when == work.cells["tune"][1]
    assert work.ended()["tune"] == ("skipped", False)


def test_a_condition_for_all_steps_is_refused(work: Work) -> None:
    work.write()
    notebook = json.loads(work.path.read_text())
    notebook["metadata"]["kfx"] = {"when": "n"}
    work.path.write_text(json.dumps(notebook))
    errors = project.load(work.path).pipeline.errors
    assert [error.code for error in errors] == ["misplaced-condition"]


def test_the_tables_say_why(work: Work) -> None:
    work.write()

    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", "jupyter_kfx.cli", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=True
        ).stdout

    run = ("run", str(work.path), "--store", work.store)
    first = said(*run)
    assert f"step tune is skipped: {ASKED}" in first
    assert f"step use is skipped: {LACKS}" in first
    rows = [line.split() for line in said(*run).splitlines() if " tune " in line]
    assert ["-", "tune", "skipped"] in [row[:3] for row in rows]
    assert "if print('asked') or n > 3" in said("show", str(work.path))


def test_a_missing_result_of_a_skipped_step_is_said(work: Work) -> None:
    work.write()
    with pytest.raises(UsageError, match="it has no earlier result"):
        work.run(only="use")


def test_verify_compares_with_if(work: Work) -> None:
    work.cells |= {"use": ("print('x', n)", "n < 3"), "show": ("n", "(k := n) > 0")}
    work.write()
    found = project.verify(project.load(work.path))
    assert (found.status, found.unknown) == ("same", ())


def test_verify_says_where_the_notebook_ends(work: Work) -> None:
    work.write()
    found = project.verify(project.load(work.path))
    assert found.status == "same"
    assert found.unknown[0].startswith("step `use` and what is below: it needs `best`")


def test_a_loop_is_refused_by_the_local_engine(work: Work) -> None:
    work.write()
    notebook = json.loads(work.path.read_text())
    notebook["cells"][1]["metadata"]["tags"] = ["step:tune", "foreach:x in [1, 2]"]
    work.path.write_text(json.dumps(notebook))
    with pytest.raises(
        UsageError, match="`tune` sets `foreach`, which the local engine"
    ):
        project.run(work.path, store=work.store)
