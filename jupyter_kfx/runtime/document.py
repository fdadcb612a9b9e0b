"""The executed step as a notebook."""

from __future__ import annotations

import io
import os
import sys
from json import dump  # cells may patch the module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .order import Cell, Order

__all__ = ["Document", "write_json"]


class Document:
    """A notebook of the step's cells, each with the outputs it has had so far."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._cells = [_code_cell(cell) for cell in order.cells]

    def shown(
        self, position: int, outputs: list[dict[str, Any]], *, executed: bool
    ) -> None:
        """Give the cell at this position of the step its outputs, as they come.

        One that is not executed shows what its step's condition does.
        """
        self._cells[position]["outputs"] = outputs
        if executed:
            cell = self._order.cells[position]
            self._cells[position]["execution_count"] = cell.execution_count

    def places(self, outputs: list[dict[str, Any]]) -> list[tuple[str, int]]:
        """Return the cells that outputs are in, by id, and their positions there."""
        return [
            (cell["id"], position)
            for cell in self._cells
            for position, output in enumerate(cell["outputs"])
            if any(output is one for one in outputs)
        ]

    def save(self, path: str) -> None:
        """Write the notebook."""
        order = self._order
        metadata = dict(order.notebook_metadata)
        metadata.setdefault("language_info", _language_info())
        metadata["kfx"] = {
            **_mapping(metadata.get("kfx")),
            "run": order.run,
            "step": order.step,
            "execution": order.execution,
            "attempt": order.attempt,
        }
        notebook = {
            "cells": self._cells,
            "metadata": metadata,
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        write_json(path, notebook)


def write_json(path: str, value: Any) -> None:
    """Write the value so that nobody ever sees half of the file."""
    temporary = f"{path}.{os.getpid()}.part"
    with io.open(temporary, "w", encoding="utf-8", errors="backslashreplace") as file:
        dump(value, file, indent=1, ensure_ascii=False)
        file.write("\n")
    os.replace(temporary, path)


def _code_cell(cell: Cell) -> dict[str, Any]:
    metadata = dict(cell.metadata)
    own = {"cell": cell.id, "index": cell.index}
    metadata["kfx"] = {**_mapping(metadata.get("kfx")), **own}
    return {
        "cell_type": "code",
        "id": cell.id,
        "metadata": metadata,
        "execution_count": None,
        "outputs": [],
        "source": cell.source,
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _language_info() -> dict[str, Any]:
    return {
        "name": "python",
        "version": sys.version.split()[0],
        "mimetype": "text/x-python",
        "file_extension": ".py",
        "pygments_lexer": "ipython3",
        "nbconvert_exporter": "python",
        "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]},
    }
