"""One run on the local engine: from a pipeline to a report, recorded in the store."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jupyter_kfx.engines.bundle import runtime_archive
from jupyter_kfx.engines.cache import Cache
from jupyter_kfx.engines.contents import Contents
from jupyter_kfx.engines.dependencies import Code, Facts
from jupyter_kfx.engines.environment import environment
from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.fingerprint import fingerprint
from jupyter_kfx.engines.interpreter import interpreter
from jupyter_kfx.engines.joining import Joining
from jupyter_kfx.engines.local import LocalExecutor, hash_seed, server_plan
from jupyter_kfx.engines.orders import NotebookContext, Reference
from jupyter_kfx.engines.placement import not_applied
from jupyter_kfx.engines.preload import preloadable
from jupyter_kfx.engines.recorder import Recorder
from jupyter_kfx.engines.report import RunReport, StepReport
from jupyter_kfx.engines.scheduler import Scheduler
from jupyter_kfx.engines.selection import (
    EVERYTHING,
    Selection,
    left_out,
    refuse_changed,
    rules,
)
from jupyter_kfx.engines.sentences import observed
from jupyter_kfx.engines.setup import SETUP_STEP, with_setup_step
from jupyter_kfx.engines.slots import Slots
from jupyter_kfx.engines.warm import WarmServer
from jupyter_kfx.notebook.writing import ExecutedCell, Record, executed, write
from jupyter_kfx.pipeline.codec import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_kfx.engines.environment import Environment
    from jupyter_kfx.engines.outcome import Outcome
    from jupyter_kfx.notebook.reading import Notebook
    from jupyter_kfx.pipeline.model import Pipeline, Step
    from jupyter_kfx.store import RunRecord, Store

__all__ = ["LocalOptions", "run_locally", "warm_up"]


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
    guard: Literal["rerun", "stop", "warn"] = "rerun"
    """What to do, where a step does not say, when something was not predicted."""
    reference: Reference | None = None
    """What to compare the variables of each step with at its end."""
    selection: Selection = EVERYTHING
    """Which steps run, and which earlier results they may take."""
    warm: WarmServer | None = None
    """A fork server that has been started before."""
    join: bool = True
    """Whether steps run as one where a value cannot go between them."""


def warm_up(
    notebook: Notebook, pipeline: Pipeline, kernel: str | None, store: Store
) -> WarmServer:
    """Return a fork server for a run of a pipeline to come."""
    python = interpreter(kernel or pipeline.kernel)
    environment(python, store.root / "environments")
    archive = runtime_archive(store.root / "runtime")
    folder = _folder(notebook)
    return WarmServer(
        server_plan(python, archive, preloadable(pipeline, folder), folder)
    )


def _folder(notebook: Notebook) -> Path:
    return Path(notebook.path).absolute().parent if notebook.path else Path.cwd()


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
    folder = _folder(notebook)
    workdir = Path(options.cwd).absolute() if options.cwd else folder
    started = time.monotonic()
    archive = runtime_archive(store.root / "runtime")
    surroundings = environment(python, store.root / "environments")
    contents = Contents(store)
    joining = Joining(notebook, pipeline)

    def cache_of(full: Pipeline) -> Cache:
        return Cache(
            store,
            Facts(full.setup, parameters, surroundings),
            _codes(full, parameters, surroundings, archive, workdir, notebook),
            contents,
            pipeline=pipeline.name if notebook.path is None else str(notebook.path),
            project=folder,
            environ={**os.environ, **python.env},
            rules=rules(full, joining.selected(options.selection)),
        )

    full = with_setup_step(pipeline)
    cache = cache_of(full)
    if options.selection.resume is not None:
        refuse_changed(pipeline, cache.changed(), options.selection)
    omitted = left_out(full, options.selection, cache)
    record = store.start_run(
        pipeline=pipeline.name,
        definition=to_json(replace(pipeline, kernel=options.kernel or pipeline.kernel)),
        parameters=parameters,
        engine="local",
        notebook=notebook.path,
        experiment=pipeline.settings.experiment,
    )
    listener(RunEvent("run-started", data={"run": record.id, "warnings": warnings}))
    recorder = Recorder(record, store, cache, joining.told(listener))
    executor = LocalExecutor(
        python,
        _context(notebook, pipeline, parameters, workdir, folder, options.reference),
        run=record.id,
        directory=record.directory,
        artifacts=store.artifacts,
        archive=archive,
        preload=preloadable(pipeline, folder),
        isolation=options.isolation,
        warm=options.warm,
    )
    entropy = secrets.token_hex(16)
    status, outcome = "failed", None
    try:
        while outcome is None or outcome.joint is not None:
            if outcome is not None:
                full = with_setup_step(joining.pipeline)
                recorder.cache = cache_of(full)
            scheduler = Scheduler(
                full,
                executor,
                Slots.of_machine(options.jobs),
                run=record.id,
                listener=recorder.hear,
                entropy=entropy,
                cache=recorder.cache,
                left_out=omitted,
                guard=options.guard,
                joining=joining if options.join else None,
                before=outcome,
            )
            outcome = await scheduler.run()
        status = outcome.status
    except asyncio.CancelledError:
        status = "cancelled"
        raise
    finally:
        await executor.close()
        recorder.flush()
        contents.remember()
        if status != "succeeded":
            store.end_run(record.id, status=status, metrics={}, report={})
    outcome = replace(outcome, steps=joining.told_apart(outcome.steps))
    warnings += [joint.sentence for joint in joining.joints.values()]
    report = _report(
        full, folder, record, outcome, warnings, time.monotonic() - started
    )
    if options.output is not None:
        _write_output(notebook, pipeline, parameters, record, outcome, options.output)
        report = replace(report, output=str(options.output))
    document = report.to_json()
    store.end_run(
        record.id, status=report.status, metrics=report.metrics, report=document
    )
    listener(RunEvent("run-finished", data={"report": report}))
    return report


def _codes(
    pipeline: Pipeline,
    parameters: Mapping[str, Any],
    surroundings: Environment,
    archive: Path,
    workdir: Path,
    notebook: Notebook,
) -> dict[str, Code]:
    place = pipeline.parameters_cell
    may_raise = {c.id for c in notebook.cells if "raises-exception" in c.tags}
    return {
        step.name: Code(
            cells=[
                (fingerprint(c.source).digest, c.id in may_raise) for c in step.cells
            ],
            python=surroundings.python,
            runtime=archive.stem,
            folder=str(workdir),
            settings={
                "hash seed": hash_seed(),
                "metrics": _metrics(pipeline, step),
                **({} if step.settings.when is None else {"when": step.settings.when}),
                # Cells that are setup alone hand nothing on.
                **({"setup": True} if step.name == SETUP_STEP else {}),
                **{f"env:{name}": v for name, v in sorted(step.settings.env.items())},
            },
            parameters={n: repr(v) for n, v in sorted(parameters.items())}
            if place is not None and place.id in {c.id for c in step.cells}
            else {},
        )
        for step in pipeline.steps
    }


def _metrics(pipeline: Pipeline, step: Step) -> list[str]:
    return sorted({*pipeline.metrics} & {*step.writes, *step.mutates})


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


def _report(
    pipeline: Pipeline,
    folder: Path,
    record: RunRecord,
    outcome: Outcome,
    warnings: list[str],
    seconds: float,
) -> RunReport:
    steps = []
    metrics: dict[str, Any] = {}
    for step in outcome.steps:
        observation = step.observation
        if observation is not None:
            metrics.update(observation.metrics)
            warnings += [
                f"{step.name}: {text}"
                for text in (*step.warnings, *observation.warnings)
            ]
        if step.name == SETUP_STEP and step.status != "failed":
            continue
        notebook = None
        if step.execution is not None:
            path = record.directory / step.execution / "step.ipynb"
            notebook = str(path) if path.exists() else None
        seen = (
            ()
            if observation is None
            else observed(pipeline.step(step.name), observation, str(folder))
        )
        steps.append(StepReport.of(step, notebook, seen))
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
    shown: dict[str, list[tuple[str, int]]] = {}
    for step in outcome.steps:
        if step.execution is None or step.joined or step.status == "cancelled":
            continue
        directory = record.directory / step.execution
        if step.status == "skipped" and not _is_conditional(directory):
            continue
        cells.update(_executed_cells(directory))
        _update_displays(cells, directory, shown)
    place = pipeline.parameters_cell
    document = executed(
        notebook,
        cells,
        Record(record.started, datetime.now(UTC), output, parameters),
        parameters_index=None if place is None else place.index,
    )
    write(output, document)


def _update_displays(
    cells: Mapping[str, ExecutedCell],
    directory: Path,
    shown: dict[str, list[tuple[str, int]]],
) -> None:
    """Show what a step displays under an id wherever steps above have shown it."""
    try:
        result = json.loads((directory / "result.json").read_text("utf-8"))
    except FileNotFoundError:
        return
    displays = result.get("displays") or {"updated": {}, "shown": {}}
    for name, content in displays["updated"].items():
        for cell, position in shown.get(name, ()):
            cells[cell].outputs[position].update(content)
    for name, places in displays["shown"].items():
        shown.setdefault(name, []).extend(places)


def _executed_cells(directory: Path) -> dict[str, ExecutedCell]:
    try:
        document = json.loads((directory / "step.ipynb").read_text("utf-8"))
        result = json.loads((directory / "result.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}  # the process was killed before it could write
    seconds = {cell["index"]: cell["seconds"] for cell in result.get("cells", ())}
    ran = result["status"] != "skipped"
    failed = (result.get("error") or {}).get("cell")
    found = {}
    for cell in document["cells"]:
        own = cell["metadata"]["kfx"]
        found[own["cell"]] = ExecutedCell(
            cell["outputs"],
            cell["execution_count"],
            seconds.get(own.get("index")),
            failed == own["cell"],
            ran=ran,
        )
    return found


def _is_conditional(directory: Path) -> bool:
    """Tell whether an execution ended with its condition, which was false."""
    try:
        result = json.loads((directory / "result.json").read_text("utf-8"))
    except FileNotFoundError:
        return False
    return bool(result["status"] == "skipped")
