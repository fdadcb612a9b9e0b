"""What the routes answer, without the web."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from jupyter_kfx.background.options import checked_options, engines
from jupyter_kfx.background.spares import Spares
from jupyter_kfx.errors import UsageError
from jupyter_kfx.project import ENGINES
from jupyter_kfx.server.folder import Folder
from jupyter_kfx.server.records import Records
from jupyter_kfx.server.requests import check_keys, object_of

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["RefusedError", "Service"]


class RefusedError(Exception):
    """A run was refused; `document` says why, as JSON."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document["message"])
        self.document = document


class Service:
    """Analyses and runs notebooks below a folder; runs are in a store."""

    def __init__(
        self,
        root: str,
        store: str | None = None,
        *,
        allowed: Collection[str] = tuple(ENGINES),
        most: int = 0,
        spares: Spares | None = None,
    ) -> None:
        self._folder = Folder(root)
        self._store = store
        self._allowed = allowed
        self._most = most
        self._spares = Spares(0, 0.0, 0) if spares is None else spares
        self.records = Records(self._folder, store)

    def analyse(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the pipeline of a notebook and its drawing."""
        from jupyter_kfx import project
        from jupyter_kfx.pipeline.codec import to_json
        from jupyter_kfx.pipeline.drawing import drawing

        pipeline = project.load_json(*self._document(request)).pipeline
        return {"pipeline": to_json(pipeline), "drawing": drawing(pipeline)}

    def suggest(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the steps that an untagged notebook could have."""
        from jupyter_kfx import project
        from jupyter_kfx.notebook import from_json

        return project.suggest(from_json(*self._document(request))).to_json()

    def _document(self, request: dict[str, Any]) -> tuple[Any, str | None]:
        """Return the notebook in a request, and where its file is."""
        check_keys(request, "notebook", "path")
        path = request.get("path")
        place = None if path is None else str(self._folder.place(path))
        return request.get("notebook"), place

    def engines(self) -> list[dict[str, Any]]:
        """Return the engines that may be used, with the schema of their options."""
        return engines(self._allowed)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the settings of a step and of a pipeline."""
        from pydantic import TypeAdapter

        from jupyter_kfx.pipeline.settings import PipelineSettings, StepSettings

        return {
            "step": TypeAdapter(StepSettings).json_schema(),
            "pipeline": TypeAdapter(PipelineSettings).json_schema(),
        }

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start a run of a notebook and return its id."""
        check_keys(request, "notebook", "path", "parameters", "options")
        return self._start(
            {
                "notebook": request.get("notebook"),
                "path": str(self._folder.place(request.get("path"))),
                "parameters": object_of(request, "parameters"),
                "options": object_of(request, "options"),
            }
        )

    def warm_up(self, request: dict[str, Any]) -> None:
        """Get ready for a run of a notebook to come, so that it starts at once."""
        check_keys(request, "notebook", "path", "options")
        place = self._folder.place(request.get("path"))
        options = checked_options(object_of(request, "options"), self._allowed)
        prepared = {
            "notebook": request.get("notebook"),
            "path": str(place),
            "options": options,
            "store": self._store,
        }
        # It takes as long as the imports do; who asks goes on meanwhile.
        threading.Thread(target=self._spares.prepare, args=[prepared]).start()

    @property
    def warm(self) -> int:
        """How many processes wait for a run."""
        return len(self._spares)

    def close(self) -> None:
        """End what waits for a run."""
        self._spares.close()

    def retry(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Start a run again as it was, but with the parameters and options given."""
        check_keys(request, "parameters", "options")
        before = self.records.request(name)
        return self._start(
            {
                "notebook": before["notebook"],
                # It was below this server's folder then; is it now?
                "path": str(self._folder.place(self._folder.name(before["path"]))),
                "parameters": before["parameters"] | object_of(request, "parameters"),
                "options": before["options"] | object_of(request, "options"),
            }
        )

    def _start(self, request: dict[str, Any]) -> dict[str, Any]:
        options = checked_options(request["options"], self._allowed)
        running = self.records.runs(wanted={"status": "running"}) if self._most else ()
        if self._most and len(running) >= self._most:
            message = f"as many runs as may ({self._most}) are running already."
            raise UsageError(message, cure="Wait until one has ended, or cancel one.")
        answer = self._spares.start(
            {**request, "options": options, "store": self._store}
        )
        if "error" in answer:
            raise RefusedError(answer["error"])
        return answer
