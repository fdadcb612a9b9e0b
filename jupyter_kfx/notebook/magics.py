"""Turns IPython syntax into plain Python with the same line numbers.

The calls are those that IPython's own transformer makes
(https://ipython.readthedocs.io/en/stable/config/inputtransforms.html); IPython itself
is not imported.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

__all__ = ["Translation", "translate"]

# Cells without any of these at a place where they could count are plain Python.
_SUSPECT = re.compile(
    r"(?m)^[ \t]*(?:[%!?/,;]|>>> |\.\.\. |In \[\d+\]:)|=\s*[%!]|\?[ \t]*$"
    r"|\A(?:[ \t]*\n)*[ \t]+\S"
)
_PROMPT = re.compile(r"^(?:>>> ?|\.\.\. ?|In \[\d+\]: ?|\s*\.\.\.+: ?)")
_FIRST_PROMPT = re.compile(r"^(?:>>> |In \[\d+\]: )")
_ASSIGN = re.compile(r"^(?P<indent>\s*)(?P<target>[^=!%#<>]+?)=\s*(?P<mark>[!%])")
_HELP = re.compile(
    r"^(?P<indent>\s*)(?P<name>%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?\d+\])*)"
    r"(?P<mark>\?\??)\s*$"
)
_PYTHON_BODY = frozenset({"time", "timeit", "capture", "prun"})
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


def translate(source: str) -> Translation:
    """Return the source as plain Python; what is no IPython syntax is left alone."""
    if not _SUSPECT.search(source):
        return Translation(source)
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return Translation(source)
    if lines[first].startswith("%%") and not lines[first].rstrip().endswith("?"):
        return _cell_magic(lines, first)
    if _FIRST_PROMPT.match(lines[first]):
        lines = [_PROMPT.sub("", line) for line in lines]
    return Translation("\n".join(_translated(_dedented(lines, first))))


def _cell_magic(lines: list[str], first: int) -> Translation:
    name, _, line = lines[first][2:].partition(" ")
    name, line = name.rstrip(), line.rstrip()
    body = "\n".join(lines[first + 1 :])
    if body and not body.endswith("\n"):
        body += "\n"
    call = f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})"
    inner = None
    if name in _PYTHON_BODY:
        inner = translate(body)
        blank = "\n" * (first + 1)
        inner = Translation(blank + inner.code, inner.cell_magic, inner.body)
    return Translation("\n" * first + call, (name, line), inner)


def _dedented(lines: list[str], first: int) -> list[str]:
    space = re.match(r"[ \t]*", lines[first])
    indent = space[0] if space else ""
    if not indent:
        return lines
    return [line.removeprefix(indent) for line in lines]


def _translated(lines: list[str]) -> list[str]:
    result: list[str] = []
    scanner = _Scanner()
    i = 0
    while i < len(lines):
        line = lines[i]
        if scanner.at_start:
            end = i
            joined = line
            while joined.endswith("\\") and end + 1 < len(lines):
                end += 1
                joined = f"{joined[:-1]} {lines[end]}"
            call = _escaped(joined)
            if call is not None:
                result.append(call)
                result += [""] * (end - i)
                i = end + 1
                continue
        scanner.feed(line)
        result.append(line)
        i += 1
    return result


def _escaped(line: str) -> str | None:
    """Return the call that a line with an escape stands for, or none."""
    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    if not text:
        return None
    match = _HELP.match(line)
    if match:
        magic = "pinfo2" if match["mark"] == "??" else "pinfo"
        if "*" in match["name"]:
            magic = "psearch"
        return f"{indent}{_line_magic(magic, match['name'])}"
    mark, rest = text[0], text[1:]
    if mark == "!":
        if rest.startswith("!"):
            return f"{indent}get_ipython().getoutput({rest[1:].lstrip()!r})"
        return f"{indent}get_ipython().system({rest.lstrip()!r})"
    if mark == "%":
        name, _, argument = rest.lstrip("%").partition(" ")
        return f"{indent}{_line_magic(name, argument.strip())}"
    if mark == "?":
        magic = "pinfo2" if rest.startswith("?") else "pinfo"
        return f"{indent}{_line_magic(magic, rest.lstrip('?').strip())}"
    if mark in "/,;":
        return indent + _auto_call(mark, rest)
    match = _ASSIGN.match(line)
    if match and _is_target(match["target"]):
        target = f"{match['indent']}{match['target'].rstrip()} = "
        command = line[match.end() :].strip()
        if match["mark"] == "!":
            return f"{target}get_ipython().getoutput({command!r})"
        name, _, argument = command.partition(" ")
        return f"{target}{_line_magic(name, argument.strip())}"
    return None


def _is_target(text: str) -> bool:
    """Tell whether a text can stand left of `=`: `print("a` in `print("a=!b")` cannot."""
    try:
        ast.parse(f"{text.strip()} = 0")
    except (SyntaxError, ValueError):
        return False
    return True


def _line_magic(name: str, argument: str) -> str:
    return f"get_ipython().run_line_magic({name!r}, {argument!r})"


def _auto_call(mark: str, rest: str) -> str:
    name, _, argument = rest.strip().partition(" ")
    if mark == "/":
        return f"{name}({', '.join(argument.split())})"
    if mark == ";":
        return f'{name}("{argument}")'
    quoted = ", ".join(f'"{word}"' for word in argument.split())
    return f"{name}({quoted})"


class _Scanner:
    """Follows brackets, strings and comments from line to line."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._continued = False

    @property
    def at_start(self) -> bool:
        """Whether the next line starts a statement."""
        return not (self._depth or self._quote or self._continued)

    def feed(self, line: str) -> None:
        """Take one line in."""
        self._continued = False
        i, size = 0, len(line)
        while i < size:
            char = line[i]
            if self._quote:
                if char == "\\":
                    i += 2
                    continue
                if line.startswith(self._quote, i):
                    i += len(self._quote)
                    self._quote = ""
                    continue
            elif char in "\"'":
                self._quote = char * 3 if line.startswith(char * 3, i) else char
                i += len(self._quote)
                continue
            elif char == "#":
                break
            elif char in "([{":
                self._depth += 1
            elif char in ")]}":
                self._depth = max(0, self._depth - 1)
            elif char == "\\" and i == size - 1:
                self._continued = True
            i += 1
        if len(self._quote) == 1 and not line.endswith("\\"):
            self._quote = ""
