"""A pipeline in the dot language (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.labels import (
    condition,
    edge_label,
    hints,
    one_line,
    visible_edges,
)
from jupyter_kfx.pipeline.model import EdgeKind

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline, Step

__all__ = ["dot"]

_STYLES = {
    EdgeKind.DATA: "style=solid",
    EdgeKind.POSSIBLE: "style=dashed",
    EdgeKind.ORDER: 'style=dotted, color="#888888", fontcolor="#888888"',
}


def dot(pipeline: Pipeline) -> str:
    """Return a digraph: possible edges are dashed, order edges dotted and grey."""
    ids = {step.name: f"s{i}" for i, step in enumerate(pipeline.steps)}
    lines = [
        f"digraph {_quoted(pipeline.name)} {{",
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    lines += [
        f"  {ids[step.name]} [label={_label(step)}{_tooltip(step)}];"
        for step in pipeline.steps
    ]
    lines += [
        f"  {ids[edge.source]} -> {ids[edge.target]} "
        f"[label={_quoted(edge_label(edge))}, {_STYLES[edge.kind]}];"
        for edge in visible_edges(pipeline.edges)
    ]
    return "\n".join([*lines, "}"])


def _label(step: Step) -> str:
    said = ", ".join(hints(step))
    name = _escaped(step.name)
    return f'"{name}\\n{_escaped(said)}"' if said else f'"{name}"'


def _tooltip(step: Step) -> str:
    test = condition(step)
    return f", tooltip={_quoted(test)}" if test else ""


def _quoted(label: str) -> str:
    return f'"{_escaped(label)}"'


def _escaped(label: str) -> str:
    r"""Return a label without dot's own escapes (`\\N`) and HTML entities (`&amp;`)."""
    text = one_line(label).replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("&", "&amp;")
