"""Parts of a pipeline run on what is there, and say what is not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx import project
from jupyter_kfx.engines.report import RunReport
from jupyter_kfx.errors import UsageError

CELLS = {
    "load": "print('load')\na = [1, 2, 3]",
    "clean": "print('clean')\nb = [x * 2 for x in a]",
    "fit": "print('fit')\nc = sum(b)",
    "plot": "print('plot', b)",
    "end": "print('end', c)",
}
FRESH = "import uuid\nfresh = str(uuid.uuid4())\nprint(fresh)"


class Work:
    """A notebook in a folder, and its store."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "work.ipynb"
        self.store = str(folder / "store")
        self.cells = dict(CELLS)

    def run(self, **options: Any) -> RunReport:
        cells: list[dict[str, Any]] = [
            {
                "cell_type": "code",
                "id": name,
                "metadata": {"tags": [f"step:{name}"]},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for name, source in self.cells.items()
        ]
        kernel = {"name": "python3", "language": "python", "display_name": "Python"}
        document = {
            "cells": cells,
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        self.path.write_text(json.dumps(document))
        return project.run(self.path, store=self.store, **options)

    def ran(self, **options: Any) -> dict[str, str]:
        """Run and return how each step ended: ran, cached, or its status."""
        report = self.run(**options)
        return {
            step.name: "cached"
            if step.cached
            else "ran"
            if step.status == "succeeded"
            else step.status
            for step in report.steps
        }


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A notebook that has not run yet."""
    return Work(tmp_path)


def _all(how: str, **others: str) -> dict[str, str]:
    return {**dict.fromkeys(CELLS, how), **others}


def test_from_a_step_on(work: Work) -> None:
    work.run()
    expected = _all("cached", fit="ran", end="ran")
    assert work.ran(from_step="fit") == expected


def test_one_step_alone(work: Work) -> None:
    work.run()
    expected = {"load": "cached", "clean": "cached", "fit": "ran"}
    assert work.ran(only="fit") == {**expected, "plot": "skipped", "end": "skipped"}


def test_up_to_a_step(work: Work) -> None:
    expected = {"load": "ran", "clean": "ran", "fit": "ran"}
    assert work.ran(until="fit") == {**expected, "plot": "skipped", "end": "skipped"}


def test_a_stretch(work: Work) -> None:
    work.run()
    expected = {"load": "cached", "clean": "ran", "fit": "ran"}
    found = work.ran(from_step="clean", until="fit")
    assert found == {**expected, "plot": "skipped", "end": "skipped"}


def test_a_step_that_is_not_needed_is_left_out(work: Work) -> None:
    work.run()
    work.cells["plot"] = "print('another plot', b)"
    assert work.ran(only="end") == _all("cached", plot="skipped", end="ran")


def test_what_has_never_run_is_named(work: Work) -> None:
    with pytest.raises(UsageError, match=r"`load` \(it has no earlier result\)"):
        work.run(only="fit")
    assert not (Path(work.store) / "runs").exists() or not [
        *(Path(work.store) / "runs").iterdir()
    ]


@pytest.mark.parametrize("option", ["only", "from_step"])
def test_what_has_changed_above_is_named(work: Work, option: str) -> None:
    work.run()
    work.cells["clean"] = "# twice\n\nprint('clean')\nb = [x * 3 for x in a]"
    with pytest.raises(UsageError) as caught:
        work.run(**{option: "fit"})
    assert "`clean` (its code has changed (cell 2, line 4))" in str(caught.value)
    assert "--stale" in str(caught.value)
    found = work.ran(**{option: "fit"}, stale=True)
    assert (found["load"], found["clean"], found["fit"]) == ("cached", "cached", "ran")


def test_stale_results_are_not_taken_for_good_ones_later(work: Work) -> None:
    work.run()
    work.cells["clean"] = "print('clean')\nb = [x * 3 for x in a]"
    work.run(only="fit", stale=True)
    assert work.ran() == {
        "load": "cached",
        "clean": "ran",
        "fit": "ran",
        "plot": "ran",
        "end": "ran",
    }
    (why,) = project.reasons(step="clean", store=work.store)
    assert why.reason == "its code has changed (cell 2, line 2)"


def test_what_depends_on_chance_is_kept_where_only_a_part_runs(work: Work) -> None:
    work.cells = {"load": FRESH, "end": "print(fresh)"}
    first = work.run()
    second = work.run(only="end")
    assert _printed(first, "end") == _printed(second, "end")
    assert work.ran() == {"load": "ran", "end": "ran"}


def test_a_run_is_resumed_where_it_failed(work: Work) -> None:
    work.cells = {"load": FRESH, "fit": "print(fresh)\n1 / 0", "end": "print(fresh)"}
    first = work.run()
    assert first.status == "failed"
    work.cells["fit"] = "print('fit', fresh)"
    second = work.run(resume=first.id)
    # The last step may have run beside the one that failed.
    assert [step.cached for step in second.steps][:2] == [True, False]
    assert _printed(first, "load") == _printed(second, "end")


def test_a_finished_step_must_not_have_changed(work: Work) -> None:
    work.cells["fit"] = "1 / 0"
    first = work.run()
    work.cells["load"] = "print('load')\na = [7]"
    with pytest.raises(UsageError, match=r"`load`.*changed"):
        work.run(resume=first.id)
    work.cells["fit"] = CELLS["fit"]
    found = work.ran(resume=first.id, stale=True)
    assert (found["load"], found["clean"], found["fit"]) == ("cached", "cached", "ran")


def test_a_killed_run_is_resumed(work: Work) -> None:
    work.cells = {
        "load": FRESH,
        "slow": "import os, time\nif not os.path.exists('go'):\n    time.sleep(600)\nd = fresh",
        "end": "print(d)",
    }
    work.cells["slow"] = work.cells["slow"].replace(
        "'go'", repr(str(work.path.with_name("go")))
    )
    with pytest.raises(UsageError):
        work.run(only="none")  # only to write the notebook
    command = [sys.executable, "-m", "jupyter_kfx.cli", "run", str(work.path)]
    process = subprocess.Popen([*command, "--store", work.store])
    opened = project.open_store(work.store)
    for _ in range(600):
        runs = opened.runs()
        done = opened.executions(runs[0].id) if runs else []
        if any(e.step == "load" and e.status == "succeeded" for e in done):
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (record,) = opened.runs()
    assert record.status == "lost"
    opened.close()
    why = {reason.step: str(reason) for reason in project.reasons(store=work.store)}
    assert why["load"] == "step `load` ran: it has no earlier result."
    assert why["end"] == "step `end` did not run: the run ended before."
    work.path.with_name("go").touch()
    report = work.run(resume="latest")
    assert [step.cached for step in report.steps] == [True, False, False]
    log = Path(work.store, "runs", record.id, f"{record.id}-001-1", "log")
    assert log.exists()


def _printed(report: RunReport, step: str) -> list[Any]:
    (found,) = [each for each in report.steps if each.name == step]
    assert found.notebook is not None
    document = json.loads(Path(found.notebook).read_text())
    return [output["text"] for cell in document["cells"] for output in cell["outputs"]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"only": "fti"}, "no step `fti`.*`fit`"),
        ({"from_step": "x"}, "no step `x`"),
        ({"until": "x"}, "no step `x`"),
        ({"only": "fit", "until": "end"}, "already"),
        ({"from_step": "end", "until": "fit"}, "above"),
        ({"stale": True}, "stale"),
        ({"resume": "none"}, "no run `none`"),
    ],
)
def test_what_contradicts_itself(
    work: Work, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        work.run(**options)


def test_reasons_are_sentences(work: Work) -> None:
    work.run()
    work.cells["clean"] = "print('clean')\nb = [x * 3 for x in a]"
    work.run()
    found = {reason.step: str(reason) for reason in project.reasons(store=work.store)}
    assert found["load"].startswith("step `load` did not run: taken from run ")
    assert found["clean"] == (
        "step `clean` ran: its code has changed (cell 2, line 2)."
    )
    assert found["fit"] == "step `fit` ran: its input `b` has changed."


def test_reasons_of_steps_that_a_failure_has_stopped(work: Work) -> None:
    work.cells = {"bad": "x = 1 / 0", "ahead": "y = 1", "below": "z = x"}
    assert work.run(jobs=2).status == "failed"
    found = {reason.step: str(reason) for reason in project.reasons(store=work.store)}
    assert found == {
        "bad": "step `bad` ran: it has no earlier result.",
        "ahead": "step `ahead` ran: it has no earlier result. "
        "Step `bad` failed before it counted.",
        "below": "step `below` did not run: step `bad` failed.",
    }
