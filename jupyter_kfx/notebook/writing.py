"""The whole notebook as a run has left it, as papermill would write it."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from jupyter_kfx.notebook.reading import Notebook

__all__ = ["ExecutedCell", "executed", "write"]


@dataclass(frozen=True)
class ExecutedCell:
    """What running a code cell gave."""

    outputs: list[dict[str, Any]]
    execution_count: int | None
    seconds: float | None = None
    failed: bool = False


@dataclass(frozen=True)
class Record:
    """When and with what a notebook was run."""

    started: datetime
    ended: datetime
    output: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def executed(
    notebook: Notebook,
    cells: Mapping[str, ExecutedCell],
    record: Record,
    *,
    parameters_index: int | None,
) -> dict[str, Any]:
    """Return the notebook's document with outputs, counts and papermill's metadata.

    Cells that did not run have no outputs. Where parameters were given, a cell tagged
    `injected-parameters` stands below the parameters cell, or at the top.
    """
    document = copy.deepcopy(notebook.raw)
    document.setdefault("metadata", {})
    written = []
    for cell, source in zip(document["cells"], notebook.cells, strict=True):
        if source.type == "code":
            if "injected-parameters" in source.tags and record.parameters:
                continue
            _fill(cell, cells.get(source.id))
        written.append(cell)
        if record.parameters and source.index == parameters_index:
            written.append(_injected(document, record.parameters))
    if record.parameters and parameters_index is None:
        written.insert(0, _injected(document, record.parameters))
    document["cells"] = written
    document["metadata"]["papermill"] = {
        "default_parameters": {},
        "duration": round((record.ended - record.started).total_seconds(), 6),
        "end_time": record.ended.isoformat(),
        "environment_variables": {},
        "exception": any(cell.failed for cell in cells.values()) or None,
        "input_path": notebook.path,
        "output_path": record.output,
        "parameters": dict(record.parameters),
        "start_time": record.started.isoformat(),
        "version": None,
    }
    return document


def write(path: str | Path, document: Mapping[str, Any]) -> None:
    """Write a notebook as a whole or not at all; UsageError if it cannot be."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.part")
    try:
        text = json.dumps(document, indent=1, ensure_ascii=False)
        temporary.write_text(f"{text}\n", "utf-8")
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        message = f"`{path}` cannot be written: {error.strerror}."
        raise UsageError(message, cure="Give another path with `-o`.") from error


def _fill(cell: dict[str, Any], result: ExecutedCell | None) -> None:
    cell["outputs"] = [] if result is None else result.outputs
    cell["execution_count"] = None if result is None else result.execution_count
    metadata = cell.setdefault("metadata", {})
    status = "pending"
    if result is not None:
        status = "failed" if result.failed else "completed"
    metadata["papermill"] = {
        "duration": None if result is None else result.seconds,
        "exception": bool(result and result.failed),
        "status": status,
    }


def _injected(document: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    from papermill.translators import PythonTranslator

    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": PythonTranslator.codify(dict(values), "Parameters"),
    }
    if document.get("nbformat_minor", 0) >= 5:
        cell["id"] = "injected-parameters"
    return cell
