"""Pipelines to draw and to check."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from jupyter_kfx.pipeline.model import Cell, Edge, EdgeKind, Pipeline, Port, Step
from jupyter_kfx.pipeline.settings import StepSettings

HOSTILE = [
    'a "quoted" name',
    "back\\slash\\N \\",
    "brackets [x] {y} (z) |pipe|",
    "--> end",
    "two\nlines\r\nand\ttabs",
    "<script>alert(1)</script>",
    "&amp; &#65; ]]>",
    "`code` #35; ;",
    "\x1b[31mred\x1b[0m\x00",
    "end",
    "1. list",
    "_emphasis_ **bold**",
    "naïve 数据 \u202egnp",
    "click s0 href",
    "%%{init: {}}%%",
    "'; DROP TABLE",
]


def step(name: str, *outputs: str, settings: StepSettings | None = None) -> Step:
    return Step(
        name,
        (Cell(f"id-{name}", 0, "pass", 1),),
        outputs=tuple(Port(output) for output in outputs),
        settings=settings or StepSettings(),
    )


def pipeline(*edges: tuple[str, str], names: str = "") -> Pipeline:
    """Return a pipeline with these edges and the steps that they name."""
    found = dict.fromkeys([*names, *(end for edge in edges for end in edge)])
    return Pipeline(
        "graph",
        steps=tuple(step(name) for name in found),
        edges=tuple(Edge(source, target, names=("x",)) for source, target in edges),
    )


def hostile() -> Pipeline:
    """Return a chain of steps whose names break carelessly written drawings."""
    kinds = list(EdgeKind)
    return Pipeline(
        'hostile "name" -->\n]',
        steps=tuple(step(name) for name in HOSTILE),
        edges=tuple(
            Edge(source, target, kinds[i % 3], (target, "x"))
            for i, (source, target) in enumerate(itertools.pairwise(HOSTILE))
        ),
    )


@st.composite
def graphs(draw: st.DrawFn) -> Pipeline:
    """Draw a directed acyclic graph of up to 12 steps with any texts as names."""
    names = draw(st.lists(st.text(max_size=12), max_size=12, unique=True))
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    edges = []
    if pairs:
        for source, target in draw(st.lists(st.sampled_from(pairs), unique=True)):
            kind = draw(st.sampled_from(EdgeKind))
            carried = draw(st.lists(st.text(max_size=5), max_size=6))
            edges.append(Edge(source, target, kind, tuple(carried)))
    return Pipeline(
        draw(st.text(max_size=8)),
        steps=tuple(step(name) for name in names),
        edges=tuple(edges),
    )
