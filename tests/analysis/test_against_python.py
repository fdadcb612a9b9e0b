"""Random notebooks: what the analysis predicts against what Python really does."""

from __future__ import annotations

import warnings
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_kfx.pipeline.model import EdgeKind, Pipeline
from tests.analysis.notebooks import steps
from tests.analysis.observed import Observed, observe
from tests.analysis.programs import Maker


def mistakes(cells: list[str]) -> list[str]:
    """Return what one run shows and the prediction misses."""
    pipeline = steps(*cells)
    if pipeline.errors:
        return []
    found: list[str] = []
    writers: dict[str, str] = {}
    for step, seen in zip(pipeline.steps, observe(cells), strict=False):
        missed = seen.reads - set(step.reads)
        found += [f"{step.name} reads {name}" for name in missed]
        for name in seen.reads & writers.keys():
            source = writers[name]
            if not _reaches(pipeline, source, step.name, name):
                found.append(f"{source} -> {step.name} {name}")
            outputs = {port.name for port in pipeline.step(source).outputs}
            if name not in outputs:
                found.append(f"{source} stores {name}")
        if seen.failed:
            break
        found += _unforeseen(pipeline, step.name, seen)
        for name in seen.binds | seen.changes:
            writers[name] = step.name
        for name in seen.binds & _setup_of(pipeline, step.name):
            if name not in {port.name for port in step.outputs}:
                del writers[name]
        for name in seen.deletes:
            writers.pop(name, None)
    return found


def _unforeseen(pipeline: Pipeline, name: str, seen: Observed) -> list[str]:
    step = pipeline.step(name)
    needed = {*step.live, *step.reads}
    bound = seen.binds - set(step.writes)
    changed = (seen.changes & needed) - {*step.mutates, *step.writes}
    deleted = seen.deletes - set(step.deletes)
    return (
        [f"{name} binds {n}" for n in bound]
        + [f"{name} changes {n}" for n in changed]
        + [f"{name} deletes {n}" for n in deleted]
    )


def _setup_of(pipeline: Pipeline, step: str) -> set[str]:
    return {n for s in pipeline.setup if s.step == step for n in s.names}


def _reaches(pipeline: Pipeline, source: str, target: str, name: str) -> bool:
    """Tell whether a name travels, by way of steps that may have changed it too."""
    order = [step.name for step in pipeline.steps]
    for edge in pipeline.edges:
        if edge.kind is EdgeKind.ORDER or edge.target != target:
            continue
        if name in edge.names and (
            edge.source == source
            or (
                order.index(edge.source) > order.index(source)
                and name in pipeline.step(edge.source).reads
                and _reaches(pipeline, source, edge.source, name)
            )
        ):
            return True
    return False


def _compiles(cells: list[str]) -> bool:
    try:
        for cell in cells:
            compile(cell, "cell", "exec")
    except SyntaxError:
        return False
    return True


@settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**32))
def test_nothing_that_happens_is_missed(seed: int) -> None:
    cells = Maker(Random(seed)).notebook()
    if not _compiles(cells):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not mistakes(cells), "\n# %%\n".join(cells)


@pytest.mark.parametrize(
    "cells",
    [
        [
            (
                "class A:\n    def __init__(self, v):\n        self.v = v\n"
                "    def add(self, x):\n        self.v.append(x)\n        return k\n"
                "k = 1\nxs = []\na = A(xs)"
            ),
            "add = a.add",
            "add(2)",
            "print(list(map(add, [3])))",
            "print(xs)",
        ],
        [
            (
                "log = []\nclass A:\n    def __repr__(self):\n        log.append(1)\n"
                "        return 'A'\npair = (A(), [A()])"
            ),
            "print(pair)",
            "f'{pair}'",
            "print(len(log))",
        ],
        [
            "a = [[]]\nb = [a]\nc = [1]",
            "b[0] += [c]",
            "c.append(2)",
            "print(a, b)",
        ],
        ["from textwrap import *", "x = dedent(' a')", "fill = x", "print(fill, wrap)"],
        ["wrap = 1", "from textwrap import *", "x = wrap('a')", "print(x)"],
        ["from math import *", "x = pi", "e = [x]", "print(e, tau)"],
        [
            (
                "import contextlib\nlog = []\n@contextlib.contextmanager\ndef c(x):\n"
                "    log.append(x)\n    yield x\n    log.append(0)"
            ),
            "with c(1) as y:\n    pass",
            "print(log, y)",
        ],
        [
            (
                "def twice(f):\n    def inner(*a, **k):\n        calls.append(a)\n"
                "        return [f(*a, **k), f(*a, **k)]\n    return inner\ncalls = []"
            ),
            "@twice\ndef g(x):\n    return x",
            "xs = [1]\nys = g(xs)",
            "ys[0].append(2)",
            "print(xs, calls)",
        ],
        [
            (
                "import asyncio\nbox = {}\nasync def put(k, v):\n    box[k] = v\n"
                "    return box"
            ),
            "r = asyncio.run(put('a', [1]))",
            "r['a'].append(2)",
            "print(box)",
        ],
        [
            (
                "class Base:\n    made = []\n    def __init__(self, v):\n"
                "        self.v = v\n        self.setup()\n    def setup(self):\n"
                "        log.append(self.v)\nlog = []"
            ),
            (
                "class Sub(Base):\n    def setup(self):\n        super().setup()\n"
                "        self.w = [self.v]"
            ),
            "v = [1]\ns = Sub(v)",
            "s.w[0].append(2)",
            "print(log, v)",
        ],
        [
            (
                "from dataclasses import dataclass, field\n@dataclass\nclass P:\n"
                "    x: list\n    y: list = field(default_factory=list)"
            ),
            "xs = [1]\np = P(xs)",
            "p.x.append(1)\np.y.append(xs)",
            "print(xs, p)",
        ],
        [
            "a = [1]\nb = [a]\nc = (b, a)",
            "match c:\n    case ([first], second):\n        first.append(2)",
            (
                "match {'k': a, 'z': 1}:\n    case {'k': [*items], **rest}:\n"
                "        rest['z'] = items"
            ),
            "print(a, b, rest)",
        ],
        [
            (
                "n = 0\ndef count():\n    global n\n    n += 1\n    return n\n"
                "fs = {'c': count}"
            ),
            "fs['c']()",
            "x = [f() for f in fs.values()]",
            "print(n, x)",
        ],
    ],
)
def test_nothing_of_these_is_missed(cells: list[str]) -> None:
    assert all(not seen.failed for seen in observe(cells))
    assert not mistakes(cells)
