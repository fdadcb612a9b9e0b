"""What the drawings write on steps and edges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.model import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.pipeline.model import Edge, Step

__all__ = ["condition", "edge_label", "hints", "one_line", "visible_edges"]

_SHOWN = 4
_LONGEST = 32
"""Characters of a condition that a step in a drawing has room for."""
# Control characters could steer a terminal, bidirectional ones deceive a reader, and
# the last few are not allowed in XML.
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+"
)


def one_line(text: str) -> str:
    """Return a text on one line, without what could steer a terminal."""
    return _CONTROL.sub(" ", text).strip()


def edge_label(edge: Edge, shown: int = _SHOWN) -> str:
    """Return the names that travel along an edge, the first few and how many more."""
    more = len(edge.names) - shown
    label = ", ".join(one_line(name) for name in edge.names[:shown])
    return f"{label} +{more}" if more > 0 else label


def condition(step: Step) -> str:
    """Return what is around a step, as Python would write it; empty if nothing is."""
    when, foreach = step.settings.when, step.settings.foreach
    found = [] if when is None else [f"if {one_line(when)}"]
    found += [] if foreach is None else [f"for {one_line(foreach)}"]
    return ": ".join(found)


def hints(step: Step, longest: int | None = _LONGEST) -> list[str]:
    """Return what says whether and how a step runs, a few words each.

    A condition that is longer is cut off.
    """
    settings = step.settings
    found = []
    test = condition(step)
    if test:
        is_long = longest is not None and len(test) > longest
        found.append(f"{test[:longest]}…" if is_long else test)
    if settings.image:
        found.append(f"image {one_line(settings.image)}")
    if settings.cpu is not None:
        found.append(f"cpu {settings.cpu:g}")
    if settings.memory is not None:
        found.append(f"memory {one_line(settings.memory)}")
    if settings.gpu is not None:
        found.append(f"gpu {settings.gpu}")
    if settings.retry:
        found.append(f"retry {settings.retry}")
    if settings.timeout is not None:
        found.append(f"timeout {settings.timeout:g} s")
    if settings.cache != "auto":
        found.append(f"cache {settings.cache}")
    return found


def visible_edges(edges: Sequence[Edge]) -> list[Edge]:
    """Return the edges to draw: an order edge beside a data edge says nothing new."""
    data = {(e.source, e.target) for e in edges if e.kind is not EdgeKind.ORDER}
    return [
        e
        for e in edges
        if e.kind is not EdgeKind.ORDER or (e.source, e.target) not in data
    ]
