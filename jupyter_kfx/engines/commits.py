"""What becomes of the steps that have ended: each is judged when its turn comes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from jupyter_kfx.engines.contradictions import Prediction
from jupyter_kfx.engines.judge import ACTS, Judge
from jupyter_kfx.engines.protocol import Observation
from jupyter_kfx.engines.skipping import (
    acted,
    because_missing,
    because_of,
    missing,
    skipped_among,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_kfx.engines.contradictions import Contradiction
    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.engines.frontier import Frontier
    from jupyter_kfx.engines.joining import Joining, Joint
    from jupyter_kfx.engines.progress import Progress
    from jupyter_kfx.engines.versions import View
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["Commits"]


class Commits:
    """Moves the frontier of a run past the steps whose observations hold.

    Those that do not hold are forgotten, so that the steps run again.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        frontier: Frontier,
        *,
        emit: Callable[[RunEvent], None],
        guard: Literal["rerun", "stop", "warn"],
        joining: Joining | None,
    ) -> None:
        self._frontier = frontier
        self._steps = frontier.steps
        self._prediction = Prediction(pipeline)
        self._judge = Judge(self._prediction, self._steps)
        self._emit = emit
        self._guard = guard
        self._joining = joining
        self.joint: Joint | None = None
        """Steps that have to run as one before anything else can be judged."""
        self.has_failed = False

    def is_over(self) -> bool:
        """Whether no step below can commit any more."""
        return self.has_failed or self.joint is not None or self._frontier.is_at_end

    def commit(self) -> None:
        """Judge the steps in notebook order, up to one that has not ended or must rerun."""
        while not self.is_over():
            i = self._frontier.turn
            progress = self._steps[i]
            observation = progress.observation
            if observation is None and not progress.left_out:
                return
            view = self._frontier.above(i)
            if observation is None:
                self._pass(progress, "skipped")
                continue
            if progress.lacks:
                if not self._still_lacks(i, view):
                    return
                self._pass(progress, "skipped")
                continue
            why = self._judge.contradiction(i, observation, view)
            if why is not None and self._is_stopped(progress, why):
                return
            if why is not None:
                self._emit(progress.repeated(why.sentence))
                return
            if self._is_skipped(i, observation, view):
                self._pass(progress, "skipped")
                continue
            if observation.status == "failed":
                if self._is_joined(i, observation):
                    return
                if progress.retries < progress.step.settings.retry:
                    self._emit(progress.retried(observation.failure))
                else:
                    self._fail(progress)
                return
            late = self._judge.late_setup(i, observation)
            if late is not None:
                progress.observation = replace(
                    observation, status="failed", failure=late
                )
                self._fail(progress)
                return
            surprise = self._prediction.contradiction(i, observation)
            if surprise is not None and self._is_stopped(progress, surprise):
                return
            self._pass(progress, observation.status)

    def _pass(self, progress: Progress, status: str) -> None:
        self._frontier.advance()
        self._emit(progress.finished(status))

    def _fail(self, progress: Progress) -> None:
        self._emit(progress.finished("failed"))
        self.has_failed = True

    def _still_lacks(self, i: int, view: View) -> bool:
        """Tell whether a step that did not begin has to be skipped; else let it begin."""
        progress = self._steps[i]
        lack = because_missing(progress.step, view, skipped_among(self._steps[:i]))
        progress.lacks = lack is not None
        progress.observation = Observation("skipped", reason=lack) if lack else None
        self._frontier.changed.set()
        return progress.lacks

    def _is_skipped(self, i: int, observation: Observation, view: View) -> bool:
        """Skip a step that failed for want of what a skipped step would have bound.

        Nothing that it has done counts. One that has acted fails.
        """
        progress = self._steps[i]
        failure = observation.failure
        name = missing(failure)
        above = skipped_among(self._steps[:i])
        lack = None if name is None else because_of(name, view, above)
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
        self._fail(progress)
        return True

    def _is_joined(self, i: int, observation: Observation) -> bool:
        failure = observation.failure
        if self._joining is None or failure is None or failure.kind != "unavailable":
            return False
        self.joint = self._joining.joint(self._steps, i, failure)
        return self.joint is not None
