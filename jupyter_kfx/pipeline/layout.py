"""Where steps and edges go in a drawing: in layers, with few crossings."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.topology import layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.pipeline.model import Edge, Pipeline

__all__ = ["Layout", "Place", "Route", "arrange"]

_GAP, _BETWEEN, _BEND = 34.0, 66.0, 10.0
_SWEEPS = 12
_BENDS = 20_000


@dataclass(eq=False)
class Place:
    """A box of a drawing; `x` is its middle, `y` its upper side."""

    layer: int
    width: float
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Route:
    """The points through which an edge goes, from its source to its target."""

    edge: Edge
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Layout:
    """A drawing without its strokes, from (0, 0) to (width, height)."""

    places: Mapping[str, Place]
    routes: Sequence[Route]
    width: float
    height: float


def arrange(
    pipeline: Pipeline,
    edges: Sequence[Edge],
    sizes: Mapping[str, tuple[float, float]],
) -> Layout:
    """Return where steps of these sizes and edges between them go.

    A step is one layer below its lowest source. Within a layer, steps are ordered by
    the mean of their neighbours.
    """
    depth = layers(pipeline)
    places = {name: Place(depth[name], *size) for name, size in sizes.items()}
    paths = _paths(edges, places)
    rows = _rows(places, paths)
    _order(rows, paths)
    everything = [place for row in rows for place in row]
    top = 0.0
    for row in rows:
        height = max(place.height for place in row)
        for place in row:
            place.y = top + (height - place.height) / 2
        top += height + _BETWEEN
    left = min((p.x - p.width / 2 for p in everything), default=0.0)
    for place in everything:
        place.x -= left
    return Layout(
        places,
        [Route(edge, _points(path)) for edge, path in zip(edges, paths, strict=True)],
        max((p.x + p.width / 2 for p in everything), default=64.0),
        max((p.y + p.height for p in everything), default=0.0),
    )


def _paths(edges: Sequence[Edge], places: Mapping[str, Place]) -> list[list[Place]]:
    """Return each edge's places: its ends, and a bend in each layer that it crosses.

    Beyond so many bends edges go straight: a picture of that size is searched, not read.
    """
    left = _BENDS
    paths = []
    for edge in edges:
        source, target = places[edge.source], places[edge.target]
        crossed = range(source.layer + 1, target.layer)
        left -= len(crossed)
        bends = [Place(layer, _BEND) for layer in crossed] if left >= 0 else []
        paths.append([source, *bends, target])
    return paths


def _rows(places: Mapping[str, Place], paths: list[list[Place]]) -> list[list[Place]]:
    rows: list[list[Place]] = [
        [] for _ in range(1 + max((p.layer for p in places.values()), default=-1))
    ]
    for place in places.values():
        rows[place.layer].append(place)
    for path in paths:
        for bend in path[1:-1]:
            rows[bend.layer].append(bend)
    return rows


def _order(rows: list[list[Place]], paths: list[list[Place]]) -> None:
    """Set every x: go down and up the layers, each drawn to its neighbours' mean."""
    above: dict[Place, list[Place]] = {place: [] for row in rows for place in row}
    below: dict[Place, list[Place]] = {place: [] for row in rows for place in row}
    for path in paths:
        for upper, lower in itertools.pairwise(path):
            below[upper].append(lower)
            above[lower].append(upper)
    for row in rows:
        _settle(row, [0.0] * len(row))
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for row in rows if down else reversed(rows):
            # A row without neighbours on that side stays where it is.
            wanted = [(_mean(near[place], place.x), place) for place in row]
            wanted.sort(key=lambda pair: pair[0])
            row[:] = [place for _, place in wanted]
            _settle(row, [x for x, _ in wanted])


def _mean(places: list[Place], otherwise: float) -> float:
    return sum(p.x for p in places) / len(places) if places else otherwise


def _settle(row: list[Place], wanted: list[float]) -> None:
    """Put places, in their order, as near to where they want to be as they fit.

    Neighbours that would overlap form a block, which stands at the mean of what its
    members want; blocks that would overlap become one.
    """
    blocks: list[tuple[float, list[tuple[Place, float]]]] = []
    for place, x in zip(row, wanted, strict=True):
        middle, members = x, [(place, 0.0)]
        while blocks:
            before, others = blocks[-1]
            last, offset = others[-1]
            first, lead = members[0]
            room = (last.width + first.width) / 2 + _GAP
            if middle + lead - (before + offset) >= room:
                break
            blocks.pop()
            shift = offset + room - lead
            count, more = len(others), len(members)
            middle = (before * count + (middle - shift) * more) / (count + more)
            members = [*others, *((p, o + shift) for p, o in members)]
        blocks.append((middle, members))
    for middle, members in blocks:
        for place, offset in members:
            place.x = middle + offset


def _points(path: list[Place]) -> tuple[tuple[float, float], ...]:
    source, target = path[0], path[-1]
    return (
        (source.x, source.y + source.height),
        *((bend.x, bend.y) for bend in path[1:-1]),
        (target.x, target.y),
    )
