"""The executions of a run's steps: when one begins, may act, and has ended."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.protocol import Observation
from jupyter_kfx.engines.skipping import because_missing, is_false, skipped_among

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_kfx.engines.cache import Cache
    from jupyter_kfx.engines.frontier import Frontier
    from jupyter_kfx.engines.progress import Progress
    from jupyter_kfx.engines.protocol import Executor, Order, Signal
    from jupyter_kfx.engines.slots import Slots
    from jupyter_kfx.engines.versions import Reading, View
    from jupyter_kfx.pipeline.model import Step

__all__ = ["Executions"]

_STALE = "stale"
"""Asked instead of permission by an execution that found its files changed."""


class Executions:
    """What runs through an executor, or is taken from a cache, as early as it may."""

    def __init__(
        self,
        frontier: Frontier,
        executor: Executor,
        slots: Slots,
        *,
        run: str,
        emit: Callable[[RunEvent], None],
        entropy: str,
        cache: Cache | None,
    ) -> None:
        self._frontier = frontier
        self._steps = frontier.steps
        self._executor = executor
        self._slots = slots
        self._run = run
        self._emit = emit
        self._entropy = entropy
        self._cache = cache
        self._crashes: list[BaseException | None] = []

    def start(self) -> None:
        """Begin each step whose sources have been observed, if there is room for it."""
        for i, view in self._frontier.ahead():
            if self._slots.cpu <= 0 and self._cache is None:
                break
            progress = self._steps[i]
            if progress.task is None and not progress.has_ended:
                turn = self._frontier.turn
                ready = i == turn or all(
                    j < turn or self._steps[j].has_ended for j in progress.sources
                )
                if ready:
                    self._begin(i, view)

    def raise_crashes(self) -> None:
        """Raise what an execution ended with that is no failure of its step."""
        for crash in filter(None, self._crashes):
            raise crash

    async def end(self) -> None:
        """End all that still run."""
        tasks = [p.task for p in self._steps if p.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, i: int, view: View) -> None:
        """Take an earlier result for a step, or start it if there is room."""
        progress = self._steps[i]
        lack = because_missing(progress.step, view, skipped_among(self._steps[:i]))
        if lack is not None:
            progress.lacks = True
            progress.order = progress.look = None
            progress.observation = Observation("skipped", reason=lack)
            self._frontier.changed.set()
            return
        reading = self._frontier.setup.reading(i, view, progress.reads)
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
            if i == self._frontier.turn or not look.entry.written:
                self._adopt(i)
        elif self._slots.take(progress.step.settings):
            progress.order = self._order(i, view, reading)
            self._launch(i)

    def _order(self, i: int, view: View, reading: Reading) -> Order:
        return self._frontier.setup.order(
            i,
            view,
            reading,
            run=self._run,
            attempt=self._steps[i].outcome.attempts + 1,
            alone=i == self._frontier.turn,
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
        progress.irrevocable = i == self._frontier.turn
        self._executor.adopt(order, look.entry.run, look.entry.execution)
        progress.observation = _told(
            progress.step, self._cache.observation(look.entry, order)
        )
        self._emit(progress.ending("step-cached"))
        self._frontier.changed.set()

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
            self._frontier.changed.set()

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
        if reason == _STALE:
            return False
        if i != self._frontier.turn:
            progress.waiting = True
            self._slots.give(progress.step.settings)
            self._emit(RunEvent("step-waiting", progress.step.name, {"reason": reason}))
            self._frontier.changed.set()
            await progress.turn.wait()
            self._slots.force(progress.step.settings)
            progress.waiting = False
        view, reading = self._frontier.above(i), progress.reading
        assert reading is not None
        progress.irrevocable = reading.is_current(view)
        return progress.irrevocable


def _told(step: Step, observation: Observation) -> Observation:
    """Return an observation of a step that says why it was skipped, if it was."""
    if observation.status != "skipped":
        return observation
    return replace(observation, reason=is_false(step))


def _seed(entropy: str, step: str) -> str:
    return hashlib.sha256(f"{entropy}\0{step}".encode()).hexdigest()
