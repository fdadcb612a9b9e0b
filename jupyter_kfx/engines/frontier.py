"""How far the steps of a run have committed, and what holds there and below."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_kfx.engines.setup import SetupPlaces
from jupyter_kfx.engines.versions import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_kfx.engines.progress import Progress
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["Frontier"]


class Frontier:
    """The place between the steps that count and those that are still to be judged."""

    def __init__(
        self, pipeline: Pipeline, steps: Sequence[Progress], done: int = 0
    ) -> None:
        """Take the steps in notebook order, of which the first `done` count already."""
        self.steps = steps
        self.setup = SetupPlaces(pipeline, [p.outcome.number for p in steps])
        self.view = View()
        """What holds here; the setup between this step and the one above is to come."""
        self.turn = 0
        """The place of the step that is judged next."""
        self.changed = asyncio.Event()
        """Set when there may be more to begin, or to judge."""
        self._loose = 0
        for progress in steps[:1]:
            progress.turn.set()
        for _ in range(done):
            self.advance()

    @property
    def is_at_end(self) -> bool:
        """Whether every step counts."""
        return self.turn == len(self.steps)

    def above(self, i: int) -> View:
        """Return what holds where step i begins, if its turn has come."""
        view = self.view.copy()
        self.setup.define_loose(view, i, self._loose)
        return view

    def ahead(self) -> Iterator[tuple[int, View]]:
        """Give each step from here on, with what holds where it begins for all one knows.

        The view is the same object each time, so it has to be copied to be kept.
        """
        view, loose = self.view.copy(), self._loose
        for i in range(self.turn, len(self.steps)):
            loose = self.setup.define_loose(view, i, loose)
            yield i, view
            self._go_past(i, view)

    def advance(self) -> None:
        """Let the step whose turn it is count, with what was observed of it."""
        view = self.view.copy()
        self._loose = self.setup.define_loose(view, self.turn, self._loose)
        self._go_past(self.turn, view)
        self.view = view
        self.turn += 1
        self.changed.set()
        for progress in self.steps[self.turn : self.turn + 1]:
            progress.turn.set()

    def _go_past(self, i: int, view: View) -> None:
        progress = self.steps[i]
        self.setup.define_own(view, i)
        if progress.left_out:
            view.leave_out(progress.step)
        elif progress.observation is not None:
            view.apply(progress.observation)
