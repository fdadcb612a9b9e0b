"""Runs a notebook as a notebook and as a pipeline, and compares the two."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines.bundle import runtime_archive
from jupyter_kfx.engines.interpreter import interpreter
from jupyter_kfx.engines.local import hash_seed
from jupyter_kfx.engines.orders import Reference
from jupyter_kfx.engines.run import LocalOptions, run_locally
from jupyter_kfx.engines.setup import with_setup_step
from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook.writing import parameters_source
from jupyter_kfx.store import Store
from jupyter_kfx.verification import outputs, trees
from jupyter_kfx.verification.reference import Condition, NotebookRun, run_notebook
from jupyter_kfx.verification.report import CellDifference, Status, Verification

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jupyter_kfx.engines.report import RunReport, StepReport
    from jupyter_kfx.notebook import Notebook
    from jupyter_kfx.pipeline.model import Cell, Pipeline

__all__ = ["verify"]

_MOST_OTHERS = 3
"""Runs of the notebook that the first may be compared with."""
_MOST_OF_CHANCE = 8
"""The same, if some of them have differed."""
_INJECTED = -1
"""Stands for the position of the cell that is given parameters."""
_ADDED = frozenset({"injected-parameters", "papermill-error-cell-tag"})
"""Tags of cells that papermill, and we, add to an executed notebook."""


async def verify(
    notebook: Notebook,
    pipeline: Pipeline,
    parameters: Mapping[str, Any],
    *,
    tolerance: float = 0.0,
    jobs: int | None = None,
    kernel: str | None = None,
    timeout: float | None = None,  # noqa: ASYNC109  (of one cell)
    once: bool = False,
    join: bool = True,
    stage: Callable[[str], None] = lambda _text: None,
) -> Verification:
    """Return how a pipeline compares with its notebook.

    All runs work in copies of the notebook's folder at one and the same path. Two runs
    of the notebook come first: what already differs between them is not held against
    the pipeline. `once` does without the second one where the pipeline is like the first.
    Where it is not, the notebook runs up to four times, or nine if not all runs are
    alike: what comes in one of two ways by chance, as the order of a set of objects, may
    well come in the same way twice.
    UsageError if there is no such kernel or the folder is too large.
    """
    interpreter(kernel or pipeline.kernel)
    scratch = Path(tempfile.mkdtemp(prefix="kfx-verify-"))
    try:
        both = _Both(
            notebook, pipeline, parameters, scratch, kernel, timeout, join=join
        )
        return await both.compared(tolerance, jobs, stage, once=once)
    finally:
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)


@dataclass(frozen=True)
class _Piped:
    """What came of a run as a pipeline."""

    report: RunReport
    shown: Mapping[int, list[dict[str, Any]]]
    """What cells showed, by their positions."""
    checks: Mapping[str, dict[str, Any]]
    """How the steps' variables compare."""
    skipped: frozenset[str]
    """Steps whose conditions were false."""
    files: Mapping[str, str]
    needless: int
    """How many steps ran again and came to the same."""


