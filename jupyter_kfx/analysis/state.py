"""What is known of the notebook's variables at one place of the walk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.calls import IMMUTABLE
from jupyter_kfx.analysis.effects import Summary

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NOTHING", "State", "Value"]


@dataclass(frozen=True)
class Value:
    """What is known of the value of an expression."""

    shares: frozenset[str] = frozenset()
    """Variables whose objects it may be or hold."""
    type: str = ""
    path: str = ""
    """Dotted path, if it is a module or a part of one: `numpy.random.seed`."""
    carries: Summary | None = None
    """What functions inside bring along when they are used."""

    @property
    def is_immutable(self) -> bool:
        """Whether it surely cannot be changed in place."""
        return self.type in IMMUTABLE


NOTHING = Value()


@dataclass
class State:
    """Types, paths, sharing and functions by variable.

    A global variable goes by its name; a local one by a key that no name can be.
    """

    types: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    carries: dict[str, Summary] = field(default_factory=dict)
    groups: dict[str, set[str]] = field(default_factory=dict)
    """Variables that may share a mutable object; each is in at most one group."""
    setup: set[str] = field(default_factory=set)
    """Names whose current binding is a setup statement."""
    known: set[str] = field(default_factory=set)
    """Names bound so far."""
    seeded: set[str] = field(default_factory=set)
    """Random generators that the notebook has seeded so far."""

    def sharers(self, names: Iterable[str]) -> set[str]:
        """Return all variables that may share an object with these."""
        found: set[str] = set()
        for name in names:
            found |= self.groups.get(name, {name})
        return found

    def value(self, key: str) -> Value:
        """Return what is known of a variable."""
        kind = self.types.get(key, "")
        shares = frozenset() if kind in IMMUTABLE else frozenset({key})
        return Value(shares, kind, self.paths.get(key, ""), self.carries.get(key))

    def assign(self, key: str, value: Value, *, surely: bool) -> None:
        """Bind a variable; where it is not sure, keep what was known too."""
        if surely:
            self.forget(key)
        elif self.types.get(key, "") != value.type:
            self.types.pop(key, None)
        if surely and value.type:
            self.types[key] = value.type
        if value.path and surely:
            self.paths[key] = value.path
        elif not surely and self.paths.get(key) != value.path:
            self.paths.pop(key, None)
        if value.carries is not None:
            old = self.carries.get(key)
            self.carries[key] = old.join(value.carries) if old else value.carries
        if not value.is_immutable:
            self.link({key, *value.shares})

    def link(self, keys: set[str]) -> None:
        """Let variables share from now on."""
        if len(keys) < 2:  # noqa: PLR2004  (nothing to share with)
            return
        joined: set[str] = set()
        for key in keys:
            joined |= self.groups.get(key, {key})
        for key in joined:
            self.groups[key] = joined

    def forget(self, key: str) -> None:
        """Drop what is known of a variable: it is bound anew, or gone."""
        self.types.pop(key, None)
        self.paths.pop(key, None)
        self.carries.pop(key, None)
        self.setup.discard(key)
        group = self.groups.pop(key, None)
        if group is not None:
            group.discard(key)
            if len(group) == 1:
                self.groups.pop(next(iter(group)), None)

    def closure(self, name: str) -> list[Summary]:
        """Return what using a variable brings along, through what that uses in turn."""
        found, seen, todo = [], {name}, [name]
        while todo:
            summary = self.carries.get(todo.pop())
            if summary is None:
                continue
            found.append(summary)
            more = summary.reads - seen
            seen |= more
            todo += more
        return found
