"""What of a run stands, and what begins anew, where steps of it are to run as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.outcome import Outcome, StepOutcome
from jupyter_kfx.engines.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from jupyter_kfx.engines.joining import Joint
    from jupyter_kfx.engines.versions import View
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["continued", "interrupted"]


def continued(
    pipeline: Pipeline, left_out: Collection[str], before: Outcome | None
) -> list[Progress]:
    """Return where each step of a pipeline stands at the start of a run.

    If that goes on, as steps of it were joined: as `before` says.
    """
    position = {step.name: i for i, step in enumerate(pipeline.steps)}
    sources: list[set[int]] = [set() for _ in pipeline.steps]
    for edge in pipeline.edges:
        sources[position[edge.target]].add(position[edge.source])
    done = () if before is None else before.done
    known = {} if before is None else {p.step.name: p for p in before.below}
    steps = [*done]
    for i, step in enumerate(pipeline.steps[len(done) :], len(done)):
        earlier = known.get(step.name)
        progress = Progress(
            step,
            StepOutcome(step.name, number=i + 1)
            if earlier is None
            else earlier.outcome,
            frozenset(range(i) if step.opaque else sources[i]),
            set(step.reads),
            left_out=step.name in left_out,
        )
        if earlier is not None:
            progress.go_on(earlier)
        steps.append(progress)
    return steps


def interrupted(
    steps: Sequence[Progress],
    view: View,
    joint: Joint,
    joined: Pipeline,
    emit: Callable[[RunEvent], None],
) -> Outcome:
    """Return from where on steps are to run again, in the pipeline with some joined."""
    place = [progress.step.name for progress in steps].index(joint.first)
    now = {step.name: step for step in joined.steps}
    data = {"first": joint.first, "steps": joint.members, "reason": joint.why}
    done, below = tuple(steps[:place]), tuple(steps[place:])
    for progress in below:
        name, outcome = progress.step.name, progress.outcome
        is_joined = name == joint.first or name in joint.members
        if not is_joined and progress.has_ended and progress.step == now[name]:
            continue
        progress.observation, progress.outcome = None, outcome.begun_anew()
        if is_joined:
            emit(RunEvent("step-joined", name, data))
        elif outcome.attempts and not outcome.cached:
            emit(progress.repeated(f"steps above it run as one: {joint.bare_why}"))
    return Outcome(
        "joined", [progress.outcome for progress in steps], view, joint, done, below
    )
