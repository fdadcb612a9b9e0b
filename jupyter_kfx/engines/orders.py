"""The order that a step process is given, as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jupyter_kfx.engines.protocol import Order
    from jupyter_kfx.pipeline.model import Cell, SetupStatement

__all__ = ["NotebookContext", "Reference", "order_json"]


@dataclass(frozen=True)
class Reference:
    """What a notebook's variables were, to compare the steps' with."""

    folder: Path
    """Holds what `runtime.snapshot` kept after the last cell of each step."""
    tolerance: float = 0.0
    """Relative difference at which two floats are still the same."""


@dataclass(frozen=True)
class NotebookContext:
    """What all executions of a run have in common."""

    workdir: Path
    """Where the cells run."""
    project: Path
    """The tree in which files are the notebook's own."""
    cells: Sequence[Cell] = ()
    """All code cells, to show the source of what cells above defined."""
    cell_metadata: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the id of the cell."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """The values that the caller gave."""
    parameters_index: int | None = None
    """Position of the parameters cell."""
    metrics: Sequence[str] = ()
    reference: Reference | None = None


def order_json(
    order: Order,
    notebook: NotebookContext,
    *,
    run: str,
    directory: Path,
    artifacts: Path,
    socket: Path | None,
) -> dict[str, Any]:
    """Return the order as the runtime reads it."""
    last = order.step.cells[-1].index
    return {
        "format": 1,
        "run": run,
        "execution": order.execution,
        "step": order.step.name,
        "attempt": order.attempt,
        "directory": str(directory),
        "artifacts": str(artifacts),
        "socket": None if socket is None else str(socket),
        "workdir": str(notebook.workdir.absolute()),
        "project": str(notebook.project.absolute()),
        "notebook_metadata": dict(notebook.metadata),
        "setup": [_statement(k, s) for k, s in sorted(order.setup.items())],
        "own_setup": [_statement(k, s) for k, s in sorted(order.own_setup.items())],
        "sources": [
            {
                "index": cell.index,
                "source": cell.source,
                "execution_count": cell.execution_count,
            }
            for cell in notebook.cells
            if cell.index < last
        ],
        "parameters": dict(notebook.parameters),
        "parameters_index": notebook.parameters_index,
        "definitions": dict(order.definitions),
        "groups": [
            {
                "digest": group.digest,
                "names": sorted(names),
                "content": {
                    name: group.content[name]
                    for name in sorted(names & group.content.keys())
                },
            }
            for group, names in order.groups
        ],
        "beside": sorted(order.beside),
        "last": order.last,
        "ambient": {
            key: {"digest": state.digest, "after": state.after}
            for key, state in order.ambient.items()
        },
        "cells": [
            {
                "id": cell.id,
                "index": cell.index,
                "source": cell.source,
                "execution_count": cell.execution_count,
                "metadata": dict(notebook.cell_metadata.get(cell.id, {})),
            }
            for cell in order.step.cells
        ],
        "when": order.step.settings.when,
        "live": sorted(order.live),
        "live_all": order.live_all,
        "metrics": list(notebook.metrics),
        "seed": order.seed,
        "alone": order.alone,
        "environ": dict(order.step.settings.env),
        "secrets": [secret.env for secret in order.step.settings.secrets],
        "stop_input": True,
        "reference": None
        if notebook.reference is None
        else {
            "folder": str(notebook.reference.folder),
            "place": str(last),
            "tolerance": notebook.reference.tolerance,
            "reads": sorted(order.step.reads),
        },
    }


def _statement(number: int, statement: SetupStatement) -> dict[str, Any]:
    return {
        "id": number,
        "cell": statement.cell,
        "index": statement.index,
        "line": statement.line,
        "code": statement.code,
        "names": list(statement.names),
        "kind": statement.kind.value,
    }
