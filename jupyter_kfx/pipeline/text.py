"""A pipeline for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.labels import edge_label, hints, one_line, visible_edges
from jupyter_kfx.pipeline.model import EdgeKind, SetupKind

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline, Step

__all__ = ["text"]

_ARROWS = {EdgeKind.DATA: "<-", EdgeKind.POSSIBLE: "<~", EdgeKind.ORDER: "<."}
_MEANING = {
    EdgeKind.DATA: "<- takes",
    EdgeKind.POSSIBLE: "<~ may take",
    EdgeKind.ORDER: "<. comes after",
}
_SHOWN = 8


def text(pipeline: Pipeline) -> str:
    """Return each step with what it takes, and from which step."""
    count = len(pipeline.steps)
    lines = [f"{one_line(pipeline.name)}: {count} step{'' if count == 1 else 's'}"]
    if pipeline.parameters:
        given = [f"{p.name}={one_line(p.source)}" for p in pipeline.parameters]
        lines.append(f"  parameters: {', '.join(given)}")
    defined = dict.fromkeys(
        name
        for statement in pipeline.setup
        if statement.kind is not SetupKind.PARAMETER
        for name in statement.names
    )
    if defined:
        lines.append(f"  setup: {_shortened(list(defined))}")
    if pipeline.metrics:
        lines.append(f"  metrics: {', '.join(pipeline.metrics)}")
    edges = visible_edges(pipeline.edges)
    arriving: dict[str, list[str]] = {step.name: [] for step in pipeline.steps}
    for edge in edges:
        label = edge_label(edge, _SHOWN)
        arrow = f"{_ARROWS[edge.kind]} {one_line(edge.source)}"
        arriving[edge.target].append(f"{arrow}: {label}" if label else arrow)
    for i, step in enumerate(pipeline.steps):
        last = i == count - 1
        lines.append(f"{'└' if last else '├'}─ {_heading(step)}")
        rail = " " if last else "│"
        lines += [f"{rail}    {arrow}" for arrow in arriving[step.name]]
    kinds = {edge.kind for edge in edges}
    if kinds - {EdgeKind.DATA}:
        meant = ", ".join(_MEANING[kind] for kind in EdgeKind if kind in kinds)
        lines.append(f"   ({meant})")
    return "\n".join(lines)


def _heading(step: Step) -> str:
    cells = ", ".join(str(cell.index + 1) for cell in step.cells)
    said = [f"cell{'' if len(step.cells) == 1 else 's'} {cells}", *hints(step, None)]
    outputs = _shortened([port.name for port in step.outputs])
    out = f" -> {outputs}" if outputs else ""
    return f"{one_line(step.name)} ({'; '.join(said)}){out}"


def _shortened(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" +{more}" if more > 0 else "")
