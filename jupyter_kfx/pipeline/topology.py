"""The shape of the graph: order, layers, cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["ancestors", "check", "layers"]


def layers(pipeline: Pipeline) -> dict[str, int]:
    """Return, for each step, the length of the longest path that leads to it.

    UsageError if an edge names a step that is not there, or edges go round in a cycle.
    """
    sources: dict[str, set[str]] = {step.name: set() for step in pipeline.steps}
    targets: dict[str, set[str]] = {step.name: set() for step in pipeline.steps}
    for edge in pipeline.edges:
        for end in (edge.source, edge.target):
            if end not in sources:
                message = f"an edge names the step `{end}`, which is not there."
                raise UsageError(message, notebook=pipeline.notebook)
        sources[edge.target].add(edge.source)
        targets[edge.source].add(edge.target)
    depth = {name: 0 for name, above in sources.items() if not above}
    todo, left = list(depth), {name: len(above) for name, above in sources.items()}
    while todo:
        name = todo.pop()
        for target in targets[name]:
            depth[target] = max(depth.get(target, 0), depth[name] + 1)
            left[target] -= 1
            if not left[target]:
                todo.append(target)
    around = [name for name, count in left.items() if count]
    if around:
        message = f"the steps {', '.join(around)} wait for each other in a cycle."
        raise UsageError(message, notebook=pipeline.notebook)
    return {step.name: depth[step.name] for step in pipeline.steps}


def check(pipeline: Pipeline) -> None:
    """Raise UsageError unless names are distinct, edges have ends, and none go round."""
    seen: set[str] = set()
    for step in pipeline.steps:
        if step.name in seen:
            message = f"two steps are named `{step.name}`."
            raise UsageError(message, notebook=pipeline.notebook)
        seen.add(step.name)
    layers(pipeline)


def ancestors(pipeline: Pipeline, step: str) -> set[str]:
    """Return every step that must have ended before a step can start."""
    sources: dict[str, set[str]] = {}
    for edge in pipeline.edges:
        sources.setdefault(edge.target, set()).add(edge.source)
    found: set[str] = set()
    todo = [step]
    while todo:
        more = sources.get(todo.pop(), set()) - found
        found |= more
        todo += more
    return found
