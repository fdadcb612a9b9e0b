"""Walks calls of methods."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import ambient, methods
from jupyter_kfx.analysis.results import result_type
from jupyter_kfx.analysis.targets import root_of
from jupyter_kfx.analysis.values import NOTHING, Thing, Value, contents, joined
from jupyter_kfx.analysis.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.analysis.classes import Classes
    from jupyter_kfx.analysis.functions import Functions
    from jupyter_kfx.analysis.texts import Texts
    from jupyter_kfx.analysis.unknown import Unknown
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["MethodCalls"]

_DRAWING = words("fit fit_transform fit_predict split partial_fit fit_resample")


class MethodCalls:
    """Judges methods by the notebook's own classes, else by tables."""

    def __init__(
        self,
        walk: Walk,
        classes: Classes,
        functions: Functions,
        unknown: Unknown,
        texts: Texts,
    ) -> None:
        self._walk = walk
        self._classes = classes
        self._functions = functions
        self._unknown = unknown
        self._texts = texts

    def call(
        self,
        node: ast.Call,
        func: ast.Attribute,
        owner: Value,
        given: list[Value],
        keywords: Mapping[str, Value],
    ) -> Value:
        """Return what a method gives."""
        walk, name = self._walk, func.attr
        everything = [*given, *keywords.values()]
        if _is_super(func.value):
            return self._super(name, given, keywords, everything)
        self._texts.names(node, name)
        if owner.type != "generator":
            walk.touch(ambient.of_method(name, node, owner.type))
        method = self._classes.method(owner, name)
        if method is not None:
            return self._own_method(owner, method, given, keywords)
        attribute = self._classes.member(owner, name)
        if attribute is not None and attribute.things:
            code = Value(frozenset(t for t in attribute.things if t.is_code))
            if code.things:
                return self._functions.call(code, given, keywords)
        if any(thing.maker is not None for thing in owner.things):
            # Inherited from somewhere else: it may call any method of the class.
            held = [t for t in walk.parts(owner).things if t.is_code]
            if held:
                return self._functions.call(Value(frozenset(held)), given, keywords)
            if name in methods.READING and name not in methods.MUTATING:
                self._unknown.escape(owner, everything)
                return walk.parts(owner)
            return self._unknown.call([owner, *everything])
        return self._tabled(node, func, owner, everything)

    def _own_method(
        self,
        owner: Value,
        method: Value,
        given: list[Value],
        keywords: Mapping[str, Value],
    ) -> Value:
        codes = [thing.code for thing in method.things if thing.code is not None]
        if any("staticmethod" in code.flags for code in codes):
            return self._functions.call(method, given, keywords)
        if any("classmethod" in code.flags for code in codes):
            return self._functions.call(method, given, keywords)
        makers = [thing.maker for thing in owner.things]
        if not any(makers) and any(t.type == "class" for t in owner.things):
            return self._functions.call(method, given, keywords)
        return self._functions.call(method, [owner, *given], keywords)

    def _super(
        self,
        name: str,
        given: list[Value],
        keywords: Mapping[str, Value],
        everything: list[Value],
    ) -> Value:
        active = self._functions.active
        maker = None if active is None else active.owner
        frame = self._walk.frames[-1] if self._walk.frames else None
        own = NOTHING
        if active is not None and frame is not None and active.node.args.args:
            own = self._walk.read(active.node.args.args[0].arg)
        if maker is not None:
            bases = Value(frozenset(maker.bases), "class")
            method = self._classes.method(bases, name)
            if method is not None:
                return self._functions.call(method, [own, *given], keywords)
        for thing in own.things:
            thing.hold(t for value in everything for t in value.things)
        self._walk.mutate(own, possible=True)
        return Value(own.things, sure=False)

    def _tabled(
        self, node: ast.Call, func: ast.Attribute, owner: Value, given: list[Value]
    ) -> Value:
        walk, name = self._walk, func.attr
        root = root_of(func.value)
        for keyword, value in zip(node.keywords, given[len(node.args) :], strict=False):
            if keyword.arg in ("out", "ax"):
                walk.mutate(value, root=root_of(keyword.value))
        called = [
            self._unknown.escape(value, [owner, *given])
            for value in given
            if value.things
        ]
        if name in _DRAWING and any(thing.draws for thing in contents(owner.things)):
            walk.touch({ambient.DRAW})
        table = methods.MUTATING_BY_TYPE.get(owner.type)
        is_drawn = owner.type in ("axes", "figure")  # too many setters for a table
        is_known = not owner.things or (table is not None and not is_drawn)
        remembers = owner.type in methods.REMEMBERING
        if _is_inplace(node) or remembers or name in (table or ()):
            changes = True
        elif is_known or (name in methods.DRAWING_OWN_DATA and not node.args):
            changes = False
        elif name in methods.MUTATING:
            changes = True
        elif name in methods.READING or name.startswith(methods.READING_PREFIXES):
            changes = False
        elif name.startswith(methods.CHANGING_PREFIXES):
            changes = True
        else:
            # What it holds is seldom changed, what it is given may be.
            walk.mutate(owner, root=root, possible=True)
            return joined((owner, self._unknown.call(given)))
        if changes:
            self.change(owner, name, given, root)
        return self._result(owner, name, called)

    def change(
        self, owner: Value, name: str, given: list[Value], root: str | None
    ) -> None:
        """Note that a method changes its receiver, which may keep what it gets."""
        walk = self._walk
        deep = owner.type == "pipeline" or name in methods.DEEP
        walk.mutate(owner, root=root, deep=deep)
        is_adding = name in methods.HOLDING or name.startswith(("add_", "register_"))
        if is_adding and owner.type not in ("dataframe", "series"):
            held = {t for value in given for t in value.things}
            if name in ("extend", "update", "extendleft"):
                held |= {t for v in given for t in walk.parts(v).things}
            for thing in owner.things:
                thing.hold(held)

    def _result(self, owner: Value, name: str, called: list[Value]) -> Value:
        walk = self._walk
        kind = result_type(owner.type, name)
        if not owner.things:
            if kind in ("list", "dict"):
                return walk.fresh(kind, is_container=True)
            if owner.type in ("str", "bytes", "number", "int", "float", "bool"):
                return Value(type_=kind or "")
            return Value(type_=kind) if kind in ("str", "number") else walk.fresh()
        if kind in ("number", "float", "int", "str", "none"):
            return Value(type_=kind)
        if name in ("fit", "set_params", "set_output", "partial_fit"):
            return owner
        if owner.type in methods.REMEMBERING:
            is_model = name in methods.OF_MODELS
            return Value(owner.things, owner.type) if is_model else walk.fresh()
        if name in methods.SHARING and owner.type not in ("dataframe", "series"):
            if owner.type in ("list", "dict", "set", "tuple", "deque", "instance"):
                parts = walk.parts(owner)
                if name in ("items", "values", "keys", "copy", "elements"):
                    holds = () if name == "keys" else parts.things
                    return walk.fresh(kind or "list", holds, is_container=True)
                return parts
            if owner.type == "figure":
                return Value(owner.things, "axes" if "plot" in name else "")
            if owner.type == "ndarray" and name in ("copy", "get"):
                return walk.fresh("ndarray")
            if name == "copy":
                return walk.fresh(owner.type)
            return Value(owner.things, kind or "", sure=False)
        things: set[Thing] = set()
        for value in called:
            things |= value.things
        new = walk.fresh(kind or "", things)
        if kind in ("list", "dict", "set"):
            new = walk.fresh(kind, things, is_container=True)
        return new


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "super"
    )


def _is_inplace(node: ast.Call) -> bool:
    return any(
        keyword.arg == "inplace"
        and not (
            isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        )
        for keyword in node.keywords
    )
