"""Walks what is assigned to, taken apart or deleted."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import ambient
from jupyter_kfx.analysis.effects import Touch
from jupyter_kfx.analysis.scopes import BUILTINS
from jupyter_kfx.analysis.values import NOTHING, Value, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.analysis.classes import Classes
    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.parts import Parts
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Targets", "root_of"]

_COPIES = frozenset({"dataframe", "series", "ndarray", "index"})
"""Types that copy what is put into them."""
_PLAIN = frozenset({"int", "float", "number", "bool", "str", "bytes"})
"""Types of values that hold nothing and never change."""
_FRESH_PARTS = frozenset({"dataframe", "series", "splits", "groupby", "index"})
"""Types whose parts are made when they are asked for."""


class Targets:
    """Binds, changes and deletes."""

    def __init__(
        self, walk: Walk, expressions: Expressions, classes: Classes, parts: Parts
    ) -> None:
        self._walk = walk
        self._expressions = expressions
        self._classes = classes
        self._parts = parts

    def store(self, target: ast.expr, value: Value, source: ast.expr) -> None:
        """Assign a value to a target; `source` is the expression that gave it."""
        match target:
            case ast.Name(id=name):
                self._walk.bind(name, value)
            case ast.Starred(value=inner):
                parts = self._walk.parts(value)
                whole = self._walk.fresh("list", parts.things, is_container=True)
                self.store(inner, whole, source)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                self._unpack(elements, value, source)
            case ast.Attribute() | ast.Subscript():
                self._put(target, value)

    def _put(self, target: ast.Attribute | ast.Subscript, value: Value) -> None:
        walk = self._walk
        owner = self._expressions.used(target.value)
        if isinstance(target, ast.Subscript):
            self._expressions.used(target.slice)
        path = owner.path
        if path and self._is_plain_setting(target, value, path):
            return  # what is set so is handed on as it is found
        if path and not owner.things:
            if isinstance(target, ast.Attribute):
                path = f"{path}.{target.attr}"
            touches = ambient.of_store(path)
            item = target.value if isinstance(target, ast.Subscript) else None
            name = item.id if isinstance(item, ast.Name) else None
            walk.touch(touches or {Touch("modules", writes=True, detail=name)})
            return
        name = "__setitem__" if isinstance(target, ast.Subscript) else "__setattr__"
        self._magic(owner, name, value)
        walk.mutate(owner, root=root_of(target.value))
        if value.things and owner.type not in _COPIES:
            for thing in owner.things:
                if not thing.is_code or isinstance(target, ast.Attribute):
                    thing.hold(value.things)

    def _is_plain_setting(
        self, target: ast.Attribute | ast.Subscript, value: Value, path: str
    ) -> bool:
        """Tell whether an attribute of an import is set, by name, to a plain value."""
        walk = self._walk
        if value.type not in _PLAIN or walk.frames or walk.depth:
            return False
        if not isinstance(target, ast.Attribute) or ambient.of_store(path):
            return False
        return root_of(target.value) in walk.setup

    def _magic(self, owner: Value, method: str, value: Value = NOTHING) -> None:
        self._classes.special(owner, method, [NOTHING, value])

    def augment(self, target: ast.expr, source: ast.expr) -> None:
        """Walk `target += source`: the target is read first."""
        walk = self._walk
        if isinstance(target, ast.Name):
            old = walk.read(target.id)
            added = self._expressions.used(source)
            if not old.things:
                # Numbers and texts are made anew; what is added may decide the type.
                kind = old.type if old.type == added.type else ""
                if old.type in ("str", "bytes"):
                    kind = old.type
                number = {"int", "float", "number", "bool"}
                if old.type in number and added.type in number:
                    kind = "number"
                walk.bind(target.id, Value(type_=kind) if kind else walk.fresh())
                return
            self._magic(old, "__iadd__", added)
            walk.mutate(old, root=target.id)
            if added.things and old.type not in _COPIES:
                for thing in old.things:
                    thing.hold(walk.parts(added).things)
            walk.bind(target.id, old)
            return
        # The part itself may change in place too; what holds it does so surely.
        if isinstance(target, ast.Attribute | ast.Subscript):
            part = self._parts.value(target)
            added = self._expressions.used(source)
            if part.type not in _COPIES or part.things:
                walk.mutate(part, root=root_of(target), possible=not part.type)
            self._put(target, NOTHING)
            if added.things:
                owner = self._expressions.value(target.value)
                new = walk.parts(added).things
                for thing in (*part.things, *owner.things):
                    if thing.type not in _COPIES:
                        thing.hold(new)

    def delete(self, target: ast.expr) -> None:
        """Walk `del target`."""
        match target:
            case ast.Name(id=name):
                self._walk.unbind(name)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element in elements:
                    self.delete(element)
            case ast.Attribute() | ast.Subscript():
                self._put(target, NOTHING)

    # Taking apart

    def element(self, value: Value, source: ast.expr) -> Value:
        """Return what iterating over a value gives."""
        walk = self._walk
        if value.type == "range" or _is_call_of(source, "range"):
            return Value(type_="int")
        if value.type in _FRESH_PARTS:
            return walk.fresh("series" if value.type == "dataframe" else "")
        if value.type == "str":
            return Value(type_="str")
        if value.type == "axes":  # several of one figure
            return value
        if value.items:
            return joined(value.items)
        return walk.parts(value)

    def _unpack(
        self, elements: Sequence[ast.expr], value: Value, source: ast.expr
    ) -> None:
        items = value.items
        has_star = any(isinstance(element, ast.Starred) for element in elements)
        if items is not None and len(items) == len(elements) and not has_star:
            for element, item in zip(elements, items, strict=True):
                self.store(element, item, source)
            return
        walk = self._walk
        if value.type == "subplots":
            kinds = ["figure", "axes"]
            for i, element in enumerate(elements):
                part = Value(value.things, kinds[i] if i < len(kinds) else "axes")
                self.store(element, part, source)
            return
        for element in elements:
            if value.type == "splits":
                part = walk.fresh()
            else:
                part = self.element(value, source)
            if isinstance(element, ast.Starred):
                whole = walk.fresh("list", part.things, is_container=True)
                self.store(element.value, whole, source)
            else:
                self.store(element, part, source)

    def pattern(self, pattern: ast.pattern, subject: Value) -> None:
        """Bind the names that a pattern captures."""
        walk = self._walk
        inner = Value(subject.things | walk.parts(subject).things, sure=False)
        match pattern:
            case ast.MatchValue(value=value):
                self._expressions.used(value)
            case ast.MatchClass(cls=cls, patterns=parts, kwd_patterns=keywords):
                self._expressions.used(cls)
                for part in (*parts, *keywords):
                    self.pattern(part, inner)
            case ast.MatchMapping(keys=keys, patterns=parts, rest=rest):
                for key in keys:
                    self._expressions.used(key)
                for part in parts:
                    self.pattern(part, inner)
                if rest is not None:
                    walk.bind(rest, walk.fresh("dict", inner.things, is_container=True))
            case ast.MatchSequence(patterns=parts):
                for part in parts:
                    self.pattern(part, inner)
            case ast.MatchStar(name=name):
                if name is not None:
                    walk.bind(name, walk.fresh("list", inner.things, is_container=True))
            case ast.MatchAs(pattern=part, name=name):
                if part is not None:
                    self.pattern(part, subject)
                if name is not None:
                    walk.bind(name, subject)
            case ast.MatchOr(patterns=parts):
                for part in parts:
                    self.pattern(part, subject)

    def path(self, node: ast.expr) -> str:
        """Return the dotted path of what an expression calls or names."""
        if isinstance(node, ast.Call):
            return self.path(node.func)
        if isinstance(node, ast.Attribute):
            owner = self.path(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        if isinstance(node, ast.Name) and self._walk.key(node.id) is None:
            value = self._walk.state.values.get(node.id)
            if value is not None:
                return value.path
            return node.id if node.id in BUILTINS else ""
        return ""


def root_of(node: ast.expr) -> str | None:
    """Return the name at the root of `name.attribute[item]`, if there is one."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _is_call_of(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
    )
