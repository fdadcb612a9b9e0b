"""Runs steps as early as the prediction allows and commits them in notebook order.

As processors and transactional memory speculate: a step runs on the versions that are
there, and when its turn comes it is committed if what it read still holds, else it runs
again. The rule was first written down as a model and is tested against plain
top-to-bottom execution.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from jupyter_kfx.engines.commits import Commits
from jupyter_kfx.engines.continuation import continued, interrupted
from jupyter_kfx.engines.executions import Executions
from jupyter_kfx.engines.frontier import Frontier
from jupyter_kfx.engines.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_kfx.engines.cache import Cache
    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.engines.joining import Joining
    from jupyter_kfx.engines.protocol import Executor
    from jupyter_kfx.engines.slots import Slots
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["Scheduler"]


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
        self._slots = slots
        self._emit = listener
        self._joining = joining
        self._steps = continued(pipeline, left_out, before)
        done = 0 if before is None else len(before.done)
        self._frontier = Frontier(pipeline, self._steps, done)
        self._executions = Executions(
            self._frontier,
            executor,
            slots,
            run=run,
            emit=listener,
            entropy=entropy,
            cache=cache,
        )
        self._commits = Commits(
            pipeline, self._frontier, emit=listener, guard=guard, joining=joining
        )

    async def run(self) -> Outcome:
        """Run every step; cancelling ends all executions first."""
        for progress in self._steps:
            self._slots.check(progress.step.name, progress.step.settings)
        try:
            while not self._commits.is_over():
                self._frontier.changed.clear()
                self._commits.commit()
                if self._commits.is_over():
                    break
                self._executions.start()
                await self._frontier.changed.wait()
                self._executions.raise_crashes()
        except asyncio.CancelledError:
            await self._stop("cancelled")
            return self._outcome("cancelled")
        except BaseException:
            await self._stop("cancelled")
            raise
        joint = self._commits.joint
        if joint is not None:
            await self._executions.end()
            assert self._joining is not None
            view, joined = self._frontier.view, self._joining.pipeline
            return interrupted(self._steps, view, joint, joined, self._emit)
        await self._stop("skipped")
        return self._outcome("failed" if self._commits.has_failed else "succeeded")

    def _outcome(self, status: str) -> Outcome:
        outcomes = [progress.outcome for progress in self._steps]
        return Outcome(status, outcomes, self._frontier.view)

    async def _stop(self, status: str) -> None:
        """End what runs, and let steps that have no status have this one."""
        await self._executions.end()
        for progress in self._steps:
            if progress.outcome.status == "pending":
                progress.observation = None
                self._emit(progress.finished(status))
