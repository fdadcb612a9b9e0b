"""Steps that are proposed: where they begin, what they are called, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx.analysis.suggestions import Suggestion, suggest
from jupyter_kfx.errors import DiagnosticsError, UsageError
from jupyter_kfx.notebook import from_json
from jupyter_kfx.notebook.tagging import tagged

EXAMPLES = Path(__file__).parents[2] / "example_notebooks"

MODELS = (
    "import numpy as np\nfrom sklearn.linear_model import LinearRegression, Ridge",
    "X = np.arange(20.).reshape(10, 2)\ny = X.sum(axis=1)\nX[:2]",
    "plain = LinearRegression()\nplain.fit(X, y)",
    "plain.coef_",
    "ridge = Ridge()\nridge.fit(X, y)",
    "print(plain.score(X, y), ridge.score(X, y))",
)


def _document(*cells: str | tuple[str, list[str]]) -> dict[str, Any]:
    """Return a notebook; a text that starts with `#` and a blank line is markdown."""
    made: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        source, tags = (cell, []) if isinstance(cell, str) else cell
        is_text = source.startswith(("# ", "## ", "### ")) and "\n" not in source
        made.append(
            {
                "id": f"c{number}",
                "cell_type": "markdown" if is_text else "code",
                "metadata": {"tags": tags} if tags else {},
                "source": source,
                **({} if is_text else {"outputs": [], "execution_count": None}),
            }
        )
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}


def _suggested(*cells: str | tuple[str, list[str]]) -> Suggestion:
    return suggest(from_json(_document(*cells)))


def _steps(found: Suggestion) -> dict[str, tuple[int, ...]]:
    return {step.name: step.cells for step in found.steps}


def test_headings_name_the_steps() -> None:
    found = _suggested(
        "# The title of it all",
        "import math",
        "## 1. Read the *numbers*",
        "numbers = [float(n) for n in '1 4 9'.split()]",
        "## 2) Take [roots](https://example.org), all of them",
        "roots = [math.sqrt(n) for n in numbers]",
        "roots[0]",
    )
    assert _steps(found) == {
        "Read the numbers": (3,),
        "Take roots all of them": (5, 6),
    }
    assert found.setup == (1,)
    assert found.tags == {
        3: ("step:Read the numbers",),
        5: ("step:Take roots all of them",),
    }
    assert found.steps[1].why == (
        "It starts at the heading “2) Take [roots](https://example.org), all of them” "
        "and takes only `numbers` from `Read the numbers`."
    )


def test_headings_of_no_work_name_nothing() -> None:
    found = _suggested(
        "# Title", "## References", "a = sum(range(9))", "## Use", "max(a, 1)"
    )
    assert _steps(found) == {"a": (2,), "Use": (4,)}


def test_a_heading_twice_gives_two_names() -> None:
    found = _suggested("## Run", "a = sum(range(9))", "## Run", "b = max(range(a))")
    assert list(_steps(found)) == ["Run", "Run 2"]


def test_strands_that_need_nothing_of_each_other_are_steps() -> None:
    found = _suggested(*MODELS)
    steps = _steps(found)
    assert list(steps.values()) == [(1,), (2, 3), (4,), (5,)]
    assert list(steps)[1:3] == ["train plain", "train ridge"]
    assert "can run at the same time as `train ridge`" in found.steps[1].why
    assert "can run at the same time as `train plain`" in found.steps[2].why


def test_a_look_at_a_value_is_no_step() -> None:
    found = _suggested("rows = list(map(str, range(99)))", "rows[:5]", "len(rows)")
    assert list(_steps(found).values()) == [(0, 1, 2)]


def test_a_plot_is_not_split() -> None:
    found = _suggested(
        "import matplotlib.pyplot as plt",
        "x = list(range(9))\nsquares = [n * n for n in x]",
        "fig, ax = plt.subplots()\nax.plot(x)",
        "total = sum(squares)\nprint(total)",
        "## Squares too",
        "ax.plot(squares)",
        "fig.savefig('plot.png')",
        "print(max(squares), total)",
    )
    home = next(cells for cells in _steps(found).values() if 2 in cells)
    assert {2, 3, 5, 6} <= set(home)
    why = next(step.why for step in found.steps if 2 in step.cells)
    assert "its cells stay together because they draw on" in why


@pytest.mark.parametrize(
    ("make", "use"),
    [
        ("file = open('x.txt', 'w')", "file.write('1')\nfile.close()"),
        ("lines = (len(n) for n in words)", "counts = sorted(lines)"),
        ("pairs = zip(words, words)", "both = dict(pairs)"),
        ("def each():\n    yield from words\nturn = each()", "first = next(turn)"),
        (
            "import sqlite3\nbase = sqlite3.connect(':memory:')",
            "base.execute('create table t (a)')",
        ),
    ],
)
def test_what_cannot_be_stored_stays_in_its_step(make: str, use: str) -> None:
    found = _suggested("words = 'a bb ccc'.split()", make, "## Use", use)
    home = next(step for step in found.steps if 1 in step.cells)
    assert 3 in home.cells
    assert "which cannot be stored between two steps" in home.why


def test_a_name_that_is_bound_anew_is_another_plot() -> None:
    draw = "fig, ax = plt.subplots()\nax.plot({})\nfig.savefig('{}.png')"
    found = _suggested(
        "import matplotlib.pyplot as plt",
        "x = list(range(9))\ny = [n * n for n in x]",
        "## One",
        draw.format("x", "x"),
        "## Two",
        draw.format("y", "y"),
    )
    assert list(_steps(found))[1:] == ["One", "Two"]


def test_setup_between_steps_is_tagged_as_setup() -> None:
    found = _suggested(
        "## Read",
        "rows = [str(n) for n in range(9)]",
        "## Count",
        "def total(rows):\n    return sum(map(int, rows))",
        "import math",
        "count = total(rows)",
    )
    assert _steps(found) == {"Read": (1,), "Count": (5,)}
    assert found.setup == (3, 4)
    assert (found.tags[3], found.tags[4]) == (("functions",), ("imports",))


def test_parameters_and_foreign_tags_stay() -> None:
    cells = (
        ("n = 9", ["parameters"]),
        ("rows = [str(i) for i in range(n)]", ["hide-input", "cpu:1"]),
        ("print(len(rows))", ["pipeline-metrics"]),
    )
    found = _suggested(*cells)
    assert list(found.tags) == [1]
    after = tagged(from_json(_document(*cells)), found.tags)
    assert after.cells[0].tags == ("parameters",)
    assert after.cells[1].tags == ("hide-input", "cpu:1", "step:rows")


def test_a_cut_that_would_be_refused_is_not_made() -> None:
    found = _suggested(
        "## One", "sum(range(9))", "## Two", "print(_ + 1)", "## Three", "b = abs(3)"
    )
    assert next(step.cells for step in found.steps if 1 in step.cells) == (1, 3)


def test_comments_name_steps() -> None:
    found = _suggested(
        "# ---- Load the rows ----\nrows = [str(n) for n in range(9)]\nrows.reverse()",
        "# print(rows)\ntotal = sum(map(int, rows))\nprint(total)\nabs(total)\nopen('a')",
    )
    assert next(iter(_steps(found))) == "Load the rows"
    assert not any("print" in name for name in _steps(found))


def test_the_same_again_adds_nothing() -> None:
    notebook = from_json(_document(*MODELS))
    found = suggest(notebook)
    again = suggest(tagged(notebook, found.tags))
    assert again.tags == {}
    assert again.steps == found.steps


def test_steps_of_its_own_are_kept() -> None:
    with pytest.raises(UsageError, match="steps of its own"):
        _suggested(("a = 1", ["step:mine"]), "b = a")


def test_nothing_to_run() -> None:
    with pytest.raises(UsageError, match="nothing to run"):
        _suggested("import math", "def f():\n    return 1")


def test_what_cannot_run_is_refused() -> None:
    with pytest.raises(DiagnosticsError, match="not Python"):
        _suggested("a = (", "b = 1")


def test_json_has_places_names_and_reasons() -> None:
    found = json.loads(json.dumps(_suggested(*MODELS).to_json()))
    assert found["steps"][1]["cells"] == [2, 3]
    assert found["steps"][1]["why"].startswith("It trains a model")
    assert found["tags"][1] == {"cell": 2, "add": ["step:train plain"]}
    assert found["setup"] == [0]


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("*.ipynb")), ids=lambda path: path.stem
)
def test_examples_get_a_few_steps_without_errors(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    for cell in document["cells"]:
        tags = cell["metadata"].get("tags", [])
        cell["metadata"]["tags"] = [t for t in tags if not t.startswith("step:")]
    notebook = from_json(document, str(path))
    found = suggest(notebook)
    assert 2 <= len(found.steps) <= 6
    assert all(step.why.endswith(".") for step in found.steps)
