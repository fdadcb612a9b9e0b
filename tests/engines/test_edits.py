"""Which steps run again after an edit: exactly those whose results may differ."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx import project
from tests.cli.conftest import document
from tests.kernels import elsewhere

CELLS = {
    "parameters": """\
n = 6
scale = 2.0  # how much the weight counts
title = "all"
""",
    "imports": """\
import json
import os
import random

import numpy as np
import pandas as pd

import helpers
from tools import stats
""",
    "functions": """\
def third(x):
    return x + 1

def second(x):
    return third(x) * 2

def first(x):
    # what the model is made of
    return second(x) - 1

def unused(x):
    return x

class Box:
    def __init__(self, value):
        self.value = value
""",
    "load": 'data = pd.read_csv("data.csv").head(n)',
    "clean": 'clean = data.dropna()\nclean = clean.assign(y=clean["x"] * 2)\nclean',
    "model": 'model = {"w": first(float(clean["y"].sum())) * scale}',
    "local": "local = helpers.double(len(clean)) + stats.ONE",
    "level": 'level = os.environ.get("KFX_LEVEL", "low")',
    "draw": "rng = np.random.default_rng(0)\ndraw = rng.normal(size=3)",
    "seeded": "random.seed(1)\nchance = random.random()",
    "config": 'with open("config.json") as file:\n    cfg = json.load(file)',
    "box": "box = Box(3)",
    "write": 'with open("out.txt", "w") as file:\n    _ = file.write(str(cfg["k"]))',
    "back": 'text = open("out.txt").read()',
    "report": 'print(title, model["w"], local, level, draw.sum(), box.value, text)',
    "after": "print(random.random(), chance)",
    "folder": "os.makedirs('made', exist_ok=True)\nopen('made/x.txt', 'w').close()",
}
SETUP = ("parameters", "imports", "functions")
STEPS = [name for name in CELLS if name not in SETUP]
FILES = {
    "data.csv": "x\n1\n2\n\n4\n5\n6\n7\n",
    "config.json": '{"k": 7}',
    "helpers.py": "def double(x):\n    return 2 * x\n",
    "tools/__init__.py": "",
    "tools/stats.py": "from tools import deep\n\nONE = deep.ONE\n",
    "tools/deep.py": "ONE = 1\n",
}


@dataclass
class Work:
    """A notebook that has run once, and what is done to it."""

    folder: Path
    cells: dict[str, str] = field(default_factory=lambda: dict(CELLS))
    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def replace(self, cell: str, old: str, new: str) -> Work:
        assert old in self.cells[cell]
        self.cells[cell] = self.cells[cell].replace(old, new)
        return self

    def put(self, **cells: str) -> Work:
        self.cells.update(cells)
        return self

    def order(self, *names: str) -> Work:
        """Put these cells behind all others, in this order."""
        for name in names:
            self.cells[name] = self.cells.pop(name)
        return self

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def save(self) -> None:
        cells: list[dict[str, Any]] = []
        for name, source in self.cells.items():
            tags = [] if name in SETUP else [f"step:{self.names.get(name, name)}"]
            if name == "parameters":
                tags = ["parameters"]
            if name in self.tags:
                tags.append(self.tags[name])
            cells.append(
                {
                    "cell_type": "code",
                    "id": self.ids.get(name, name),
                    "metadata": {"tags": tags},
                    "source": source,
                    "outputs": [],
                    "execution_count": None,
                }
            )
        kernel = {"name": "python3", "language": "python", "display_name": "Python"}
        document = {
            "cells": cells,
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.folder / "work.ipynb").write_text(json.dumps(document))

    def run(self) -> set[str]:
        """Run the notebook and return the steps that did not come from the cache."""
        self.save()
        report = project.run(
            self.folder / "work.ipynb",
            parameters=self.parameters or None,
            store=str(self.folder / "store"),
            **self.options,
        )
        assert report.status == "succeeded", report.failed
        old = {new: name for name, new in self.names.items()}
        return {
            old.get(s.name, s.name)
            for s in report.steps
            if not s.cached and s.status == "succeeded"
        }


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder, as it is once the notebook has run."""
    folder = tmp_path_factory.mktemp("origin") / "work"
    (folder / "tools").mkdir(parents=True)
    work = Work(folder)
    for name, text in FILES.items():
        work.write(name, text)
    assert work.run() == set(STEPS)
    assert work.run() == set()
    shutil.copytree(folder, folder.with_name("pristine"))
    return folder


