"""One run on the local engine: from a pipeline to a report, recorded in the store."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.interpreter import interpreter
from jupyter_kfx.engines.local import LocalExecutor
from jupyter_kfx.engines.orders import NotebookContext, Reference
from jupyter_kfx.engines.placement import not_applied
from jupyter_kfx.engines.preload import preloadable
from jupyter_kfx.engines.report import RunReport, StepReport
from jupyter_kfx.engines.scheduler import SETUP_STEP, Outcome, Scheduler
from jupyter_kfx.engines.slots import Slots
from jupyter_kfx.notebook.writing import ExecutedCell, Record, executed, write
from jupyter_kfx.pipeline.codec import to_json
from jupyter_kfx.pipeline.model import Pipeline, Step
from jupyter_kfx.store import ArtifactRecord, ExecutionRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_kfx.engines.protocol import Observation
    from jupyter_kfx.notebook.reading import Notebook
    from jupyter_kfx.store import RunRecord, Store

__all__ = ["LocalOptions", "run_locally"]


@dataclass(frozen=True)
class LocalOptions:
    """How to run on this machine."""

    jobs: int | None = None
    """How many steps run at once; as many as cores unless given."""
    isolation: Literal["fork", "spawn"] = "fork"
    cwd: str | None = None
    """Where cells run; the notebook's folder unless given."""
    kernel: str | None = None
    """Name of a kernelspec to use instead of the notebook's."""
    output: str | None = None
    """Where to write the whole executed notebook."""
    hash_seed: int | None = None
    """Seed of the hashes of texts, on which the order of sets depends; random."""
    reference: Reference | None = None
    """What to compare the variables of each step with at its end."""


async def run_locally(
    notebook: Notebook,
    pipeline: Pipeline,
    parameters: Mapping[str, Any],
    options: LocalOptions,
    store: Store,
    listener: Callable[[RunEvent], None],
) -> RunReport:
    """Run a pipeline on this machine; cancelling ends it and keeps its record true."""
    warnings = not_applied(pipeline)
    python = interpreter(options.kernel or pipeline.kernel)
    folder = Path(notebook.path).absolute().parent if notebook.path else Path.cwd()
    workdir = Path(options.cwd).absolute() if options.cwd else folder
    record = store.start_run(
        pipeline=pipeline.name,
        definition=to_json(pipeline),
        parameters=parameters,
        engine="local",
        notebook=notebook.path,
        experiment=pipeline.settings.experiment,
    )
    listener(RunEvent("run-started", data={"run": record.id, "warnings": warnings}))
    started = time.monotonic()
    recorder = _Recorder(record, store, listener)
    executor = LocalExecutor(
        python,
        _context(notebook, pipeline, parameters, workdir, folder, options.reference),
        run=record.id,
        directory=record.directory,
        artifacts=store.artifacts,
        cache=store.root / "runtime",
        preload=preloadable(pipeline, folder),
        isolation=options.isolation,
        hash_seed=secrets.randbits(32)
        if options.hash_seed is None
        else options.hash_seed,
    )
    scheduler = Scheduler(
        with_setup_step(pipeline),
        executor,
        Slots.of_machine(options.jobs),
        run=record.id,
        listener=recorder.hear,
        entropy=secrets.token_hex(16),
    )
    status = "failed"
    try:
        outcome = await scheduler.run()
        status = outcome.status
    except asyncio.CancelledError:
        status = "cancelled"
        raise
    finally:
        await executor.close()
        if status != "succeeded":
            store.end_run(record.id, status=status, metrics={}, report={})
    report = _report(record, outcome, warnings, time.monotonic() - started)
    if options.output is not None:
        _write_output(notebook, pipeline, parameters, record, outcome, options.output)
        report = replace(report, output=str(options.output))
    document = report.to_json()
    store.end_run(
        record.id, status=report.status, metrics=report.metrics, report=document
    )
    listener(RunEvent("run-finished", data={"report": report}))
    return report


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


