"""Runs steps through a real LocalExecutor, with as little ceremony as a test wants."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_kfx.engines.bundle import runtime_archive
from jupyter_kfx.engines.interpreter import interpreter
from jupyter_kfx.engines.local import LocalExecutor
from jupyter_kfx.engines.orders import NotebookContext
from jupyter_kfx.engines.protocol import Group, Observation, Order, Signal
from jupyter_kfx.pipeline.model import Cell, SetupKind, SetupStatement, Step
from jupyter_kfx.pipeline.settings import StepSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from pathlib import Path

__all__ = ["Stage", "groups", "setup"]

_T = TypeVar("_T")


def setup(code: str, *names: str, kind: SetupKind = SetupKind.IMPORT) -> SetupStatement:
    """Return a setup statement of a cell above all others."""
    return SetupStatement("setup", 0, 1, 1, code, kind, names)


async def _granted(_reason: str) -> bool:
    return True


class Stage:
    """An executor in a folder, and what its steps have said."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.project = folder / "project"
        self.project.mkdir(parents=True)
        self.signals: list[Signal] = []
        self.asked: list[str] = []
        self.loop = asyncio.new_event_loop()
        context = {
            key: options.pop(key)
            for key in ("parameters", "parameters_index", "cell_metadata", "cells")
            if key in options
        }
        self.executor = LocalExecutor(
            options.pop("python", None) or interpreter("python3"),
            NotebookContext(self.project, self.project, **context),
            run="run",
            directory=folder / "run",
            artifacts=folder / "artifacts",
            archive=runtime_archive(folder / "cache"),
            **options,
        )
        self._number = 0

    def order(
        self,
        *sources: str,
        after: Sequence[Observation] = (),
        live: str = "",
        above: Sequence[SetupStatement] = (),
        timeout: float | None = None,
        when: str | None = None,
        **fields: Any,
    ) -> Order:
        """Return an order for a step of these cells that takes over what others stored."""
        self._number += 1
        cells = tuple(
            Cell(f"cell-{i}", i, source, i) for i, source in enumerate(sources, start=1)
        )
        groups = tuple((g, g.names) for seen in after for g in seen.stored)
        names = {name: k for k, s in enumerate(above) for name in s.names}
        given: dict[str, Any] = {
            "execution": f"run-{self._number:03d}-1",
            "step": Step(
                "step", cells, settings=StepSettings(timeout=timeout, when=when)
            ),
            "attempt": 1,
            "setup": dict(enumerate(above)),
            "own_setup": {},
            "definitions": names,
            "groups": groups,
            "ambient": {},
            "live": frozenset(live.split()),
            "live_all": False,
            "alone": False,
            "seed": "5eed",
        }
        return Order(**{**given, **fields})

    async def execute(
        self, order: Order, permit: Callable[[str], Awaitable[bool]] = _granted
    ) -> Observation:
        """Execute an order and remember its signals and questions."""

        async def ask(reason: str) -> bool:
            self.asked.append(reason)
            return await permit(reason)

        return await self.executor.execute(order, self.signals.append, ask)

    def wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine to its end."""
        return self.loop.run_until_complete(work)

    def run(self, *sources: str, **options: Any) -> Observation:
        """Run a step of these cells to its end."""
        return self.wait(self.execute(self.order(*sources, **options)))

    def notebook(self) -> dict[str, Any]:
        """Return the notebook of the last step."""
        path = self.folder / "run" / f"run-{self._number:03d}-1" / "step.ipynb"
        loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return loaded

    def outputs(self, *sources: str, **options: Any) -> list[dict[str, Any]]:
        """Run a step and return the outputs of its last cell."""
        self.run(*sources, **options)
        outputs: list[dict[str, Any]] = self.notebook()["cells"][-1]["outputs"]
        return outputs

    def text(self, *sources: str, **options: Any) -> str:
        """Run a step and return what its last cell wrote to stdout and stderr."""
        return "".join(
            output["text"]
            for output in self.outputs(*sources, **options)
            if output["output_type"] == "stream"
        )

    def close(self) -> None:
        """End everything."""
        self.wait(self.executor.close())
        self.loop.close()


def groups(observation: Observation) -> dict[str, Group]:
    """Return the stored groups by each of their names."""
    return {name: group for group in observation.stored for name in group.names}
