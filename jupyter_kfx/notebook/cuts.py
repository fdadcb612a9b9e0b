"""An untagged notebook cut into steps at regular places."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook.reading import from_json
from jupyter_kfx.notebook.tags import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.notebook.reading import Notebook, NotebookCell

__all__ = ["cut"]

_CURE = "Cut at every `cell`, at every so many cells (a number), or at every `heading`."
_HEADING = re.compile(r"(?m)^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$")
_WORD = re.compile(r"\w+")


def cut(notebook: Notebook, where: str) -> Notebook:
    """Return the notebook with its code cells tagged as steps.

    A step begins at every `cell`, at every N cells, or at every `heading`. UsageError
    if the place is another word, or if the notebook has steps already.
    """
    if any(parse(cell).step is not None for cell in notebook.cells):
        message = "the notebook is tagged, so it is cut into steps already."
        raise UsageError(
            message, cure="Leave out `--cut`.", notebook=notebook.path or None
        )
    if where == "heading":
        names = _by_heading(notebook)
    elif where == "cell":
        names = _by_number(notebook, 1)
    elif where.isdecimal() and int(where) > 0:
        names = _by_number(notebook, int(where))
    else:
        message = f"`{where}` is no place to cut a notebook at."
        raise UsageError(message, cure=_CURE)
    return _tagged(notebook, names)


def _tagged(notebook: Notebook, steps: Mapping[int, str]) -> Notebook:
    document: dict[str, Any] = copy.deepcopy(notebook.raw)
    for index, name in steps.items():
        metadata = document["cells"][index].setdefault("metadata", {})
        metadata["tags"] = [*metadata.get("tags", ()), f"step:{name}"]
    return from_json(document, notebook.path)


def _own(cell: NotebookCell) -> bool:
    is_code = cell.type == "code" and bool(cell.source.strip())
    return is_code and parse(cell).role is None


def _by_number(notebook: Notebook, size: int) -> dict[int, str]:
    cells = [cell.index for cell in notebook.cells if _own(cell)]
    return {index: f"part {n // size + 1}" for n, index in enumerate(cells)}


def _by_heading(notebook: Notebook) -> dict[int, str]:
    found: dict[int, str] = {}
    taken: set[str] = set()
    name = "start"
    for cell in notebook.cells:
        heading = _HEADING.search(cell.source) if cell.type == "markdown" else None
        if heading is not None:
            name = _free(" ".join(_WORD.findall(heading[1]))[:40] or "part", taken)
        if _own(cell):
            found[cell.index] = name
            taken.add(name)
    return found


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free = f"{name} {number}"
        number += 1
    return free
