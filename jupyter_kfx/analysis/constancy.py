"""Which expressions give an equal value whenever they are evaluated."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.scopes import BUILTINS
from jupyter_kfx.notebook.constants import NotConstantError, constant

if TYPE_CHECKING:
    from jupyter_kfx.analysis.walk import Walk

__all__ = [
    "is_constant",
    "is_from_setup",
    "is_immutable",
    "is_replayable",
    "path_of",
]


def path_of(node: ast.expr, walk: Walk) -> str:
    """Return the dotted path of what setup binds, or nothing."""
    if isinstance(node, ast.Name):
        return walk.path_of(node.id)
    if isinstance(node, ast.Attribute):
        owner = path_of(node.value, walk)
        return f"{owner}.{node.attr}" if owner else ""
    return path_of(node.value, walk) if isinstance(node, ast.Subscript) else ""


def is_from_setup(node: ast.expr | None, walk: Walk) -> bool:
    """Tell whether an expression reads setup and constants only, and calls nothing."""
    if node is None:
        return True
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            known = part.id in walk.known
            if part.id not in walk.setup and (known or part.id not in BUILTINS):
                return False
        elif isinstance(
            part, ast.Call | ast.Await | ast.NamedExpr | ast.Lambda | ast.ListComp
        ):
            return False
    return True


def is_immutable(node: ast.expr | None, walk: Walk) -> bool:
    """Tell whether an expression gives what cannot be changed in place."""
    match node:
        case None | ast.Constant():
            return True
        case ast.Tuple(elts=elements):
            return all(is_immutable(e, walk) for e in elements)
        case ast.UnaryOp(operand=operand):
            return is_immutable(operand, walk)
        case ast.BinOp(left=left, right=right):
            return is_immutable(left, walk) and is_immutable(right, walk)
        case ast.Name() | ast.Attribute():
            return is_from_setup(node, walk)
    return False


def is_constant(node: ast.expr) -> bool:
    """Tell whether an expression is made of literals alone."""
    try:
        constant(node)
    except NotConstantError:
        return False
    return True


def is_replayable(node: ast.expr, walk: Walk) -> bool:
    """Tell whether an expression gives an equal value whenever it is replayed."""
    if isinstance(node, ast.Lambda):
        return not (node.args.defaults or node.args.kw_defaults)
    return is_immutable(node, walk)
