"""Walks statements: what they bind, in which order, on which paths."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from jupyter_kfx.analysis.known import is_known
from jupyter_kfx.analysis.scopes import local_names
from jupyter_kfx.analysis.state import State, merge
from jupyter_kfx.analysis.values import NOTHING, Thing, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.functions import Functions
    from jupyter_kfx.analysis.stars import StarImports
    from jupyter_kfx.analysis.targets import Targets
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Statements"]


class _Loop:
    """Where the paths of a loop end early."""

    __slots__ = ("breaks", "continues")

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []


class Statements:
    """Walks statements in order and keeps the state of the walk."""

    def __init__(
        self,
        walk: Walk,
        expressions: Expressions,
        targets: Targets,
        functions: Functions,
        stars: StarImports,
    ) -> None:
        self._walk = walk
        self._see = expressions.value
        self._use = expressions.used
        self._store = targets.store
        self._targets = targets
        self._functions = functions
        self._stars = stars
        self._loops: list[_Loop] = []
        self._kinds: dict[type[ast.stmt], Callable[[Any], None]] = {
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.Delete: self._delete,
            ast.Return: self._return,
            ast.Raise: self._raise,
            ast.Assert: self._assert,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.If: self._if,
            ast.While: self._while,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            ast.TryStar: self._try,
            ast.Match: self._match,
            ast.Break: lambda _node: self._jump(self._loops[-1].breaks),
            ast.Continue: lambda _node: self._jump(self._loops[-1].continues),
            ast.Pass: lambda _node: None,
            ast.Global: lambda _node: None,
            ast.Nonlocal: lambda _node: None,
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
                self._functions.skim(node)
                continue
            kind = self._kinds.get(type(node))
            if kind is not None:
                kind(node)
            else:  # `type X = ...`
                self._alias(node)

    def run_body(self, body: Iterable[ast.stmt]) -> None:
        """Walk the body of a function."""
        loops, self._loops = self._loops, []
        self.run(body)
        self._loops = loops

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

    def _return(self, node: ast.Return) -> None:
        walk = self._walk
        value = NOTHING if node.value is None else self._see(node.value)
        for frame in reversed(walk.frames):
            if not frame.is_comprehension:
                frame.returned.append(value)
                frame.ways.append(walk.state.copy())
                break
        walk.state.dead = True

    def _raise(self, node: ast.Raise) -> None:
        for part in (node.exc, node.cause):
            if part is not None:
                self._use(part)
        self._walk.leave()

    def _assert(self, node: ast.Assert) -> None:
        self._use(node.test)
        if node.msg is not None:
            with self._walk.maybe():
                self._use(node.msg)

    def _jump(self, ways: list[State]) -> None:
        ways.append(self._walk.state.copy())
        self._walk.state.dead = True

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
        self._functions.make_class(thing, bases, members)
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

    # Paths

    def _if(self, node: ast.If) -> None:
        self._use(node.test)
        if _is_main(node.test):
            self.run(node.body)
            return
        walk = self._walk
        before = walk.state.copy()
        self.run(node.body)
        after, walk.state = walk.state, before
        self.run(node.orelse)
        walk.state = merge([after, walk.state])

    def _while(self, node: ast.While) -> None:
        def head() -> None:
            self._use(node.test)

        self._loop(head, node.body, node.orelse, NOTHING)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        value = self._use(node.iter)
        element = self._targets.element(value, node.iter)
        # The loop may not turn at all: its variables keep what they had.
        self._loop(
            lambda: None,
            node.body,
            node.orelse,
            element,
            node.target,
            source=node.iter,
        )

    def _loop(
        self,
        head: Callable[[], None],
        body: Sequence[ast.stmt],
        orelse: Sequence[ast.stmt],
        element: Value,
        target: ast.expr | None = None,
        *,
        source: ast.expr | None = None,
    ) -> None:
        walk = self._walk
        head()
        entry = walk.state
        breaks: list[State] = []
        # What the first turn bound may be used in the next.
        for _ in range(2):
            loop = _Loop()
            self._loops.append(loop)
            before = walk.state
            walk.state = before.copy()
            if target is not None and source is not None:
                self._store(target, element, source)
            self.run(body)
            self._loops.pop()
            breaks += loop.breaks
            turned = merge([walk.state, *loop.continues])
            walk.state = merge([turned, before])
            if not turned.dead:
                head()
            if not _has_new_things(entry, walk.state):
                break
        self.run(orelse)
        walk.state = merge([walk.state, *breaks])

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        walk = self._walk
        swallows = False
        for item in node.items:
            value = self._use(item.context_expr)
            if value.type != "file":
                walk.mutate(value, possible=True)
            if item.optional_vars is not None:
                self._store(item.optional_vars, value, item.context_expr)
            name = value.path or self._targets.path(item.context_expr)
            swallows = swallows or name.rpartition(".")[2] in ("suppress", "raises")
        if not swallows:
            self.run(node.body)
            return
        self._guarded(node.body)

    def _guarded(self, body: Sequence[ast.stmt]) -> None:
        """Walk code that may stop anywhere, and go on below."""
        walk = self._walk
        stops = self._stops(body)
        walk.state = merge([walk.state, *stops])

    def _stops(self, body: Sequence[ast.stmt]) -> list[State]:
        """Walk code, and return the states in which it may have stopped."""
        walk = self._walk
        stops = [walk.state.copy()]
        walk.trials.append(stops)
        for node in body:
            if walk.state.dead:
                break
            self.run([node])
            if not walk.state.dead:
                stops.append(walk.state.copy())
        walk.trials.pop()
        return stops

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        walk = self._walk
        stops = self._stops(node.body)
        if node.orelse and not walk.state.dead:
            self.run(node.orelse)
        ends = [walk.state]
        caught = merge(stops)
        for handler in node.handlers:
            walk.state = caught.copy()
            if handler.type is not None:
                self._use(handler.type)
            name = handler.name
            known = name is not None and (
                walk.key(name) is not None or name in walk.known
            )
            if name is not None and not known:
                with walk.frame([name]):
                    self._handle(handler, name)
            else:
                self._handle(handler, name)
            ends.append(walk.state)
        if node.finalbody:
            # It also runs on the paths that leave.
            escaped = [*stops, *(end for end in ends if end.dead)]
            walk.state = merge([s for s in [*ends, *escaped] if not s.dead] or [caught])
            is_dead = all(end.dead for end in ends)
            bound = [end.bound for end in ends if not end.dead]
            before = set(walk.state.bound)
            self.run(node.finalbody)
            if bound and not walk.state.dead:
                gained = walk.state.bound - before
                walk.state.bound = set.intersection(*bound) | gained
            walk.state.dead = walk.state.dead or is_dead
        else:
            walk.state = merge(ends)

    def _handle(self, handler: ast.ExceptHandler, name: str | None) -> None:
        walk = self._walk
        if name is not None:
            walk.bind(name, NOTHING)
        self.run(handler.body)
        if name is not None and not walk.state.dead:
            walk.unbind(name, quietly=True)

    def _match(self, node: ast.Match) -> None:
        walk = self._walk
        subject = self._use(node.subject)
        ends: list[State] = []
        is_total = False
        for case in node.cases:
            before = walk.state.copy()
            self._targets.pattern(case.pattern, subject)
            if case.guard is not None:
                self._use(case.guard)
            failed = walk.state.copy()
            self.run(case.body)
            ends.append(walk.state)
            # A pattern that fails may have bound some of its names.
            walk.state = merge([before, failed])
            pattern = case.pattern
            if case.guard is None and isinstance(pattern, ast.MatchAs):
                is_total = is_total or pattern.pattern is None
        walk.state = merge(ends if is_total else [*ends, walk.state])


def _is_main(test: ast.expr) -> bool:
    """Tell whether a test is `__name__ == "__main__"`, which holds in a kernel."""
    match test:
        case ast.Compare(
            left=ast.Name(id="__name__"),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value="__main__")],
        ):
            return True
    return False


def _has_new_things(before: State, after: State) -> bool:
    """Tell whether a variable may now be an object that it was not before."""
    for key, value in after.values.items():
        old = before.values.get(key)
        if old is not value and value.things:
            if old is None or not value.things <= old.things:
                return True
            if value.type != old.type:
                return True
    return False
