"""The facade that all faces call."""

from __future__ import annotations

import asyncio
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from jupyter_kfx.analysis import build
from jupyter_kfx.errors import DiagnosticsError, UsageError
from jupyter_kfx.notebook import Notebook, from_json, read
from jupyter_kfx.notebook.parameters import injected, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path

    from jupyter_kfx.analysis.suggestions import Suggestion
    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.engines.report import Reason, RunReport
    from jupyter_kfx.engines.warm import WarmServer
    from jupyter_kfx.inspection.debugging import Debugging
    from jupyter_kfx.inspection.handle import Run
    from jupyter_kfx.pipeline.model import Pipeline
    from jupyter_kfx.store import RunRecord, Store
    from jupyter_kfx.verification import Verification

__all__ = [
    "ENGINES",
    "Project",
    "compare",
    "debug",
    "load",
    "load_json",
    "open_run",
    "open_store",
    "reasons",
    "run",
    "suggest",
    "verify",
    "warm_up",
    "write_suggestion",
]

_T = TypeVar("_T")

ENGINES = {"local": "Processes on this machine, as many at once as cores."}
"""The engines there are, each with what it does."""


@dataclass(frozen=True)
class Project:
    """A notebook and the pipeline that it describes."""

    notebook: Notebook
    pipeline: Pipeline

    def check(self) -> None:
        """Raise DiagnosticsError if the pipeline must not run."""
        if self.pipeline.errors:
            raise DiagnosticsError(self.pipeline.errors, notebook=self.notebook.path)

    def run(
        self,
        parameters: Mapping[str, Any] | None = None,
        *,
        store: str | None = None,
        **options: Any,
    ) -> Run:
        """Start a run and return it while it goes on.

        Options are those of the function `run`, which raises what this raises.
        """
        from jupyter_kfx.inspection.handle import start

        def work(listener: Callable[[RunEvent], None]) -> RunReport:
            return run(
                self, parameters=parameters, store=store, listener=listener, **options
            )

        return start(work, store)


def load(path: str | Path, *, cut: str | None = None) -> Project:
    """Return the project in a notebook file; NotebookFormatError if it is none.

    An untagged notebook is cut into steps at every `cell`, at so many cells, or at every
    `heading`; UsageError if the place is none of these or the notebook is tagged.
    """
    notebook = read(path)
    if cut is not None:
        from jupyter_kfx.notebook.cuts import cut as into_steps

        notebook = into_steps(notebook, cut)
    return Project(notebook, build(notebook))


def load_json(document: Any, path: str | None = None) -> Project:
    """Return the project in a notebook's JSON document."""
    notebook = from_json(document, path)
    return Project(notebook, build(notebook))


def suggest(notebook: str | Path | Notebook) -> Suggestion:
    """Return the steps that an untagged notebook could have; nothing of it is run.

    For a notebook that is tagged just as proposed, that is the proposal again.
    UsageError if it has other steps or nothing to make one of, DiagnosticsError if it
    could not run as it is.
    """
    from jupyter_kfx.analysis.suggestions import suggest as propose

    return propose(notebook if isinstance(notebook, Notebook) else read(notebook))


def write_suggestion(path: str | Path) -> Suggestion:
    """Add the tags that `suggest` proposes to a notebook's file, and return them.

    Nothing else in the file changes. UsageError also if it cannot be written.
    """
    from jupyter_kfx.notebook.tagging import write_tags

    notebook = read(path)
    suggestion = suggest(notebook)
    if suggestion.tags:
        write_tags(notebook, suggestion.tags)
    return suggestion


def open_store(location: str | None = None) -> Store:
    """Return the store at a location, or the default one; StoreError if unusable."""
    from jupyter_kfx.store import Store

    return Store.open(location)