def _context(
    notebook: Notebook,
    pipeline: Pipeline,
    parameters: Mapping[str, Any],
    workdir: Path,
    project: Path,
    reference: Reference | None,
) -> NotebookContext:
    steps = with_setup_step(pipeline).steps
    cells = sorted(
        (cell for step in steps for cell in step.cells), key=lambda cell: cell.index
    )
    place = pipeline.parameters_cell
    return NotebookContext(
        workdir=workdir,
        project=project,
        cells=cells,
        cell_metadata={cell.id: cell.metadata for cell in notebook.cells},
        metadata=notebook.metadata,
        parameters=parameters,
        parameters_index=None if place is None else place.index,
        metrics=pipeline.metrics,
        reference=reference,
    )


class _Recorder:
    """Writes attempts to the store as they end, and passes events on."""

    def __init__(
        self, record: RunRecord, store: Store, listener: Callable[[RunEvent], None]
    ) -> None:
        self._record = record
        self._store = store
        self._listener = listener
        self._inputs: dict[str, list[ArtifactRecord]] = {}
        self._reasons: dict[str, str] = {}

    def hear(self, event: RunEvent) -> None:
        """Take an event in."""
        step = event.step or ""
        if event.kind == "step-started" and "groups" in event.data:
            self._inputs[event.data["execution"]] = [
                ArtifactRecord(digest, names) for digest, names in event.data["groups"]
            ]
        elif event.kind == "step-rerun":
            self._reasons[step] = event.data["reason"]
        elif event.kind == "step-retried":
            self._reasons[step] = "it failed and was tried again"
        elif event.kind == "step-attempt":
            self._attempt(step, event.data)
            return
        if step != SETUP_STEP:
            self._listener(event)

    def _attempt(self, step: str, data: Mapping[str, Any]) -> None:
        observation: Observation = data["observation"]
        failure = observation.failure
        self._store.end_execution(
            self._record.id,
            ExecutionRecord(
                id=data["execution"],
                step=step,
                attempt=data["attempt"],
                status=observation.status,
                seconds=observation.seconds or data["seconds"],
                reason=self._reasons.pop(step, ""),
                failure={} if failure is None else asdict(failure),
                inputs=self._inputs.pop(data["execution"], []),
                outputs=[
                    ArtifactRecord(g.digest, sorted(g.names), g.size, g.types)
                    for g in observation.stored
                ],
            ),
        )


def _report(
    record: RunRecord, outcome: Outcome, warnings: list[str], seconds: float
) -> RunReport:
    steps = []
    metrics: dict[str, Any] = {}
    for step in outcome.steps:
        observation = step.observation
        if observation is not None:
            metrics.update(observation.metrics)
            warnings += [f"{step.name}: {text}" for text in observation.warnings]
        if step.name == SETUP_STEP and step.status != "failed":
            continue
        notebook = None
        if step.execution is not None:
            path = record.directory / step.execution / "step.ipynb"
            notebook = str(path) if path.exists() else None
        steps.append(StepReport.of(step, notebook))
    return RunReport(
        id=record.id,
        status=outcome.status,
        engine="local",
        steps=tuple(steps),
        metrics=metrics,
        directory=str(record.directory),
        warnings=tuple(warnings),
        seconds=seconds,
    )


def _write_output(
    notebook: Notebook,
    pipeline: Pipeline,
    parameters: Mapping[str, Any],
    record: RunRecord,
    outcome: Outcome,
    output: str,
) -> None:
    cells: dict[str, ExecutedCell] = {}
    for step in outcome.steps:
        if step.execution is None or step.status not in ("succeeded", "failed"):
            continue
        directory = record.directory / step.execution
        cells.update(_executed_cells(directory))
    place = pipeline.parameters_cell
    document = executed(
        notebook,
        cells,
        Record(record.started, datetime.now(UTC), output, parameters),
        parameters_index=None if place is None else place.index,
    )
    write(output, document)


def _executed_cells(directory: Path) -> dict[str, ExecutedCell]:
    try:
        document = json.loads((directory / "step.ipynb").read_text("utf-8"))
        result = json.loads((directory / "result.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}  # the process was killed before it could write
    seconds = {cell["index"]: cell["seconds"] for cell in result.get("cells", ())}
    failed = (result.get("error") or {}).get("cell")
    found = {}
    for cell in document["cells"]:
        own = cell["metadata"]["kfx"]
        found[own["cell"]] = ExecutedCell(
            cell["outputs"],
            cell["execution_count"],
            seconds.get(own.get("index")),
            failed == own["cell"],
        )
    return found
