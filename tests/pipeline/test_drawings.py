"""What text, mermaid, dot and SVG have in common: they show the graph and no more."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings

from jupyter_kfx.pipeline.dot import dot
from jupyter_kfx.pipeline.drawing import drawing
from jupyter_kfx.pipeline.labels import edge_label, one_line, visible_edges
from jupyter_kfx.pipeline.layout import arrange
from jupyter_kfx.pipeline.mermaid import mermaid
from jupyter_kfx.pipeline.model import Edge, EdgeKind, Pipeline
from jupyter_kfx.pipeline.settings import StepSettings
from jupyter_kfx.pipeline.svg import svg
from jupyter_kfx.pipeline.text import text
from tests.pipeline.graphs import HOSTILE, graphs, hostile, pipeline, step

SMALL = Pipeline(
    "small",
    steps=(
        step("load", "df", settings=StepSettings(memory="2Gi", retry=2)),
        step("clean", "df"),
        step("plot"),
        step("report"),
    ),
    edges=(
        Edge("load", "clean", names=("df",)),
        Edge("clean", "plot", EdgeKind.POSSIBLE, ("df", "b", "c", "d", "e", "f")),
        Edge("load", "plot", EdgeKind.ORDER, ("files",)),
        Edge("clean", "plot", EdgeKind.ORDER, ("prev",)),
        Edge("plot", "report", EdgeKind.ORDER, ("prev",)),
    ),
)
SVG = "{http://www.w3.org/2000/svg}"
WITH_GRAPHVIZ = pytest.mark.skipif(
    shutil.which("dot") is None, reason="graphviz is not installed"
)


def test_text() -> None:
    assert text(SMALL).splitlines() == [
        "small: 4 steps",
        "├─ load (cell 1; memory 2Gi; retry 2) -> df",
        "├─ clean (cell 1) -> df",
        "│    <- load: df",
        "├─ plot (cell 1)",
        "│    <~ clean: df, b, c, d, e, f",
        "│    <. load: files",
        "└─ report (cell 1)",
        "     <. plot: prev",
        "   (<- takes, <. comes after, <~ may take)",
    ]


def test_labels_are_shortened() -> None:
    assert edge_label(SMALL.edges[1]) == "df, b, c, d +2"
    assert edge_label(SMALL.edges[1], 6) == "df, b, c, d, e, f"


def test_an_order_edge_beside_another_is_not_drawn() -> None:
    assert len(visible_edges(SMALL.edges)) == len(SMALL.edges) - 1


def test_mermaid() -> None:
    assert mermaid(SMALL).splitlines() == [
        "flowchart TD",
        '    s0["load<br/>memory 2Gi, retry 2"]',
        '    s1["clean"]',
        '    s2["plot"]',
        '    s3["report"]',
        '    s0 -->|"df"| s1',
        '    s1 -.->|"df, b, c, d +2"| s2',
        '    s0 -.->|"files"| s2',
        '    s2 -.->|"prev"| s3',
        "    linkStyle 2,3 stroke:#999,color:#999",
    ]


NODE = re.compile(r'    s\d+\["(?:[\w ,+]|<br/>|#\d+;)*"\]')
LINK = re.compile(r'    s\d+ (?:-->|-\.->)(?:\|"(?:[\w ,+]|#\d+;)*"\|)? s\d+')


@given(graphs())
def test_mermaid_holds_nothing_but_nodes_and_links(graph: Pipeline) -> None:
    head, *lines = mermaid(graph).split("\n")
    assert head == "flowchart TD"
    lines = [line for line in lines if not line.startswith("    linkStyle ")]
    links = [line for line in lines if LINK.fullmatch(line)]
    nodes = [line for line in lines if NODE.fullmatch(line)]
    assert len(links) == len(visible_edges(graph.edges))
    assert len(nodes) == len(graph.steps)
    assert len(lines) == len(nodes) + len(links)


def test_mermaid_entities_give_the_names_back() -> None:
    nodes = [line for line in mermaid(hostile()).split("\n") if NODE.fullmatch(line)]
    shown = [
        re.sub(r"#(\d+);", lambda m: chr(int(m[1])), line.partition('"')[2][:-2])
        for line in nodes
    ]
    assert shown == [one_line(name) for name in HOSTILE]


@WITH_GRAPHVIZ
def test_graphviz_reads_hostile_names() -> None:
    done = subprocess.run(
        ["dot", "-Tjson"], input=dot(hostile()), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    graph = json.loads(done.stdout)
    drawn = [
        "".join(part["text"] for part in node["_ldraw_"] if part["op"] == "T")
        for node in graph["objects"]
    ]
    assert drawn == [one_line(name) for name in HOSTILE]
    assert {edge["style"] for edge in graph["edges"]} == {"solid", "dashed", "dotted"}


@WITH_GRAPHVIZ
@settings(max_examples=15, deadline=None)
@given(graphs())
def test_graphviz_finds_all_steps_and_edges(graph: Pipeline) -> None:
    done = subprocess.run(
        ["dot", "-Tjson"], input=dot(graph), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert len(read.get("objects", [])) == len(graph.steps)
    assert len(read.get("edges", [])) == len(visible_edges(graph.edges))


def test_svg_is_accessible() -> None:
    root = ET.fromstring(svg(SMALL))
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "small: 4 steps"
    assert "clean to plot (possibly df, b" in (description.text or "")
    assert "prefers-color-scheme: dark" in svg(SMALL)


def test_svg_styles_only_itself() -> None:
    style = ET.fromstring(svg(SMALL)).findtext(f"{SVG}style") or ""
    selectors = re.findall(r"^\s*([^@{}:;]+?)\s*\{", style, re.MULTILINE)
    assert selectors
    assert all(selector.startswith(".kfx-dag ") for selector in selectors)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(graphs())
def test_svg_shows_every_step_and_edge_and_nothing_else(graph: Pipeline) -> None:
    drawn = svg(graph)
    root = ET.fromstring(drawn)
    assert drawn == svg(graph)
    boxes = root.findall(f"{SVG}g[@class='step']")
    names = [box.findtext(f"{SVG}text") or "" for box in boxes]
    assert names == [one_line(step.name) for step in graph.steps]
    assert len(list(root.iter(f"{SVG}path"))) == 1 + len(visible_edges(graph.edges))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "style",
        "defs",
        "marker",
        "path",
        "g",
        "rect",
        "text",
    }


@given(graphs())
def test_no_box_lies_on_another(graph: Pipeline) -> None:
    sizes = {step.name: (80.0, 30.0) for step in graph.steps}
    layout = arrange(graph, visible_edges(graph.edges), sizes)
    rows: dict[float, list[float]] = {}
    for place in layout.places.values():
        rows.setdefault(place.y, []).append(place.x)
        assert 39.9 <= place.x <= layout.width - 39.9
    for row in rows.values():
        row.sort()
        assert all(b - a >= 80 for a, b in itertools.pairwise(row))
    for route in layout.routes:
        heights = [y for _, y in route.points]
        assert heights == sorted(heights)


def test_a_fan_has_no_crossings_and_stands_below_the_middle() -> None:
    fan = pipeline(*(("a", n) for n in "bcd"), *((n, "e") for n in "bcd"))
    sizes = {step.name: (80.0, 30.0) for step in fan.steps}
    places = arrange(fan, fan.edges, sizes).places
    assert places["a"].x == pytest.approx(places["c"].x)
    assert places["e"].x == pytest.approx(places["c"].x)


@pytest.mark.parametrize("draw", [text, mermaid, dot, svg])
def test_control_characters_never_come_through(draw: object) -> None:
    assert callable(draw)
    drawn = draw(hostile())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", drawn)


@pytest.mark.parametrize("draw", [text, mermaid, dot, svg])
def test_an_empty_pipeline_and_a_wide_one_are_drawn(draw: object) -> None:
    assert callable(draw)
    assert draw(Pipeline("nothing"))
    names = [f"s{i}" for i in range(300)]
    chain = list(itertools.pairwise(names))
    wide = pipeline(*chain, *(("s0", name) for name in names[2:]))
    assert draw(wide).count("s299") >= 1


def conditional(*tests: str) -> Pipeline:
    """Return a pipeline whose steps run on these conditions."""
    return Pipeline(
        "conditions",
        steps=tuple(
            step(f"s{i}", settings=StepSettings(when=test, retry=1))
            for i, test in enumerate(tests)
        ),
    )


LONG = "score < 0.9 and attempts < most_attempts"


def test_conditions_are_on_their_steps() -> None:
    drawn = conditional("x > 3", LONG)
    assert text(drawn).splitlines()[1:] == [
        "├─ s0 (cell 1; if x > 3; retry 1)",
        f"└─ s1 (cell 1; if {LONG}; retry 1)",
    ]
    assert "if x #62; 3, retry 1" in mermaid(drawn)
    assert 'label="s0\\nif x > 3, retry 1", tooltip="if x > 3"' in dot(drawn)
    assert f'tooltip="if {LONG}"' in dot(drawn)
    root = ET.fromstring(svg(drawn))
    boxes = root.findall(f"{SVG}g[@class='step']")
    assert boxes[0].findall(f"{SVG}text")[1].text == "if x > 3, retry 1"
    assert boxes[1].findall(f"{SVG}text")[1].text == f"{f'if {LONG}'[:32]}…, retry 1"
    assert [box.findtext(f"{SVG}title") for box in boxes] == ["if x > 3", f"if {LONG}"]
    assert f"s1 runs if {LONG}" in (root.findtext(f"{SVG}desc") or "")
    nodes = drawing(drawn)["nodes"]
    assert [node["details"] for node in nodes] == [
        "if x > 3, retry 1",
        f"if {LONG}, retry 1",
    ]


def test_hostile_conditions_are_only_shown() -> None:
    drawn = conditional(*HOSTILE)
    shown = [f"if {one_line(name)}" for name in HOSTILE]
    boxes = ET.fromstring(svg(drawn)).findall(f"{SVG}g[@class='step']")
    assert [box.findtext(f"{SVG}title") for box in boxes] == shown
    assert all(NODE.fullmatch(line) for line in mermaid(drawn).split("\n")[1:])
    assert "<script" not in svg(drawn)
    for draw in (text, mermaid, dot, svg):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", draw(drawn))


@WITH_GRAPHVIZ
def test_graphviz_reads_hostile_conditions() -> None:
    done = subprocess.run(
        ["dot", "-Tjson"],
        input=dot(conditional(*HOSTILE)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr


def test_loops_are_on_their_steps() -> None:
    looped = StepSettings(when="n > 1", foreach="x in <b>xs</b>")
    drawn = Pipeline("loops", steps=(step("s", settings=looped),))
    around = "if n > 1: for x in <b>xs</b>"
    assert around in text(drawn)
    assert f'tooltip="{around}"' in dot(drawn)
    assert "for x in #60;b#62;xs" in mermaid(drawn)
    assert ET.fromstring(svg(drawn)).findtext(f"{SVG}g/{SVG}title") == around
    assert drawing(drawn)["nodes"][0]["details"] == around
