"""Which names a scope binds: a function or class body, a kernel at its start."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BUILTINS",
    "Locals",
    "arguments_of",
    "deleted_names",
    "local_names",
    "mentioned",
    "stored_names",
]

BUILTINS = frozenset(dir(builtins)) | {
    "__name__",
    "__file__",
    "__doc__",
    "__builtins__",
    "__spec__",
    "get_ipython",
    "display",
    "exit",
    "quit",
}
"""Names that are bound before any cell has run."""
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Locals(NamedTuple):
    """The names of a scope."""

    own: frozenset[str]
    """Bound in it."""
    globals: frozenset[str]
    """Declared global in it."""
    yields: bool
    """Whether calling it makes a generator."""


def local_names(body: Iterable[ast.AST], parameters: Iterable[str] = ()) -> Locals:
    """Return the names bound in a body, less those declared global or nonlocal."""
    bound, outer, declared = set(parameters), set(), set()
    yields = False
    todo: list[tuple[ast.AST, bool]] = [(node, False) for node in body]
    while todo:
        node, in_comprehension = todo.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                if not in_comprehension:
                    bound.add(name)
            case ast.Global(names=names):
                declared |= set(names)
            case ast.Nonlocal(names=names):
                outer |= set(names)
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
            case ast.Yield() | ast.YieldFrom():
                yields = True
        if isinstance(node, _SCOPES):
            if not isinstance(node, ast.Lambda):
                bound.add(node.name)
            # What stands in its head is bound here: `def f(x=(y := 1))`.
            todo += [(part, in_comprehension) for part in _head(node)]
            continue
        inner = in_comprehension or isinstance(node, _COMPREHENSIONS)
        todo += [(child, inner) for child in ast.iter_child_nodes(node)]
    return Locals(frozenset(bound - outer - declared), frozenset(declared), yields)


def _head(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda,
) -> list[ast.expr]:
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
    head = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
    if not isinstance(node, ast.Lambda):
        head += node.decorator_list
    return head


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    """Return all parameters of a function, in order."""
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return found + [a for a in (arguments.vararg, arguments.kwarg) if a is not None]


def stored_names(target: ast.expr) -> set[str]:
    """Return the names that a target binds; those that it only reads are left out."""
    match target:
        case ast.Name(id=name):
            return {name}
        case ast.Starred(value=inner):
            return stored_names(inner)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return set().union(*map(stored_names, elements))
    return set()


def deleted_names(body: Iterable[ast.AST]) -> frozenset[str]:
    """Return the names that code unbinds, in any scope."""
    found: set[str] = set()
    for node in body:
        for part in ast.walk(node):
            match part:
                case ast.Name(id=name, ctx=ast.Del()):
                    found.add(name)
                case ast.ExceptHandler(name=str(name)):
                    found.add(name)
    return frozenset(found)


def mentioned(body: Iterable[ast.AST]) -> frozenset[str]:
    """Return every name that code mentions, in any scope."""
    return frozenset(
        part.id
        for node in body
        for part in ast.walk(node)
        if isinstance(part, ast.Name)
    )
