"""A pipeline as text, mermaid and dot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.labels import edge_label, one_line, visible_edges
from jupyter_kfx.pipeline.model import EdgeKind, SetupKind

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline, Step

__all__ = ["dot", "mermaid", "text"]

_ARROWS = {EdgeKind.DATA: "<-", EdgeKind.POSSIBLE: "<~", EdgeKind.ORDER: "<."}


def text(pipeline: Pipeline) -> str:
    """Return a pipeline for a terminal: each step with what it takes, and from where.

    `<-` is data, `<~` only possible, `<.` order alone.
    """
    lines = [f"{one_line(pipeline.name)}: {_count(len(pipeline.steps), 'step')}"]
    if pipeline.parameters:
        given = (f"{p.name}={one_line(p.source)}" for p in pipeline.parameters)
        lines.append(f"  parameters: {', '.join(given)}")
    defined = [
        name
        for statement in pipeline.setup
        if statement.kind is not SetupKind.PARAMETER
        for name in statement.names
    ]
    if defined:
        lines.append(f"  setup: {', '.join(dict.fromkeys(defined))}")
    edges: dict[str, list[str]] = {step.name: [] for step in pipeline.steps}
    for edge in visible_edges(pipeline.edges):
        arrow = f"{_ARROWS[edge.kind]} {one_line(edge.source)}: {edge_label(edge)}"
        edges[edge.target].append(arrow)
    for i, step in enumerate(pipeline.steps):
        last = i == len(pipeline.steps) - 1
        outputs = ", ".join(port.name for port in step.outputs)
        out = f" -> {outputs}" if outputs else ""
        lines.append(f"{'└' if last else '├'}─ {one_line(step.name)}{_hint(step)}{out}")
        lines += [f"{' ' if last else '│'}    {arrow}" for arrow in edges[step.name]]
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _hint(step: Step) -> str:
    cells = ", ".join(str(cell.index + 1) for cell in step.cells)
    parts = [f"cell {cells}"]
    settings = step.settings
    if settings.retry:
        parts.append(f"retry {settings.retry}")
    if settings.timeout:
        parts.append(f"timeout {settings.timeout:g} s")
    parts += [
        f"{name} {value}"
        for name in ("cpu", "memory", "gpu")
        if (value := getattr(settings, name)) is not None
    ]
    return f" ({'; '.join(parts)})"


def mermaid(pipeline: Pipeline) -> str:
    """Return a pipeline as a mermaid flowchart (https://mermaid.js.org)."""
    ids = {step.name: f"s{i}" for i, step in enumerate(pipeline.steps)}
    lines = ["flowchart TD"]
    lines += [
        f'    {ids[step.name]}["{_entity(step.name)}"]' for step in pipeline.steps
    ]
    for edge in visible_edges(pipeline.edges):
        arrow = "-->" if edge.kind is EdgeKind.DATA else "-.->"
        label = edge_label(edge)
        if edge.kind is EdgeKind.POSSIBLE:
            label += "?"
        text = f'|"{_entity(label)}"|' if label else ""
        lines.append(f"    {ids[edge.source]} {arrow}{text} {ids[edge.target]}")
    return "\n".join(lines)


def _entity(label: str) -> str:
    """Return a label with everything but plain words as character entities."""
    return re.sub(r"[^\w ,.+?=-]", lambda m: f"#{ord(m[0])};", one_line(label))


def dot(pipeline: Pipeline) -> str:
    """Return a pipeline in the dot language (https://graphviz.org/doc/info/lang.html)."""
    ids = {step.name: f"s{i}" for i, step in enumerate(pipeline.steps)}
    lines = [
        f"digraph {_quoted(pipeline.name)} {{",
        "  rankdir=TB;",
        '  node [shape=box, style="rounded", fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    lines += [
        f"  {ids[step.name]} [label={_quoted(step.name)}];" for step in pipeline.steps
    ]
    styles = {
        EdgeKind.DATA: "solid",
        EdgeKind.POSSIBLE: "dashed",
        EdgeKind.ORDER: "dotted",
    }
    lines += [
        f"  {ids[edge.source]} -> {ids[edge.target]} "
        f"[label={_quoted(edge_label(edge))}, style={styles[edge.kind]}];"
        for edge in visible_edges(pipeline.edges)
    ]
    return "\n".join([*lines, "}"])


def _quoted(label: str) -> str:
    escaped = one_line(label).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