def run(
    path: str | Path | Project,
    *,
    parameters: Mapping[str, Any] | None = None,
    engine: str = "local",
    jobs: int | None = None,
    isolation: Literal["fork", "spawn"] = "fork",
    cwd: str | None = None,
    kernel: str | None = None,
    output: str | None = None,
    store: str | None = None,
    cache: bool = True,
    resume: str | None = None,
    from_step: str | None = None,
    only: str | None = None,
    until: str | None = None,
    stale: bool = False,
    guard: Literal["rerun", "stop", "warn"] = "rerun",
    join: bool = True,
    listener: Callable[[RunEvent], None] | None = None,
    warm: WarmServer | None = None,
) -> RunReport:
    """Run a notebook as a pipeline and return how it ended.

    Results of earlier runs are taken where nothing that they depend on has changed,
    unless `cache` is false. What `resume`, `from_step`, `only`, `until` and `stale` mean
    is said at `engines.selection.Selection`. Where a step did what its code does not
    show, the steps that could not know run again; with the guard `warn` the report warns
    of it, with `stop` the run fails there. A step's own setting goes before. Where a value
    cannot go from one step to another, these and what is between them run as one, and the
    report warns of it; unless `join` is false, which refuses the run.

    A failed step is in the report. DiagnosticsError if the notebook is refused,
    UsageError for a wrong parameter, StoreError if the store cannot be used. Ctrl-C
    ends every process of the run, and the report says `cancelled`.
    """
    if engine not in ENGINES:
        message = f"there is no engine `{engine}`."
        raise UsageError(message, cure=f"There are: {', '.join(ENGINES)}.")
    if jobs is not None and jobs < 1:
        message = f"{jobs} steps at once cannot run anything."
        raise UsageError(message, cure="Give at least one job.")
    project = path if isinstance(path, Project) else load(path)
    project.check()
    from jupyter_kfx.engines.run import LocalOptions, run_locally
    from jupyter_kfx.engines.selection import Selection

    if resume is not None:
        resume, parameters = _resumed(resume, project, parameters, store)
    given = parameters or injected(project.notebook)
    values = resolve(project.pipeline.parameters, given)
    selection = Selection(cache, resume, from_step, only, until, stale)
    selection.check(project.pipeline)
    options = LocalOptions(
        jobs,
        isolation,
        cwd,
        kernel,
        output,
        selection=selection,
        guard=guard,
        warm=warm,
        join=join,
    )
    opened = open_store(store)

    async def start() -> RunReport:
        task = asyncio.current_task()
        assert task is not None
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
        return await run_locally(
            project.notebook,
            project.pipeline,
            values,
            options,
            opened,
            listener or (lambda _event: None),
        )

    try:
        return _outside_of_loops(start)
    finally:
        opened.close()


def warm_up(
    project: Project, *, kernel: str | None = None, store: str | None = None
) -> WarmServer:
    """Return what makes the next `run` of a project start sooner, if passed to it.

    It holds a process until it is passed on or closed. DiagnosticsError if the notebook
    is refused, UsageError for an unknown kernel.
    """
    project.check()
    from jupyter_kfx.engines.run import warm_up as started

    opened = open_store(store)
    try:
        return started(project.notebook, project.pipeline, kernel, opened)
    finally:
        opened.close()


def _resumed(
    run: str,
    project: Project,
    parameters: Mapping[str, Any] | None,
    store: str | None,
) -> tuple[str, Mapping[str, Any]]:
    """Return the id and the parameters of a run that is to be resumed."""
    record = _recorded(run, store)
    if record.status == "running":
        message = f"run {record.id} is still running."
        raise UsageError(message, cure="Cancel it first.")
    if record.notebook != project.notebook.path:
        message = f"run {record.id} is one of {record.notebook}."
        raise UsageError(message, cure="Resume it with that notebook.")
    if parameters and dict(parameters) != dict(record.parameters):
        message = "a resumed run keeps its parameters."
        raise UsageError(message, cure="Start a new run for other ones.")
    return record.id, record.parameters


