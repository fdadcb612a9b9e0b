"""Constructs that a pipeline gets wrong easily: it prints what the notebook prints."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx import project
from jupyter_kfx.errors import DiagnosticsError

NP = "import numpy as np"
PD = "import pandas as pd"

SAME: dict[str, list[str]] = {
    "two names for one object": [
        "a = [1]\nb = a",
        "a.append(2)",
        "print(a, b, a is b)",
    ],
    "an object in a container": [
        "a = [1]\nb = {'x': a}",
        "b['x'].append(2)",
        "print(a)",
    ],
    "a container filled first": ["a = [1]", "b = {'x': a}", "a.append(2)", "print(b)"],
    "a numpy view": [
        f"{NP}\na = np.arange(6)\nv = a[2:4]",
        "v[0] = 99",
        "print(a, v, np.shares_memory(a, v))",
    ],
    "a function that changes its global": [
        "count = 0\ndef tick():\n    global count\n    count += 1\n    return count",
        "tick()",
        "tick()\nprint(count)",
        "print(tick(), count)",
    ],
    "a list changed through a function": [
        "log = []\ndef note(x):\n    log.append(x)",
        "note(1)",
        "note(2)",
        "print(log)",
    ],
    "a lambda that uses a global": [
        "k = 2\nf = lambda x: x * k",
        "k = 5",
        "print(f(3))",
    ],
    "an alias of a function": [
        "k = 2\ndef f(x): return x * k\ng = f",
        "print(g(3), f is g)",
    ],
    "a closure with state": [
        "def make():\n    n = [0]\n    def step():\n        n[0] += 1\n        return n[0]\n"
        "    return step\nc = make()",
        "c()",
        "print(c())",
    ],
    "a class that uses a global": [
        "rate = 2\nclass A:\n    def __init__(self, v): self.v = v\n"
        "    def up(self): return self.v * rate\na = A(3)",
        "rate = 4",
        "print(a.up(), isinstance(a, A))",
    ],
    "a dataclass": [
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\np = P(1)",
        "p.x = 5",
        "print(p, isinstance(p, P), p == P(5))",
    ],
    "an enum and a namedtuple": [
        "from enum import Enum\nfrom collections import namedtuple\n"
        "class C(Enum):\n    RED = 1\nT = namedtuple('T', 'a b')\nc, t = C.RED, T(1, 2)",
        "print(c is C.RED, t, isinstance(t, T))",
    ],
    "a star import": ["from math import *", "print(floor(pi))"],
    "a dotted import": ["import os.path", "print(os.path.join('a', 'b'))"],
    "a shadowing lambda": [
        "x = [1]\ny = 2",
        "f = lambda x: x + y\ng = lambda: [y for y in x]",
        "x.append(3)\ny = 4\nprint(f(1), g())",
        "print(x, y, f(1), g())",
    ],
    "instances after loading": [
        "import dataclasses, enum\n"
        "@dataclasses.dataclass\nclass P:\n    x: int\n    c: object = None\n"
        "class C(enum.Enum):\n    RED = 1\n"
        "held = {'p': P(1, C.RED), 'l': [P(2)]}",
        "held['l'].append(held['p'])",
        "p = held['p']\nprint(isinstance(p, P), p.c is C.RED, held['l'][1] is p, held)",
    ],
    "arrays of objects and masked ones": [
        f"{NP}\na = [1]\no = np.empty(2, dtype=object)\no[0] = a\n"
        "m = np.ma.masked_array([1.0, 2.0], mask=[False, True])",
        "a.append(2)\nm[0] = 9",
        "print(o, o[0] is a, m, m.dtype, m.mask)",
    ],
    "names bound on some path": [
        "rows = [1, 2, 3]",
        "for row in rows:\n    if row > 1:\n        first = row\n        break",
        "try:\n    rows[9]\nexcept IndexError as error:\n    first += 10",
        "print(first, row)",
    ],
    "a shadowing comprehension": [
        "x = 10",
        "y = [x for x in range(3)]\nprint(y)",
        "print(x)",
    ],
    "a conditional rebind": ["x = 1\nflag = False", "if flag:\n    x = 2", "print(x)"],
    "a loop variable": ["for i in range(3):\n    pass", "print(i)"],
    "a walrus": ["if (n := 10) > 5:\n    pass", "print(n)"],
    "match captures": [
        "match {'k': 1, 'z': 2}:\n    case {'k': v, **rest}:\n        pass",
        "print(v, rest)",
    ],
    "star-unpacking": [
        "first, *others = [1, 2, 3]",
        "others.append(4)",
        "print(first, others)",
    ],
    "a shadowed builtin": ["sum = 3", "print(sum + 1)"],
    "two steps that change one object": [
        "a = []",
        "a.append(1)",
        "a.append(2)",
        "print(a)",
    ],
    "a name redefined near and far": [
        "x = 1",
        "print(x)",
        "x = 2",
        "print(x)",
        "x = 3",
        "print(x)",
    ],
    "async and await": [
        "async def f():\n    return 7",
        "r = await f()",
        "print(r)",
    ],
    "a partly consumed iterator": [
        "it = iter([1, 2, 3])\nnext(it)",
        "print(next(it))",
        "print(list(it))",
    ],
    "numpy types": [
        f"{NP}\na = np.float32(1.5)\nb = np.array([1, None], dtype=object)\n"
        "m = np.ma.array([1, 2], mask=[0, 1])\ni = np.int8(3)",
        "print(type(a), b, m, repr(i), m.mask)",
    ],
    "a frame changed in place": [
        f"{PD}\ndf = pd.DataFrame({{'a': [1, 2]}})",
        "df['b'] = df.a * 2",
        "df.loc[0, 'a'] = 9",
        "print(df)",
    ],
    "unicode names": ["größe = 3\nπ = 3.14", "print(größe * π)"],
    "a deleted name": [
        "x = 1",
        "del x",
        "try:\n    print(x)\nexcept NameError:\n    print('gone')",
    ],
    "a decorator of one's own": [
        "def twice(f):\n    def g(*a):\n        return f(*a) * 2\n    return g\n"
        "@twice\ndef h(x):\n    return x + 1",
        "print(h(3))",
    ],
    "a mutable default": [
        "def f(x, acc=[]):\n    acc.append(x)\n    return acc",
        "f(1)",
        "print(f(2))",
    ],
    "a recursive structure": ["a = [1]\na.append(a)", "print(a[1] is a)"],
    "a redefined function": [
        "def f(): return 1\ng = f",
        "def f(): return 2",
        "print(f(), g())",
    ],
    "a function rebound to a lambda": [
        "def f(x): return x",
        "f = lambda x: x + 1",
        "print(f(1))",
    ],
    "exec and eval": ["x = 3", "exec('y = x + 1')", "print(y, eval('x * 2'))"],
    "seeded random numbers": [
        f"{NP}\nimport random\nnp.random.seed(0)\nrandom.seed(1)",
        "a = np.random.rand()\nb = random.random()",
        "print(a, b, np.random.rand(), random.random())",
    ],
    "a generator object": [
        f"{NP}\nrng = np.random.default_rng(3)",
        "x = rng.random()",
        "print(x, rng.random())",
    ],
    "the environment": [
        "import os\nos.environ['KFX_TEST_WORD'] = str(1 + 1)",
        "import os\nprint(os.environ['KFX_TEST_WORD'])",
    ],
    "a file": [
        "with open('kfx-numbers.txt', 'w') as f:\n    f.write('1 2')",
        "with open('kfx-numbers.txt') as f:\n    print(f.read())",
        "import os\nos.remove('kfx-numbers.txt')",
    ],
    "a partial and a bound method": [
        "from functools import partial\nxs = [3, 1]\np = partial(max, 2)\nm = xs.append",
        "m(7)",
        "print(xs, p(1))",
    ],
    "an estimator": [
        "from sklearn.linear_model import LinearRegression\nm = LinearRegression()",
        "m.fit([[0], [1]], [0, 2])",
        "print(m.predict([[3]]).round(6))",
    ],
    "a NaN and a list that holds it": ["x = float('nan')\nl = [x]", "print(x in l)"],
    "two closures over one variable": [
        "def make():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n"
        "    def get(): return n\n    return up, get\nup, get = make()",
        "up()",
        "print(get())",
    ],
    "a pandas option": [
        f"{PD}\ndf = pd.DataFrame({{'a': range(8)}})",
        "rows = 4\npd.set_option('display.max_rows', rows)",
        "print(df)\npd.reset_option('display.max_rows')",
    ],
    "the working folder": [
        "import os\nos.makedirs('sub', exist_ok=True)\nfolder = 'su' + 'b'\nos.chdir(folder)",
        "import os\nprint(os.path.basename(os.getcwd()))\nos.chdir('..')",
    ],
    "a defaultdict with a lambda": [
        "from collections import defaultdict\nd = defaultdict(lambda: 5)",
        "d['a'] += 1",
        "print(d['a'], d['b'])",
    ],
}

REFUSED: dict[str, tuple[list[str], str]] = {
    "a generator": (
        ["g = (i for i in range(3))\nnext(g)", "print(next(g))"],
        "handed on",
    ),
    "a held lock": (
        ["import threading\nl = threading.Lock()\nl.acquire()", "print(l)"],
        "handed on",
    ),
    "the last result": (["1 + 1", "print(_)"], "output-history"),
    "input": (["x = input()", "print(x)"], "asks-the-user"),
}


def write(path: Path, sources: list[str], *, chain: bool) -> None:
    cells: list[dict[str, Any]] = []
    for i, source in enumerate(sources):
        tags = [f"step:s{i}"]
        if chain and i:
            tags.append(f"prev:s{i - 1}")
        cells.append(
            {
                "cell_type": "code",
                "id": f"c{i}",
                "source": source,
                "metadata": {"tags": tags},
                "outputs": [],
                "execution_count": None,
            }
        )
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    path.write_text(json.dumps(document))


def printed(path: Path) -> list[str]:
    document = json.loads(path.read_text())
    return [
        "".join(
            "".join(o["text"]) for o in c["outputs"] if o["output_type"] == "stream"
        )
        for c in document["cells"]
        if c["cell_type"] == "code"
    ]


def plain(sources: list[str]) -> list[str]:
    scope: dict[str, Any] = {"__name__": "__main__"}
    found = []
    for source in sources:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = compile(source, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            result = eval(code, scope)
            if inspect.isawaitable(result):
                asyncio.run(result)  # type: ignore[arg-type]
        found.append(out.getvalue())
    return found


@pytest.mark.parametrize("chain", [False, True], ids=["free", "chained"])
@pytest.mark.parametrize("name", SAME)
def test_prints_what_the_notebook_prints(
    name: str, chain: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KFX_TEST_WORD", "")
    write(tmp_path / "nb.ipynb", SAME[name], chain=chain)
    report = project.run(
        tmp_path / "nb.ipynb",
        output="out.ipynb",
        store=str(tmp_path / "store"),
        join=False,
    )
    assert report.status == "succeeded", report.failed
    assert printed(tmp_path / "out.ipynb") == plain(SAME[name])


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_it_cannot_hand_on(name: str, tmp_path: Path) -> None:
    sources, why = REFUSED[name]
    write(tmp_path / "nb.ipynb", sources, chain=False)
    try:
        report = project.run(
            tmp_path / "nb.ipynb", store=str(tmp_path / "store"), join=False
        )
    except DiagnosticsError as error:
        assert why in str(error)
        return
    assert report.status == "failed"
    assert report.failed is not None
    assert report.failed.error is not None
    assert why in report.failed.error.message


def test_a_set_whose_order_changes_is_told(tmp_path: Path) -> None:
    emptied = "s = set(range(0, 800, 8))\nfor n in range(0, 600, 8): s.discard(n)"
    sources = [emptied, "print(s)"]
    write(tmp_path / "nb.ipynb", sources, chain=False)
    report = project.run(tmp_path / "nb.ipynb", store=str(tmp_path / "store"))
    assert any("another order" in text for text in report.warnings)
