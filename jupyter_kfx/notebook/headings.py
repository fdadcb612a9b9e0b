"""The headings of a notebook, and names made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from jupyter_kfx.notebook.reading import Notebook, NotebookCell

__all__ = ["Heading", "free", "headings", "title"]

_HEADING = re.compile(r"(?m)^ {0,3}(#{1,6})[ \t]+(.+?)[ \t#]*$")
_UNDERLINED = re.compile(r"(?m)(?:^|\n[ \t]*\n) {0,3}(\S.*)\n {0,3}(=+|-+)[ \t]*$")
_HTML = re.compile(r"(?is)<h([1-6])\b[^>]*>(.+?)</h\1>")
_FENCE = re.compile(r"(?ms)^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)")
_TAG = re.compile(r"<[^<>]*>")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_NUMBER = re.compile(
    r"(?i)^(?:(?:step|part|section)\s*\d+|\d+(?:\.\d+)*)[\s.:)-]+(?=\S)"
)
_WORD = re.compile(r"\w+(?:['’-]\w+)*")  # noqa: RUF001
_LONGEST = 40
_JOINING = re.compile("(?i)an?|and|are|at|by|for|from|in|is|of|on|or|the|to|via|with")
"""Words that no name ends with."""


@dataclass(frozen=True)
class Heading:
    """A heading in a markdown cell."""

    text: str
    level: int
    index: int
    """Position of its cell among all cells of the notebook."""


def headings(notebook: Notebook) -> tuple[Heading, ...]:
    """Return the last heading of each markdown cell that has one."""
    found = (_last(cell) for cell in notebook.cells if cell.type == "markdown")
    return tuple(heading for heading in found if heading is not None)


def _last(cell: NotebookCell) -> Heading | None:
    source = _FENCE.sub(lambda code: " " * len(code[0]), cell.source)
    marks = [
        *((m.start(), len(m[1]), m[2]) for m in _HEADING.finditer(source)),
        *((m.start(), int(m[1]), m[2]) for m in _HTML.finditer(source)),
        *(
            (m.start(), "=-".index(m[2][0]) + 1, m[1])
            for m in _UNDERLINED.finditer(source)
        ),
    ]
    if not marks:
        return None
    _, level, text = max(marks)
    return Heading(" ".join(_TAG.sub(" ", text).split()), level, cell.index)


def title(text: str) -> str:
    """Return a text as the name of a step: its words, without number, not too long."""
    plain = _NUMBER.sub("", _LINK.sub(r"\1", text).strip(" *_`"))
    found = _WORD.findall(plain)
    if len(" ".join(found)) > _LONGEST:
        while found and (
            len(" ".join(found)) > _LONGEST or _JOINING.fullmatch(found[-1])
        ):
            del found[-1]
    return " ".join(found)


def free(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken, with a number behind it where need be."""
    number, found = 2, name
    while found in taken:
        found = f"{name} {number}"
        number += 1
    return found
