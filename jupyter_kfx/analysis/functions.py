"""Follows calls into the functions and classes of the notebook."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.frames import Frame
from jupyter_kfx.analysis.memory import Memory
from jupyter_kfx.analysis.methods import PURE_DECORATORS
from jupyter_kfx.analysis.scopes import (
    arguments_of,
)
from jupyter_kfx.analysis.state import State, merge
from jupyter_kfx.analysis.values import NOTHING, Code, Thing, Value, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.analysis.classes import Classes
    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.paths import Paths
    from jupyter_kfx.analysis.skimming import Skimming
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Functions"]

_DEPTH = 12


class Functions:
    """Defines and calls functions and classes of the notebook."""

    def __init__(
        self,
        walk: Walk,
        expressions: Expressions,
        classes: Classes,
        skimming: Skimming,
    ) -> None:
        self._walk = walk
        self._expressions = expressions
        self._classes = classes
        self._skimming = skimming
        self.paths: Paths
        self._active: list[Code] = []
        self._memory = Memory(walk)

    @property
    def active(self) -> Code | None:
        """The function that is being followed."""
        return self._active[-1] if self._active else None

    def define(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        arguments: ast.arguments,
        body: list[ast.stmt],
    ) -> Value:
        """Return a function; its head runs now, its body when it is called."""
        see = self._expressions
        every = [*arguments.posonlyargs, *arguments.args]
        defaults: dict[str, Value] = {}
        if arguments.defaults:
            last = every[-len(arguments.defaults) :]
            for argument, default in zip(last, arguments.defaults, strict=True):
                defaults[argument.arg] = see.value(default)
        for argument, given in zip(
            arguments.kwonlyargs, arguments.kw_defaults, strict=True
        ):
            if given is not None:
                defaults[argument.arg] = see.value(given)
        for argument in arguments_of(arguments):
            if argument.annotation is not None:
                see.used(argument.annotation)
        if not isinstance(node, ast.Lambda) and node.returns is not None:
            see.used(node.returns)
        for frame in self._walk.frames:
            frame.is_enclosing = True
        scopes = tuple(
            dict(frame.names) for frame in self._walk.frames if not frame.is_class
        )
        thing = Thing("function")
        thing.code = Code(node, scopes, defaults, body)
        for held in defaults.values():
            thing.hold(held.things)
        return Value(frozenset({thing}), "function")

    def decorated(
        self, value: Value, nodes: Sequence[ast.expr], decorators: Sequence[Value]
    ) -> Value:
        """Return what decorators make of a function or class."""
        for node, decorator in zip(reversed(nodes), reversed(decorators), strict=True):
            called = node.func if isinstance(node, ast.Call) else node
            name = called.attr if isinstance(called, ast.Attribute) else ""
            name = called.id if isinstance(called, ast.Name) else name
            path = decorator.path or self._expressions.targets.path(called)
            own = [thing for thing in value.things if thing.is_code]
            if name in PURE_DECORATORS and (path or name in ("setter", "deleter")):
                for thing in own:
                    if thing.code is not None:
                        thing.code.flags |= {name}
            elif any(thing.is_code for thing in decorator.things):
                value = self.call(decorator, [value], {})
            else:
                # What it gives is not known; it may call what it was given.
                value = joined((value, self._walk.fresh("", value.things)))
        return value

    def call(
        self, callee: Value, given: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """Call what may be any of several functions and classes."""
        codes = [thing for thing in callee.things if thing.is_code]
        if len(codes) == 1:
            return self._call_one(codes[0], given, keywords)
        walk = self._walk
        before, ends, values = walk.state, [], []
        for thing in codes:
            walk.state = before.copy()
            values.append(self._call_one(thing, given, keywords))
            ends.append(walk.state)
        walk.state = merge(ends) if ends else before
        return joined(values)

    def _call_one(
        self, thing: Thing, given: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        if thing.type == "class":
            return self._instance(thing, given, keywords)
        assert thing.code is not None
        if "classmethod" in thing.code.flags and thing.code.owner is not None:
            owner = Value(frozenset({thing.code.owner}), "class")
            given = [owner, *given]
        elif thing.bound is not None:
            given = [thing.bound, *given]
        return self.follow(thing.code, given, keywords)

    def _instance(
        self, maker: Thing, given: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        everything = [*given, *keywords.values()]
        held = {thing for value in everything for thing in value.things}
        new = self._walk.fresh("instance", is_container=True)
        (thing,) = new.things
        thing.maker = maker
        started = False
        for name in ("__new__", "__init__", "__post_init__"):
            method = self._classes.lookup(maker, name)
            if method is not None:
                first = Value(frozenset({maker}), "class") if name == "__new__" else new
                args = [first] if name == "__post_init__" else [first, *given]
                self.call(method, args, {} if name == "__post_init__" else keywords)
                started = started or name == "__init__"
        if not started:
            # What made its attributes is not seen: they are parts of its own, too.
            thing.hold([*held, Thing()])
        return new

    def follow(
        self, code: Code, given: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """Walk the body of a function as a call runs it."""
        walk = self._walk
        bound = self._parameters(code, given, keywords)
        if code in self._active or len(self._active) >= _DEPTH:
            things = frozenset().union(*(v.things for v in bound.values()))
            return joined((Value(things, sure=False), walk.fresh()))
        if walk.is_spent:
            everything = {t for value in bound.values() for t in value.things}
            return self._skimming.by_names([code], everything)
        kinds = tuple([value.type for value in bound.values()])
        known = self._memory.recall(code, kinds)
        if known is not None:
            return known
        outer, walk.noted = walk.noted, set()
        events, oldest = walk.events, walk.oldest
        walk.oldest = start = Thing().serial
        touches, walk.effects.touches = walk.effects.touches, set()
        result = self._run(code, bound)
        own, walk.effects.touches = walk.effects.touches, touches | walk.effects.touches
        is_clean = walk.events == events and walk.oldest >= start
        if is_clean and not code.scopes and not walk.state.dead:
            self._memory.keep(code, kinds, result, own, start)
        walk.noted |= outer
        walk.oldest = min(walk.oldest, oldest)
        return result

    def _run(self, code: Code, bound: Mapping[str, Value]) -> Value:
        walk = self._walk
        names = code.names
        frames, walk.frames = walk.frames, [Frame(dict(s)) for s in code.scopes]
        line = walk.line
        walk.depth += 1
        self._active.append(code)
        with walk.frame(names.own) as frame:
            frame.globals = names.globals
            for name, value in bound.items():
                walk.bind(name, value)
            self.paths.run_body(code.body)
            made = frame
        self._active.pop()
        walk.depth -= 1
        walk.frames = frames
        walk.line = line
        ways: list[State] = [*made.ways]
        values = list(made.returned)
        if not walk.state.dead:
            ways.append(walk.state)
            values.append(NOTHING)
        if ways:
            walk.state = merge(ways)
        if len(values) > 1 and values[-1] is NOTHING and made.returned:
            values = values[:-1]
        if not made.is_enclosing:
            self._forget(made.names)
        if names.yields:
            things = frozenset().union(*(value.things for value in values))
            return walk.fresh("generator-object", things, is_container=True)
        return joined(values)

    def _forget(self, names: Mapping[str, str]) -> None:
        """Drop the variables of a call that is over."""
        for key in names.values():
            self._walk.state.values.pop(key, None)
            self._walk.state.bound.discard(key)

    def _parameters(
        self, code: Code, given: Sequence[Value], keywords: Mapping[str, Value]
    ) -> dict[str, Value]:
        """Return the values of a function's parameters in a call."""
        walk, arguments = self._walk, code.node.args
        positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        bound = dict(zip(positional, given, strict=False))
        names = [*positional, *(a.arg for a in arguments.kwonlyargs)]
        rest: dict[str, Value] = {}
        for name, value in keywords.items():
            (bound if name in names else rest)[name] = value
        spread = [value for name, value in keywords.items() if name == "**"]
        for argument in names:
            if argument not in bound:
                value = code.defaults.get(argument, NOTHING)
                if spread:
                    value = joined((value, *map(walk.parts, spread)))
                bound[argument] = value
        if arguments.vararg is not None:
            things = {t for v in given[len(positional) :] for t in v.things}
            bound[arguments.vararg.arg] = walk.fresh("tuple", things, is_container=True)
        if arguments.kwarg is not None:
            things = {t for v in rest.values() for t in v.things}
            bound[arguments.kwarg.arg] = walk.fresh("kwargs", things, is_container=True)
        return bound
