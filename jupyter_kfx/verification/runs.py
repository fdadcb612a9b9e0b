"""A notebook and its pipeline, run in turn in copies of one folder."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines.bundle import runtime_archive
from jupyter_kfx.engines.local import hash_seed
from jupyter_kfx.engines.orders import Reference
from jupyter_kfx.engines.run import LocalOptions, run_locally
from jupyter_kfx.engines.setup import with_setup_step
from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook.writing import parameters_source
from jupyter_kfx.store import Store
from jupyter_kfx.verification import trees
from jupyter_kfx.verification.pipeline_run import PipelineRun
from jupyter_kfx.verification.reference import Condition, NotebookRun, run_notebook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.engines.report import RunReport
    from jupyter_kfx.notebook import Notebook
    from jupyter_kfx.pipeline.model import Cell, Pipeline

__all__ = ["Runs"]

_INJECTED = -1
"""Stands for the position of the cell that is given parameters."""


class Runs:
    """What can be run of a notebook, always below `scratch` at one and the same path."""

    def __init__(
        self,
        notebook: Notebook,
        pipeline: Pipeline,
        parameters: Mapping[str, Any],
        scratch: Path,
        *,
        kernel: str | None,
        timeout: float | None,
        join: bool,
    ) -> None:
        if notebook.path is None:
            message = "a notebook that is in no file cannot be verified."
            raise UsageError(message, cure="Save it first.")
        path = Path(notebook.path).absolute()
        self._source = path.parent
        self._tree = scratch / "tree"
        self._scratch = scratch
        self._notebook = replace(notebook, path=str(self._tree / path.name))
        self._pipeline = pipeline
        self._parameters = parameters
        self._kernel = kernel or pipeline.kernel
        self._timeout = timeout
        self._join = join
        self._steps = with_setup_step(pipeline).steps
        self._conditions = {
            cell.index: Condition(step.settings.when, step.cells[0].index)
            for step in self._steps
            if step.settings.when is not None
            for cell in step.cells
        }

    async def first(self) -> NotebookRun:
        """Run the notebook, and keep its variables for all other runs."""
        return await self._as_notebook("first")

    async def again(self, number: int) -> NotebookRun:
        """Run the notebook once more, and compare its variables with the first run's."""
        return await self._as_notebook(f"other-{number}", self._scratch / "first")

    async def piped(self, tolerance: float, jobs: int | None) -> PipelineRun:
        """Run the pipeline, and compare its variables with the first run's."""
        await asyncio.to_thread(trees.copy, self._source, self._tree)
        executed = self._scratch / "executed.ipynb"
        report = await self._report(executed, tolerance, jobs)
        files = await self._put_away()
        return PipelineRun.of(report, self._notebook, executed, files)

    async def _as_notebook(self, name: str, against: Path | None = None) -> NotebookRun:
        await asyncio.to_thread(trees.copy, self._source, self._tree)
        run = await run_notebook(
            self._cells(),
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
        return replace(run, files=await self._put_away())

    def _cells(self) -> list[tuple[int, str, bool]]:
        """Return the cells to run, as `run_notebook` takes them."""
        cells = [
            (cell.index, cell.source, self._may_raise(cell))
            for step in self._steps
            for cell in step.cells
        ]
        cells.sort()
        if self._parameters:
            parameters = self._pipeline.parameters_cell
            at = 0
            if parameters is not None:
                at = 1 + [index for index, *_ in cells].index(parameters.index)
            cells.insert(at, (_INJECTED, parameters_source(self._parameters), False))
        return cells

    def _may_raise(self, cell: Cell) -> bool:
        return "raises-exception" in self._notebook.cells[cell.index].tags

    async def _report(
        self, executed: Path, tolerance: float, jobs: int | None
    ) -> RunReport:
        store = Store.open(str(self._scratch / "store"))
        try:
            return await run_locally(
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

    async def _put_away(self) -> dict[str, str]:
        """Make room for the next run; return the files that this one has left."""
        found = await asyncio.to_thread(trees.contents, self._tree)
        await asyncio.to_thread(shutil.rmtree, self._tree)
        return found