class _Both:
    """A notebook and its pipeline, and the folder in which they run in turn."""

    def __init__(
        self,
        notebook: Notebook,
        pipeline: Pipeline,
        parameters: Mapping[str, Any],
        scratch: Path,
        kernel: str | None,
        timeout: float | None,
        *,
        join: bool,
    ) -> None:
        if notebook.path is None:
            message = "a notebook that is in no file cannot be verified."
            raise UsageError(message, cure="Save it first.")
        self._path = Path(notebook.path).absolute()
        self._tree = scratch / "tree"
        self._scratch = scratch
        self._notebook = replace(notebook, path=str(self._tree / self._path.name))
        self._pipeline = pipeline
        self._parameters = parameters
        self._kernel = kernel or pipeline.kernel
        self._timeout = timeout
        self._join = join
        self._steps = with_setup_step(pipeline).steps
        cells = (cell for step in self._steps for cell in step.cells)
        self._cells = sorted(cells, key=lambda cell: cell.index)
        self._step_of = {c.index: s.name for s in self._steps for c in s.cells}
        self._conditions = {
            cell.index: Condition(step.settings.when, step.cells[0].index)
            for step in self._steps
            if step.settings.when is not None
            for cell in step.cells
        }

    async def compared(
        self,
        tolerance: float,
        jobs: int | None,
        stage: Callable[[str], None],
        *,
        once: bool,
    ) -> Verification:
        stage("running the notebook")
        first = await self._as_notebook("first")
        files = await self._put_away()
        others = [] if once else [await self._again(1, stage)]
        piped = await self._piped(tolerance, jobs, stage)
        while True:
            found = self._held(first, files, others, piped, tolerance)
            most = _MOST_OF_CHANCE if found.volatile else _MOST_OTHERS
            if not found.differences or len(others) >= most:
                return found
            others.append(await self._again(len(others) + 1, stage))

    async def _again(
        self, number: int, stage: Callable[[str], None]
    ) -> tuple[NotebookRun, Mapping[str, str]]:
        stage("running the notebook again")
        other = await self._as_notebook(f"other-{number}", self._scratch / "first")
        return other, await self._put_away()

    async def _piped(
        self, tolerance: float, jobs: int | None, stage: Callable[[str], None]
    ) -> _Piped:
        stage("running the pipeline")
        await asyncio.to_thread(trees.copy, self._path.parent, self._tree)
        report, shown, checks, skipped = await self._as_pipeline(tolerance, jobs)
        needless = sum(
            _same_again(report, step) for step in report.steps if step.reruns
        )
        files = await self._put_away()
        return _Piped(report, shown, checks, skipped, files, needless)

    def _held(
        self,
        first: NotebookRun,
        files: Mapping[str, str],
        others: Sequence[tuple[NotebookRun, Mapping[str, str]]],
        piped: _Piped,
        tolerance: float,
    ) -> Verification:
        """Hold the pipeline against the notebook, but for what the notebook changes."""
        report, checks, made = piped.report, piped.checks, piped.files
        again = [run for run, _ in others]
        volatile_cells = {
            index
            for index in first.outputs
            for run in again
            if outputs.difference(run.outputs.get(index, ()), first.outputs[index])
        }
        volatile_files = {
            name
            for _, other_files in others
            for name in files.keys() | other_files.keys()
            if files.get(name) != other_files.get(name)
        }
        differences = [
            *self._outputs(first, again, piped, volatile_cells, tolerance),
            *self._variables(piped, again),
        ]
        differences += self._skips(first, piped)
        missing = self._missing(first, piped)
        alike = missing is not None or self._ends_alike(first, report)
        if alike and report.failed is None and missing is None:
            differences += [
                CellDifference("file", _changed_file(files, made, name), name)
                for name in sorted(files.keys() | made.keys())
                if name not in volatile_files and files.get(name) != made.get(name)
            ]
        differences.sort(
            key=lambda d: float("inf") if d.cell_index is None else d.cell_index
        )
        return self._verdict(
            report,
            differences,
            alike=alike,
            volatile=(
                *(f"output of cell {index}" for index in sorted(volatile_cells)),
                *sorted(
                    {
                        f"variable {name}"
                        for run in again
                        for found in run.compared.values()
                        for name in found["different"]
                    }
                ),
                *(f"file {name}" for name in sorted(volatile_files)),
            ),
            unknown=(
                *(() if missing is None else (missing,)),
                *sorted(
                    {
                        f"{name}: {why}"
                        for found in checks.values()
                        for name, why in found["unknown"].items()
                    }
                ),
            ),
            compared=sum(len(found["same"]) for found in checks.values()),
            needless=piped.needless,
            notebook_seconds=first.seconds,
            notebook_error=None if first.error is None else ": ".join(first.error[1:]),
        )

    def _verdict(
        self,
        report: RunReport,
        differences: Sequence[CellDifference],
        *,
        alike: bool,
        **details: Any,
    ) -> Verification:
        status: Status = "different" if differences else "same"
        message = index = None
        error = None if report.failed is None else report.failed.error
        if error is not None:
            refused = error.kind == "unavailable"
            message, index = f"{error.ename}: {error.message}", error.cell_index
            if alike:
                status = "different" if differences else "broken"
            elif not differences:
                status = "refused" if refused else "failed"
                message = error.message if refused else message
        elif not alike and not differences:
            status = "failed"
            message = "The notebook ends with an error, and the pipeline does not."
        again = [step for step in report.steps if step.reruns]
        return Verification(
            status,
            self._path.name,
            steps=len(self._pipeline.steps),
            differences=tuple(differences),
            message=message,
            cell_index=index,
            reruns=tuple(
                f"{step.name}: {reason}" for step in again for reason in step.reruns
            ),
            warnings=report.warnings,
            joined=tuple(step.name for step in report.steps if step.joined),
            pipeline_seconds=report.seconds,
            **details,
        )

    async def _as_notebook(self, name: str, against: Path | None = None) -> NotebookRun:
        await asyncio.to_thread(trees.copy, self._path.parent, self._tree)
        cells: list[tuple[int, str, bool]] = [
            (cell.index, cell.source, self._may_raise(cell)) for cell in self._cells
        ]
        if self._parameters:
            parameters = self._pipeline.parameters_cell
            at = 0
            if parameters is not None:
                at = 1 + [index for index, *_ in cells].index(parameters.index)
            cells.insert(at, (_INJECTED, parameters_source(self._parameters), False))
        return await run_notebook(
            cells,
            {step.cells[-1].index for step in self._steps},
            kernel=self._kernel,
            workdir=self._tree,
            env={**os.environ, "PYTHONHASHSEED": hash_seed()},
            archive=runtime_archive(self._scratch / "runtime"),
            folder=self._scratch / name,
            against=against,
            timeout=self._timeout,
            conditions=self._conditions,
        )

    async def _put_away(self) -> dict[str, str]:
        found = await asyncio.to_thread(trees.contents, self._tree)
        await asyncio.to_thread(shutil.rmtree, self._tree)
        return found

    def _may_raise(self, cell: Cell) -> bool:
        return "raises-exception" in self._notebook.cells[cell.index].tags

    async def _as_pipeline(
        self, tolerance: float, jobs: int | None
    ) -> tuple[
        RunReport,
        dict[int, list[dict[str, Any]]],
        dict[str, dict[str, Any]],
        frozenset[str],
    ]:
        """Return the report, what cells show, and how the steps' variables compare.

        And the steps whose conditions were false.
        """
        executed = self._scratch / "executed.ipynb"
        store = Store.open(str(self._scratch / "store"))
        try:
            report = await run_locally(
                self._notebook,
                self._pipeline,
                self._parameters,
                LocalOptions(
                    jobs=jobs,
                    kernel=self._kernel,
                    output=str(executed),
                    reference=Reference(self._scratch / "first", tolerance),
                    join=self._join,
                ),
                store,
                lambda _event: None,
            )
        finally:
            store.close()
        document = json.loads(executed.read_text("utf-8"))
        # Below nbformat 4.5 cells are known by their places alone.
        kept = [c for c in document["cells"] if not _is_added(c)]
        places = [c.index for c in self._notebook.cells if _ADDED.isdisjoint(c.tags)]
        shown = {
            place: cell.get("outputs", [])
            for place, cell in zip(places, kept, strict=True)
        }
        checks, skipped = {}, set()
        for step in report.steps:
            if step.notebook is None or step.joined:
                continue
            if step.status not in ("succeeded", "skipped"):
                continue
            path = Path(step.notebook).with_name("result.json")
            result = json.loads(path.read_text("utf-8"))
            if result["status"] == step.status:
                checks[step.name] = result["compared"]
                skipped |= {step.name} if step.status == "skipped" else set()
        return report, shown, checks, frozenset(skipped)

    def _outputs(
        self,
        first: NotebookRun,
        others: Sequence[NotebookRun],
        piped: _Piped,
        volatile: set[int],
        tolerance: float,
    ) -> list[CellDifference]:
        found = []
        failed = None if first.error is None else first.error[0]
        steps, shown = piped.report.steps, piped.shown
        unended = {step.name for step in steps if step.status != "succeeded"}
        unended -= piped.skipped  # the conditions have shown something, too
        for cell in self._cells:
            if cell.index not in first.outputs or cell.index == failed:
                continue
            if self._step_of[cell.index] in unended:
                continue
            wanted, got = first.outputs[cell.index], shown.get(cell.index, [])
            if cell.index in volatile:
                # What differs in numbers alone must differ in numbers alone here too.
                alike = all(
                    outputs.is_alike(wanted, other.outputs.get(cell.index, []))
                    for other in others
                )
                if not alike or outputs.is_alike(wanted, got):
                    continue
            what = outputs.difference(got, wanted, tolerance)
            if what is not None:
                step = self._step_of[cell.index]
                found.append(
                    CellDifference("output", what, None, cell.id, cell.index, step)
                )
        return found

    def _variables(
        self, piped: _Piped, others: Sequence[NotebookRun]
    ) -> list[CellDifference]:
        found = []
        reports = piped.report.steps
        first_of = {step.name: step.joined for step in reports if step.joined}
        cells = {first_of.get(step.name, step.name): step.cells for step in self._steps}
        for step in self._steps:
            last = cells.get(step.name, step.cells)[-1]
            volatile = {
                name
                for other in others
                for name in other.compared.get(last.index, {}).get("different", ())
            }
            different = piped.checks.get(step.name, {}).get("different", {})
            found += [
                CellDifference("variable", why, name, last.id, last.index, step.name)
                for name, why in sorted(different.items())
                if name not in volatile
            ]
        return found

    def _skips(self, first: NotebookRun, piped: _Piped) -> list[CellDifference]:
        """Return where only one of the two has skipped a step for its condition."""
        found = []
        ended = {s.name for s in piped.report.steps if s.status == "succeeded"}
        for step in self._steps:
            cell = step.cells[0]
            there, here = cell.index in first.skipped, step.name in piped.skipped
            if there == here or cell.index not in first.outputs:
                continue
            if here or step.name in ended:
                what = "the notebook skips the step" if there else "the step is skipped"
                found.append(
                    CellDifference("output", what, None, cell.id, cell.index, step.name)
                )
        return found

    def _missing(self, first: NotebookRun, piped: _Piped) -> str | None:
        """Return from where on nothing could be compared, if that is so.

        The notebook ends where a name is missing; the pipeline skips the step and goes
        on.
        """
        if first.error is None or first.error[1] != "NameError":
            return None
        name = self._step_of.get(first.error[0])
        for step in piped.report.steps:
            if step.name == name and step.passed_over and name not in piped.skipped:
                return (
                    f"step `{name}` and what is below: {step.reason}, and the notebook "
                    "ends there"
                )
        return None

    def _ends_alike(self, first: NotebookRun, report: RunReport) -> bool:
        failed = None if report.failed is None else report.failed.error
        if first.error is None or failed is None:
            return first.error is None and failed is None
        place, ename, _ = first.error
        return (place, ename) == (failed.cell_index, failed.ename)


def _is_added(cell: Mapping[str, Any]) -> bool:
    return not _ADDED.isdisjoint(cell.get("metadata", {}).get("tags", ()))


def _changed_file(files: Mapping[str, str], made: Mapping[str, str], name: str) -> str:
    if name not in files:
        return "the notebook leaves no such file"
    return "is missing" if name not in made else "has other contents"


def _same_again(report: RunReport, step: StepReport) -> bool:
    """Tell whether the last two attempts at a step came to the same."""
    if report.directory is None or step.notebook is None:
        return False
    results = []
    for attempt in sorted(
        Path(report.directory).glob("*/result.json"), key=lambda p: p.stat().st_mtime
    ):
        order = json.loads(attempt.with_name("order.json").read_text("utf-8"))
        if order["step"] == step.name:
            result = json.loads(attempt.read_text("utf-8"))
            document = json.loads(attempt.with_name("step.ipynb").read_text("utf-8"))
            stored = [(g["digest"], g["names"]) for g in result.get("stored", ())]
            shown = [cell.get("outputs", []) for cell in document["cells"]]
            results.append((result["status"], stored, shown))
    return len(results) > 1 and results[-1] == results[-2]
