"""Follows calls into the functions and classes of the notebook."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from jupyter_kfx.analysis.methods import PURE_DECORATORS
from jupyter_kfx.analysis.scopes import (
    Locals,
    arguments_of,
    deleted_names,
    local_names,
    mentioned,
)
from jupyter_kfx.analysis.state import State, merge
from jupyter_kfx.analysis.values import NOTHING, Code, Thing, Value, contents, joined
from jupyter_kfx.analysis.walk import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_kfx.analysis.effects import Touch
    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.statements import Statements
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Functions"]

_DEPTH = 12


class _Remembered(NamedTuple):
    """What a call did that changed nothing."""

    reads: frozenset[str]
    bindings: Mapping[str, Value | None]
    touches: frozenset[Touch]
    type: str
    is_container: bool | None
    """Of the new object that it gives; none if what it gives cannot be changed."""


class Functions:
    """Defines and calls functions and classes of the notebook."""

    def __init__(self, walk: Walk, expressions: Expressions) -> None:
        self._walk = walk
        self._expressions = expressions
        self.statements: Statements
        self._active: list[Code] = []
        self._members: dict[Thing, dict[str, Value]] = {}
        self._locals: dict[int, tuple[Code, Locals]] = {}
        self._remembered: dict[tuple[Code, tuple[str, ...]], _Remembered] = {}

    @property
    def active(self) -> Code | None:
        """The function that is being followed."""
        return self._active[-1] if self._active else None

    # Definitions

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

    def make_class(
        self,
        thing: Thing,
        bases: Sequence[Value],
        members: Mapping[str, Value | None],
    ) -> None:
        """Give a class its members."""
        found = {name: v for name, v in members.items() if v is not None}
        self._members[thing] = found
        thing.bases = tuple(
            base for value in bases for base in value.things if base.type == "class"
        )
        for value in found.values():
            thing.hold(value.things)
            for member in value.things:
                if member.code is not None and member.code.owner is None:
                    member.code.owner = thing
        thing.hold(thing.bases)

    # Members

    def _lookup(self, maker: Thing, name: str) -> Value | None:
        found = self._members.get(maker, {}).get(name)
        if found is not None:
            return found
        for base in maker.bases:
            found = self._lookup(base, name)
            if found is not None:
                return found
        return None

    def method(self, owner: Value, name: str) -> Value | None:
        """Return the method of that name of instances or classes of the notebook."""
        found = []
        for thing in owner.things:
            maker = thing.maker or (thing if thing.type == "class" else None)
            value = None if maker is None else self._lookup(maker, name)
            if value is not None and any(t.is_code for t in value.things):
                found.append(value)
        return joined(found) if found else None

    def member(self, owner: Value, name: str) -> Value | None:
        """Return an attribute of instances or classes of the notebook."""
        found = []
        for thing in owner.things:
            maker = thing.maker or (thing if thing.type == "class" else None)
            if name == "__class__" and thing.maker is not None:
                found.append(Value(frozenset({thing.maker}), "class"))
                continue
            value = None if maker is None else self._lookup(maker, name)
            if value is None:
                continue
            codes = [t.code for t in value.things if t.code is not None]
            if any({"property", "cached_property"} & code.flags for code in codes):
                found.append(self.call(value, [owner], {}))
            elif not codes:
                found.append(value)
            else:
                found.append(self._bound(thing, value))
        if not found:
            return None
        if any(thing.maker is not None for thing in owner.things):
            found.append(self._walk.parts(owner))  # the instance may have its own
        return joined(found)

    def _bound(self, owner: Thing, method: Value) -> Value:
        """Return a method that remembers the instance it was taken from."""
        things: set[Thing] = set()
        for function in method.things:
            code = function.code
            if code is None or owner.maker is None or "staticmethod" in code.flags:
                things.add(function)
                continue
            thing = Thing("function")
            thing.code = code
            thing.bound = Value(frozenset({owner}))
            thing.hold([owner, function])
            things.add(thing)
        return Value(frozenset(things), "function")

    def special(self, owner: Value, name: str, given: list[Value]) -> Value | None:
        """Call a special method, where the notebook defines one."""
        if not any(thing.maker is not None for thing in owner.things):
            return None
        method = self.method(owner, name)
        if method is None:
            return None
        return self.call(method, [owner, *given[1:]], {})

    def all_special(self, value: Value) -> None:
        """Call every special method, as operators, `print` and `len` may."""
        if not value.things:
            return
        instances: dict[Thing, list[Thing]] = {}
        for thing in contents(value.things):
            if thing.maker is not None:
                instances.setdefault(thing.maker, []).append(thing)
        for maker, things in instances.items():
            own = Value(frozenset(things), sure=len(things) == 1)
            names = {n for n in self._names(maker) if n.startswith("__")}
            for name in sorted(names - {"__init__", "__new__", "__call__"}):
                with self._walk.maybe():
                    self.special(own, name, [NOTHING, value])

    def look_into(self, value: Value) -> None:
        """Note that a value is iterated, entered, displayed or tested."""
        self.all_special(value)

    def _names(self, maker: Thing) -> set[str]:
        found = set(self._members.get(maker, ()))
        for base in maker.bases:
            found |= self._names(base)
        return found

    # Calls

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
        return self._follow(thing.code, given, keywords)

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
            method = self._lookup(maker, name)
            if method is not None:
                first = Value(frozenset({maker}), "class") if name == "__new__" else new
                args = [first] if name == "__post_init__" else [first, *given]
                self.call(method, args, {} if name == "__post_init__" else keywords)
                started = started or name == "__init__"
        if not started:
            # What made its attributes is not seen: they are parts of its own, too.
            thing.hold([*held, Thing()])
        return new

    def escape(self, value: Value, company: Iterable[Value]) -> Value:
        """Let code that is not known have a function: it may call it with anything.

        Returns what such calls may give.
        """
        things = [t for t in contents(value.things) if t.is_code or t.maker]
        if not things:
            return NOTHING
        around = self._walk.few(
            t for v in company for t in contents(v.things) if not t.is_code
        )
        unknown = Value(around, sure=False)
        results = []
        walk = self._walk
        todo = [
            (target.code, thing)
            for thing in things
            for target in self._called_by(thing)
            if target.code is not None
        ]
        while todo and not walk.is_spent:
            code, thing = todo.pop()
            first = unknown
            if thing.maker is not None:
                first = Value(frozenset({thing}), sure=False)
            elif thing.bound is not None:
                first = thing.bound
            count = len(arguments_of(code.node.args))
            with walk.maybe():
                given = [first, *[unknown] * (count - 1)][:count]
                results.append(self._follow(code, given, {}))
        if todo:
            codes = [code for code, _ in todo]
            results.append(self._by_names(codes, {*around, *things}))
        return joined(results)

    def _called_by(self, thing: Thing) -> list[Thing]:
        """Return the functions that may be called by who has a thing."""
        if thing.maker is None:
            return [thing]
        found: dict[Thing, None] = {}
        for name in sorted(self._names(thing.maker)):
            value = self._lookup(thing.maker, name)
            if value is not None:
                found.update(dict.fromkeys(value.things))
        return list(found)

    def _follow(
        self, code: Code, given: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        walk = self._walk
        bound = self._parameters(code, given, keywords)
        if code in self._active or len(self._active) >= _DEPTH:
            things = frozenset().union(*(v.things for v in bound.values()))
            return joined((Value(things, sure=False), walk.fresh()))
        if walk.is_spent:
            everything = {t for value in bound.values() for t in value.things}
            return self._by_names([code], everything)
        kinds = tuple([value.type for value in bound.values()])
        known = self._remembered.get((code, kinds))
        if known is not None:
            values = walk.state.values
            if all(values.get(n) is value for n, value in known.bindings.items()):
                for name in known.reads:
                    walk.note(name)
                walk.touch(known.touches)
                if known.is_container is None:
                    return Value(type_=known.type)
                return walk.fresh(known.type, is_container=known.is_container)
        outer, walk.noted = walk.noted, set()
        events, oldest = walk.events, walk.oldest
        walk.oldest = start = Thing().serial
        touches, walk.effects.touches = walk.effects.touches, set()
        result = self._run(code, bound)
        own, walk.effects.touches = walk.effects.touches, touches | walk.effects.touches
        is_clean = walk.events == events and walk.oldest >= start
        if is_clean and not code.scopes and not walk.state.dead:
            self._remember(code, kinds, result, own, start)
        walk.noted |= outer
        walk.oldest = min(walk.oldest, oldest)
        return result

    def _remember(
        self,
        code: Code,
        kinds: tuple[str, ...],
        result: Value,
        touches: set[Touch],
        start: int,
    ) -> None:
        """Keep what a call did, if all that it gives is new or cannot be changed."""
        walk = self._walk
        if result.path or result.items or len(result.things) > 1:
            return
        for thing in result.things:
            if thing.serial < start or thing.is_code or thing.holds or thing.maker:
                return
        self._remembered[code, kinds] = _Remembered(
            frozenset(walk.noted),
            {name: walk.state.values.get(name) for name in walk.noted},
            frozenset(touches),
            result.type,
            next((thing.is_container for thing in result.things), None),
        )

    def _run(self, code: Code, bound: Mapping[str, Value]) -> Value:
        walk, statements = self._walk, self.statements
        names = self._names_of(code)
        frames, walk.frames = walk.frames, [Frame(dict(s)) for s in code.scopes]
        line = walk.line
        walk.depth += 1
        self._active.append(code)
        with walk.frame(names.own) as frame:
            frame.globals = names.globals
            for name, value in bound.items():
                walk.bind(name, value)
            statements.run_body(code.body)
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

    def _names_of(self, code: Code) -> Locals:
        known = self._locals.get(id(code.node))
        if known is None:
            parameters = [a.arg for a in arguments_of(code.node.args)]
            known = (code, local_names(code.body, parameters))
            self._locals[id(code.node)] = known
        return known[1]

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

    def skim(self, node: ast.stmt) -> None:
        """Take in a statement of a function by the names in it."""
        walk = self._walk
        codes: list[Code] = []
        things: set[Thing] = set()
        for name in mentioned([node]):
            key = walk.key(name)
            value = walk.state.values.get(name if key is None else key)
            if key is None and (value is not None or name in walk.known):
                walk.note(name)
            if value is not None:
                things |= contents(value.things)
        codes = [thing.code for thing in things if thing.code is not None]
        makers = [thing.maker for thing in things if thing.maker is not None]
        codes += [t.code for t in contents(makers) if t.code is not None]
        everything = self._by_names(codes, things)
        with walk.maybe():
            for name in local_names([node]).own:
                walk.bind(name, everything)
        with walk.maybe():
            for name in deleted_names([node]):
                walk.unbind(name, quietly=True)
        for frame in reversed(walk.frames):
            if not frame.is_comprehension:
                frame.returned.append(everything)
                break

    def _by_names(self, codes: Iterable[Code], given: set[Thing]) -> Value:
        """Judge calls by the names in their code: they may do anything with them."""
        walk = self._walk
        seen: set[Code] = set()
        looked: set[str] = set()
        todo = list(codes)
        found = set(given)
        while todo:
            one = todo.pop()
            if one in seen:
                continue
            seen.add(one)
            names = self._names_of(one)
            for name in mentioned(one.body) - names.own - looked:
                looked.add(name)
                value = walk.state.values.get(name)
                for scope in one.scopes:
                    value = walk.state.values.get(scope.get(name, name), value)
                if value is not None or name in walk.known:
                    walk.note(name)
                if value is None or value.things <= found:
                    continue
                new = contents(value.things) - found
                found |= new
                makers = [thing.maker for thing in new if thing.maker is not None]
                new |= contents(makers)
                todo += [t.code for t in new if t.code is not None]
            with walk.maybe():
                for name in names.globals:
                    walk.bind(name, walk.fresh())
            with walk.maybe():
                for name in names.globals & deleted_names(one.body):
                    walk.unbind(name, quietly=True)
        everything = Value(walk.few(found), sure=False)
        walk.mutate(everything, possible=True, deep=True)
        return joined((everything, walk.fresh()))
