"""An untagged notebook cut into steps at regular places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook.headings import free, headings, title
from jupyter_kfx.notebook.tagging import tagged
from jupyter_kfx.notebook.tags import parse

if TYPE_CHECKING:
    from jupyter_kfx.notebook.reading import Notebook, NotebookCell

__all__ = ["cut"]

_CURE = "Cut at every `cell`, at every so many cells (a number), or at every `heading`."


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
    return tagged(notebook, {at: (f"step:{name}",) for at, name in names.items()})


def _own(cell: NotebookCell) -> bool:
    is_code = cell.type == "code" and bool(cell.source.strip())
    return is_code and parse(cell).role is None


def _by_number(notebook: Notebook, size: int) -> dict[int, str]:
    cells = [cell.index for cell in notebook.cells if _own(cell)]
    return {index: f"part {n // size + 1}" for n, index in enumerate(cells)}


def _by_heading(notebook: Notebook) -> dict[int, str]:
    starts = {heading.index: heading.text for heading in headings(notebook)}
    found: dict[int, str] = {}
    name = "start"
    for cell in notebook.cells:
        if cell.index in starts:
            taken = set(found.values())
            name = free(title(starts[cell.index]) or "part", taken)
        if _own(cell):
            found[cell.index] = name
    return found
