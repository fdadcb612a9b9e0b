"""Walks calls: by the notebook's own code, by tables, or as calls of the unknown."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.effects import Touch
from jupyter_kfx.analysis.library_calls import SPREAD, LibraryCalls
from jupyter_kfx.analysis.method_calls import MethodCalls
from jupyter_kfx.analysis.targets import root_of
from jupyter_kfx.analysis.texts import Texts
from jupyter_kfx.analysis.unknown import Unknown
from jupyter_kfx.analysis.values import Thing, Value, joined
from jupyter_kfx.analysis.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.analysis.classes import Classes
    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.functions import Functions
    from jupyter_kfx.analysis.magic_calls import MagicCalls
    from jupyter_kfx.analysis.skimming import Skimming
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Calls"]

_OF_CONTAINERS = words("append extend setdefault popitem appendleft")
"""Methods that functions of modules are not named after."""


class Calls:
    """Gives what calls give, and notes what they change."""

    def __init__(
        self,
        walk: Walk,
        expressions: Expressions,
        classes: Classes,
        functions: Functions,
        skimming: Skimming,
        magics: MagicCalls,
    ) -> None:
        self._walk = walk
        self._expressions = expressions
        self._classes = classes
        self._functions = functions
        self.magics = magics
        self._unknown = Unknown(walk, classes, functions, skimming)
        self.texts = Texts(walk, expressions, self._unknown)
        self._methods = MethodCalls(walk, classes, functions, self._unknown, self.texts)
        self._library = LibraryCalls(
            walk, classes, self._unknown, self.texts, self._methods
        )

    def call(self, node: ast.Call) -> Value:
        """Return what a call gives."""
        if self.magics.is_magic(node):
            return self.magics.call(node)
        func = node.func
        if isinstance(func, ast.Attribute):
            owner = self._expressions.value(func.value)
            if owner.type == "shell":
                return self.magics.call(node)
            if not owner.path:
                return self._methods.call(node, func, owner, *self._arguments(node))
            if owner.things and func.attr in _OF_CONTAINERS:
                self._walk.mutate(owner, root=root_of(func.value))
            callee = Value(path=f"{owner.path}.{func.attr}")
        else:
            callee = self._expressions.value(func)
        given, keywords = self._arguments(node)
        if callee.path:
            stored = callee.path.rpartition(".")[2] in ("setattr", "delattr")
            if stored and given and given[0].path and not given[0].things:
                self._walk.touch({Touch("modules", writes=True)})
            return self._library.call(node, callee.path, given, keywords)
        self.texts.names(node, func.id if isinstance(func, ast.Name) else "")
        return self._object(callee, given, keywords)

    def _arguments(self, node: ast.Call) -> tuple[list[Value], dict[str, Value]]:
        given: list[Value] = []
        keywords: dict[str, Value] = {}
        spread: set[Thing] = set()
        is_spread = False
        for argument in node.args:
            value = self._expressions.value(argument)
            if isinstance(argument, ast.Starred) or is_spread:
                is_spread = True
                spread |= value.things
            else:
                given.append(value)
        for keyword in node.keywords:
            value = self._expressions.value(keyword.value)
            if keyword.arg is None:
                is_spread = True
                spread |= self._walk.parts(value).things
            else:
                keywords[keyword.arg] = value
        if is_spread:
            keywords[SPREAD] = self._walk.fresh("kwargs", spread, is_container=True)
        return given, keywords

    def _object(
        self,
        callee: Value,
        given: list[Value],
        keywords: Mapping[str, Value],
    ) -> Value:
        """Call the value of a variable."""
        code = frozenset(thing for thing in callee.things if thing.is_code)
        results = []
        if code:
            results.append(self._functions.call(Value(code), given, keywords))
        others = callee.things - code
        if others:
            rest = Value(others, sure=callee.sure)
            called = self._classes.method(rest, "__call__")
            if called is not None:
                results.append(self._functions.call(called, [rest, *given], keywords))
            else:
                # Calling an object seldom changes it; what it gives may be a part.
                results.append(self._unknown.call([*given, *keywords.values()]))
                results.append(self._unknown.escape(rest, given))
                results.append(rest)
        elif not code:
            results.append(self._unknown.call([*given, *keywords.values()]))
        return joined(results)
