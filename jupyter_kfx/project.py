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
    from jupyter_kfx.engines.report import RunReport
    from jupyter_kfx.pipeline.model import Pipeline
    from jupyter_kfx.store import Store
    from jupyter_kfx.verification import Verification

__all__ = [
    "ENGINES",
    "Project",
    "load",
    "load_json",
    "open_store",
    "run",
    "suggest",
    "verify",
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
    listener: Callable[[RunEvent], None] | None = None,
) -> RunReport:
    """Run a notebook as a pipeline and return how it ended.

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
    given = parameters or injected(project.notebook)
    values = resolve(project.pipeline.parameters, given)
    from jupyter_kfx.engines.run import LocalOptions, run_locally

    options = LocalOptions(jobs, isolation, cwd, kernel, output)
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


def verify(
    path: str | Path | Project,
    *,
    parameters: Mapping[str, Any] | None = None,
    tolerance: float = 0.0,
    timeout: float | None = None,
    kernel: str | None = None,
    jobs: int | None = None,
    stage: Callable[[str], None] = lambda _text: None,
) -> Verification:
    """Run a notebook as a notebook and as a pipeline, and return how they compare.

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
            stage=stage,
        )
    )


def _outside_of_loops(start: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Run a coroutine to its end, in a thread of its own if a loop runs in this one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(start())
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, start()).result()
