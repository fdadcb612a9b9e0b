"""Which names a function or class body binds in its own scope."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["local_names"]

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def local_names(body: Iterable[ast.stmt], parameters: Iterable[str] = ()) -> set[str]:
    """Return the names bound in a body, less those declared global or nonlocal."""
    bound, outer = set(parameters), set()
    todo: list[tuple[ast.AST, bool]] = [(node, False) for node in body]
    while todo:
        node, in_comprehension = todo.pop()
        match node:
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                outer |= set(names)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                if not in_comprehension:
                    bound.add(name)
            case ast.NamedExpr(target=ast.Name(id=name)):
                bound.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                bound |= {a.asname or a.name.split(".")[0] for a in aliases}
            case ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                bound.add(name)
            case ast.MatchMapping(rest=str(name)):
                bound.add(name)
        if isinstance(node, _SCOPES):
            if not isinstance(node, ast.Lambda):
                bound.add(node.name)
            continue
        inner = in_comprehension or isinstance(node, _COMPREHENSIONS)
        todo += [(child, inner) for child in ast.iter_child_nodes(node)]
    return bound - outer
