"""A pipeline as a mermaid flowchart (https://mermaid.js.org)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.labels import edge_label, hints, one_line, visible_edges
from jupyter_kfx.pipeline.model import EdgeKind

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline, Step

__all__ = ["mermaid"]


def mermaid(pipeline: Pipeline) -> str:
    """Return a flowchart: possible edges are dashed, order edges dashed and grey."""
    ids = {step.name: f"s{i}" for i, step in enumerate(pipeline.steps)}
    lines = ["flowchart TD"]
    lines += [f'    {ids[step.name]}["{_label(step)}"]' for step in pipeline.steps]
    grey = []
    for i, edge in enumerate(visible_edges(pipeline.edges)):
        arrow = "-->" if edge.kind is EdgeKind.DATA else "-.->"
        text = _entities(edge_label(edge))
        label = f'|"{text}"|' if text else ""
        lines.append(f"    {ids[edge.source]} {arrow}{label} {ids[edge.target]}")
        if edge.kind is EdgeKind.ORDER:
            grey.append(str(i))
    if grey:
        lines.append(f"    linkStyle {','.join(grey)} stroke:#999,color:#999")
    return "\n".join(lines)


def _label(step: Step) -> str:
    name = _entities(step.name) or " "
    said = _entities(", ".join(hints(step)))
    return f"{name}<br/>{said}" if said else name


def _entities(label: str) -> str:
    """Return a label in which all but plain words is written as character entities.

    A label that reads as a list (`1. a`, `- a`) or as markdown would be changed.
    """
    return re.sub(r"[^\w ,+]|_", lambda m: f"#{ord(m[0])};", one_line(label))
