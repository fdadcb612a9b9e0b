"""Walks statements: what they bind, in which order, on which paths."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from jupyter_kfx.analysis.known import is_known
from jupyter_kfx.analysis.scopes import local_names
from jupyter_kfx.analysis.values import Thing, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jupyter_kfx.analysis.classes import Classes
    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.functions import Functions
    from jupyter_kfx.analysis.paths import Paths
    from jupyter_kfx.analysis.skimming import Skimming
    from jupyter_kfx.analysis.stars import StarImports
    from jupyter_kfx.analysis.targets import Targets
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Statements"]


class Statements:
    """Walks statements in order and keeps the state of the walk."""

    def __init__(
        self,
        walk: Walk,
        expressions: Expressions,
        targets: Targets,
        classes: Classes,
        functions: Functions,
        skimming: Skimming,
        stars: StarImports,
        paths: Paths,
    ) -> None:
        self._walk = walk
        self._see = expressions.value
        self._use = expressions.used
        self._store = targets.store
        self._targets = targets
        self._classes = classes
        self._functions = functions
        self._skimming = skimming
        self._stars = stars
        self._kinds: dict[type[ast.stmt], Callable[[Any], None]] = {
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.Delete: self._delete,
            ast.Assert: self._assert,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.Pass: lambda _node: None,
            ast.Global: lambda _node: None,
            ast.Nonlocal: lambda _node: None,
            **paths.kinds,
        }

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Walk statements up to where no path leads on."""
        walk = self._walk
        for node in body:
            if walk.state.dead:
                return
            walk.at(node)
            if walk.is_spent and walk.depth:
                # Enough calls have been followed in this cell.
                self._skimming.skim(node)
                continue
            kind = self._kinds.get(type(node))
            if kind is not None:
                kind(node)
            else:  # `type X = ...`
                self._alias(node)

    def _expression(self, node: ast.Expr) -> None:
        self._use(node.value)

    def _assign(self, node: ast.Assign) -> None:
        value = self._see(node.value)
        for target in node.targets:
            self._store(target, value, node.value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if not self._walk.depth:
            self._use(node.annotation)
        if node.value is not None:
            self._store(node.target, self._see(node.value), node.value)
        elif not isinstance(node.target, ast.Name):
            self._use(node.target)

    def _augmented(self, node: ast.AugAssign) -> None:
        self._targets.augment(node.target, node.value)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._targets.delete(target)

    def _assert(self, node: ast.Assert) -> None:
        self._use(node.test)
        if node.msg is not None:
            with self._walk.maybe():
                self._use(node.msg)

    # Imports and definitions

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            path = alias.name if alias.asname else name
            if alias.name in ("pylab", "matplotlib.pylab") and path == alias.name:
                path = "matplotlib.pyplot"  # which is in it whole
            self._walk.bind(name, Value(type_="module", path=path))

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self._star(module)
                continue
            path = f"{module}.{alias.name}"
            value = Value(path=path)
            if not is_known(module):
                # It may be an object of the module that cells change.
                value = Value(self._walk.fresh("imported").things, path=path)
            self._walk.bind(alias.asname or alias.name, value)

    def _star(self, module: str) -> None:
        names = self._stars.names(module)
        if names is None:
            self._walk.opaque(f"from {module} import *")
            self._walk.find(
                "star-import",
                f"which names `from {module} import *` binds cannot be read from its "
                "source.",
                "Import the names that are used.",
            )
        for name in sorted(names or ()):
            self._walk.bind(name, Value(path=f"{module}.{name}"))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = [self._see(d) for d in node.decorator_list]
        value = self._functions.define(node, node.args, node.body)
        self._walk.bind(
            node.name, self._functions.decorated(value, node.decorator_list, decorators)
        )

    def _class(self, node: ast.ClassDef) -> None:
        walk = self._walk
        decorators = [self._see(d) for d in node.decorator_list]
        bases = [self._see(base) for base in node.bases]
        for keyword in node.keywords:
            self._use(keyword.value)
        names = local_names(node.body)
        thing = Thing("class")
        with walk.frame(names.own) as frame:
            frame.is_class = True
            frame.globals = names.globals
            self.run(node.body)
            members = {
                n: walk.state.values.pop(k, None) for n, k in frame.names.items()
            }
        self._classes.make_class(thing, bases, members)
        value = Value(frozenset({thing}), "class")
        walk.bind(
            node.name, self._functions.decorated(value, node.decorator_list, decorators)
        )

    def _alias(self, node: ast.stmt) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                self._walk.bind(child.id, Value(type_="type"))
            elif isinstance(child, ast.expr):
                self._use(child)
