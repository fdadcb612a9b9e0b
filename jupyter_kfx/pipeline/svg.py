"""A pipeline as a picture."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.labels import (
    condition,
    edge_label,
    hints,
    one_line,
    visible_edges,
)
from jupyter_kfx.pipeline.layout import Layout, Place, Route, arrange
from jupyter_kfx.pipeline.model import EdgeKind

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Edge, Pipeline, Step

__all__ = ["Label", "columns", "labels", "svg"]

_CHAR, _SMALL = 7.4, 6.0
_LINE, _HINTED = 34.0, 48.0
_MARGIN = 16.0
_LABELLED = 3
# Each rule names the class, or it would style other pictures on the same page.
_STYLE = """
.kfx-dag text { font: 13px system-ui, sans-serif; fill: #1f2430; text-anchor: middle }
.kfx-dag .hint { font-size: 10.5px; fill: #4a5264 }
.kfx-dag .edge text { font-size: 11px; fill: #3c4454; paint-order: stroke;
  stroke: #fff; stroke-width: 4px; stroke-linejoin: round }
.kfx-dag rect { fill: #eef3fc; stroke: #3b6fc9; stroke-width: 1.2 }
.kfx-dag path { fill: none; stroke: #5a6478; stroke-width: 1.3 }
.kfx-dag marker path { fill: #5a6478; stroke: none }
.kfx-dag .possible path { stroke-dasharray: 6 4 }
.kfx-dag .order path { stroke: #8b93a3; stroke-dasharray: 1.5 4 }
.kfx-dag .order text { fill: #6b7383; font-style: italic }
@media (prefers-color-scheme: dark) {
  .kfx-dag text { fill: #e6e9f0 }
  .kfx-dag .hint { fill: #b9c1d0 }
  .kfx-dag .edge text { fill: #c3cad8; stroke: #14171d }
  .kfx-dag rect { fill: #1d2a44; stroke: #7aa2ee }
  .kfx-dag path { stroke: #98a2b5 }
  .kfx-dag marker path { fill: #98a2b5 }
  .kfx-dag .order path { stroke: #77808f }
  .kfx-dag .order text { fill: #98a2b5 }
}
"""
_MEANING = {
    EdgeKind.DATA: "",
    EdgeKind.POSSIBLE: "possibly ",
    EdgeKind.ORDER: "only in order: ",
}


@dataclass(frozen=True)
class Label:
    """What is written on an edge; `x` and `y` are its middle."""

    edge: Edge
    text: str
    x: float
    y: float


def svg(pipeline: Pipeline) -> str:
    """Return an SVG document: steps in layers, edges with the names that travel.

    It follows the reader's light or dark theme and reads itself out.
    """
    edges = visible_edges(pipeline.edges)
    layout = arrange(pipeline, edges, {s.name: _size(s) for s in pipeline.steps})
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    view = f"{-_MARGIN:g} {-_MARGIN:g} {width:.0f} {height:.0f}"
    return "\n".join(
        [
            (
                '<svg xmlns="http://www.w3.org/2000/svg" class="kfx-dag" role="img" '
                f'aria-labelledby="kfx-title kfx-desc" viewBox="{view}" '
                f'width="{width:.0f}" height="{height:.0f}">'
            ),
            *_said(pipeline, edges),
            f"<style>{_STYLE}</style>",
            (
                '<defs><marker id="kfx-arrow" viewBox="0 0 8 8" refX="7" refY="4" '
                'markerWidth="7" markerHeight="7" orient="auto">'
                '<path d="M0 0L8 4L0 8z"/></marker></defs>'
            ),
            *(_curve(route) for route in layout.routes),
            *(_box(step, layout.places[step.name]) for step in pipeline.steps),
            *(_written(label) for label in labels(layout)),
            "</svg>",
        ]
    )


def labels(layout: Layout) -> list[Label]:
    """Return the labels of a drawing's edges, each beside those that would lie on it."""
    found = []
    rows: dict[int, list[tuple[float, float]]] = {}
    for route in layout.routes:
        text = edge_label(route.edge, _LABELLED)
        if not text:
            continue
        half = columns(text) * _SMALL / 2 + 3
        x, y = _place_of_label(route)
        step = 0
        # Five lines fit between two layers; beyond that labels lie on each other.
        while step < 3 and any(
            abs(x - other) < half + wide
            for other, wide in rows.get(round(y / 14) + step, ())
        ):
            step = -step if step > 0 else 1 - step
        y += step * 14
        rows.setdefault(round(y / 14), []).append((x, half))
        found.append(Label(route.edge, text, x, y))
    return found


def columns(text: str) -> int:
    """Return how many columns a text takes: East Asian characters are two wide."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _said(pipeline: Pipeline, edges: list[Edge]) -> list[str]:
    count = len(pipeline.steps)
    title = f"{one_line(pipeline.name)}: {count} step{'' if count == 1 else 's'}"
    sentences = [
        f"{one_line(step.name)} runs {condition(step)}"
        for step in pipeline.steps
        if condition(step)
    ]
    sentences += [
        f"{one_line(edge.source)} to {one_line(edge.target)}"
        + (f" ({_MEANING[edge.kind]}{edge_label(edge)})" if edge.names else "")
        for edge in edges
    ]
    return [
        f'<title id="kfx-title">{escape(title)}</title>',
        f'<desc id="kfx-desc">{escape("; ".join(sentences))}</desc>',
    ]


def _size(step: Step) -> tuple[float, float]:
    said = ", ".join(hints(step))
    width = max(columns(one_line(step.name)) * _CHAR, columns(said) * _SMALL)
    return max(64.0, width + 24), _HINTED if said else _LINE


def _box(step: Step, place: Place) -> str:
    said = ", ".join(hints(step))
    x, y = place.x, place.y
    middle = y + place.height / 2 + 4.5 - (7 if said else 0)
    hint = (
        f'<text class="hint" x="{x:.1f}" y="{middle + 15:.1f}">{escape(said)}</text>'
        if said
        else ""
    )
    test = condition(step)
    title = f"<title>{escape(test)}</title>" if test else ""
    return (
        f'<g class="step">{title}<rect x="{x - place.width / 2:.1f}" y="{y:.1f}" '
        f'width="{place.width:.1f}" height="{place.height:.1f}" rx="7"/>'
        f'<text x="{x:.1f}" y="{middle:.1f}">{escape(one_line(step.name))}</text>'
        f"{hint}</g>"
    )


def _curve(route: Route) -> str:
    points = route.points
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        middle = (y0 + y1) / 2
        path += f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
    return (
        f'<g class="edge {route.edge.kind.value}">'
        f'<path d="{path}" marker-end="url(#kfx-arrow)"/></g>'
    )


def _written(label: Label) -> str:
    return (
        f'<g class="edge {label.edge.kind.value}">'
        f'<text x="{label.x:.1f}" y="{label.y + 4:.1f}">{escape(label.text)}</text></g>'
    )


def _place_of_label(route: Route) -> tuple[float, float]:
    """Return the middle of the route's last piece.

    Edges that leave one step together have parted there.
    """
    (x0, y0), (x1, y1) = route.points[-2], route.points[-1]
    return (x0 + x1) / 2, (y0 + y1) / 2
