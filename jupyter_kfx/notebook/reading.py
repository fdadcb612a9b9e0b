"""Reads notebooks: plain JSON on the fast path, nbformat only for old formats."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_kfx.errors import NotebookFormatError

__all__ = ["Notebook", "NotebookCell", "from_json", "read"]

_TYPES = frozenset({"code", "markdown", "raw"})


@dataclass(frozen=True)
class NotebookCell:
    """A cell as the file has it."""

    id: str
    index: int
    """Zero-based position among all cells."""
    type: str
    """`code`, `markdown` or `raw`."""
    source: str
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Notebook:
    """A Python notebook; `raw` is the whole document, so that nothing is lost."""

    path: str | None
    cells: tuple[NotebookCell, ...]
    kernel: str
    metadata: dict[str, Any] = field(default_factory=dict, hash=False)
    nbformat: tuple[int, int] = (4, 5)
    raw: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)


def read(path: str | Path) -> Notebook:
    """Return the notebook in a file.

    NotebookFormatError if it is not a Python notebook that can be read.
    """
    place = str(path)
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise NotebookFormatError("there is no such file.", notebook=place) from None
    except IsADirectoryError:
        message = "this is a folder, not a notebook."
        raise NotebookFormatError(message, notebook=place) from None
    except ValueError:  # a null byte in the path
        raise NotebookFormatError("there is no such file.", notebook=place) from None
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}."
        raise NotebookFormatError(message, notebook=place) from None
    if not data.strip():
        raise NotebookFormatError("the file is empty.", notebook=place)
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        message = "this is not a notebook: it is not UTF-8 text."
        raise NotebookFormatError(message, notebook=place) from None
    except json.JSONDecodeError as error:
        message = f"this is not a notebook: it is not JSON ({error.msg})."
        raise NotebookFormatError(message, notebook=place, line=error.lineno) from None
    except ValueError:
        message = "this is not a notebook: a number in it has too many digits."
        raise NotebookFormatError(message, notebook=place) from None
    except RecursionError:
        message = "this is not a notebook: its JSON is nested too deeply."
        raise NotebookFormatError(message, notebook=place) from None
    return from_json(document, place)


def from_json(document: Any, path: str | None = None) -> Notebook:
    """Return the notebook that a JSON document is; errors as in `read`."""
    if not isinstance(document, dict) or "nbformat" not in document:
        message = "this is not a notebook: it is JSON without `nbformat`."
        raise NotebookFormatError(message, notebook=path)
    major, minor = document["nbformat"], document.get("nbformat_minor", 0)
    if type(major) is not int or type(minor) is not int or major < 1:
        message = "this is not a notebook: its `nbformat` is not a number."
        raise NotebookFormatError(message, notebook=path)
    if major < 4:
        document = _upgraded(document, path)
        minor = document["nbformat_minor"]
    elif major > 4:
        message = f"notebooks of format {major} cannot be read; format 4 can."
        raise NotebookFormatError(message, notebook=path)
    metadata = document.get("metadata", {})
    cells = document.get("cells")
    if not isinstance(metadata, dict) or not isinstance(cells, list):
        message = "this is not a notebook: it has no list of cells."
        raise NotebookFormatError(message, notebook=path)
    kernel = _kernel(metadata, path)
    return Notebook(
        path, _cells(cells, path), kernel, metadata, (4, minor), raw=document
    )


def _upgraded(document: dict[str, Any], path: str | None) -> dict[str, Any]:
    import nbformat

    try:
        _check_language(_old_language(document), path)
        old = nbformat.from_dict(document)
        new = json.loads(json.dumps(nbformat.convert(old, 4)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = "the notebook of an old format cannot be upgraded."
        raise NotebookFormatError(message, notebook=path) from error
    for index, cell in enumerate(new["cells"]):
        cell["id"] = f"cell-{index}"  # nbformat draws another one at each reading
    return dict(new)


def _old_language(document: dict[str, Any]) -> str:
    """Return the language of a notebook whose cells have one each."""
    for sheet in document.get("worksheets") or [document]:
        for cell in sheet.get("cells", []) if isinstance(sheet, dict) else []:
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                return str(cell.get("language") or "python")
    return "python"


def _kernel(metadata: dict[str, Any], path: str | None) -> str:
    spec = metadata.get("kernelspec")
    spec = spec if isinstance(spec, dict) else {}
    info = metadata.get("language_info")
    info = info if isinstance(info, dict) else {}
    language = spec.get("language") or info.get("name") or "python"
    _check_language(str(language), path)
    return str(spec.get("name") or "python3")


def _check_language(language: str, path: str | None) -> None:
    if not language.lower().startswith(("python", "ipython")):
        message = f"this notebook is for {language}; only Python notebooks can run."
        raise NotebookFormatError(message, notebook=path)


def _cells(cells: list[Any], path: str | None) -> tuple[NotebookCell, ...]:
    found: list[NotebookCell] = []
    given = {str(cell.get("id")) for cell in cells if isinstance(cell, dict)}
    ids: set[str] = set()
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict) or cell.get("cell_type") not in _TYPES:
            message = f"cell {index + 1} is no code, markdown or raw cell."
            raise NotebookFormatError(message, notebook=path)
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(s, str) for s in source):
            source = "".join(source)
        if not isinstance(source, str):
            message = f"the source of cell {index + 1} is not text."
            raise NotebookFormatError(message, notebook=path)
        metadata = cell.get("metadata", {})
        if not isinstance(metadata, dict):
            message = f"the metadata of cell {index + 1} is not an object."
            raise NotebookFormatError(message, notebook=path)
        tags = metadata.get("tags", [])
        if not isinstance(tags, list) or not all(isinstance(t, str) for t in tags):
            message = f"the tags of cell {index + 1} are not a list of texts."
            raise NotebookFormatError(message, notebook=path)
        identity = cell.get("id")
        # Before format 4.5 cells have no ids; two cells with one id are no two cells.
        if not isinstance(identity, str) or not identity or identity in ids:
            identity = f"cell-{index}"
            while identity in given or identity in ids:
                identity += "-"
        ids.add(identity)
        found.append(
            NotebookCell(
                identity, index, cell["cell_type"], source, tuple(tags), metadata
            )
        )
    return tuple(found)
