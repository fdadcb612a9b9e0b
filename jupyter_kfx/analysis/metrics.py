"""The metrics that a `pipeline-metrics` cell names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["metric_names"]


def metric_names(body: Iterable[ast.stmt]) -> list[str]:
    """Return the names that statements print or list, in order."""
    found: list[str] = []
    for node in body:
        if not isinstance(node, ast.Expr):
            continue
        value = node.value
        parts = [value]
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            parts = value.args if value.func.id in ("print", "display") else []
        elif isinstance(value, ast.Tuple | ast.List):
            parts = value.elts
        for part in parts:
            names = [n.id for n in ast.walk(part) if isinstance(n, ast.Name)]
            if isinstance(part, ast.Name | ast.JoinedStr):
                found += names
    return list(dict.fromkeys(found))
