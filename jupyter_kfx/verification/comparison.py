"""Where a run as a pipeline and one as a notebook differ: outputs, variables, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.verification import outputs
from jupyter_kfx.verification.report import CellDifference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_kfx.pipeline.model import Step
    from jupyter_kfx.verification.pipeline_run import PipelineRun
    from jupyter_kfx.verification.reference import NotebookRun
    from jupyter_kfx.verification.volatility import Volatility

__all__ = ["Comparison"]


class Comparison:
    """A pipeline's run held against its notebook's, but for what is volatile."""

    def __init__(
        self,
        steps: Sequence[Step],
        first: NotebookRun,
        piped: PipelineRun,
        volatility: Volatility,
        tolerance: float,
    ) -> None:
        """Take the pipeline's steps, with that of the setup if there is one."""
        self._steps = steps
        self._step_of = {c.index: s.name for s in steps for c in s.cells}
        self.first = first
        self.piped = piped
        self.volatility = volatility
        self._tolerance = tolerance

    @property
    def differences(self) -> list[CellDifference]:
        """What the pipeline has otherwise, in the order of the cells."""
        found = [*self._outputs(), *self._variables(), *self._skips()]
        # Where one of them goes on, it may well leave other files.
        if self.ends_alike and self.piped.report.failed is None and not self.missing:
            found += self._files()
        found.sort(key=lambda d: float("inf") if d.cell_index is None else d.cell_index)
        return found

    @property
    def missing(self) -> str | None:
        """From where on nothing could be compared, if that is so.

        The notebook ends where a name is missing; the pipeline skips the step and goes
        on.
        """
        error = self.first.error
        if error is None or error[1] != "NameError":
            return None
        name = self._step_of.get(error[0])
        skipped = self.piped.skipped
        for step in self.piped.report.steps:
            if step.name == name and step.passed_over and name not in skipped:
                return (
                    f"step `{name}` and what is below: {step.reason}, and the notebook "
                    "ends there"
                )
        return None

    @property
    def ends_alike(self) -> bool:
        """Whether both end with the same error, or none, as far as can be compared."""
        if self.missing is not None:
            return True
        report, error = self.piped.report, self.first.error
        failed = None if report.failed is None else report.failed.error
        if error is None or failed is None:
            return error is None and failed is None
        place, ename, _ = error
        return (place, ename) == (failed.cell_index, failed.ename)

    def _outputs(self) -> Iterator[CellDifference]:
        error, steps = self.first.error, self.piped.report.steps
        failed = None if error is None else error[0]
        unended = {step.name for step in steps if step.status != "succeeded"}
        unended -= self.piped.skipped  # the conditions have shown something, too
        cells = (cell for step in self._steps for cell in step.cells)
        for cell in sorted(cells, key=lambda cell: cell.index):
            if cell.index not in self.first.outputs or cell.index == failed:
                continue
            step = self._step_of[cell.index]
            if step in unended:
                continue
            wanted = self.first.outputs[cell.index]
            got = self.piped.shown.get(cell.index, [])
            if cell.index in self.volatility.cells:
                # What differs in numbers alone must differ in numbers alone here too.
                alike = self.volatility.is_of_numbers(cell.index)
                if not alike or outputs.is_alike(wanted, got):
                    continue
            what = outputs.difference(got, wanted, self._tolerance)
            if what is not None:
                yield CellDifference("output", what, None, cell.id, cell.index, step)

    def _variables(self) -> Iterator[CellDifference]:
        reports = self.piped.report.steps
        first_of = {step.name: step.joined for step in reports if step.joined}
        cells = {first_of.get(step.name, step.name): step.cells for step in self._steps}
        for step in self._steps:
            last = cells.get(step.name, step.cells)[-1]
            volatile = self.volatility.variables(last.index)
            different = self.piped.checks.get(step.name, {}).get("different", {})
            for name, why in sorted(different.items()):
                if name not in volatile:
                    yield CellDifference(
                        "variable", why, name, last.id, last.index, step.name
                    )

    def _skips(self) -> Iterator[CellDifference]:
        """Give where only one of the two has skipped a step for its condition."""
        reports = self.piped.report.steps
        ended = {step.name for step in reports if step.status == "succeeded"}
        for step in self._steps:
            cell = step.cells[0]
            there = cell.index in self.first.skipped
            here = step.name in self.piped.skipped
            if there == here or cell.index not in self.first.outputs:
                continue
            if here or step.name in ended:
                what = "the notebook skips the step" if there else "the step is skipped"
                yield CellDifference(
                    "output", what, None, cell.id, cell.index, step.name
                )

    def _files(self) -> Iterator[CellDifference]:
        files, made = self.first.files, self.piped.files
        for name in sorted(files.keys() | made.keys()):
            if name in self.volatility.files or files.get(name) == made.get(name):
                continue
            if name not in files:
                what = "the notebook leaves no such file"
            else:
                what = "is missing" if name not in made else "has other contents"
            yield CellDifference("file", what, name)
