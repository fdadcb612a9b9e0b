"""Which names a step's cells bind by more than setup statements."""

from __future__ import annotations

import ast
from typing import Iterator

from .order import Order

__all__ = ["rebound_names"]


def rebound_names(order: Order, plain: list[str]) -> set[str]:
    """Return the names that statements other than setup may bind.

    `plain` are the order's cells without IPython's syntax.
    """
    found: set[str] = set()
    for cell, source in zip(order.cells, plain):
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError):
            continue  # it did not run
        above = _dropped(cell.source, source)
        setup = {s.line - above for s in order.own_setup if s.index == cell.index}
        for statement in body:
            if _line(statement) not in setup:
                found.update(_bound(statement))
    return found


def _dropped(source: str, plain: str) -> int:
    """Return how many empty lines IPython has dropped at the top."""
    lines = source.splitlines()
    empty = next((i for i, line in enumerate(lines) if line.strip()), 0)
    first = plain.splitlines()[:1]
    return empty if first and first[0].strip() else 0


def _line(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(node.lineno for node in decorators)])


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Give the names that are bound anywhere in a statement, in functions too."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        else:
            name = getattr(node, "name", None) or getattr(node, "rest", None)
            if isinstance(name, str):  # handlers and patterns
                yield name
