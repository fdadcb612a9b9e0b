"""What the routes answer, without the web."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from jupyter_kfx.store import RunRecord, Store

__all__ = ["MissingError", "RefusedError", "Service"]

_OPTIONS = {"engine": str, "jobs": int, "isolation": str, "kernel": str}


class MissingError(UsageError):
    """There is no such run or step."""


class RefusedError(Exception):
    """A run was refused; `document` says why, as JSON."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document["message"])
        self.document = document


class Service:
    """Analyses and runs notebooks below a folder; runs are in a store."""

    def __init__(self, root: str, store: str | None) -> None:
        self._root = Path(root).expanduser().resolve()
        self._store = store

    def analyse(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the pipeline of a notebook and its drawing."""
        from jupyter_kfx import project
        from jupyter_kfx.pipeline.codec import to_json
        from jupyter_kfx.server.drawing import drawing

        pipeline = project.load_json(*self._document(request)).pipeline
        return {"pipeline": to_json(pipeline), "drawing": drawing(pipeline)}

    def suggest(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the steps that an untagged notebook could have."""
        from jupyter_kfx import project
        from jupyter_kfx.notebook import from_json

        return project.suggest(from_json(*self._document(request))).to_json()

    def _document(self, request: dict[str, Any]) -> tuple[Any, str | None]:
        """Return the notebook in a request, and where its file is."""
        _check_keys(request, "notebook", "path")
        place = None if request.get("path") is None else str(self._named(request))
        return request.get("notebook"), place

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start a run of a notebook and return its id."""
        from jupyter_kfx.server.launch import launch

        _check_keys(request, "notebook", "path", "parameters", "options")
        answer = launch(
            {
                "notebook": request.get("notebook"),
                "path": str(self._named(request)),
                "parameters": _object(request, "parameters"),
                "options": _options(_object(request, "options")),
                "store": self._store,
            }
        )
        if "error" in answer:
            raise RefusedError(answer["error"])
        return answer

    def runs(self, path: str | None, limit: int | None) -> list[dict[str, Any]]:
        """Return the runs, the newest first; those of a notebook if a path is given."""
        from itertools import islice

        wanted = None if path is None else str(self._file(path))
        with self._opened() as store:
            found = (
                run for run in store.runs() if wanted is None or run.notebook == wanted
            )
            return [self._relative(run.to_json()) for run in islice(found, limit)]

    def run(self, name: str) -> dict[str, Any]:
        """Return a run with the state of each of its steps."""
        from jupyter_kfx.server.journal import turns
        from jupyter_kfx.server.states import states

        with self._opened() as store:
            run = _run(store, name)
            definition = store.definition(run.id)
            executions = store.executions(run.id)
        document = self._relative(run.to_json())
        document["steps"] = states(run, definition, executions)
        document["warnings"] = []
        document["error"] = None
        for turn in turns(run.directory):
            document["warnings"] += turn.get("warnings") or []
            if turn["kind"] == "run-error":
                document["error"] = turn["error"]
        return document

    def cancel(self, name: str) -> None:
        """Ask a run to end."""
        from jupyter_kfx.server.launch import cancel

        with self._opened() as store:
            cancel(_run(store, name))

    def log(self, name: str, step: str, offset: int) -> dict[str, Any]:
        """Return the log of a step from an offset, and where to go on."""
        from jupyter_kfx.server.journal import log_part

        with self._opened() as store:
            run = _run(store, name)
            steps = [each["name"] for each in store.definition(run.id)["steps"]]
        if step not in steps:
            message = f"run {run.id} has no step `{step}`."
            raise MissingError(message, cure=f"It has: {', '.join(steps)}.")
        text, reached = log_part(run.directory, steps.index(step), offset)
        # Who asks once more after the end of the run has seen everything.
        return {"text": text, "offset": reached, "ended": run.status != "running"}

    def notebook(self, name: str, step: str) -> Any:
        """Return the last attempt at a step as an executed notebook."""
        with self._opened() as store:
            run = _run(store, name)
            executions = store.executions(run.id)
        for execution in reversed(executions):
            path = run.directory / execution.id / "step.ipynb"
            if execution.step == step and path.exists():
                return json.loads(path.read_text("utf-8"))
        message = f"the step `{step}` of run {run.id} has left no notebook."
        raise MissingError(message, cure="Wait until the step has ended.")

    def _opened(self) -> closing[Store]:
        from jupyter_kfx.project import open_store

        return closing(open_store(self._store))

    def _named(self, request: dict[str, Any]) -> Path:
        """Return the place of the notebook that a request names."""
        path = request.get("path")
        if not isinstance(path, str):
            message = "the request names no notebook."
            raise UsageError(message, cure="Give its path as `path`.")
        return self._file(path)

    def _file(self, path: str) -> Path:
        """Return the place of a notebook; UsageError outside of the server's folder."""
        if "\0" in path:
            raise UsageError("a path has no null bytes.", cure="Give another path.")
        place = (self._root / path.strip("/")).resolve()
        if not place.is_relative_to(self._root) or not place.parent.is_dir():
            message = f"`{path}` is not below the server's folder."
            raise UsageError(message, cure="Open a notebook that the server serves.")
        return place

    def _relative(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a run's document with its notebook as the server names it."""
        notebook = document["notebook"]
        if notebook is not None and Path(notebook).is_relative_to(self._root):
            document["notebook"] = str(Path(notebook).relative_to(self._root))
        return document


def _run(store: Store, name: str) -> RunRecord:
    try:
        return store.run(name)
    except UsageError as error:
        raise MissingError(error.message, cure="Start one.") from error


def _check_keys(request: dict[str, Any], *known: str) -> None:
    for key in request:
        if key not in known:
            message = f"a request has no `{key}`."
            raise UsageError(message, cure=f"There are: {', '.join(known)}.")


def _object(request: dict[str, Any], key: str) -> dict[str, Any]:
    value = request.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = f"`{key}` is not an object."
        raise UsageError(message, cure="Give names and values.")
    return value


def _options(given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        if name not in _OPTIONS:
            message = f"there is no option `{name}`."
            raise UsageError(message, cure=f"There are: {', '.join(_OPTIONS)}.")
        if type(value) is not _OPTIONS[name]:
            message = f"the option `{name}` cannot be {value!r}."
            raise UsageError(message, cure=f"Give it as {_OPTIONS[name].__name__}.")
    if given.get("isolation", "fork") not in ("fork", "spawn"):
        message = f"there is no isolation `{given['isolation']}`."
        raise UsageError(message, cure="There are: fork, spawn.")
    return given
