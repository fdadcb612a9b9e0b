"""The shape of the graph: order, layers, ancestors, cycles."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["ancestors", "check", "layers", "order"]


def order(pipeline: Pipeline) -> list[str]:
    """Return the names of the steps so that each stands behind all its sources.

    UsageError unless names are distinct, edges have both ends, and none go round.
    """
    sources = _sources(pipeline)
    targets: dict[str, list[str]] = {name: [] for name in sources}
    for target, above in sources.items():
        for source in above:
            targets[source].append(target)
    left = {name: len(above) for name, above in sources.items()}
    todo = deque(name for name, count in left.items() if not count)
    found = []
    while todo:
        name = todo.popleft()
        found.append(name)
        for target in targets[name]:
            left[target] -= 1
            if not left[target]:
                todo.append(target)
    if len(found) < len(sources):
        stuck = [name for name, count in left.items() if count]
        around = " -> ".join(f"`{name}`" for name in _cycle(sources, stuck))
        message = f"steps wait for each other in a cycle: {around}."
        cure = "Take one of these edges away."
        raise UsageError(message, notebook=pipeline.notebook, cure=cure)
    return found


def layers(pipeline: Pipeline) -> dict[str, int]:
    """Return, for each step, the length of the longest path that leads to it."""
    sources = _sources(pipeline)
    depth: dict[str, int] = {}
    for name in order(pipeline):
        depth[name] = max((depth[source] + 1 for source in sources[name]), default=0)
    return {step.name: depth[step.name] for step in pipeline.steps}


def check(pipeline: Pipeline) -> None:
    """Raise the UsageError of `order` for what is no directed acyclic graph."""
    order(pipeline)


def ancestors(pipeline: Pipeline, step: str) -> set[str]:
    """Return every step that must have ended before a step can start."""
    sources = _sources(pipeline)
    found: set[str] = set()
    todo = [step]
    while todo:
        more = sources[todo.pop()].keys() - found
        found |= more
        todo += more
    return found


def _sources(pipeline: Pipeline) -> dict[str, dict[str, None]]:
    """Return the steps that each step waits for, in the order of the edges."""
    sources: dict[str, dict[str, None]] = {}
    for step in pipeline.steps:
        if step.name in sources:
            message = f"two steps are named `{step.name}`."
            raise UsageError(message, notebook=pipeline.notebook)
        sources[step.name] = {}
    for edge in pipeline.edges:
        for end in (edge.source, edge.target):
            if end not in sources:
                message = f"an edge names the step `{end}`, which is not there."
                raise UsageError(message, notebook=pipeline.notebook)
        sources[edge.target][edge.source] = None
    return sources


def _cycle(sources: Mapping[str, Mapping[str, None]], stuck: list[str]) -> list[str]:
    """Return one cycle, in the direction of its edges, its first step again at the end."""
    waits = set(stuck)
    path: dict[str, None] = {}
    name = stuck[0]
    while name not in path:
        path[name] = None
        name = next(source for source in sources[name] if source in waits)
    walked = list(path)
    around = walked[walked.index(name) :]
    return [name, *reversed(around)]
