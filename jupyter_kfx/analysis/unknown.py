"""Code that is not known, and what it may do with what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.analysis.scopes import arguments_of
from jupyter_kfx.analysis.values import NOTHING, Value, contents, joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_kfx.analysis.classes import Classes
    from jupyter_kfx.analysis.functions import Functions
    from jupyter_kfx.analysis.skimming import Skimming
    from jupyter_kfx.analysis.values import Thing
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Unknown"]


class Unknown:
    """Takes code that is not known to use what it gets in every way."""

    def __init__(
        self, walk: Walk, classes: Classes, functions: Functions, skimming: Skimming
    ) -> None:
        self._walk = walk
        self._classes = classes
        self._functions = functions
        self._skimming = skimming

    def call(self, values: Iterable[Value]) -> Value:
        """Call what is not known: it may change and give any part of what it gets."""
        values = list(values)
        walk = self._walk
        extra = [self.escape(value, values) for value in values if value.things]
        things: set[Thing] = set()
        for value in values:
            walk.mutate(value, possible=True, deep=True)
            things |= value.things
        for value in extra:
            things |= value.things
        if any(not (thing.is_container or thing.is_code) for thing in things):
            # A new object would share with these in any case.
            return Value(frozenset(things), sure=False)
        return Value(walk.fresh().things | things, sure=not things)

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
            for target in self._classes.called_by(thing)
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
                results.append(self._functions.follow(code, given, {}))
        if todo:
            codes = [code for code, _ in todo]
            results.append(self._skimming.by_names(codes, {*around, *things}))
        return joined(results)
