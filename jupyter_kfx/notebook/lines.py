"""Where statements end, in Python that holds IPython syntax as well."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Statement", "statement_at"]

_MARK = re.compile(r"""\"{3}|'{3}|["'#()\[\]{}=]""")
_CLOSING = {
    quote: re.compile(rf"(?s)(?:\\.|(?!{quote})[^\\])*{quote}")
    for quote in ('"', "'", '"""', "'''")
}
_CONTINUED = re.compile(r"(?<!\\)(?:\\\\)*\\\r?\n?\Z")
_COMPOUND = "=!<>:+-*/%@&|^"
_MAGIC = re.compile(r"\s*(?:%\s*[^\W\d]|!(?!=))")


class Statement(NamedTuple):
    """The lines that belong together, and what in them could be IPython's."""

    end: int
    """Index of the line below."""
    asks: bool = False
    """Whether it ends in a question mark."""
    magic: tuple[int, int] | None = None
    """Line and column of the `%` or `!` right of its first `=`."""


def statement_at(lines: Sequence[str], start: int) -> Statement:
    """Return the statement that starts on a line; lines keep their ends."""
    depth, quote = 0, ""
    equals: tuple[int, int] | None = None
    asks = False
    row = start
    while row < len(lines):
        line = lines[row]
        commented, at = False, 0
        while True:
            if quote:
                closing = _CLOSING[quote].match(line, at)
                if closing is None:
                    break
                quote, at = "", closing.end()
            mark = _MARK.search(line, at)
            if mark is None:
                break
            at = mark.end()
            match mark[0]:
                case "#":
                    commented = True
                    break
                case "(" | "[" | "{":
                    depth += 1
                case ")" | "]" | "}":
                    depth -= 1
                case "=":
                    around = line[max(0, at - 2) : at - 1], line[at : at + 1]
                    is_plain = around[0] not in _COMPOUND or not around[0]
                    if depth <= 0 and equals is None and is_plain and around[1] != "=":
                        equals = (row, at)
                case _:
                    quote = mark[0]
        row += 1
        continued = not commented and _CONTINUED.search(line) is not None
        asks = not commented and not quote and line.rstrip().endswith("?")
        if len(quote) == 1 and not continued:
            quote = ""  # Python ends it there too, and complains
        if depth <= 0 and not quote and not continued:
            break
    return Statement(row, asks, equals and _magic(lines, *equals))


def _magic(lines: Sequence[str], row: int, column: int) -> tuple[int, int] | None:
    """Return where the magic right of an equals sign starts, if there is one."""
    first = row
    while lines[row][column:].strip(" \t\r\n") == "\\" and row + 1 < len(lines):
        row, column = row + 1, 0
    found = _MAGIC.match(lines[row], column)
    if found is None:
        return None
    text = found[0].lstrip()
    # An equals sign that starts a line is no shell assignment for IPython.
    if text[0] == "!" and lines[first].lstrip().startswith("="):
        return None
    return row, found.end() - len(text)
