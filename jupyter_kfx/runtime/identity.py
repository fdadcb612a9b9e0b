"""Where code asks whether two things are one, and for what nobody can say.

Of values that never change Python may make one object or two; stored, they are two.
"""

from __future__ import annotations

import ast
from typing import Any, Iterable, Iterator

__all__ = ["has_no_identity", "names_compared"]

_VALUES = (str, bytes, int, float, complex, tuple, frozenset, range, slice)
_SMALL = range(-5, 257)
"""Numbers of which there is one each."""


def names_compared(sources: Iterable[str]) -> set[str]:
    """Return the names that code compares by `is` with something other than a constant.

    The sources are without IPython's syntax.
    """
    found: set[str] = set()
    for source in sources:
        if " is " in source:
            try:
                tree = ast.parse(source)
            except SyntaxError:
                continue
            found.update(_compared(tree))
    return found


def has_no_identity(value: Any) -> bool:
    """Tell whether an equal value may be another object in another process."""
    kind = type(value)
    if kind not in _VALUES or kind is int:
        return kind is int and value not in _SMALL
    return len(value) > 1 if kind in (str, bytes) else value != ()


def _compared(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for one, operation, other in zip(sides, node.ops, sides[1:]):
            pair = one, other
            if isinstance(operation, (ast.Is, ast.IsNot)):
                if not any(isinstance(side, ast.Constant) for side in pair):
                    yield from (side.id for side in pair if isinstance(side, ast.Name))
