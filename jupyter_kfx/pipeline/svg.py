"""A pipeline as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.labels import edge_label, one_line, visible_edges
from jupyter_kfx.pipeline.topology import layers

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Edge, Pipeline

__all__ = ["svg"]

_CHAR, _HEIGHT, _GAP, _RANK, _MARGIN = 7.6, 34.0, 36.0, 84.0, 20.0
_SWEEPS = 8
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2430 }
.edge text { font-size: 11px; fill: #4a5264; paint-order: stroke; stroke: #fff;
  stroke-width: 4px }
rect { fill: #eef3fc; stroke: #3b6fc9; stroke-width: 1.2 }
path { fill: none; stroke: #5a6478; stroke-width: 1.3 }
marker path { fill: #5a6478; stroke: none }
.possible path { stroke-dasharray: 6 4 }
.order path { stroke-dasharray: 1.5 4 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e9f0 } .edge text { fill: #b9c1d0; stroke: #14171d }
  rect { fill: #1d2a44; stroke: #7aa2ee } path { stroke: #98a2b5 }
  marker path { fill: #98a2b5 }
}
"""


@dataclass
class _Node:
    """A step, or a place that a long edge passes."""

    name: str
    layer: int
    width: float
    x: float = 0.0

    @property
    def y(self) -> float:
        return _MARGIN + self.layer * _RANK


def svg(pipeline: Pipeline) -> str:
    """Return an SVG document: steps in layers, edges with the names that travel.

    It follows the reader's light or dark theme and reads itself out.
    """
    depth = layers(pipeline)
    edges = visible_edges(pipeline.edges)
    nodes = {
        step.name: _Node(step.name, depth[step.name], _width(step.name))
        for step in pipeline.steps
    }
    routes = {edge: _route(edge, nodes) for edge in edges}
    places = [*nodes.values()]
    places += [node for route in routes.values() for node in route[1:-1]]
    _arrange(places, list(routes.values()))
    width = max((n.x + n.width / 2 for n in places), default=80.0) + _MARGIN
    height = max((n.y for n in places), default=0.0) + _HEIGHT + _MARGIN
    title = f"{one_line(pipeline.name)}: {len(nodes)} steps"
    said = "; ".join(
        f"{one_line(e.source)} to {one_line(e.target)}"
        + (f" ({edge_label(e)})" if e.names else "")
        for e in edges
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-labelledby="kfx-title kfx-desc" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">',
        f'<title id="kfx-title">{escape(title)}</title>',
        f'<desc id="kfx-desc">{escape(said)}</desc>',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="kfx-arrow" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    parts += [_edge(edge, route) for edge, route in routes.items()]
    parts += [_node(node) for node in nodes.values()]
    return "\n".join([*parts, "</svg>"])


def _width(name: str) -> float:
    return max(64.0, len(one_line(name)) * _CHAR + 24)


def _route(edge: Edge, nodes: dict[str, _Node]) -> list[_Node]:
    source, target = nodes[edge.source], nodes[edge.target]
    between = range(source.layer + 1, target.layer)
    return [source, *(_Node("", layer, 8.0) for layer in between), target]


def _arrange(places: list[_Node], routes: list[list[_Node]]) -> None:
    """Set x: order each layer by the mean of its neighbours, then spread it out."""
    rows: dict[int, list[_Node]] = {}
    for place in places:
        rows.setdefault(place.layer, []).append(place)
    above: dict[int, list[_Node]] = {id(p): [] for p in places}
    below: dict[int, list[_Node]] = {id(p): [] for p in places}
    for route in routes:
        for one, next_one in zip(route, route[1:], strict=False):
            below[id(one)].append(next_one)
            above[id(next_one)].append(one)
    for row in rows.values():
        _spread(row)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for layer in sorted(rows, reverse=not down):
            row = rows[layer]
            wanted = {
                id(p): sum(n.x for n in near) / len(near) if near else p.x
                for p in row
                for near in [neighbours[id(p)]]
            }
            row.sort(key=lambda p: wanted[id(p)])
            _settle(row, wanted)
    least = min((p.x - p.width / 2 for p in places), default=0.0)
    for place in places:
        place.x += _MARGIN - least


def _spread(row: list[_Node]) -> None:
    x = 0.0
    for place in row:
        place.x = x + place.width / 2
        x += place.width + _GAP


def _settle(row: list[_Node], wanted: dict[int, float]) -> None:
    """Put a row's places where they want to be, without overlap."""
    for i, place in enumerate(row):
        place.x = wanted[id(place)]
        if i:
            least = row[i - 1].x + (row[i - 1].width + place.width) / 2 + _GAP
            place.x = max(place.x, least)
    shift = sum(p.x - wanted[id(p)] for p in row) / len(row)
    for place in row:
        place.x -= shift


def _edge(edge: Edge, route: list[_Node]) -> str:
    points = [(route[0].x, route[0].y + _HEIGHT)]
    points += [(n.x, n.y + _HEIGHT / 2) for n in route[1:-1]]
    points.append((route[-1].x, route[-1].y))
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        middle = (y0 + y1) / 2
        path += f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
    (x0, y0), (x1, y1) = points[0], points[1]
    # Nearer to the target: edges that leave one step together have parted there.
    x, y = x0 + (x1 - x0) * 0.62, y0 + (y1 - y0) * 0.58
    label = edge_label(edge)
    text = (
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{escape(label)}</text>'
        if label
        else ""
    )
    return (
        f'<g class="edge {edge.kind.value}"><path d="{path}" '
        f'marker-end="url(#kfx-arrow)"/>{text}</g>'
    )


def _node(node: _Node) -> str:
    return (
        f'<g class="step"><rect x="{node.x - node.width / 2:.1f}" y="{node.y:.1f}" '
        f'width="{node.width:.1f}" height="{_HEIGHT}" rx="7"/>'
        f'<text x="{node.x:.1f}" y="{node.y + _HEIGHT / 2 + 4.5:.1f}" '
        f'text-anchor="middle">{escape(one_line(node.name))}</text></g>'
    )
