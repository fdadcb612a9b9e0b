"""Steps run as one where a value cannot go between them, and say so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_kfx import project
from tests.engines.notebooks import write

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.engines.report import RunReport

BEGUN = "g = (i * i for i in range(9))\nnext(g)"
"""Leaves what no other process can go on with."""
TOLD = [
    "import time\nbase = 40\nprint('base', time.perf_counter())",
    BEGUN,
    "mid = base + 2\nprint(mid)",
    "print(next(g))",
    "print(base + mid)",
]


def _run(
    folder: Path,
    sources: list[str],
    tags: dict[int, list[str]] | None = None,
    **options: Any,
) -> RunReport:
    write(folder, sources, tags or {})
    return project.run(
        folder / "nb.ipynb",
        store=str(folder / "store"),
        output=str(folder / "out.ipynb"),
        **options,
    )


def _printed(folder: Path) -> list[str]:
    document = json.loads((folder / "out.ipynb").read_text())
    return [
        "".join("".join(o["text"]) for o in cell["outputs"] if "text" in o)
        for cell in document["cells"]
        if cell["cell_type"] == "code"
    ]


def test_what_is_between_runs_along_and_the_rest_by_itself(tmp_path: Path) -> None:
    report = _run(tmp_path, TOLD)
    assert report.status == "succeeded"
    assert [step.joined for step in report.steps] == ["", "", "s1", "s1", ""]
    assert [step.status for step in report.steps] == ["succeeded"] * 5
    assert _printed(tmp_path)[2:] == ["42\n", "1\n", "82\n"]
    (warning,) = report.warnings
    assert "steps `s1` to `s3` ran as one" in warning
    assert "`g`" in warning
    assert "step:s1" in warning


def test_steps_above_run_once(tmp_path: Path) -> None:
    report = _run(tmp_path, ["print('a')\nopen('n', 'a').write('x')", *TOLD])
    assert report.status == "succeeded"
    assert (tmp_path / "n").read_text() == "x"
    assert report.steps[0].attempts == 1


def test_the_next_run_takes_the_results(tmp_path: Path) -> None:
    _run(tmp_path, TOLD)
    printed = _printed(tmp_path)
    report = _run(tmp_path, TOLD)
    assert [step.cached for step in report.steps][1:] == [True] * 4
    assert not any(step.reruns for step in report.steps)
    assert _printed(tmp_path)[1:] == printed[1:]


def test_what_is_made_of_it_runs_along(tmp_path: Path) -> None:
    report = _run(
        tmp_path,
        [BEGUN, "h = (i for i in g)\nnext(h)", "x = 3", "print(next(h))", "print(x)"],
    )
    assert report.status == "succeeded"
    assert [step.joined for step in report.steps] == ["", "s0", "s0", "s0", ""]
    assert _printed(tmp_path)[3:] == ["4\n", "3\n"]


def test_each_group_is_joined_by_itself(tmp_path: Path) -> None:
    report = _run(
        tmp_path,
        [
            BEGUN,
            "print(next(g))",
            "print(5)",
            "h = (-i for i in range(9))\nnext(h)",
            "print(next(h))",
        ],
    )
    assert [step.joined for step in report.steps] == ["", "s0", "", "", "s3"]
    assert _printed(tmp_path) == ["", "1\n", "5\n", "", "-1\n"]
    assert len(report.warnings) == 2


def test_what_ran_early_below_is_kept(tmp_path: Path) -> None:
    wait = "import time\ntime.sleep(1)\n"
    report = _run(tmp_path, [wait + BEGUN, "print(next(g))", "print(3)"], jobs=3)
    assert report.status == "succeeded"
    assert [step.attempts for step in report.steps] == [2, 2, 1]
    assert not any(step.reruns for step in report.steps)


def test_it_can_be_refused(tmp_path: Path) -> None:
    report = _run(tmp_path, TOLD, join=False)
    assert report.failed is not None
    assert report.failed.error is not None
    assert report.failed.error.kind == "unavailable"


@pytest.mark.parametrize(
    ("sources", "tags"),
    [
        ([f"{BEGUN}\nopen('a.txt', 'a').write('x')", "print(next(g))"], {}),
        ([BEGUN, "open('a.txt', 'a').write('x')", "print(next(g))"], {}),
        ([BEGUN, "print(next(g))"], {1: ["cpu:2"]}),
        ([BEGUN, "print(next(g))"], {1: ["when:True"]}),
    ],
    ids=["wrote", "wrote between", "other resources", "condition"],
)
def test_what_cannot_run_again_or_together_is_refused(
    sources: list[str], tags: dict[int, list[str]], tmp_path: Path
) -> None:
    report = _run(tmp_path, sources, tags)
    assert report.failed is not None
    assert report.failed.error is not None
    assert "`g`" in report.failed.error.message
    if "open" in "".join(sources):
        assert (tmp_path / "a.txt").read_text() == "x"


def test_an_error_is_that_of_its_cell(tmp_path: Path) -> None:
    report = _run(tmp_path, [BEGUN, "print(next(g))\n1 / 0", "print(3)"])
    assert report.failed is not None
    assert report.failed.error is not None
    assert (report.failed.error.ename, report.failed.error.cell_index) == (
        "ZeroDivisionError",
        1,
    )
    assert [step.status for step in report.steps] == ["failed", "failed", "skipped"]
    assert _printed(tmp_path)[1] == "1\n"


def test_every_step_is_told_of(tmp_path: Path) -> None:
    heard: list[RunEvent] = []
    _run(tmp_path, TOLD, listener=heard.append)
    ended = {e.step: e.data["outcome"] for e in heard if e.kind == "step-finished"}
    assert {name: outcome.joined for name, outcome in ended.items()} == {
        "s0": "", "s1": "", "s2": "s1", "s3": "s1", "s4": "",
    }  # fmt: skip
    joined = [e for e in heard if e.kind == "step-joined"]
    assert [e.step for e in joined] == ["s1", "s2", "s3"]
    assert {e.data["first"] for e in joined} == {"s1"}


def test_it_is_resumed_below(tmp_path: Path) -> None:
    sources = [*TOLD, "import os\nprint(1 / len(os.environ.get('KFX_T', '')))"]
    first = _run(tmp_path, sources)
    assert first.failed is not None
    assert first.failed.name == "s5"
    sources[-1] = "print('end')"
    report = _run(tmp_path, sources, resume=first.id)
    assert report.status == "succeeded"
    assert [step.cached for step in report.steps] == [True] * 5 + [False]


def test_a_step_that_ran_along_can_be_asked_for(tmp_path: Path) -> None:
    assert _run(tmp_path, TOLD).status == "succeeded"
    report = _run(tmp_path, TOLD, from_step="s3")
    assert report.status == "succeeded"
    assert [step.cached for step in report.steps] == [True, *[False] * 4]
