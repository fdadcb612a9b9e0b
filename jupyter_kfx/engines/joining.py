"""Steps that run as one, as what one of them leaves cannot be handed on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import build
from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.judge import ACTS
from jupyter_kfx.engines.outcome import StepOutcome
from jupyter_kfx.runtime.exits import VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jupyter_kfx.engines.progress import Progress
    from jupyter_kfx.engines.protocol import Failure
    from jupyter_kfx.engines.selection import Selection
    from jupyter_kfx.notebook.reading import Notebook
    from jupyter_kfx.pipeline.model import Pipeline, SetupStatement
    from jupyter_kfx.pipeline.settings import StepSettings

__all__ = ["Joining", "Joint"]


@dataclass(frozen=True)
class Joint:
    """Steps that follow one another and run as one."""

    first: str
    """The step whose name and place they have."""
    members: tuple[str, ...]
    """The others, in notebook order."""
    why: str

    @property
    def reason(self) -> str:
        """Say of one of the others why it ran as it did, as part of a sentence."""
        return f"it ran as one with `{self.first}`: {self.bare_why}"

    @property
    def bare_why(self) -> str:
        """The reason as part of a sentence."""
        return self.why.rstrip(".")

    @property
    def sentence(self) -> str:
        """Tell what is done, and how to have it so from the start."""
        through = "to" if len(self.members) > 1 else "and"
        return (
            f"steps `{self.first}` {through} `{self.members[-1]}` ran as one, in one "
            f"process: {self.why} Tag their cells as one step, "
            f"`step:{self.first}`, to have it so from the start."
        )


class Joining:
    """Puts steps together where the run finds that a value cannot go between them.

    What a person would do who is told to put the cells into one step: the cells still
    run once, in the order of the notebook.
    """

    def __init__(self, notebook: Notebook, pipeline: Pipeline) -> None:
        self._notebook = notebook
        self._in_order = [step.name for step in pipeline.steps]
        self.pipeline = pipeline
        """As its steps are joined by now."""
        self.joints: dict[str, Joint] = {}
        """By the name of the first step."""

    def joint(
        self, steps: Sequence[Progress], i: int, failure: Failure
    ) -> Joint | None:
        """Return with which steps above one runs that cannot be given what it needs.

        None if nothing would be gained, or if they cannot run again or together.
        """
        first = _origin(steps[: i + 1], failure)
        if first is None:
            return None
        block = steps[first : self._end(steps, first, i, failure.name) + 1]
        names = tuple(progress.step.name for progress in block)
        settings = {_own(progress.step.settings) for progress in block}
        has_acted = any(
            progress.observation is not None
            and any(progress.observation.observed.get(act) for act in ACTS)
            for progress in block
        )
        if has_acted or len(settings) > 1 or any(p.left_out for p in block):
            return None
        if block[0].step.settings.when or block[0].step.settings.foreach:
            return None
        return self._joined(names, failure)

    def told_apart(self, outcomes: Sequence[StepOutcome]) -> list[StepOutcome]:
        """Return how each step ended, also those that ran as part of another."""
        return [
            each
            for first in outcomes
            for each in (self._whole(first), *self._parts(first))
        ]

    def told(self, listener: Callable[[RunEvent], None]) -> Callable[[RunEvent], None]:
        """Return what tells of every step when the execution that it is part of is told of."""

        def tell(event: RunEvent) -> None:
            listener(event)
            joint = self.joints.get(event.step or "")
            if joint is None:
                return
            if event.kind == "step-started" and "attempt" in event.data:
                data = {"attempt": event.data["attempt"], "reason": joint.reason}
                for member in joint.members:
                    listener(RunEvent("step-started", member, data))
            elif event.kind == "step-finished":
                for part in self._parts(event.data["outcome"]):
                    listener(RunEvent("step-finished", part.name, {"outcome": part}))

        return tell

    def selected(self, selection: Selection) -> Selection:
        """Return the selection of the steps as they are joined."""
        of = _mapping(self.joints)
        names = {
            option: name and of.get(name, name)
            for option in ("from_step", "only", "until")
            for name in (getattr(selection, option),)
        }
        return replace(selection, **names)

    def _whole(self, first: StepOutcome) -> StepOutcome:
        joint = self.joints.get(first.name)
        if joint is None or first.cached:
            return first
        return replace(first, reason=f"others ran as one with it: {joint.bare_why}")

    def _parts(self, first: StepOutcome) -> list[StepOutcome]:
        joint = self.joints.get(first.name)
        if joint is None:
            return []
        return [
            StepOutcome(
                member,
                first.status,
                first.execution,
                attempts=first.attempts,
                cached=first.cached,
                reason=joint.reason,
                joined=first.name,
            )
            for member in joint.members
        ]

    def _end(
        self, steps: Sequence[Progress], first: int, i: int, name: str | None
    ) -> int:
        """Return the place of the last step that uses what the first leaves.

        Where they are joined already, of the last that uses anything they leave: each
        new joint runs them all again.
        """
        step = steps[first].step
        seen = steps[first].observation
        lost = {name} if name else set()
        lost |= set() if seen is None else seen.unavailable.keys()
        if not lost or step.name in self.joints:
            lost = {*step.writes, *step.mutates}
        users, end = {step.name}, i
        for at, progress in enumerate(steps[first + 1 :], first + 1):
            ports = progress.step.inputs
            if at <= i or any(p.name in lost and p.source in users for p in ports):
                users.add(progress.step.name)
                end = max(end, at)
        return end

    def _joined(self, names: tuple[str, ...], failure: Failure) -> Joint | None:
        """Put steps together; none if the notebook would be refused so."""
        known = [j for name, j in self.joints.items() if name in names]
        all_names = {*names, *(member for joint in known for member in joint.members)}
        in_order = [name for name in self._in_order if name in all_names]
        why = known[0].why if known else failure.reason or failure.evalue
        joint = Joint(in_order[0], tuple(in_order[1:]), why)
        joints = {n: j for n, j in self.joints.items() if n not in all_names}
        joints[joint.first] = joint
        pipeline = build(self._notebook, _mapping(joints))
        # What is replayed has to be what was replayed for the steps that have ended.
        if pipeline.errors or _setup(pipeline) != _setup(self.pipeline):
            return None
        self.joints, self.pipeline = joints, pipeline
        return joint


def _mapping(joints: Mapping[str, Joint]) -> dict[str, str]:
    return {
        member: joint.first for joint in joints.values() for member in joint.members
    }


def _setup(pipeline: Pipeline) -> list[SetupStatement]:
    return [replace(statement, step=None) for statement in pipeline.setup]


def _origin(steps: Sequence[Progress], failure: Failure) -> int | None:
    """Return the place of the step that left what the last one cannot be given."""
    *above, last = steps
    sources = {port.source for port in last.step.inputs}
    for i in reversed(range(len(above))):
        seen = above[i].observation
        if seen is None:
            continue
        digests = {group.digest for group in seen.stored}
        digests |= {state.digest for state in seen.ambient.values()}
        names = {name for group in seen.stored for name in group.names}
        names |= seen.changed | seen.unavailable.keys()
        if failure.artifact in digests or failure.name in names:
            return i
        if failure.left in seen.ambient:
            return i
        if failure.left == VALUES and above[i].step.name in sources:
            return i
    return None


def _own(settings: StepSettings) -> str:
    return repr(replace(settings, after=()))
