"""Walks statements that choose, repeat or leave a path."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from jupyter_kfx.analysis.state import State, merge
from jupyter_kfx.analysis.values import NOTHING, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.statements import Statements
    from jupyter_kfx.analysis.targets import Targets
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Paths"]


class _Loop:
    """Where the paths of a loop end early."""

    __slots__ = ("breaks", "continues")

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []


class Paths:
    """Splits the state of the walk where paths part, and merges it where they meet."""

    def __init__(self, walk: Walk, expressions: Expressions, targets: Targets) -> None:
        self._walk = walk
        self._expressions = expressions
        self._targets = targets
        self.statements: Statements
        self._loops: list[_Loop] = []
        self.kinds: dict[type[ast.stmt], Callable[[Any], None]] = {
            ast.Return: self._return,
            ast.Raise: self._raise,
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
        }

    def run_body(self, body: Iterable[ast.stmt]) -> None:
        """Walk the body of a function."""
        loops, self._loops = self._loops, []
        self.statements.run(body)
        self._loops = loops

    def _return(self, node: ast.Return) -> None:
        walk = self._walk
        value = NOTHING if node.value is None else self._expressions.value(node.value)
        for frame in reversed(walk.frames):
            if not frame.is_comprehension:
                frame.returned.append(value)
                frame.ways.append(walk.state.copy())
                break
        walk.state.dead = True

    def _raise(self, node: ast.Raise) -> None:
        for part in (node.exc, node.cause):
            if part is not None:
                self._expressions.used(part)
        self._walk.leave()

    def _jump(self, ways: list[State]) -> None:
        ways.append(self._walk.state.copy())
        self._walk.state.dead = True

    def _if(self, node: ast.If) -> None:
        self._expressions.used(node.test)
        if _is_main(node.test):
            self.statements.run(node.body)
            return
        walk = self._walk
        before = walk.state.copy()
        self.statements.run(node.body)
        after, walk.state = walk.state, before
        self.statements.run(node.orelse)
        walk.state = merge([after, walk.state])

    def _while(self, node: ast.While) -> None:
        def head() -> None:
            self._expressions.used(node.test)

        self._loop(head, node.body, node.orelse, NOTHING)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        value = self._expressions.used(node.iter)
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
                self._targets.store(target, element, source)
            self.statements.run(body)
            self._loops.pop()
            breaks += loop.breaks
            turned = merge([walk.state, *loop.continues])
            walk.state = merge([turned, before])
            if not turned.dead:
                head()
            if not _has_new_things(entry, walk.state):
                break
        self.statements.run(orelse)
        walk.state = merge([walk.state, *breaks])

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        walk = self._walk
        swallows = False
        for item in node.items:
            value = self._expressions.used(item.context_expr)
            if value.type != "file":
                walk.mutate(value, possible=True)
            if item.optional_vars is not None:
                self._targets.store(item.optional_vars, value, item.context_expr)
            name = value.path or self._targets.path(item.context_expr)
            swallows = swallows or name.rpartition(".")[2] in ("suppress", "raises")
        if not swallows:
            self.statements.run(node.body)
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
            self.statements.run([node])
            if not walk.state.dead:
                stops.append(walk.state.copy())
        walk.trials.pop()
        return stops

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        walk = self._walk
        stops = self._stops(node.body)
        if node.orelse and not walk.state.dead:
            self.statements.run(node.orelse)
        ends = [walk.state]
        caught = merge(stops)
        for handler in node.handlers:
            walk.state = caught.copy()
            if handler.type is not None:
                self._expressions.used(handler.type)
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
            self.statements.run(node.finalbody)
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
        self.statements.run(handler.body)
        if name is not None and not walk.state.dead:
            walk.unbind(name, quietly=True)

    def _match(self, node: ast.Match) -> None:
        walk = self._walk
        subject = self._expressions.used(node.subject)
        ends: list[State] = []
        is_total = False
        for case in node.cases:
            before = walk.state.copy()
            self._targets.pattern(case.pattern, subject)
            if case.guard is not None:
                self._expressions.used(case.guard)
            failed = walk.state.copy()
            self.statements.run(case.body)
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
