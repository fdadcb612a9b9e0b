"""Why a step is proposed, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.analysis.habits import Work
from jupyter_kfx.pipeline.model import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_kfx.analysis.grouping import Group
    from jupyter_kfx.pipeline.model import Pipeline, Step

__all__ = ["listed", "reason"]

_DOES = {
    Work.TRAIN: "trains a model",
    Work.LOAD: "gets the data",
    Work.SPLIT: "splits the data",
    Work.WRITE: "writes files",
    Work.PLOT: "draws",
    Work.EVALUATE: "tells how good a model is",
    Work.SHOW: "shows results",
}
_MOST = 3
"""More names than this in a row are not read."""


def reason(step: Step, group: Group, pipeline: Pipeline) -> str:
    """Return why a group of cells is a step of the pipeline, in one sentence."""
    edges = [edge for edge in pipeline.edges if edge.target == step.name]
    takes = [edge for edge in edges if edge.kind is not EdgeKind.ORDER]
    said = [_beginning(group)]
    if takes:
        taken = [f"{listed(edge.names)} from `{edge.source}`" for edge in takes]
        if len(taken) > _MOST:
            taken[_MOST - 1 :] = [f"what {len(taken) - _MOST + 1} other steps write"]
        only = "" if any(edge.kind is EdgeKind.POSSIBLE for edge in takes) else "only "
        said.append(f"takes {only}{_and(taken, len(taken))}")
    elif edges:
        why = listed(name for edge in edges for name in edge.names)
        said.append(f"comes after {listed(e.source for e in edges)} ({why})")
    elif step is not pipeline.steps[0]:
        said.append("needs nothing from the steps above")
    beside = _beside(step, pipeline)
    if beside:
        said.append(f"can run at the same time as {listed(beside)}")
    return f"It {_and(said, len(said))}{_tied(group)}."


def listed(names: Iterable[str]) -> str:
    """Return names as a text; of many, the first ones and how many more there are."""
    return _and([f"`{name}`" for name in dict.fromkeys(names)], _MOST)


def _beginning(group: Group) -> str:
    if group.heading is not None:
        return f"starts at the heading “{group.heading.text}”"
    if group.work in _DOES:
        return _DOES[group.work]
    changed = group.handed_on & group.effects.mutates.keys()
    if group.work is Work.CHANGE and changed:
        return f"changes {listed(sorted(changed))}"
    made = sorted(group.handed_on)
    return f"makes {listed(made)}" if made else _DOES[Work.SHOW]


def _beside(step: Step, pipeline: Pipeline) -> list[str]:
    """Return the steps that neither need a step nor are needed by it."""
    above = _reached(step.name, [(edge.target, edge.source) for edge in pipeline.edges])
    below = _reached(step.name, [(edge.source, edge.target) for edge in pipeline.edges])
    ordered = above | below | {step.name}
    return [other.name for other in pipeline.steps if other.name not in ordered]


def _reached(start: str, ways: Sequence[tuple[str, str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        at = waiting.pop()
        new = {there for here, there in ways if here == at} - found
        found |= new
        waiting += new
    return found


def _tied(group: Group) -> str:
    drawn = [name for name, what in group.ties.items() if what == "figure"]
    kept = [name for name, what in group.ties.items() if what == "handle"]
    why = [f"draw on {listed(drawn)}"] if drawn else []
    if kept:
        why.append(f"use {listed(kept)}, which cannot be stored between two steps")
    return f"; its cells stay together because they {' and '.join(why)}" if why else ""


def _and(parts: Sequence[str], most: int) -> str:
    if len(parts) > most:
        parts = [*parts[: most - 1], f"{len(parts) - most + 1} more"]
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
