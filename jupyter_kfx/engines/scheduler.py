"""Runs steps as early as the prediction allows and commits them in notebook order.

As processors and transactional memory speculate: a step runs on the versions that are
there, and when its turn comes it is committed if what it read still holds, else it runs
again. The rule was first written down as a model and is tested against plain
top-to-bottom execution.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.protocol import (
    Executor,
    Failure,
    Observation,
    Order,
    Signal,
    Unavailable,
)
from jupyter_kfx.engines.versions import Reading, View, current, resolve
from jupyter_kfx.runtime.guard import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_kfx.engines.slots import Slots
    from jupyter_kfx.pipeline.model import Pipeline, SetupStatement, Step

__all__ = ["SETUP_STEP", "Outcome", "Scheduler", "StepOutcome"]

SETUP_STEP = "(setup)"
"""Name of the execution that runs the cells which are setup alone, for their output."""


@dataclass
class StepOutcome:
    """How a step ended, and what it took."""

    name: str
    status: str = "pending"
    """`succeeded`, `failed`, `skipped` or `cancelled` in the end."""
    execution: str | None = None
    """The execution that counts."""
    attempts: int = 0
    reruns: list[str] = field(default_factory=list)
    """Why it was run again, a sentence each."""
    observation: Observation | None = None
    inputs: tuple[str, ...] = ()

    @property
    def failure(self) -> Failure | None:
        """The error that ended it, if one did."""
        return None if self.observation is None else self.observation.failure


@dataclass
class Outcome:
    """How a run ended."""

    status: str
    """`succeeded`, `failed` or `cancelled`."""
    steps: list[StepOutcome]
    view: View


@dataclass
class _Progress:
    """Where a step stands."""

    step: Step
    outcome: StepOutcome
    sources: frozenset[int]
    reads: set[str]
    retries: int = 0
    task: asyncio.Task[None] | None = None
    order: Order | None = None
    reading: Reading | None = None
    observation: Observation | None = None
    started: float = 0.0
    ended: float = 0.0
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once every step above has committed."""
    waiting: bool = False
    irrevocable: bool = False


STALE = "stale"
"""Asked instead of permission by an execution that found its files changed."""

ACTS = ("files_written", "network", "children")
"""What an execution can have done that cannot be taken back."""


