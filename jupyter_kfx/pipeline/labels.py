"""What the drawings write on edges and steps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.model import EdgeKind

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Edge

__all__ = ["edge_label", "one_line", "visible_edges"]

_SHOWN = 4
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def one_line(text: str) -> str:
    """Return a text on one line, without what could steer a terminal."""
    return _CONTROL.sub(" ", text).strip()


def edge_label(edge: Edge) -> str:
    """Return the names that travel along an edge, shortened."""
    more = len(edge.names) - _SHOWN
    label = ", ".join(one_line(name) for name in edge.names[:_SHOWN])
    return f"{label} +{more}" if more > 0 else label


def visible_edges(edges: tuple[Edge, ...]) -> list[Edge]:
    """Return the edges to draw: an order edge beside a data edge says nothing new."""
    data = {(e.source, e.target) for e in edges if e.kind is not EdgeKind.ORDER}
    return [
        e
        for e in edges
        if e.kind is not EdgeKind.ORDER or (e.source, e.target) not in data
    ]
