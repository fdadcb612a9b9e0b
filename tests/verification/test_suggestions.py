"""Notebooks with the steps that are proposed for them compute what they did."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from jupyter_kfx import project

EXAMPLES = sorted((Path(__file__).parents[2] / "example_notebooks").glob("*.ipynb"))

NOTEBOOKS = {
    "interleaved strands": (
        "import random\nrandom.seed(3)",
        "left = [random.random() for _ in range(50)]",
        "right = [random.random() for _ in range(50)]",
        "left.sort()\nleft[:2]",
        "right.sort(reverse=True)\nright[:2]",
        "both = left + right\nprint(len(both), max(both))",
    ),
    "handles and history": (
        "words = 'one two three four'.split()",
        "out = open('words.txt', 'w')",
        "for word in words:\n    print(word, file=out)",
        "out.close()",
        "len(words)",
        "lengths = map(len, words)\nfirst = _",
        "total = sum(lengths)\nprint(first, total)",
        "with open('words.txt') as file:\n    again = file.read().split()",
        "again == words",
    ),
    "definitions between": (
        "rate = 2",
        "def scaled(values):\n    return [value * rate for value in values]",
        "numbers = list(range(5))\nmore = scaled(numbers)\nprint(more)",
        "rate = 3",
        "class Shop:\n    def __init__(self):\n        self.sold = []",
        "shop = Shop()\nshop.sold.append(scaled(numbers))",
        "shop.sold.append(scaled(more))\nprint(shop.sold)",
    ),
    "two figures": (
        "import matplotlib.pyplot as plt\n%matplotlib inline",
        "x = list(range(9))\ny = [n * n for n in x]",
        "fig, ax = plt.subplots()\nax.plot(x)",
        "z = [n + 1 for n in y]\nprint(z)",
        "ax.plot(y)\nfig",
        "fig, ax = plt.subplots()\nax.plot(z)\nplt.show()",
        "print(len(ax.lines))",
    ),
}


def _check(path: Path) -> None:
    found = project.write_suggestion(path)
    steps = [step.name for step in project.load(path).pipeline.steps]
    assert steps == [step.name for step in found.steps]
    verified = project.verify(path)
    assert verified.status == "same", verified.message or verified.differences


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples_without_their_steps(example: Path, tmp_path: Path) -> None:
    path = tmp_path / example.name
    shutil.copy(example, path)
    document = json.loads(path.read_text("utf-8"))
    for cell in document["cells"]:
        tags = cell["metadata"].get("tags", [])
        cell["metadata"]["tags"] = [t for t in tags if not t.startswith("step:")]
    path.write_text(json.dumps(document, indent=1), "utf-8")
    _check(path)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_with_pitfalls(name: str, tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in NOTEBOOKS[name]]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    _check(path)
