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
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from jupyter_kfx.engines.continuation import continued, interrupted
from jupyter_kfx.engines.contradictions import Contradiction, Prediction
from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.judge import ACTS, Judge
from jupyter_kfx.engines.outcome import Outcome, StepOutcome
from jupyter_kfx.engines.protocol import (
    Executor,
    Observation,
    Order,
    Signal,
)
from jupyter_kfx.engines.setup import SetupPlaces
from jupyter_kfx.engines.skipping import (
    acted,
    because_missing,
    because_of,
    is_false,
    missing,
)
from jupyter_kfx.engines.versions import Reading, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_kfx.engines.cache import Cache
    from jupyter_kfx.engines.joining import Joining, Joint
    from jupyter_kfx.engines.progress import Progress
    from jupyter_kfx.engines.slots import Slots
    from jupyter_kfx.pipeline.model import Pipeline, Step

__all__ = ["Scheduler"]


STALE = "stale"
"""Asked instead of permission by an execution that found its files changed."""


class Scheduler:
    """One run of a pipeline through an executor.

    Steps are in notebook order; `listener` is called with each RunEvent. Results of
    earlier executions are taken from a cache, if one is given; steps that are left out
    do not run, and what they would have changed cannot be used.

    Where a value cannot go between steps, `joining` may put them together: the run ends
    as `joined`, and another scheduler goes on `before` which this one's outcome was.
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
        cache: Cache | None = None,
        left_out: frozenset[str] = frozenset(),
        guard: Literal["rerun", "stop", "warn"] = "rerun",
        joining: Joining | None = None,
        before: Outcome | None = None,
    ) -> None:
        self._prediction = Prediction(pipeline)
        self._guard = guard
        self._cache = cache
        self._executor = executor
        self._slots = slots
        self._run = run
        self._emit = listener
        self._entropy = entropy
        self._steps = continued(pipeline, left_out, before)
        self._judge = Judge(self._prediction, self._steps)
        self._setup = SetupPlaces(pipeline, [p.outcome.number for p in self._steps])
        self._joining = joining
        self._joint: Joint | None = None
        self._view = View()
        self._next_loose = 0
        self._committed = 0
        self._changed = asyncio.Event()
        self._failed = False
        self._crashes: list[BaseException | None] = []
        self._take_over(0 if before is None else len(before.done))
        for progress in self._steps[self._committed : self._committed + 1]:
            progress.turn.set()

    async def run(self) -> Outcome:
        """Run every step; cancelling ends all executions first."""
        for progress in self._steps:
            self._slots.check(progress.step.name, progress.step.settings)
        try:
            while not self._is_over():
                self._changed.clear()
                self._commit()
                if self._is_over():
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
        if self._joint is not None:
            await self._end_tasks()
            assert self._joining is not None
            joined = self._joining.pipeline
            return interrupted(self._steps, self._view, self._joint, joined, self._emit)
        await self._stop("skipped")
        status = "failed" if self._failed else "succeeded"
        return Outcome(status, self._outcomes, self._view)

    def _is_over(self) -> bool:
        ended = self._failed or self._joint is not None
        return ended or self._committed == len(self._steps)

    @property
    def _outcomes(self) -> list[StepOutcome]:
        return [progress.outcome for progress in self._steps]

    # Starting

    def _start(self) -> None:
        loose = self._next_loose
        view = self._view.copy()
        for i in range(self._committed, len(self._steps)):
            if self._slots.cpu <= 0 and self._cache is None:
                break
            progress = self._steps[i]
            loose = self._setup.define_loose(view, i, loose)
            if progress.task is None and not progress.has_ended:
                ready = i == self._committed or all(
                    j < self._committed or self._steps[j].has_ended
                    for j in progress.sources
                )
                if ready:
                    self._begin(i, view)
            self._setup.define_own(view, i)
            if progress.left_out:
                view.leave_out(progress.step)
            elif progress.observation is not None:
                view.apply(progress.observation)

    def _begin(self, i: int, view: View) -> None:
        """Take an earlier result for a step, or start it if there is room."""
        progress = self._steps[i]
        lack = because_missing(progress.step, view, self._skipped(i))
        if lack is not None:
            progress.lacks = True
            progress.order = progress.look = None
            progress.observation = Observation("skipped", reason=lack)
            self._changed.set()
            return
        reading = self._setup.reading(i, view, progress.reads)
        # The same look need not be taken again while the step waits for room.
        if progress.look is None or progress.reading != reading:
            progress.reading = reading
            progress.order = self._order(i, view, reading)
            progress.look = (
                None
                if self._cache is None
                else self._cache.look(progress.order, reading, view)
            )
        look = progress.look
        if look is not None and look.entry is not None:
            # What it wrote is only put back once all above have written.
            if i == self._committed or not look.entry.written:
                self._adopt(i)
        elif self._slots.take(progress.step.settings):
            progress.order = self._order(i, view, reading)
            self._launch(i)

    def _skipped(self, i: int) -> Iterator[Step]:
        """Give the steps above one that are skipped, as far as is known."""
        for above in self._steps[:i]:
            if above.observation is not None and above.observation.status == "skipped":
                yield above.step

    def _order(self, i: int, view: View, reading: Reading) -> Order:
        return self._setup.order(
            i,
            view,
            reading,
            run=self._run,
            attempt=self._steps[i].outcome.attempts + 1,
            alone=i == self._committed,
            seed=_seed(self._entropy, self._steps[i].step.name),
        )

    def _adopt(self, i: int) -> None:
        progress = self._steps[i]
        order, look = progress.order, progress.look
        assert order is not None
        assert look is not None
        assert look.entry is not None
        assert self._cache is not None
        if look.entry.written:
            self._cache.restore(look.entry)
        progress.outcome.attempts = order.attempt
        progress.outcome.cached = True
        progress.irrevocable = i == self._committed
        self._executor.adopt(order, look.entry.run, look.entry.execution)
        progress.observation = _told(
            progress.step, self._cache.observation(look.entry, order)
        )
        self._emit(progress.ending("step-cached"))
        self._changed.set()

    def _launch(self, i: int) -> None:
        progress = self._steps[i]
        order, reading = progress.order, progress.reading
        assert order is not None
        assert reading is not None
        progress.outcome.attempts = order.attempt
        progress.outcome.cached = False
        progress.irrevocable = order.alone
        progress.started = time.monotonic()
        progress.task = asyncio.ensure_future(self._execute(i))
        progress.task.add_done_callback(self._note_crash)
        self._emit(progress.beginning())

    async def _execute(self, i: int) -> None:
        progress = self._steps[i]
        order = progress.order
        assert order is not None
        blocked = progress.refusal()
        try:
            if blocked is None:
                observation = await self._executor.execute(
                    order, self._signal(progress), lambda why: self._permit(i, why)
                )
            else:
                observation = Observation("failed", blocked)
            progress.observation = _told(progress.step, observation)
            progress.ended = time.monotonic()
            self._emit(progress.ending("step-attempt"))
        finally:
            if not progress.waiting:
                self._slots.give(progress.step.settings)
            progress.waiting = False
            progress.task = None
            self._changed.set()

    def _note_crash(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._crashes.append(task.exception())

    def _signal(self, progress: Progress) -> Callable[[Signal], None]:
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
        self._setup.define_loose(view, i, self._next_loose)
        reading = progress.reading
        assert reading is not None
        progress.irrevocable = reading.is_current(view)
        return progress.irrevocable

    # Committing

    def _commit(self) -> None:
        while not self._is_over():
            i = self._committed
            progress = self._steps[i]
            observation = progress.observation
            if observation is None and not progress.left_out:
                return
            view = self._view.copy()
            loose = self._setup.define_loose(view, i, self._next_loose)
            if observation is None:
                self._setup.define_own(view, i)
                view.leave_out(progress.step)
                self._advance(view, loose)
                self._finish(progress, "skipped")
                continue
            if progress.lacks:
                if not self._still_lacks(i, view):
                    return
                self._setup.define_own(view, i)
                self._advance(view, loose)
                self._finish(progress, "skipped")
                continue
            why = self._judge.contradiction(i, observation, view)
            if why is not None and self._is_stopped(progress, why):
                return
            if why is not None:
                self._emit(progress.repeated(why.sentence))
                return
            if self._is_skipped(i, observation, view):
                self._setup.define_own(view, i)
                self._advance(view, loose)
                self._finish(progress, "skipped")
                continue
            if observation.status == "failed":
                if self._is_joined(i, observation):
                    return
                if progress.retries < progress.step.settings.retry:
                    self._emit(progress.retried(observation.failure))
                else:
                    self._finish(progress, "failed")
                    self._failed = True
                return
            late = self._judge.late_setup(i, observation)
            if late is not None:
                progress.observation = replace(
                    observation, status="failed", failure=late
                )
                self._finish(progress, "failed")
                self._failed = True
                return
            surprise = self._prediction.contradiction(i, observation)
            if surprise is not None and self._is_stopped(progress, surprise):
                return
            self._setup.define_own(view, i)
            view.apply(observation)
            self._advance(view, loose)
            self._finish(progress, observation.status)

    def _still_lacks(self, i: int, view: View) -> bool:
        """Tell whether a step that did not begin has to be skipped; else let it begin."""
        progress = self._steps[i]
        lack = because_missing(progress.step, view, self._skipped(i))
        progress.lacks = lack is not None
        progress.observation = Observation("skipped", reason=lack) if lack else None
        self._changed.set()
        return progress.lacks

    def _is_skipped(self, i: int, observation: Observation, view: View) -> bool:
        """Skip a step that failed for want of what a skipped step would have bound.

        Nothing that it has done counts. One that has acted fails.
        """
        progress = self._steps[i]
        failure = observation.failure
        name = missing(failure)
        lack = None if name is None else because_of(name, view, self._skipped(i))
        if lack is None or failure is None:
            return False
        if any(observation.observed.get(act) for act in ACTS):
            progress.observation = replace(observation, failure=acted(failure, lack))
            return False
        progress.look = None
        progress.observation = Observation(
            "skipped", reason=lack, seconds=observation.seconds
        )
        self._emit(progress.ending("step-skipped"))
        return True

    def _is_stopped(self, progress: Progress, surprise: Contradiction) -> bool:
        """End the run at what was not predicted, or warn of it, if that is asked for."""
        guard = progress.step.settings.guard or self._guard
        if not surprise.cure:
            return False
        if guard == "warn":
            progress.outcome.warnings.append(f"{surprise.sentence}. {surprise.cure}")
        if guard != "stop":
            return False
        assert progress.observation is not None
        progress.observation = replace(
            progress.observation, status="failed", failure=surprise.failure()
        )
        self._finish(progress, "failed")
        self._failed = True
        return True

    # Joining

    def _take_over(self, count: int) -> None:
        """Commit once more what steps did before others were joined below them."""
        for i, progress in enumerate(self._steps[:count]):
            view = self._view.copy()
            loose = self._setup.define_loose(view, i, self._next_loose)
            self._setup.define_own(view, i)
            if progress.observation is None:
                view.leave_out(progress.step)
            else:
                view.apply(progress.observation)
            self._view, self._next_loose = view, loose
            self._committed += 1

    def _is_joined(self, i: int, observation: Observation) -> bool:
        failure = observation.failure
        if self._joining is None or failure is None or failure.kind != "unavailable":
            return False
        self._joint = self._joining.joint(self._steps, i, failure)
        return self._joint is not None

    def _advance(self, view: View, loose: int) -> None:
        self._view, self._next_loose = view, loose
        self._committed += 1
        self._changed.set()
        if self._committed < len(self._steps):
            self._steps[self._committed].turn.set()

    def _finish(self, progress: Progress, status: str) -> None:
        self._emit(progress.finished(status))

    async def _end_tasks(self) -> None:
        tasks = [p.task for p in self._steps if p.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _stop(self, status: str) -> None:
        await self._end_tasks()
        for progress in self._steps:
            if progress.outcome.status == "pending":
                progress.observation = None
                self._finish(progress, status)


def _told(step: Step, observation: Observation) -> Observation:
    """Return an observation of a step that says why it was skipped, if it was."""
    if observation.status != "skipped":
        return observation
    return replace(observation, reason=is_false(step))


def _seed(entropy: str, step: str) -> str:
    return hashlib.sha256(f"{entropy}\0{step}".encode()).hexdigest()
