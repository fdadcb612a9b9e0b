"""Two real runs side by side."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from jupyter_kfx import project
from jupyter_kfx.errors import UsageError
from jupyter_kfx.inspection.page import page
from jupyter_kfx.inspection.text import lines
from tests.cli.conftest import Cells
from tests.inspection.conftest import RunCells

CELLS: Cells = [
    (["parameters"], "n = 3\nlabel = 'x'"),
    (
        ["step:make"],
        "class Point:\n    def __init__(self, x):\n        self.x = x\n"
        "points = [Point(i) for i in range(n)]\nfixed = {'a': [1.5]}\n"
        "def shift(v):\n    return v + len(points)",
    ),
    (["step:use"], "total = sum(p.x for p in points)\nprint(fixed, shift(1))"),
    (["pipeline-metrics"], "total"),
]


def changed(source: str, new: str) -> Cells:
    return [(tags, text.replace(source, new)) for tags, text in CELLS]


def steps(found: dict[str, Any]) -> dict[str, Any]:
    return {step["step"]: step for step in found["steps"]}


def by_name(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {entry["name"]: entry for entry in entries}


def test_runs_of_the_same_are_the_same(run: RunCells, place: str) -> None:
    one, other = run(CELLS), run(changed("n = 3", "n = 3  # so many"), cache=False)
    found = project.compare(one.id, other.id, store=place)
    assert found["same"] is True
    assert [r["run"] for r in found["runs"]] == [one.id, other.id]
    assert list(lines(found))[-1] == "The runs are the same."
    shown = "\n".join(lines(found, everything=True))
    assert "output points: the same" in shown
    assert "metric total: 3" in shown


def test_what_a_parameter_changes(run: RunCells, place: str) -> None:
    one, other = run(CELLS), run(CELLS, parameters={"n": 4})
    found = project.compare(one.id, other.id, store=place)
    assert found["same"] is False
    metric = by_name(found["metrics"])["total"]
    assert (metric["one"], metric["other"], metric["change"]) == (3, 6, 3)
    assert by_name(found["parameters"])["n"]["other"] == 4
    make = by_name(steps(found)["make"]["outputs"])
    assert make["points"]["same"] is False
    assert "3 parts against 4" in make["points"]["why"]
    assert make["fixed"]["same"] is True
    inputs = by_name(steps(found)["use"]["inputs"])
    assert inputs["points"]["why"] == make["points"]["why"]
    assert all(step["code"]["same"] for step in found["steps"])


def test_what_code_changes(run: RunCells, place: str) -> None:
    one = run(CELLS)
    other = run(changed("'a': [1.5]", "'a': [1.5, 2]"))
    found = project.compare(one.id, other.id, store=place)
    make = steps(found)["make"]
    assert make["code"]["same"] is False
    assert "+fixed = {'a': [1.5, 2]}" in make["code"]["diff"]
    assert "['a']" in by_name(make["outputs"])["fixed"]["why"]
    assert steps(found)["use"]["code"]["same"] is True
    text = "\n".join(lines(found))
    assert "step make\n  code:\n" in text
    assert "output points" not in text


def test_floats_may_differ_by_a_little(run: RunCells, place: str) -> None:
    one = run([(["step:a"], "x = [0.3]"), (["step:b"], "print(x)")])
    other = run([(["step:a"], "x = [0.1 + 0.2]"), (["step:b"], "print(x)")])
    for tolerance, same in ((0.0, False), (1e-9, True)):
        found = project.compare(one.id, other.id, store=place, tolerance=tolerance)
        assert by_name(steps(found)["a"]["outputs"])["x"]["same"] is same


def test_a_value_that_cannot_be_loaded_is_not_called_the_same(
    run: RunCells, place: str
) -> None:
    code = (
        "import signal\n"
        "class Odd(Exception):\n    def __reduce__(self):\n        return LOAD\n"
        "odd = Odd(SEED)"
    )
    reports = [
        run(
            [
                (["step:a"], code.replace("SEED", seed).replace("LOAD", load)),
                (["step:b"], "1"),
                (["step:c"], "odd"),
            ]
        )
        for seed, load in (("1", "Odd, self.args"), ("2", "signal.raise_signal, (9,)"))
    ]
    assert [(s.name, s.status) for s in reports[1].steps] == [
        ("a", "succeeded"),
        ("b", "succeeded"),
        ("c", "failed"),
    ], reports[1]
    found = project.compare(reports[0].id, reports[1].id, store=place)
    assert by_name(steps(found)["a"]["outputs"])["odd"] == {
        "name": "odd",
        "same": False,
        "why": "unknown: the process that compared it ended",
    }


def test_values_that_were_deleted_are_unknown(run: RunCells, place: str) -> None:
    one, other = run(CELLS), run(CELLS, parameters={"n": 4})
    project.open_store(place).collect(limit=0)
    found = project.compare(one.id, other.id, store=place)
    points = by_name(steps(found)["make"]["outputs"])["points"]
    assert points["why"] == "unknown: a value was deleted"


def test_the_page_shows_texts_as_they_are(run: RunCells, place: str) -> None:
    bad = "<script>alert('1')</script>"
    one, other = run(CELLS), run(CELLS, parameters={"label": bad})
    text = page(project.compare(one.id, other.id, store=place))
    assert "<script" not in text
    body = text.partition("<body>")[2].partition("</html>")[0]
    root = ET.fromstring(f"<body>{body}".replace(" class=other", ""))
    assert bad in "".join(root.itertext())


def test_the_command(run: RunCells, place: str, tmp_path: Path) -> None:
    one, other = run(CELLS), run(CELLS, parameters={"n": 4})
    command = [sys.executable, "-m", "jupyter_kfx.cli", "runs", "compare"]

    def call(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, "--store", place, *more], capture_output=True, text=True
        )

    told = call(one.id, other.id)
    assert told.returncode == 1
    assert "parameter n: 3 -> 4 (+1)" in told.stdout
    assert "metric total: 3 -> 6 (+3)" in told.stdout
    assert json.loads(call(one.id, "--json").stdout)["same"] is False
    assert call(other.id).returncode == 0
    written = tmp_path / "c.html"
    assert call(one.id, other.id, "--html", str(written)).stdout == ""
    assert other.id in written.read_text("utf-8")
    with pytest.raises(UsageError, match="no run `nope`"):
        project.compare("nope", other.id, store=place)
