"""Objects that libraries keep for all to use, and what cells make of them.

`from mpmath import mp` gives each step an `mp` of its own. It is the module's object
there too, as other functions of the module use it; what has become of it travels.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any, Container, Iterator

from .filling import (
    CODE,
    CONTAINERS,
    HELD,
    attributes,
    can_be_filled,
    hold,
    is_code,
    parts_of,
    refill,
    slots,
)
from .mentions import Mentions, is_library
from .pickling import NotHandedOnError, dump

__all__ = ["FIXTURE", "Fixtures"]

FIXTURE = "library "
"""How the states of fixtures are called: this, the module, a colon, and the name."""
_MANY = 300
"""So many objects in a module are a catalogue, as of units, and no settings."""
_OWN_WAYS = ("__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__")


class Fixtures:
    """The objects of libraries that a step's code mentions."""

    def __init__(self, mentions: Mentions, namespace: dict[str, Any]) -> None:
        self._mentions = mentions
        self._namespace = namespace
        self._objects: dict[str, Any] = {}
        self._kinds: dict[str, type] = {}
        self._named: set[str] = set()
        self._before: dict[str, dict[str, tuple]] = {}
        self._given: dict[str, dict[str, tuple]] = {}
        self.anchors: dict[int, tuple[str, str]] = {}
        """Where the objects are found, by their ids."""

    def restore(self, key: str, state: dict[str, tuple]) -> None:
        """Bring back what steps above have made of an object."""
        self._given[key] = state
        module, _, name = key[len(FIXTURE) :].partition(":")
        obj = getattr(importlib.import_module(module), name)
        there = attributes(obj) or {}
        for part, (how, value) in state.items():
            if part == HELD:
                hold(obj, value)
            elif how == "gone":
                there.pop(part, None)
            elif how == "in place" and type(there.get(part)) is type(value):
                refill(there[part], value)
            else:
                there[part] = value

    def look(self) -> None:
        """Remember how those are that were not there before."""
        found = {}
        for module, name, value in self._candidates():
            key = f"{FIXTURE}{module}:{name}"
            if id(value) not in self.anchors:
                self._objects[key] = found[key] = value
                self.anchors[id(value)] = module, name
        for key, value in found.items():
            self._kinds[key] = type(value)
            self._before[key] = self._tokens(value)

    def _candidates(self) -> Iterator[tuple[str, str, Any]]:
        """Give the objects that code names, and those beside them that it may change."""
        for module, name, value in self._mentions.objects():
            if is_library(sys.modules.get(module)) and _is_fixture(value, module):
                self._named.add(f"{FIXTURE}{module}:{name}")
                yield module, name, value
        for home in self._mentions.modules():
            module = home.__name__
            if not is_library(home):
                continue
            beside = [
                (module, name, value)
                for name, value in list(vars(home).items())
                if not name.startswith("_")
                and type(value) not in CONTAINERS
                and _is_fixture(value, module)
            ]
            if len(beside) < _MANY:
                yield from beside

    def changed(
        self, roots: Container[int]
    ) -> tuple[dict[str, dict[str, tuple]], dict[str, str]]:
        """Return the states that are others now, and why some cannot be handed on.

        `roots` are the ids of what variables of the notebook hold.
        """
        found: dict[str, dict[str, tuple]] = {}
        lost: dict[str, str] = {}
        for key, obj in self._objects.items():
            if type(obj) is not self._kinds[key]:
                continue  # it was only to be loaded when it is used, which it is again
            before, now, values = self._before[key], self._tokens(obj), parts_of(obj)
            given = self._given.get(key, {})
            state, is_new = {}, False
            for part in {**before, **now}:
                was, has = before.get(part), now.get(part)
                if was is not None and has is not None and _same(was, has):
                    if was[0] != has[0] and self._shares(values[part], roots):
                        lost[key] = f"its `{part}` has come to be a variable's"
                    if part in given:
                        state[part] = given[part][0], values[part]
                    continue
                is_new = True
                if has is None:
                    state[part] = "gone", None
                    continue
                is_kept = was is not None and was[0] == has[0]
                can = part == HELD or not is_kept or can_be_filled(values[part])
                if has[1] is None or not can:
                    # As long as no code names it, a cache is more likely than a setting.
                    if key in self._named:
                        lost[key] = f"its `{part}` was changed, and cannot be stored"
                    continue
                state[part] = "in place" if is_kept else "anew", values[part]
            if is_new:
                found[key] = state
        return found, lost

    def _shares(self, value: Any, roots: Container[int]) -> bool:
        found = dump(value, self._namespace, anchors=self.anchors).shared()
        return any(identity in roots for identity in found)

    def _tokens(self, obj: Any) -> dict[str, tuple]:
        found = {
            name: token(value, self._namespace, self.anchors)
            for name, value in parts_of(obj).items()
        }
        if HELD in found:
            found[HELD] = id(obj), *found[HELD][1:]
        return found


def token(value: Any, main: dict[str, Any], anchors: dict[int, Any]) -> tuple:
    """Return what stands for a value: its id, and a digest or, if it has none, its parts."""
    if isinstance(value, CODE):
        return id(value), id(value), None
    for fast in (True, False):  # what holds itself cannot be pickled fast
        try:
            pickled = dump(value, main, anchors=anchors, fast=fast)
        except NotHandedOnError:
            continue
        return id(value), pickled.digest(), None
    return id(value), None, _shape(value, anchors)


def _same(one: tuple, other: tuple) -> bool:
    if one[1] is not None and one[1] == other[1]:
        return True
    return one == other and one[1] is None


def _shape(value: Any, but: dict[int, Any], depth: int = 1) -> tuple:
    """Return the ids of what a value holds, which cannot be pickled itself."""
    if isinstance(value, dict):
        parts = [*value, *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        parts = list(value)
    else:
        parts = [*(attributes(value) or {}).values(), *slots(value).values()]
    inner = [
        _shape(part, but, depth - 1)
        for part in parts
        if depth and id(part) not in but and not is_code(part)
    ]
    return (*map(id, parts), *inner)


def _is_fixture(value: Any, module: str) -> bool:
    """Tell whether an object of a library's module is one that its functions share."""
    kind = type(value)
    if isinstance(value, CODE):
        return False
    if kind in CONTAINERS:
        return True
    if attributes(value) is None:
        return False
    if (kind.__module__ or "").partition(".")[0] != module.partition(".")[0]:
        return False
    classes = [base for base in kind.__mro__[:-1] if base.__module__ != "builtins"]
    own = {name for base in classes for name in vars(base)}
    return own.isdisjoint(_OWN_WAYS)
