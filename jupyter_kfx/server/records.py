"""What the routes answer from the store: runs, logs, executed steps, artifacts."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.background.watch import Watch
    from jupyter_kfx.inspection.debugging import Debugging
    from jupyter_kfx.server.folder import Folder
    from jupyter_kfx.store import RunRecord, Store

__all__ = ["FILTERS", "MissingError", "Records"]

FILTERS = ("status", "pipeline", "experiment", "engine")
"""Fields of a run by which the list of runs can be narrowed."""


class MissingError(UsageError):
    """There is no such run, step or artifact."""


class Records:
    """The runs in a store, as front ends are told of them."""

    def __init__(self, folder: Folder, store: str | None) -> None:
        self._folder = folder
        self._store = store

    def runs(
        self,
        path: str | None = None,
        limit: int | None = None,
        wanted: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return the runs, the newest first: of a notebook, and as `wanted` says."""
        fields = dict(wanted or {})
        if path is not None:
            fields["notebook"] = str(self._folder.place(path))
        with self._opened() as store:
            found = (
                run
                for run in store.runs(status=fields.get("status"))
                if all(getattr(run, name) == value for name, value in fields.items())
            )
            return [
                self._folder.relative(run.to_json()) for run in islice(found, limit)
            ]

    def run(self, name: str) -> dict[str, Any]:
        """Return a run with the state of each of its steps."""
        from jupyter_kfx.background.states import document

        with self._opened() as store:
            return self._folder.relative(document(store, _run(store, name)))

    def watch(self, name: str, position: int | None = None) -> Watch:
        """Return what follows a run from a position."""
        from jupyter_kfx.background.watch import Watch

        with self._opened() as store:
            run = _run(store, name)
        return Watch(run.id, store=self._store, position=position)

    def told(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return what a watch says with the notebook as the server names it."""
        for key in ("run", "event"):
            if isinstance(message.get(key), dict):
                message[key] = self._folder.relative(message[key])
        return message

    def cancel(self, name: str) -> None:
        """Ask a run to end."""
        from jupyter_kfx.background.launch import cancel

        with self._opened() as store:
            cancel(_run(store, name))

    def delete(self, name: str) -> None:
        """Delete a run, its files, and what no other run uses."""
        with self._opened() as store:
            store.delete_run(_run(store, name).id)

    def compare(self, name: str, other: str) -> dict[str, Any]:
        """Return how two runs differ; values are loaded in a process of their own."""
        from jupyter_kfx.project import compare

        with self._opened() as store:
            one, two = _run(store, name).id, _run(store, other).id
        return compare(one, two, store=self._store)

    def debug(self, name: str, step: Any) -> Debugging:
        """Return what a session needs that begins where a step began."""
        from jupyter_kfx.project import debug

        with self._opened() as store:
            run = _run(store, name)
            _place(store, run, step)
        return debug(run.id, step, store=self._store)

    def request(self, name: str) -> dict[str, Any]:
        """Return what a run was started with."""
        from jupyter_kfx.background.journal import request_of

        with self._opened() as store:
            run = _run(store, name)
        found = request_of(run.directory)
        if found is None:
            message = f"run {run.id} was started in a terminal."
            raise UsageError(message, cure="Run its notebook again.")
        return found

    def log(self, name: str, step: str, offset: int) -> dict[str, Any]:
        """Return the log of a step from an offset, and where to go on."""
        from jupyter_kfx.background.journal import log_part

        with self._opened() as store:
            run = _run(store, name)
            place = _place(store, run, step)
        text, reached = log_part(run.directory, place, offset)
        # Who asks once more after the end of the run has seen everything.
        return {"text": text, "offset": reached, "ended": run.status != "running"}

    def notebook(self, name: str, step: str) -> Any:
        """Return the last attempt at a step as an executed notebook."""
        from jupyter_kfx.background.executed import executed

        with self._opened() as store:
            run = _run(store, name)
            found = executed(store, run, step)
        if found is None:
            message = f"the step `{step:.80}` of run {run.id} has left no notebook."
            raise MissingError(message, cure="Wait until the step has ended.")
        return found

    def page(self, name: str, step: str) -> str:
        """Return the last attempt at a step as a page of HTML that runs no script."""
        from jupyter_kfx.server.page import page

        return page(self.notebook(name, step), step)

    def artifacts(self, name: str) -> list[dict[str, Any]]:
        """Return what the steps of a run have stored, without reading any of it."""
        from jupyter_kfx.background.journal import output_json

        with self._opened() as store:
            return [
                {
                    **output_json(output),
                    "kind": output.kind,
                    "step": execution.step,
                    "execution": execution.id,
                    "there": store.files.has(output.digest),
                }
                for execution in store.executions(_run(store, name).id)
                for output in execution.outputs
            ]

    def artifact(self, digest: str) -> dict[str, Any]:
        """Return who wrote and read an artifact, and what it came from and went into."""
        with self._opened() as store:
            found = store.lineage(digest)
            if not found.written:
                message = f"there is no artifact `{digest:.80}`."
                raise MissingError(message, cure="Look at the artifacts of a run.")
            there = store.files.has(digest)
            size = store.files.size(digest) if there else None
        return {
            "digest": digest,
            "there": there,
            "size": size,
            "written": [asdict(use) for use in found.written],
            "read": [asdict(use) for use in found.read],
            "origins": sorted(found.origins),
            "results": sorted(found.results),
        }

    def _opened(self) -> closing[Store]:
        from jupyter_kfx.project import open_store

        return closing(open_store(self._store))


def _run(store: Store, name: str) -> RunRecord:
    try:
        return store.run(name)
    except UsageError as error:
        raise MissingError(error.message, cure="Start one.") from error


def _place(store: Store, run: RunRecord, step: Any) -> int:
    """Return the position of a step in a run; MissingError if it has none of that name."""
    steps = [each["name"] for each in store.definition(run.id)["steps"]]
    if step not in steps:
        message = f"run {run.id} has no step `{step!s:.80}`."
        raise MissingError(message, cure=f"It has: {', '.join(steps)}.")
    return steps.index(step)
