"""Judges code by the names in it, where following it would take too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.analysis.scopes import deleted_names, local_names, mentioned
from jupyter_kfx.analysis.values import Value, contents, joined

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from jupyter_kfx.analysis.values import Code, Thing
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Skimming"]


class Skimming:
    """Takes code to do anything with whatever it names."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk

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
        everything = self.by_names(codes, things)
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

    def by_names(self, codes: Iterable[Code], given: set[Thing]) -> Value:
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
            names = one.names
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
