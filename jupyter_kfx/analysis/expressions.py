"""Walks expressions: what they read, and what is known of their values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from jupyter_kfx.analysis.parts import ARRAYS
from jupyter_kfx.analysis.scopes import stored_names
from jupyter_kfx.analysis.state import State, merge
from jupyter_kfx.analysis.values import NOTHING, Value, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jupyter_kfx.analysis.calls import Calls
    from jupyter_kfx.analysis.classes import Classes
    from jupyter_kfx.analysis.functions import Functions
    from jupyter_kfx.analysis.parts import Parts
    from jupyter_kfx.analysis.targets import Targets
    from jupyter_kfx.analysis.values import Thing
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Expressions"]

_LITERALS = {
    bool: "bool",
    int: "int",
    float: "float",
    complex: "complex",
    str: "str",
    bytes: "bytes",
    type(None): "none",
    type(...): "none",
}
_NUMBERS = frozenset({"int", "float", "number", "bool", "complex"})


class Expressions:
    """Gives the value of each expression.

    Moving a value about (`b = a`, `[a]`, `return a`) does not use it; whatever may run
    code of the notebook's own classes does.
    """

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self.calls: Calls
        self.classes: Classes
        self.functions: Functions
        self.parts: Parts
        self.targets: Targets
        self._kinds: dict[type[ast.expr], Callable[[Any], Value]] = {
            ast.Constant: lambda node: Value(type_=_LITERALS.get(type(node.value), "")),
            ast.Name: lambda node: self._walk.read(node.id),
            ast.Attribute: self._part,
            ast.Subscript: self._part,
            ast.Call: self._call,
            ast.JoinedStr: self._text,
            ast.FormattedValue: self._text,
            ast.Starred: lambda node: self._walk.parts(self.used(node.value)),
            ast.Await: lambda node: self.used(node.value),
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield,
            ast.NamedExpr: self._walrus,
            ast.BoolOp: self._and_or,
            ast.IfExp: self._if,
            ast.Compare: self._compare,
            ast.BinOp: self._arithmetic,
            ast.UnaryOp: self._unary,
            ast.Tuple: self._sequence,
            ast.List: self._sequence,
            ast.Set: self._sequence,
            ast.Dict: self._dict,
            ast.Lambda: self._lambda,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.DictComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.Slice: self._slice,
        }

    def value(self, node: ast.expr) -> Value:
        """Return what is known of the value of an expression."""
        kind = self._kinds.get(type(node))
        if kind is not None:
            return kind(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.used(child)
        return NOTHING

    def used(self, node: ast.expr) -> Value:
        """Return the value of an expression that is looked into here."""
        value = self.value(node)
        if value.things:
            self.classes.look_into(value)
        return value

    def _all(self, nodes: Iterable[ast.expr | None]) -> None:
        for node in nodes:
            if node is not None:
                self.used(node)

    def _call(self, node: ast.Call) -> Value:
        return self.calls.call(node)

    def _part(self, node: ast.Attribute | ast.Subscript) -> Value:
        return self.parts.value(node)

    # Operators

    def _slice(self, node: ast.Slice) -> Value:
        self._all((node.lower, node.upper, node.step))
        return NOTHING

    def _text(self, node: ast.JoinedStr | ast.FormattedValue) -> Value:
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                self.value(part)
        else:
            self.classes.all_special(self.used(node.value))
            if node.format_spec is not None:
                self.value(node.format_spec)
        return Value(type_="str")

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        # In a comprehension it binds in the scope around it.
        frames = self._walk.frames
        hidden = []
        while frames and frames[-1].is_comprehension:
            hidden.append(frames.pop())
        self._walk.bind(node.target.id, value)
        frames.extend(reversed(hidden))
        return value

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Value:
        value = NOTHING if node.value is None else self.used(node.value)
        for frame in reversed(self._walk.frames):
            if not frame.is_comprehension:
                frame.returned.append(value)
                break
        return NOTHING

    def _and_or(self, node: ast.BoolOp) -> Value:
        values = [self.used(node.values[0])]
        before = [self._walk.state.copy()]
        for part in node.values[1:]:
            values.append(self.used(part))
            before.append(self._walk.state.copy())
        self._meet(before)
        return joined(values)

    def _meet(self, states: list[State]) -> None:
        self._walk.state = merge(states)

    def _if(self, node: ast.IfExp) -> Value:
        walk = self._walk
        self.used(node.test)
        before = walk.state.copy()
        body = self.value(node.body)
        after, walk.state = walk.state, before
        other = self.value(node.orelse)
        self._meet([after, walk.state])
        return joined((body, other))

    def _compare(self, node: ast.Compare) -> Value:
        left = self.used(node.left)
        values = [left, self.used(node.comparators[0])]
        if len(node.comparators) > 1:
            states = [self._walk.state.copy()]
            for part in node.comparators[1:]:
                values.append(self.used(part))
                states.append(self._walk.state.copy())
            self._meet(states)
        for value in values:
            self.classes.all_special(value)
        if isinstance(node.ops[0], ast.In | ast.NotIn | ast.Is | ast.IsNot):
            return Value(type_="bool")
        kinds = {value.type for value in values}
        for kind in ARRAYS:
            if kind in kinds:
                return self._walk.fresh(kind)
        return NOTHING

    def _arithmetic(self, node: ast.BinOp) -> Value:
        # Long sums lean to the left: they are taken apart without recursion.
        rights: list[ast.expr] = []
        leftmost: ast.expr = node
        while isinstance(leftmost, ast.BinOp):
            rights.append(leftmost.right)
            leftmost = leftmost.left
        value = self.used(leftmost)
        for right in reversed(rights):
            value = self._combined(value, self.used(right))
        return value

    def _combined(self, left: Value, right: Value) -> Value:
        self.classes.all_special(left)
        self.classes.all_special(right)
        if left.type in _NUMBERS and right.type in _NUMBERS:
            return Value(type_="number")
        for kind in (*ARRAYS, "str"):
            if kind in (left.type, right.type):
                return Value(type_="str") if kind == "str" else self._walk.fresh(kind)
        held = {*self._walk.parts(left).things, *self._walk.parts(right).things}
        for kind in ("list", "tuple", "set", "dict"):
            if kind in (left.type, right.type):
                return self._walk.fresh(kind, held, is_container=True)
        return self._walk.fresh()

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.used(node.operand)
        self.classes.all_special(value)
        if isinstance(node.op, ast.Not):
            return Value(type_="bool")
        return self._walk.fresh(value.type) if value.things else value

    # Displays

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set) -> Value:
        items = tuple([self.value(element) for element in node.elts])
        things = frozenset().union(*[item.things for item in items])
        has_star = any(isinstance(element, ast.Starred) for element in node.elts)
        kept = None if has_star else items
        if isinstance(node, ast.Tuple):
            if not things:
                return Value(type_="tuple", items=kept)
            whole = self._walk.fresh("tuple", things, is_container=True)
            return Value(whole.things, "tuple", items=kept)
        kind = "list" if isinstance(node, ast.List) else "set"
        whole = self._walk.fresh(kind, things, is_container=True)
        return Value(whole.things, kind, items=kept if kind == "list" else None)

    def _dict(self, node: ast.Dict) -> Value:
        things: set[Thing] = set()
        for key, item in zip(node.keys, node.values, strict=True):
            if key is None:
                things |= self._walk.parts(self.used(item)).things
            else:
                self.used(key)
                things |= self.value(item).things
        return self._walk.fresh("dict", things, is_container=True)

    def _lambda(self, node: ast.Lambda) -> Value:
        body: list[ast.stmt] = [
            ast.Return(value=node.body, lineno=node.lineno, col_offset=0)
        ]
        return self.functions.define(node, node.args, body)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Value:
        walk = self._walk
        first = self.used(node.generators[0].iter)
        names = {
            name
            for generator in node.generators
            for name in stored_names(generator.target)
        }
        before = walk.state.copy()
        with walk.frame(names) as frame:
            frame.is_comprehension = True
            for i, generator in enumerate(node.generators):
                value = first if i == 0 else self.used(generator.iter)
                element = self.targets.element(value, generator.iter)
                self.targets.store(generator.target, element, generator.iter)
                for condition in generator.ifs:
                    self.used(condition)
            if isinstance(node, ast.DictComp):
                self.used(node.key)
                part = self.value(node.value)
            else:
                part = self.value(node.elt)
            for key in frame.names.values():
                walk.state.values.pop(key, None)
        self._meet([walk.state, before])
        kinds = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict"}
        kind = kinds.get(type(node), "generator-object")
        return walk.fresh(kind, part.things, is_container=True)
