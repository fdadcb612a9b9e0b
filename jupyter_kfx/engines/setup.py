"""Which setup counts at which place of the notebook, and what a step is ordered to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_kfx.engines.protocol import Order
from jupyter_kfx.engines.versions import current, resolve
from jupyter_kfx.pipeline.model import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_kfx.engines.versions import Reading, View
    from jupyter_kfx.pipeline.model import Pipeline, SetupStatement

__all__ = ["SETUP_STEP", "SetupPlaces", "with_setup_step"]

SETUP_STEP = "(setup)"
"""Name of the execution that runs the cells which are setup alone, for their output."""


def with_setup_step(pipeline: Pipeline) -> Pipeline:
    """Return the pipeline with an execution for the cells that are setup alone."""
    in_steps = {cell.id for step in pipeline.steps for cell in step.cells}
    cells = list(pipeline.setup_cells)
    parameters = pipeline.parameters_cell
    if parameters is not None and parameters.id not in in_steps:
        cells.append(parameters)
    cells = [cell for cell in cells if cell.source.strip()]
    if not cells:
        return pipeline
    cells.sort(key=lambda cell: cell.index)
    step = Step(SETUP_STEP, tuple(cells))
    return replace(pipeline, steps=(step, *pipeline.steps))


class SetupPlaces:
    """The setup of a pipeline, by the places where it stands."""

    def __init__(self, pipeline: Pipeline, numbers: Sequence[int] = ()) -> None:
        """Take a pipeline whose steps are numbered in executions: from 1 on, if not so."""
        self._pipeline = pipeline
        self._numbers = numbers or range(1, len(pipeline.steps) + 1)
        position = {step.name: i for i, step in enumerate(pipeline.steps)}
        self._owner = [
            None if statement.step is None else position[statement.step]
            for statement in pipeline.setup
        ]
        self._loose = [k for k, owner in enumerate(self._owner) if owner is None]
        self._own: list[list[int]] = [[] for _ in pipeline.steps]
        for k, owner in enumerate(self._owner):
            if owner is not None:
                self._own[owner].append(k)

    def reading(self, i: int, view: View, reads: Iterable[str]) -> Reading:
        """Return what step i is given on a view, if it may read these names."""
        step = self._pipeline.steps[i]
        # That a name is gone is only seen where it was there: `except E as name:`.
        names = {*reads, *step.deletes, *(view.names if step.opaque else ())}
        names |= view.names.keys() & _needs(view)
        return resolve(view, names, self._pipeline.setup)

    def order(
        self,
        i: int,
        view: View,
        reading: Reading,
        *,
        run: str,
        attempt: int,
        alone: bool,
        seed: str,
    ) -> Order:
        """Return the order for an attempt at step i on a view."""
        step, *below = self._pipeline.steps[i:]
        return Order(
            execution=f"{run}-{self._numbers[i]:03d}-{attempt}",
            step=step,
            attempt=attempt,
            setup=self._above(i),
            own_setup=self._within(i),
            definitions=self._definitions(step, view),
            groups=reading.groups,
            beside=reading.beside,
            ambient=dict(view.ambient),
            live=frozenset(step.live) | _needs(view),
            # What it binds without being seen to, another may look for likewise.
            live_all=step.opaque and any(s.opaque for s in below),
            alone=alone,
            last=i == len(self._pipeline.steps) - 1,
            seed=seed,
        )

    def define_own(self, view: View, i: int) -> None:
        """Define what step i sets up for the steps below it."""
        for statement in self._own[i]:
            view.define(statement, self._pipeline.setup[statement].names)

    def define_loose(self, view: View, i: int, start: int) -> int:
        """Define what cells outside of steps set up above step i; return how far."""
        step = self._pipeline.steps[i]
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

    def _above(self, i: int) -> dict[int, SetupStatement]:
        """Return what step i replays: setup of steps above it and of loose cells."""
        step = self._pipeline.steps[i]
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

    def _within(self, i: int) -> dict[int, SetupStatement]:
        own = {cell.id for cell in self._pipeline.steps[i].cells}
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


def _needs(view: View) -> frozenset[str]:
    """Return the globals that functions in process state use, whoever calls them."""
    return frozenset(n for state in view.ambient.values() for n in state.needs)
