"""The runs of one notebook, as the widget asks for them."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from jupyter_kfx import project
from jupyter_kfx.background.executed import executed, images
from jupyter_kfx.background.journal import log_part
from jupyter_kfx.background.launch import cancel, launch
from jupyter_kfx.background.states import document
from jupyter_kfx.errors import EngineError
from jupyter_kfx.notebook.parameters import injected, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.project import Project

__all__ = ["Runs"]


class Runs:
    """Starts, follows and ends runs that go on when the kernel is restarted."""

    def __init__(self, path: str, store: str | None) -> None:
        self._path = path
        self._store = store

    def start(
        self,
        opened: Project,
        parameters: Mapping[str, Any],
        options: Mapping[str, Any],
    ) -> str:
        """Start a run and return its id; raise as `project.run` does."""
        opened.check()
        given = parameters or injected(opened.notebook)
        resolve(opened.pipeline.parameters, given)
        answer = launch(
            {
                "notebook": opened.notebook.raw,
                "path": self._path,
                "parameters": dict(parameters),
                "options": dict(options),
                "store": self._store,
            }
        )
        if "error" in answer:
            error = answer["error"]
            raise EngineError(error["message"], cure=error["cure"])
        return str(answer["run"])

    def last(self) -> str | None:
        """Return the id of the notebook's newest run."""
        with closing(project.open_store(self._store)) as store:
            found = (run.id for run in store.runs() if run.notebook == self._path)
            return next(found, None)

    def look(self, run: str) -> dict[str, Any]:
        """Return a run with the state of each of its steps."""
        with closing(project.open_store(self._store)) as store:
            found = document(store, store.run(run))
        # Values of parameters that JSON has no word for are shown, as the server does.
        plain: dict[str, Any] = json.loads(json.dumps(found, default=repr))
        return plain

    def log(self, run: str, step: str, offset: int) -> dict[str, Any]:
        """Return what a step printed from an offset on, and where to go on."""
        with closing(project.open_store(self._store)) as store:
            record = store.run(run)
            steps = [each["name"] for each in store.definition(run)["steps"]]
        text, reached = "", offset
        if step in steps:
            text, reached = log_part(record.directory, steps.index(step), offset)
        # Who asks once more after the end of the run has seen everything.
        return {"text": text, "offset": reached, "ended": record.status != "running"}

    def plots(self, run: str, step: str) -> dict[str, Any]:
        """Return the images that a step has left, as a notebook that has no more.

        The rest of it may be more than the way from a kernel to a page lets through.
        """
        with closing(project.open_store(self._store)) as store:
            found = executed(store, store.run(run), step)
        return {"notebook": None if found is None else images(found)}

    def cancel(self, run: str) -> None:
        """Ask a run to end; UsageError if it has ended."""
        with closing(project.open_store(self._store)) as store:
            cancel(store.run(run))
