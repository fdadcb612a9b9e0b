"""What libraries count up, go round or draw from, which every process begins anew."""

from __future__ import annotations

import itertools
import os
import re
import sys
import types
from collections import defaultdict
from typing import Any, Iterator

from .generators import is_generator, set_state, state_of

__all__ = ["COUNTER", "Counters"]

COUNTER = "counter "
"""How the states of counters are called: this, the module, a colon, and the path."""
_NAME = re.compile(r"(?i)count|serial|(^|_)(next|ids?|uids?|seq|num|number|index)($|_)")
_INSTALLED = ("site-packages", "dist-packages")
_NOT_OURS = frozenset(
    # What a kernel consists of counts for itself.
    {"IPython", "comm", "ipykernel", "jupyter_client", "jupyter_core"}
    | {"matplotlib_inline", "tornado", "traitlets", "zmq"}
)
_UNSEEN = frozenset({"networkx.utils.decorators"})
"""Modules that number what they compile for themselves."""
_TELL_BY_ID = frozenset({"pulp.pulp"})
"""Modules whose objects keep the `id` that they were made with, to be told apart by."""
_NAMES = "keras.src.backend.common.global_state"
"""The module that counts how often each name was given to a layer or a model."""
_COUNT = type(itertools.count())


class _Cycle:
    """Goes round as `itertools.cycle` does, and counts how often it was asked."""

    def __init__(self, cycle: Iterator[Any]) -> None:
        self._cycle = cycle
        self._drawn: list[Any] = []
        self.number = 0

    def __iter__(self) -> _Cycle:
        return self

    def __next__(self) -> Any:
        if self.number == len(self._drawn):
            self._drawn.append(next(self._cycle))
        self.number += 1
        return self._drawn[self.number - 1]

    def go_to(self, number: int) -> None:
        """Go on, or back, to where it was asked that often."""
        self.number = min(number, len(self._drawn))
        while self.number < number:
            next(self)


_INSIDE = (int, _COUNT, itertools.cycle, _Cycle)
"""What counts as an attribute of an object that a module holds."""


class Counters:
    """The counters of the modules that are loaded, and what was to be put into others.

    Numbers of modules and of their classes whose names say that they count, cycles, and
    generators of random numbers that are a library's own. A number says how far each is;
    that of a generator is its state.
    """

    def __init__(self) -> None:
        self._owners: dict[str, Any] = {}
        self._looked: set[str] = set()
        self._begun: dict[str, Any] = {}
        self._given: dict[str, Any] = {}
        self._generators: dict[int, tuple[str, str]] = {}

    @property
    def anchors(self) -> dict[int, tuple[str, str]]:
        """Where the generators are found that values may refer to, by their ids."""
        return self._generators

    def look(self) -> None:
        """Find the counters of modules that were loaded since the last time."""
        for name, module in list(sys.modules.items()):
            if name not in self._looked and isinstance(module, types.ModuleType):
                self.imported(module)

    def imported(self, module: types.ModuleType) -> None:
        """Find the counters of a module, and bring back what steps above counted."""
        name = getattr(module, "__name__", "")
        self._looked.add(name)
        path = getattr(module, "__file__", None) or ""
        if name in _UNSEEN or name.partition(".")[0] in _NOT_OURS:
            return
        if not any(p in path for p in _INSTALLED):
            return
        if name in _TELL_BY_ID:
            vars(module)["id"] = _id
        if name == _NAMES:
            key = f"{COUNTER}{name}:GLOBAL_STATE_TRACKER.object_name_uids"
            self._found(key, module.GLOBAL_STATE_TRACKER, ())
        for attribute, value in list(vars(module).items()):
            self._note(name, module, attribute, value)
            if isinstance(value, type) and value.__module__ == name:
                for own, item in list(vars(value).items()):
                    self._note(name, value, own, item, f"{value.__qualname__}.")
            elif type(value).__module__ == name:
                for own, item in _attributes(value):
                    if type(item) in _INSIDE:
                        self._note(name, value, own, item, f"{attribute}.")

    def _note(
        self, module: str, owner: Any, attribute: str, value: Any, inside: str = ""
    ) -> None:
        if type(value) is itertools.cycle:
            value = _Cycle(value)
            setattr(owner, attribute, value)
        is_named = not attribute.isupper() and _NAME.search(attribute) is not None
        if is_generator(value):
            if inside or id(value) in self._generators:
                return
            self._generators[id(value)] = module, attribute
        elif type(value) is not _Cycle and not is_named:
            return
        number = _number(value)
        if number is None:
            return
        self._found(f"{COUNTER}{module}:{inside}{attribute}", owner, number)

    def _found(self, key: str, owner: Any, number: Any) -> None:
        self._owners[key] = owner
        self._begun[key] = number
        if key in self._given:
            self.restore(key, self._given[key])

    def restore(self, key: str, number: Any) -> None:
        """Bring a counter to a number, as soon as its module is loaded."""
        self._given[key] = number
        owner = self._owners.get(key)
        if owner is not None:
            attribute = key.rpartition(":")[2].rpartition(".")[2]
            there = vars(owner).get(attribute)
            if type(there) is _Cycle:
                there.go_to(number)
            elif is_generator(there):
                set_state(there, number)
            elif isinstance(number, tuple):
                setattr(owner, attribute, defaultdict(int, number))
            else:
                is_count = type(there) is _COUNT
                now = itertools.count(number) if is_count else number
                setattr(owner, attribute, now)
            self._begun[key] = number

    def numbers(self) -> dict[str, Any]:
        """Return how far each counter is."""
        found = {}
        for key, owner in self._owners.items():
            number = _number(vars(owner).get(key.rpartition(":")[2].rpartition(".")[2]))
            if number is not None:
                found[key] = number
        return found

    def begin(self, numbers: dict[str, Any]) -> None:
        """Put the counters back to those numbers: the cells begin."""
        now = self.numbers()
        for key, number in numbers.items():
            if now.get(key, number) != number:
                self.restore(key, number)
        self._begun = self.numbers()

    def changed(self) -> dict[str, Any]:
        """Return those that the cells have counted on."""
        return {k: n for k, n in self.numbers().items() if n != self._begun.get(k)}


def _id(obj: object) -> int:
    """Return what no other object has, of this process or of those of other steps."""
    return id(obj) + (os.getpid() << 48)


def _attributes(value: Any) -> list[tuple[str, Any]]:
    """Return what is in its dictionary: its class may answer for any name asked for."""
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return []
    return list(own.items()) if isinstance(own, dict) else []


def _number(value: Any) -> Any:
    if type(value) is int:
        return value
    if type(value) is _Cycle:
        return value.number
    if type(value) is defaultdict:
        return tuple(sorted(value.items()))
    if is_generator(value):
        return state_of(value)
    text = repr(value)[len("count(") : -1]
    return int(text) if type(value) is _COUNT and text.isdigit() else None