@pytest.fixture
def work(origin: Path) -> Work:
    """The notebook as it has run, at the place where it ran."""
    shutil.rmtree(origin)
    shutil.copytree(origin.with_name("pristine"), origin)
    return Work(origin)


Edit = Callable[[Work], object]


def _swap(*names: str) -> Edit:
    return lambda work: work.order(*names)


def _code(cell: str, old: str, new: str) -> Edit:
    return lambda work: work.replace(cell, old, new)


def _file(name: str, text: str) -> Edit:
    return lambda work: work.write(name, text)


def _touch(name: str) -> Edit:
    return lambda work: os.utime(work.folder / name, (1, 1))


def _parameter(name: str, value: Any) -> Edit:
    return lambda work: work.parameters.update({name: value})


def _remove_store_of(kind: str) -> Edit:
    def remove(work: Work) -> None:
        for path in (work.folder / "store" / kind).iterdir():
            if path.is_dir():
                shutil.rmtree(path)

    return remove


EDITS: dict[str, tuple[Edit, str]] = {
    "nothing": (lambda _work: None, ""),
    # What does not matter
    "a comment": (_code("load", "data =", "# read it\ndata ="), ""),
    "a comment behind": (_code("model", "scale}", "scale}  # weight"), ""),
    "a comment in a function": (_code("functions", "made of", "built from"), ""),
    "a comment of a parameter": (_code("parameters", "how much", "how far"), ""),
    "a blank line": (_code("clean", "\nclean =", "\n\n\nclean ="), ""),
    "white space": (_code("model", '{"w": ', '{  "w" :'), ""),
    "brackets": (_code("box", "Box(3)", "(Box(3))"), ""),
    "other quotes": (_code("load", '"data.csv"', "'data.csv'"), ""),
    "a line continued": (_code("clean", "clean = data", "clean = \\\n    data"), ""),
    "another id": (lambda work: work.ids.update(load="other"), ""),
    "a step renamed": (lambda work: work.names.update(load="read"), ""),
    "two steps renamed": (
        lambda work: work.names.update(load="clean", clean="tidy"),
        "",
    ),
    "an unused function changed": (
        _code("functions", "return x\n", "return 2 * x\n"),
        "",
    ),
    "an unused function removed": (
        _code("functions", "def unused(x):\n    return x\n", ""),
        "",
    ),
    "a function added": (
        _code("functions", "class", "def f():\n    pass\n\nclass"),
        "",
    ),
    "functions in another order": (
        lambda work: work.cells.update(
            functions="def unused(x):\n    return x\n\n"
            + CELLS["functions"].replace("def unused(x):\n    return x\n", "")
        ),
        "",
    ),
    "functions in another cell": (
        lambda work: work.cells.update(
            functions="", imports=CELLS["imports"] + CELLS["functions"]
        ),
        "",
    ),
    "a standard module imported": (
        _code("imports", "import json", "import json\nimport math"),
        "",
    ),
    "imports in another order": (
        _code("imports", "import json\nimport os", "import os\nimport json"),
        "",
    ),
    "an import apart": (
        _code("imports", "import json\n", "import json; "),
        "",
    ),
    "imports on one line": (
        _code(
            "imports",
            "import random\n\nimport numpy as np\nimport pandas as pd\n",
            "import random, numpy as np, pandas as pd\n",
        ),
        "",
    ),
    "steps that do not need each other": (_swap("report", "after"), ""),
    "a step moved down": (_swap("level", "report", "after"), ""),
    "a parameter as it is": (_parameter("n", 6), ""),
    "a parameter spelt in another way": (_code("parameters", "n = 6", "n = 0x6"), ""),
    "a file touched": (_touch("data.csv"), ""),
    "a module touched": (_touch("helpers.py"), ""),
    "a file that nobody reads": (_file("other.csv", "x"), ""),
    "a written file touched": (_touch("out.txt"), ""),
    "a written file removed": (lambda work: (work.folder / "out.txt").unlink(), ""),
    "a written file changed": (_file("out.txt", "wrong"), ""),
    "a module nobody imports": (_file("more.py", "x = 1"), ""),
    "a variable that nobody reads": (
        lambda work: work.options.update(_environ={"KFX_OTHER": "1"}),
        "",
    ),
    "a step that goes through all variables": (
        lambda work: work.put(listed="listed = sorted(dict(os.environ))"),
        "listed",
    ),
    "fewer at once": (lambda work: work.options.update(jobs=1), ""),
    "each afresh": (lambda work: work.options.update(isolation="spawn"), ""),
    "another timeout": (lambda work: work.tags.update(load="timeout:100"), ""),
    "a retry": (lambda work: work.tags.update(load="retry:1"), ""),
    "a note above": (
        lambda work: work.cells.update({"load": "\n# data\n" + work.cells["load"]}),
        "",
    ),
    # What matters to one step
    "a literal": (_code("box", "3", "4"), "box report"),
    "a literal with the same result": (_code("box", "3", "2 + 1"), "box"),
    "a semicolon": (_code("clean", "* 2)\nclean", "* 2)\nclean;"), "clean"),
    "a message": (_code("report", "print(title", 'print("-", title'), "report"),
    "a parameter of the last step": (_parameter("title", "some"), "report"),
    "a default of the last step": (_code("parameters", '"all"', '"some"'), "report"),
    "a parameter in the middle": (_parameter("scale", 3.0), "model report"),
    "a parameter of the first step": (
        _parameter("n", 5),
        "load clean model local report",
    ),
    "a parameter that changes nothing": (_parameter("n", 60), "load"),
    "a function three calls away": (
        _code("functions", "x + 1", "x + 2"),
        "model report",
    ),
    "a function with the same result": (
        _code("functions", "x + 1", "1 + x"),
        "model",
    ),
    "a default of a function": (
        _code("functions", "def third(x)", "def third(x, y=0)"),
        "model",
    ),
    "a class": (
        _code("functions", "self.value = value", "self.value = value + 1"),
        "box report",
    ),
    "a byte of a file": (
        _file("data.csv", FILES["data.csv"].replace("4", "5")),
        "load clean model local report",
    ),
    "a byte below what is used": (_file("data.csv", FILES["data.csv"] + "8\n"), "load"),
    "a file that another reads": (
        _file("config.json", '{"k": 8}'),
        "config write back report",
    ),
    "a file of the same content in other words": (
        _file("config.json", '{ "k" : 7 }'),
        "config",
    ),
    "a local module": (
        _file("helpers.py", "def double(x):\n    return 3 * x\n"),
        "local report",
    ),
    "a comment in a local module": (
        _file("helpers.py", "# twice\n" + FILES["helpers.py"]),
        "local",
    ),
    "a module of a local package": (
        _file("tools/deep.py", "ONE = 2\n"),
        "local report",
    ),
    "a variable that a step reads": (
        lambda work: work.options.update(_environ={"KFX_LEVEL": "high"}),
        "level report",
    ),
    "a line added to a file at each run": (
        lambda work: work.put(more="open('log.txt', 'a').write('x')"),
        "more",
    ),
    "a variable set for a step": (
        lambda work: work.tags.update(level="env:KFX_LEVEL=high"),
        "level report",
    ),
    "a seed": (_code("seeded", "seed(1)", "seed(2)"), "seeded after"),
    "another draw": (
        _code("seeded", "random.random()", "random.random() + random.random()"),
        "seeded after",
    ),
    "the seed of a generator": (_code("draw", "rng(0)", "rng(1)"), "draw report"),
    "a step added": (
        lambda work: work.cells.update(more="print(box.value)"),
        "more",
    ),
    "a step added that needs what was not kept": (
        lambda work: work.cells.update(more="print(rng)"),
        "draw more",
    ),
    "a step removed": (lambda work: work.cells.pop("report") and None, ""),
    "a statement added": (_code("level", "level =", "x = 1\nlevel ="), "level"),
    "a name renamed": (
        lambda work: (
            work.replace("box", "box =", "case ="),
            work.replace("report", "box.value", "case.value"),
        ),
        "box report",
    ),
    "a step split": (
        lambda work: (
            work.replace("clean", CELLS["clean"], "clean = data.dropna()"),
            work.put(tidy=CELLS["clean"].partition("\n")[2]),
            work.order(*STEPS[2:]),
        ),
        "clean tidy",
    ),
    "a step with no cache": (
        lambda work: work.tags.update(box="cache:disabled"),
        "box",
    ),
    "a function of the same name": (
        _code("functions", "class Box", "def third(x):\n    return x\n\nclass Box"),
        "model report",
    ),
    "a function that is a value now": (
        _code(
            "functions", "def third(x):\n    return x + 1", "third = lambda x: x + 1"
        ),
        "start model",
    ),
    "an import from elsewhere": (
        _code("imports", "from tools import stats", "import tools.deep as stats"),
        "load clean model local level draw seeded config box write back report after folder",
    ),
    # What matters to all
    "a setting": (
        _code(
            "imports",
            "import helpers",
            "pd.set_option('display.precision', 3)\nimport helpers",
        ),
        "load clean model local level draw seeded config box write back report after folder",
    ),
    "no cache": (lambda work: work.options.update(cache=False), " ".join(STEPS)),
    "no artifacts": (
        _remove_store_of("artifacts"),
        "load clean model local level draw seeded config box back after",
    ),
    "no runs": (_remove_store_of("runs"), " ".join(STEPS)),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit(name: str, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    edit, expected = EDITS[name]
    edit(work)
    for variable, value in work.options.pop("_environ", {}).items():
        monkeypatch.setenv(variable, value)
    assert work.run() == set(expected.split())
    assert (work.folder / "out.txt").read_text() == json.loads(
        (work.folder / "config.json").read_text()
    )["k"].__str__()
    if name == "a line added to a file at each run":
        assert work.run() == {"more"}
        assert (work.folder / "log.txt").read_text() == "xx"
    elif not work.options:
        assert work.run() == set(expected.split()) & {
            n for n, tag in work.tags.items() if tag == "cache:disabled"
        }


def test_a_variable_is_new_where_all_are_looked_at(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.put(listed="listed = sorted(os.environ)")
    assert work.run() == {"listed"}
    monkeypatch.setenv("KFX_NEW", "1")
    assert work.run() == {"listed"}
    (why,) = project.reasons(step="listed", store=str(work.folder / "store"))
    assert why.reason == "the environment variable KFX_NEW is new"


def test_a_cell_that_was_setup_becomes_a_step(tmp_path: Path) -> None:
    path, store = tmp_path / "n.ipynb", str(tmp_path / "store")
    for first in ((["parameters"], "n = 1  # rows"), (["step:load"], "n = 1")):
        cells = [first, (["step:use"], "print(n)")]
        path.write_text(json.dumps(document(cells)), "utf-8")
        report = project.run(path, store=store)
        assert report.status == "succeeded", report.failed
        assert not report.steps[0].cached


def test_another_version_of_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = elsewhere(tmp_path / "place")
    monkeypatch.setenv("JUPYTER_PATH", str(place.folder))
    place.install("measure", "1.0", "def width(x):\n    return x\n")
    place.install("scale", "1.0", "def half(x):\n    return x / 2\n")
    cells = {
        "none": "none = 1",
        "inside": "import helpers\ninside = helpers.half(4)",
        "outside": "import measure\noutside = measure.width(2)",
    }
    (tmp_path / "work").mkdir()
    work = Work(tmp_path / "work", cells, options={"kernel": "elsewhere"})
    work.write("helpers.py", "import scale\n\ndef half(x):\n    return scale.half(x)\n")
    assert work.run() == {"none", "inside", "outside"}
    assert work.run() == set()
    place.install("measure", "1.1", "def width(x):\n    return x + 1\n")
    assert work.run() == {"outside"}
    place.install("scale", "2.0", "def half(x):\n    return x // 2\n")
    assert work.run() == {"inside"}
    reasons = project.reasons(store=str(work.folder / "store"))
    assert "package scale is 2.0 and was 1.0" in {reason.reason for reason in reasons}
    assert work.run() == set()


def test_a_value_of_another_version_of_its_package_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = elsewhere(tmp_path / "place")
    monkeypatch.setenv("JUPYTER_PATH", str(place.folder))
    code = "__version__ = '{}'\n\nclass Width:\n    pass\n"
    place.install("measure", "1.0", code.format("1.0"))
    cells = {"made": "import measure\nmade = measure.Width()", "used": "print(made)"}
    (tmp_path / "work").mkdir()
    work = Work(tmp_path / "work", cells, options={"kernel": "elsewhere"})
    assert work.run() == {"made", "used"}
    place.install("measure", "2.0", code.format("2.0"))
    report = project.run(
        work.folder / "work.ipynb",
        store=str(work.folder / "store"),
        kernel="elsewhere",
        from_step="used",
        stale=True,
    )
    assert report.failed is not None
    assert report.failed.error is not None
    assert report.failed.error.message == (
        "made cannot be loaded: stored with measure 1.0, and here is 2.0. "
        "Run the step that made it again, in this environment."
    )
    assert work.run() == {"made", "used"}