class Scheduler:
    """One run of a pipeline through an executor.

    Steps are in notebook order; `listener` is called with each RunEvent.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        executor: Executor,
        slots: Slots,
        *,
        run: str,
        listener: Callable[[RunEvent], None] = lambda _event: None,
        entropy: str = "",
    ) -> None:
        self._pipeline = pipeline
        self._executor = executor
        self._slots = slots
        self._run = run
        self._emit = listener
        self._entropy = entropy
        position = {step.name: i for i, step in enumerate(pipeline.steps)}
        sources: list[set[int]] = [set() for _ in pipeline.steps]
        for edge in pipeline.edges:
            sources[position[edge.target]].add(position[edge.source])
        self._steps = [
            _Progress(
                step,
                StepOutcome(step.name),
                frozenset(range(i) if step.opaque else sources[i]),
                set(step.reads),
            )
            for i, step in enumerate(pipeline.steps)
        ]
        self._owner = [
            None if statement.step is None else position[statement.step]
            for statement in pipeline.setup
        ]
        self._loose = [k for k, owner in enumerate(self._owner) if owner is None]
        self._own: list[list[int]] = [[] for _ in pipeline.steps]
        for k, owner in enumerate(self._owner):
            if owner is not None:
                self._own[owner].append(k)
        self._view = View()
        self._next_loose = 0
        self._committed = 0
        self._changed = asyncio.Event()
        self._failed = False
        self._crashes: list[BaseException | None] = []
        for progress in self._steps[:1]:
            progress.turn.set()

    async def run(self) -> Outcome:
        """Run every step; cancelling ends all executions first."""
        for progress in self._steps:
            self._slots.check(progress.step.name, progress.step.settings)
        try:
            while self._committed < len(self._steps) and not self._failed:
                self._changed.clear()
                self._commit()
                if self._failed or self._committed == len(self._steps):
                    break
                self._start()
                await self._changed.wait()
                for crash in filter(None, self._crashes):
                    raise crash
        except asyncio.CancelledError:
            await self._stop("cancelled")
            return Outcome("cancelled", self._outcomes, self._view)
        except BaseException:
            await self._stop("cancelled")
            raise
        await self._stop("skipped")
        status = "failed" if self._failed else "succeeded"
        return Outcome(status, self._outcomes, self._view)

    @property
    def _outcomes(self) -> list[StepOutcome]:
        return [progress.outcome for progress in self._steps]

    # Starting

    def _start(self) -> None:
        loose = self._next_loose
        view = self._view.copy()
        for i in range(self._committed, len(self._steps)):
            if self._slots.cpu <= 0:
                break
            progress = self._steps[i]
            loose = self._define_loose(view, i, loose)
            if progress.task is None and progress.observation is None:
                ready = i == self._committed or all(
                    j < self._committed or self._steps[j].observation is not None
                    for j in progress.sources
                )
                if ready and self._slots.take(progress.step.settings):
                    self._launch(i, view)
            self._define_own(view, i)
            if progress.observation is not None:
                view.apply(progress.observation)

    def _launch(self, i: int, view: View) -> None:
        progress = self._steps[i]
        step = progress.step
        reads = set(view.names) if step.opaque else progress.reads
        reading = resolve(view, reads | progress.reads, self._pipeline.setup)
        attempt = progress.outcome.attempts = progress.outcome.attempts + 1
        progress.reading = reading
        progress.irrevocable = i == self._committed
        progress.order = Order(
            execution=f"{self._run}-{i + 1:03d}-{attempt}",
            step=step,
            attempt=attempt,
            setup=self._setup_above(i),
            own_setup=self._setup_in(i),
            definitions=self._definitions(step, view),
            groups=reading.groups,
            ambient=dict(view.ambient),
            live=frozenset(step.live),
            live_all=False,
            alone=progress.irrevocable,
            seed=_seed(self._entropy, step.name),
        )
        progress.started = time.monotonic()
        progress.task = asyncio.ensure_future(self._execute(i))
        progress.task.add_done_callback(self._note_crash)
        self._emit(
            RunEvent(
                "step-started",
                step.name,
                {
                    "execution": progress.order.execution,
                    "attempt": attempt,
                    "groups": [(g.digest, sorted(n)) for g, n in reading.groups],
                },
            )
        )

    async def _execute(self, i: int) -> None:
        progress = self._steps[i]
        order = progress.order
        assert order is not None
        blocked = self._refusal(progress)
        try:
            if blocked is None:
                observation = await self._executor.execute(
                    order, self._signal(progress), lambda why: self._permit(i, why)
                )
            else:
                observation = Observation("failed", blocked)
            progress.observation = observation
            progress.ended = time.monotonic()
            self._emit(
                RunEvent(
                    "step-attempt",
                    progress.step.name,
                    {
                        "execution": order.execution,
                        "attempt": order.attempt,
                        "observation": observation,
                        "seconds": time.monotonic() - progress.started,
                    },
                )
            )
        finally:
            if not progress.waiting:
                self._slots.give(progress.step.settings)
            progress.waiting = False
            progress.task = None
            self._changed.set()

    def _note_crash(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._crashes.append(task.exception())

    def _refusal(self, progress: _Progress) -> Failure | None:
        """Return why a name that the step reads cannot be given to it."""
        reading = progress.reading
        assert reading is not None
        # What stored functions mention is mostly not called: it is given if it is there,
        # and only a name that the step itself reads, or turned out to, is refused.
        for name in sorted(progress.reads):
            version = reading.versions.get(name)
            if isinstance(version, Unavailable):
                return Failure(
                    "NotHandedOn",
                    f"{version.message} {version.cure}",
                    kind="unavailable",
                    name=name,
                )
        return None

    def _signal(self, progress: _Progress) -> Callable[[Signal], None]:
        def forward(signal: Signal) -> None:
            self._emit(RunEvent(f"step-{signal.kind}", progress.step.name, signal.data))

        return forward

    async def _permit(self, i: int, reason: str) -> bool:
        """Wait until all above have committed; false if what was read is stale."""
        progress = self._steps[i]
        if reason == STALE:
            return False
        if i != self._committed:
            progress.waiting = True
            self._slots.give(progress.step.settings)
            self._emit(RunEvent("step-waiting", progress.step.name, {"reason": reason}))
            self._changed.set()
            await progress.turn.wait()
            self._slots.force(progress.step.settings)
            progress.waiting = False
        view = self._view.copy()
        self._define_loose(view, i, self._next_loose)
        reading = progress.reading
        assert reading is not None
        progress.irrevocable = reading.is_current(view)
        return progress.irrevocable

    # Committing

    def _commit(self) -> None:
        while self._committed < len(self._steps) and not self._failed:
            i = self._committed
            progress = self._steps[i]
            observation = progress.observation
            if observation is None:
                return
            view = self._view.copy()
            loose = self._define_loose(view, i, self._next_loose)
            why = self._stale(progress, observation, view)
            if why is not None:
                self._again(progress, why)
                return
            if observation.status != "succeeded":
                if not self._retry(progress, observation):
                    self._finish(progress, "failed")
                    self._failed = True
                return
            self._define_own(view, i)
            view.apply(observation)
            self._view, self._next_loose = view, loose
            self._committed += 1
            self._changed.set()
            if self._committed < len(self._steps):
                self._steps[self._committed].turn.set()
            self._finish(progress, "succeeded")

    def _stale(
        self, progress: _Progress, observation: Observation, view: View
    ) -> str | None:
        """Return why the execution must run again, or none if it counts."""
        reading, failure = progress.reading, observation.failure
        assert reading is not None
        if failure is not None and failure.kind == "lost":
            return "an earlier step changed what it had read"
        if not progress.irrevocable and not reading.holds(view, observation):
            return "an earlier step changed what it had read"
        if not progress.irrevocable and _files_changed(observation):
            return "an earlier step changed a file that it had read"
        if failure is None or failure.kind != "error":
            return None
        if not progress.irrevocable and self._acted(progress):
            return "it failed before the steps above had written all their files"
        if failure.name is None:
            return None
        if failure.name not in view.names or failure.name in progress.reads:
            return None
        if any(observation.observed.get(act) for act in ACTS):
            progress.observation = replace(observation, failure=_unforeseen(failure))
            return None
        progress.reads.add(failure.name)
        return f"it turned out to use `{failure.name}`"

    def _acted(self, progress: _Progress) -> bool:
        """Tell whether a step above wrote files while or after this one ran."""
        return any(
            above.observation is not None
            and above.ended > progress.started
            and any(above.observation.observed.get(act) for act in ACTS)
            for above in self._steps[: self._committed]
        )

    def _again(self, progress: _Progress, why: str) -> None:
        progress.outcome.reruns.append(why)
        progress.observation = None
        self._emit(RunEvent("step-rerun", progress.step.name, {"reason": why}))

    def _retry(self, progress: _Progress, observation: Observation) -> bool:
        if progress.retries >= progress.step.settings.retry:
            return False
        progress.retries += 1
        progress.observation = None
        self._emit(
            RunEvent(
                "step-retried",
                progress.step.name,
                {"retry": progress.retries, "failure": observation.failure},
            )
        )
        return True

    def _finish(self, progress: _Progress, status: str) -> None:
        outcome, reading = progress.outcome, progress.reading
        outcome.status = status
        outcome.observation = progress.observation
        if progress.order is not None:
            outcome.execution = progress.order.execution
        if reading is not None:
            outcome.inputs = tuple(sorted(set(reading.members) & set(progress.reads)))
        self._emit(RunEvent("step-finished", progress.step.name, {"outcome": outcome}))

    async def _stop(self, status: str) -> None:
        tasks = [p.task for p in self._steps if p.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for progress in self._steps:
            if progress.outcome.status == "pending":
                progress.observation = None
                self._finish(progress, status)

    # Setup

    def _define_own(self, view: View, i: int) -> None:
        for statement in self._own[i]:
            view.define(statement, self._pipeline.setup[statement].names)

    def _setup_above(self, i: int) -> dict[int, SetupStatement]:
        """Return what step i replays: setup of steps above it and of loose cells."""
        step = self._steps[i].step
        last = step.cells[-1].index
        own = {cell.id for cell in step.cells}
        above = {}
        for k, (statement, owner) in enumerate(
            zip(self._pipeline.setup, self._owner, strict=True)
        ):
            if owner is None or step.name == SETUP_STEP:
                is_above = statement.index <= last
            else:
                is_above = owner < i
            if is_above and statement.cell not in own:
                above[k] = statement
        return above

    def _setup_in(self, i: int) -> dict[int, SetupStatement]:
        own = {cell.id for cell in self._steps[i].step.cells}
        return {
            k: statement
            for k, statement in enumerate(self._pipeline.setup)
            if statement.cell in own
        }

    def _definitions(self, step: Step, view: View) -> dict[str, int]:
        """Return the names that stand for a setup statement when a step starts."""
        if step.name != SETUP_STEP:
            return current(view)
        # Its cells stand between all steps, and setup needs nothing but setup.
        setup = enumerate(self._pipeline.setup)
        return {name: k for k, statement in setup for name in statement.names}

    def _define_loose(self, view: View, i: int, start: int) -> int:
        """Define what cells outside of steps set up above step i; return how far."""
        step = self._steps[i].step
        if step.name == SETUP_STEP:
            return start  # each of its cells counts from its own place on
        last = step.cells[-1].index
        while start < len(self._loose):
            statement = self._pipeline.setup[self._loose[start]]
            if statement.index > last:
                break
            view.define(self._loose[start], statement.names)
            start += 1
        return start


def _files_changed(observation: Observation) -> bool:
    seen: Mapping[str, list[int] | None] = observation.observed.get("files_seen", {})
    return any(stamp(path) != then for path, then in seen.items())


def _unforeseen(failure: Failure) -> Failure:
    return replace(
        failure,
        kind="unforeseen",
        evalue=f"the step uses `{failure.name}`, which could not be seen in its code, "
        "and it had already written files, used the network or started a process, so "
        "it cannot be run again with it. "
        f"Mention `{failure.name}` in the code of the step.",
    )


def _seed(entropy: str, step: str) -> str:
    return hashlib.sha256(f"{entropy}\0{step}".encode()).hexdigest()
