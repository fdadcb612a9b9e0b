"""The conditions and loops around steps, by the cells that stand in them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_kfx.notebook.expressions import FLOW, loop, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jupyter_kfx.notebook.reading import NotebookCell
    from jupyter_kfx.notebook.tags import CellTags

__all__ = ["Condition", "conditions_of"]


@dataclass(frozen=True)
class Condition:
    """What is around the step that a cell belongs to."""

    step: str
    head: tuple[ast.stmt, ...]
    """What is done before its cells: ask the condition, take an element."""
    is_first: bool
    """Whether the cell is the step's first: there it is done."""


def conditions_of(
    cells: Sequence[tuple[NotebookCell, CellTags]],
) -> dict[int, Condition]:
    """Return what is around each cell where anything is, by the cell's position.

    It is said on any cell of the step. Setup that only follows a step is not its own.
    """
    steps: dict[int, str] = {}
    current: str | None = None
    texts: dict[str, dict[str, str]] = {}
    for cell, tags in cells:
        if tags.role in ("skip", "injected", "parameters"):
            continue
        if tags.step is not None:
            current = tags.step
        elif tags.role == "setup":
            continue
        if current is not None:
            steps[cell.index] = current
            for key in FLOW.keys() & tags.settings.keys():
                texts.setdefault(current, {}).setdefault(key, tags.settings[key])
    found: dict[int, Condition] = {}
    begun: set[str] = set()
    for index, step in steps.items():
        if step in texts:
            head = tuple(_head(texts[step]))
            found[index] = Condition(step, head, step not in begun)
            begun.add(step)
    return found


def _head(texts: Mapping[str, str]) -> Iterator[ast.stmt]:
    if "when" in texts:
        test = parsed(texts["when"])
        yield ast.copy_location(ast.Expr(test), test)
    if "foreach" in texts:
        name, source = loop(texts["foreach"])
        element: ast.expr = source
        for function in ("iter", "next"):
            element = ast.Call(ast.Name(function, ast.Load()), [element], [])
        taken = ast.Assign([ast.Name(name, ast.Store())], element)
        yield ast.fix_missing_locations(ast.copy_location(taken, source))
