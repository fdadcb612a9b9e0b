"""Runs a notebook as a notebook and as a pipeline, and compares the two."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines.interpreter import interpreter
from jupyter_kfx.engines.setup import with_setup_step
from jupyter_kfx.verification.comparison import Comparison
from jupyter_kfx.verification.runs import Runs
from jupyter_kfx.verification.verdict import verdict
from jupyter_kfx.verification.volatility import Volatility

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jupyter_kfx.notebook import Notebook
    from jupyter_kfx.pipeline.model import Pipeline
    from jupyter_kfx.verification.pipeline_run import PipelineRun
    from jupyter_kfx.verification.reference import NotebookRun
    from jupyter_kfx.verification.report import Verification

__all__ = ["verify"]

_MOST_OTHERS = 3
"""Runs of the notebook that the first may be compared with."""
_MOST_OF_CHANCE = 8
"""The same, if some of them have differed."""


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
        runs = Runs(
            notebook,
            pipeline,
            parameters,
            scratch,
            kernel=kernel,
            timeout=timeout,
            join=join,
        )

        async def again(number: int) -> NotebookRun:
            stage("running the notebook again")
            return await runs.again(number)

        stage("running the notebook")
        first = await runs.first()
        others = [] if once else [await again(1)]
        stage("running the pipeline")
        piped = await runs.piped(tolerance, jobs)
        while True:
            found = _held(notebook, pipeline, first, others, piped, tolerance)
            most = _MOST_OF_CHANCE if found.volatile else _MOST_OTHERS
            if not found.differences or len(others) >= most:
                return found
            others.append(await again(len(others) + 1))
    finally:
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)


def _held(
    notebook: Notebook,
    pipeline: Pipeline,
    first: NotebookRun,
    others: Sequence[NotebookRun],
    piped: PipelineRun,
    tolerance: float,
) -> Verification:
    """Hold the pipeline against the notebook, but for what the notebook changes."""
    steps = with_setup_step(pipeline).steps
    volatility = Volatility(first, others)
    comparison = Comparison(steps, first, piped, volatility, tolerance)
    assert notebook.path is not None
    name, count = Path(notebook.path).name, len(pipeline.steps)
    return verdict(name, count, comparison)
