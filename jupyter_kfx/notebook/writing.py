"""The whole notebook as a run has left it, as papermill would write it."""

from __future__ import annotations

import contextlib
import copy
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.notebook.reading import Notebook

__all__ = ["ExecutedCell", "Record", "executed", "parameters_source", "write"]

_ERROR = "papermill-error-cell-tag"


@dataclass(frozen=True)
class ExecutedCell:
    """What running a code cell gave."""

    outputs: list[dict[str, Any]]
    execution_count: int | None
    seconds: float | None = None
    failed: bool = False
    ran: bool = True
    """Whether its step did; what the step's condition showed may be here in any case."""
    started: datetime | None = None


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
    `injected-parameters` stands below the parameters cell, or at the top. As papermill
    does, a failed cell is pointed to by a cell at the top and one above it.
    """
    document = copy.deepcopy(notebook.raw)
    metadata = document.setdefault("metadata", {})
    failed = None
    written: list[dict[str, Any]] = []
    if record.parameters and parameters_index is None:
        written.append(_injected(document, record.parameters))
    for cell, source in zip(document["cells"], notebook.cells, strict=True):
        result = cells.get(source.id)
        if _ERROR in source.tags:
            continue
        if source.type == "code":
            if "injected-parameters" in source.tags and record.parameters:
                continue
            cell["outputs"] = [] if result is None else result.outputs
            cell["execution_count"] = None if result is None else result.execution_count
        if result is not None and result.failed and failed is None:
            failed = result
            written.append(_marker(document, "error-cell", _ANCHOR))
        cell.setdefault("metadata", {})["papermill"] = _timing(result)
        written.append(cell)
        if record.parameters and source.index == parameters_index:
            written.append(_injected(document, record.parameters))
    if failed is not None:
        text = _BANNER.format(failed.execution_count)
        written.insert(0, _marker(document, "error-banner", text))
    document["cells"] = written
    from importlib.metadata import version

    metadata["papermill"] = {
        "default_parameters": {},
        "duration": round((record.ended - record.started).total_seconds(), 6),
        "end_time": record.ended.isoformat(),
        "environment_variables": {},
        "exception": failed is not None or None,
        "input_path": notebook.path,
        "output_path": record.output,
        "parameters": dict(record.parameters),
        "start_time": record.started.isoformat(),
        "version": version("papermill"),
    }
    return document


_ANCHOR = '<a id="papermill-error-cell"></a>**This cell failed.**'
_BANNER = (
    "**The run failed in "
    '<a href="#papermill-error-cell">In [{}]</a>; what is below it may not have run.**'
)


def write(path: str | Path, document: Mapping[str, Any]) -> None:
    """Write a notebook as a whole or not at all; UsageError if it cannot be."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.part")
    try:
        temporary.write_bytes(_encoded(document))
        temporary.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        message = f"`{path}` cannot be written: {error.strerror}."
        raise UsageError(message, cure="Give another path with `-o`.") from error


def _encoded(document: Mapping[str, Any]) -> bytes:
    try:
        return f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode()
    except UnicodeEncodeError:
        # Half of a character, as a program may print it, is no UTF-8.
        return f"{json.dumps(document, indent=1)}\n".encode()


def _timing(result: ExecutedCell | None) -> dict[str, Any]:
    if result is None or not result.ran:
        keys = ("duration", "end_time", "exception", "start_time")
        return {**dict.fromkeys(keys), "status": "pending"}
    start, end = result.started, None
    if start is not None and result.seconds is not None:
        end = start + timedelta(seconds=result.seconds)
    return {
        "duration": result.seconds,
        "end_time": end and end.isoformat(),
        "exception": result.failed,
        "start_time": start and start.isoformat(),
        "status": "failed" if result.failed else "completed",
    }


def _marker(document: Mapping[str, Any], name: str, text: str) -> dict[str, Any]:
    cell = {"cell_type": "markdown", "metadata": {"tags": [_ERROR]}, "source": text}
    return _identified(document, f"papermill-{name}", cell)


def _identified(
    document: Mapping[str, Any], name: str, cell: dict[str, Any]
) -> dict[str, Any]:
    """Return the cell with an id, where the format has ids."""
    if document.get("nbformat_minor", 0) >= 5:
        taken = {other.get("id") for other in document["cells"]}
        while name in taken:
            name += "-"
        cell["id"] = name
    return cell


def parameters_source(values: Mapping[str, Any]) -> str:
    """Return the code of the cell that gives parameters their values."""
    from papermill.translators import PythonTranslator

    source: str = PythonTranslator.codify(dict(values), "Parameters")
    return source


def _injected(document: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": parameters_source(values),
    }
    return _identified(document, "injected-parameters", cell)
