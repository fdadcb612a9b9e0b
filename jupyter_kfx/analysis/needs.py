"""Which names a step cannot do without."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.scopes import BUILTINS, local_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_kfx.analysis.effects import Effects
    from jupyter_kfx.analysis.placement import StepCells

__all__ = ["needs"]


def needs(step: StepCells, effects: Effects) -> set[str]:
    """Return the names that a step reads whichever way it takes, if it runs to its end.

    Of a step with a condition, those of the condition: its cells may not run at all.
    """
    if step.head:
        body = [*step.head[:1]]
    else:
        body = []
        for code in step.cells:
            if code.may_raise:
                break  # what is not there may be what it shows
            body += code.body
    if effects.writes_any:
        return set()
    found: set[str] = set()
    bound: set[str] = set()
    for node in body:
        try:
            found |= set(_surely_read(node)) - bound - _bound_on_the_way(node)
        except RecursionError:
            break
        names = local_names([node])
        bound |= names.own | names.globals
    # Of what calls bind it is not seen where.
    return found - ((effects.may_bind | effects.defines) - bound) - BUILTINS


def _bound_on_the_way(node: ast.stmt) -> set[str]:
    return {
        part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr)
    }


def _surely_read(node: ast.AST) -> Iterator[str]:
    """Give the global names that a node reads on every way through it."""
    match node:
        case ast.Name(id=name, ctx=ast.Load() | ast.Del()):
            yield name
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            yield name
            yield from _surely_read(value)
        case ast.Lambda(args=arguments):
            yield from _each([*arguments.defaults, *arguments.kw_defaults])
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            yield from _each([*node.decorator_list, *defaults])
        case ast.ClassDef():
            given = [keyword.value for keyword in node.keywords]
            yield from _each([*node.decorator_list, *node.bases, *given])
        case ast.BoolOp(values=[first, *_]):
            yield from _surely_read(first)
        case ast.Compare(left=left, comparators=[first, *_]):
            yield from _each([left, first])
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield from _surely_read(test)
        case ast.For(iter=source) | ast.AsyncFor(iter=source):
            yield from _surely_read(source)
        case ast.With(items=[first, *_]) | ast.AsyncWith(items=[first, *_]):
            yield from _surely_read(first.context_expr)
        case ast.Match(subject=subject):
            yield from _surely_read(subject)
        case ast.Assert(test=test):
            yield from _surely_read(test)
        case (
            ast.ListComp(generators=[first, *_])
            | ast.SetComp(generators=[first, *_])
            | ast.DictComp(generators=[first, *_])
            | ast.GeneratorExp(generators=[first, *_])
        ):
            yield from _surely_read(first.iter)
        case ast.Try() | ast.TryStar():
            pass
        case ast.AnnAssign(value=value):
            yield from _each([value])
        case ast.expr() | ast.stmt() | ast.FormattedValue() | ast.keyword():
            yield from _each(ast.iter_child_nodes(node))


def _each(nodes: Iterable[ast.AST | None]) -> Iterator[str]:
    for node in nodes:
        if node is not None:
            yield from _surely_read(node)
