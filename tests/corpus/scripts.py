"""Scripts of galleries taken apart into the cells of a notebook."""

from __future__ import annotations

import ast
import re

__all__ = ["cells"]

_MARK = re.compile(r"# ?%%|#{20,}\s*$")
_FEWEST = 3
"""A script with fewer marked cells is taken apart at its empty lines."""


def cells(script: str) -> list[str]:
    """Return the code of a script's cells; none if it cannot be read.

    A cell begins below each block of comments that galleries show as text, which a line
    of `# %%` or many `#` opens. Where there are too few, each paragraph is one.
    """
    try:
        body = ast.parse(script).body
    except SyntaxError:
        return []
    lines = script.splitlines()
    if body and _is_text(body[0]):
        lines[: body[0].end_lineno] = [""] * (body[0].end_lineno or 0)
        body = body[1:]
    if not body:
        return []
    found = _between(lines, _marked(lines))
    if len(found) < _FEWEST:
        found = _between(lines, _paragraphs(lines, body))
    return found


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _marked(lines: list[str]) -> list[int]:
    return [at for at, line in enumerate(lines) if _MARK.match(line)]


def _paragraphs(lines: list[str], body: list[ast.stmt]) -> list[int]:
    """Return where top-level statements, or comments above them, follow an empty line."""
    inner = {line for node in body for line in range(node.lineno, node.end_lineno or 0)}
    return [
        at
        for at in range(1, len(lines))
        if at not in inner and lines[at].strip() and not lines[at - 1].strip()
    ]


def _between(lines: list[str], starts: list[int]) -> list[str]:
    ends = [*starts, len(lines)]
    parts = [lines[a:b] for a, b in zip([0, *starts], ends, strict=True)]
    found = ["\n".join(_without_text(part)).strip("\n") for part in parts]
    return [code for code in found if _is_code(code)]


def _without_text(part: list[str]) -> list[str]:
    """Leave out the comments that a mark makes text of."""
    if not part or not _MARK.match(part[0]):
        return part
    at = next((i for i, line in enumerate(part) if not line.startswith("#")), len(part))
    return part[at:]


def _is_code(text: str) -> bool:
    return any(
        line.strip() and not line.lstrip().startswith("#") for line in text.split("\n")
    )