def reasons(
    run: str = "latest", step: str | None = None, *, store: str | None = None
) -> list[Reason]:
    """Return why the steps of a run ran or did not, or one of them.

    UsageError if there is no such run or step.
    """
    from jupyter_kfx.engines.report import reasons_of, reasons_so_far

    opened = open_store(store)
    try:
        record = opened.run(run)
        if record.report:
            found = reasons_of(record.report)
        else:
            steps = [each["name"] for each in opened.definition(record.id)["steps"]]
            done = opened.executions(record.id)
            found = reasons_so_far(steps, done, record.status)
    finally:
        opened.close()
    if step is None:
        return found
    names = {reason.step for reason in found}
    if step not in names:
        message = f"run {record.id} has no step `{step}`."
        raise UsageError(message, cure=f"It has: {', '.join(sorted(names))}.")
    return [reason for reason in found if reason.step == step]


def open_run(run: str = "latest", *, store: str | None = None) -> Run:
    """Return a run by its id, a part of its id, or the latest; UsageError if none."""
    from jupyter_kfx.inspection.handle import Run

    return Run(_recorded(run, store).id, store)


def compare(
    run: str, other: str, *, store: str | None = None, tolerance: float = 0.0
) -> dict[str, Any]:
    """Return how two runs differ, as plain data.

    It says of `parameters`, `metrics` and `steps` (each with its `code`, `inputs` and
    `outputs`) whether they are the `same`, and `why` not. Values are compared by what is
    in them, in a process of the kernel's interpreter.
    """
    from jupyter_kfx.inspection.comparison import compare as side_by_side

    opened = open_store(store)
    try:
        return side_by_side(opened, run, other, tolerance)
    finally:
        opened.close()


def debug(
    run: str, step: str, *, store: str | None = None, kernel: str | None = None
) -> Debugging:
    """Return what a session needs that begins where a step of a run began.

    Its `to_json()` is for front ends: the kernel to start, and the code to run in it.
    UsageError if there is no such run or step, StoreError if an input is gone.
    """
    from jupyter_kfx.inspection.debugging import debugging

    opened = open_store(store)
    try:
        return debugging(opened, run, step, kernel=kernel)
    finally:
        opened.close()


def _recorded(run: str, store: str | None) -> RunRecord:
    opened = open_store(store)
    try:
        return opened.run(run)
    finally:
        opened.close()


def verify(
    path: str | Path | Project,
    *,
    parameters: Mapping[str, Any] | None = None,
    tolerance: float = 0.0,
    timeout: float | None = None,
    kernel: str | None = None,
    jobs: int | None = None,
    once: bool = False,
    join: bool = True,
    stage: Callable[[str], None] = lambda _text: None,
) -> Verification:
    """Run a notebook as a notebook and as a pipeline, and return how they compare.

    The notebook runs twice, to find what differs by itself; with `once` only where the
    pipeline differs from the first time. `join` is that of `run`.
    DiagnosticsError if the notebook is refused before it runs, UsageError for a wrong
    parameter, an unknown kernel or a folder too large to copy.
    """
    project = path if isinstance(path, Project) else load(path)
    project.check()
    given = parameters or injected(project.notebook)
    values = resolve(project.pipeline.parameters, given)
    from jupyter_kfx.verification import verify as compare

    return _outside_of_loops(
        lambda: compare(
            project.notebook,
            project.pipeline,
            values,
            tolerance=tolerance,
            timeout=timeout,
            kernel=kernel,
            jobs=jobs,
            once=once,
            join=join,
            stage=stage,
        )
    )


def _outside_of_loops(start: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Run a coroutine to its end, in a thread of its own if a loop runs in this one.

    Ctrl-C, or a kernel's interrupt, cancels it and waits until it has ended.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(start())
    begun = threading.Event()
    cancel: list[Callable[[], object]] = []

    async def held() -> _T:
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        cancel.append(lambda: loop.call_soon_threadsafe(task.cancel))
        begun.set()
        return await start()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(asyncio.run, held())
        try:
            return future.result()
        except KeyboardInterrupt:
            begun.wait()
            cancel[0]()
        try:
            return future.result()
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
