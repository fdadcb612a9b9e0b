"""Turns IPython syntax into plain Python with the same line numbers.

The calls are those that IPython's own transformer makes
(https://ipython.readthedocs.io/en/stable/config/inputtransforms.html); IPython itself
is not imported.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from io import StringIO

from jupyter_kfx.notebook.lines import statement_at

__all__ = ["Translation", "translate"]

# Cells without any of these at a place where they could count are plain Python.
_SUSPECT = re.compile(
    r"(?m)^[ \t]*(?:[%!?/,;]|>>>|\.{3,}:|(?:\[(?:nav|ins)\] )?In \[\d+\]: )"
    r"|=[ \t]*(?:\\\r?\n[ \t]*)*[%!]|\?[ \t\r]*$|\A\s*^[ \t]+\S"
)
_DOCTEST = re.compile(r"[ \t]*>>>")
_DOCTEST_PROMPT = re.compile(r"\A[ \t]*(?:>>>|\.\.\.)[ \t]?")
_PROMPT = re.compile(r"\A(?:(?:(?:\[(?:nav|ins)\])? )?In \[\d+\]: |\s*\.{3,}: ?)")
_HELP = re.compile(
    r"(?P<name>%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?[0-9]+\])*)(?P<mark>\?\??)$"
)
_ESCAPE = re.compile(r"[?,;]|[!%](?!=)|/(?![/=])")
_PYTHON_BODY = frozenset(
    {"time", "timeit", "capture", "prun", "debug"}
    | {"memit", "mprun", "lprun", "snakeviz", "pyinstrument"}
)
"""Cell magics that run their body as Python in the notebook's namespace."""


@dataclass(frozen=True)
class Translation:
    """Plain Python for a cell."""

    code: str
    """The same line numbers as the source."""
    cell_magic: tuple[str, str] | None = None
    """Name and argument line of a `%%` magic on the first line."""
    body: Translation | None = None
    """What a cell magic runs in the notebook's own namespace, if it is Python.

    Its line numbers are those of the cell too.
    """


@functools.lru_cache(maxsize=1024)
def translate(source: str) -> Translation:
    """Return the source as plain Python; what is no IPython syntax is left alone."""
    if not _SUSPECT.search(source):
        return Translation(source)
    # Lines end where Python ends them: not at a form feed, as `splitlines` has it.
    lines = list(StringIO(source, newline=""))
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return Translation(source)
    if not lines[-1].endswith(("\n", "\r")):
        lines[-1] += "\n"
    above, lines = lines[:first], _without_prompts(_dedented(lines[first:]))
    if lines[0].startswith("%%") and not re.match(r"%%\w+\?", lines[0]):
        return _cell_magic(lines, first)
    return Translation("".join([*above, *_translated(lines)]))


def _dedented(lines: list[str]) -> list[str]:
    text = lines[0].lstrip(" \t")
    indent = lines[0][: len(lines[0]) - len(text)]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _without_prompts(lines: list[str]) -> list[str]:
    if any(map(_DOCTEST.match, lines)):
        starts = _starts([_DOCTEST_PROMPT.sub("", line, 1) for line in lines])
        # An example in a docstring is text, not a prompt.
        if any(_DOCTEST.match(line) and i in starts for i, line in enumerate(lines)):
            lines = [_DOCTEST_PROMPT.sub("", line, 1) for line in lines]
    if any(map(_PROMPT.match, lines[:2])):
        return [_PROMPT.sub("", line, 1) for line in lines]
    return lines


def _starts(lines: list[str]) -> set[int]:
    """Return the indices of the lines on which a statement starts."""
    found, i = set(), 0
    while i < len(lines):
        found.add(i)
        i = statement_at(lines, i).end
    return found


def _cell_magic(lines: list[str], first: int) -> Translation:
    name, _, line = lines[0][2:].rstrip().partition(" ")
    body = "".join(lines[1:])
    above = "\n" * first
    call = f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})\n"
    inner = translate(f"{above}\n{body}") if name in _PYTHON_BODY else None
    return Translation(above + call, (name, line), inner)


def _translated(lines: list[str]) -> list[str]:
    result: list[str] = []
    while len(result) < len(lines):
        result += _statement(lines, len(result))
    return result


def _statement(lines: list[str], start: int) -> list[str]:
    """Return the lines of the statement that starts there, its magic as a call.

    What a magic takes in ends elsewhere than Python would end the statement.
    """
    statement = statement_at(lines, start)
    line = lines[start]
    text = line.lstrip(" \t\f")
    indent = line[: len(line) - len(text)]
    if statement.asks:
        found = _HELP.search("".join([text, *lines[start + 1 : statement.end]]))
        if found:
            call = _help(found["name"], found["mark"])
            return _padded(indent + call, statement.end - start)
    if _ESCAPE.match(text):
        end, command = _joined(lines, start, len(indent))
        escaped = _escaped(command)
        if escaped is None:
            return list(lines[start : statement.end])
        return _padded(indent + escaped, end - start)
    if statement.magic is not None:
        row, column = statement.magic
        end, command = _joined(lines, row, column)
        call = _assigned(command)
        return [
            *lines[start:row],
            *_padded(lines[row][:column] + call, end - row),
        ]
    return lines[start : statement.end]


def _padded(call: str, count: int) -> list[str]:
    return [f"{call}\n", *["\n"] * (count - 1)]


def _joined(lines: list[str], row: int, column: int) -> tuple[int, str]:
    """Return a command whose lines end in backslashes as one, and where it ends."""
    end = row + 1
    while lines[end - 1].rstrip("\r\n").endswith("\\") and end < len(lines):
        end += 1
    parts = [lines[row][column:], *lines[row + 1 : end]]
    whole = [part.rstrip()[:-1] for part in parts[:-1]]
    return end, " ".join([*whole, parts[-1].rstrip()])


def _escaped(command: str) -> str | None:
    """Return the call that a command with an escape stands for, or none."""
    mark = command[:2] if command[:2] in ("!!", "??") else command[:1]
    rest = command[len(mark) :]
    name, _, argument = rest.partition(" ")
    if mark == "!!":
        return f"get_ipython().getoutput({rest!r})"
    if mark == "!":
        return f"get_ipython().system({rest!r})"
    if mark == "%":
        return _line_magic(name, argument)
    if mark in ("?", "??"):
        return _help(rest, mark) if rest else "get_ipython().show_usage()"
    if mark == ";":
        return f'{name}("{argument}")'
    if mark == ",":
        words = '", "'.join(argument.split())
        return f'{name}("{words}")'
    return f"{name}({', '.join(argument.split())})" if name else None


def _assigned(command: str) -> str:
    """Return the call for what stands right of `=`."""
    if command.startswith("!"):
        return f"get_ipython().getoutput({command[1:]!r})"
    name, _, argument = command[1:].partition(" ")
    return _line_magic(name, argument)


def _help(name: str, mark: str) -> str:
    magic = "psearch" if "*" in name else "pinfo"
    return _line_magic("pinfo2" if mark == "??" else magic, name)


def _line_magic(name: str, argument: str) -> str:
    return f"get_ipython().run_line_magic({name!r}, {argument!r})"
