"""Tells Jupyter's event logger what happens in runs."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import KfxError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jupyter_kfx.server.records import Records

__all__ = ["SCHEMA", "Announcer", "schema_file"]

SCHEMA = "urn:jupyter-kfx:run-event"
"""The id of the schema of our events."""
_REST = 0.25
"""Seconds between two looks at a run that has nothing new."""


def schema_file() -> Path:
    """Return the file of the schema of our events."""
    found: Any = files("jupyter_kfx.server").joinpath("run_event.yaml")
    return found  # type: ignore[no-any-return]


class Announcer:
    """Follows runs, whichever process runs them, and emits each event once."""

    def __init__(
        self, records: Records, emit: Callable[[Mapping[str, Any]], object]
    ) -> None:
        self._records = records
        self._emit = emit
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def find(self) -> None:
        """Follow the runs that are running already, from now on."""
        try:
            running = await asyncio.to_thread(
                self._records.runs, wanted={"status": "running"}
            )
        except KfxError:  # whoever asks for runs is told what is wrong with the store
            return
        for run in running:
            self.follow(run["run"], None)

    def follow(self, run: str, position: int | None = 0) -> None:
        """Emit the events of a run after a position, or from now on."""
        if run not in self._tasks:
            self._tasks[run] = asyncio.create_task(self._tell(run, position))

    def close(self) -> None:
        """Follow none any longer."""
        for task in self._tasks.values():
            task.cancel()

    async def _tell(self, run: str, position: int | None) -> None:
        try:
            watch = await asyncio.to_thread(self._records.watch, run, position)
            while not watch.ended:
                told = False
                for message in watch.news():
                    told = True
                    if message["type"] == "event":
                        self._emit(self._records.told(message)["event"])
                        await asyncio.sleep(0)
                if not told:
                    await asyncio.sleep(_REST)
        except KfxError:
            pass  # the run was deleted
        finally:
            del self._tasks[run]
