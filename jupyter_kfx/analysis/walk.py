"""The place where a walk over code stands: variables, scopes, effects so far."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.effects import Effects, Finding, Touch
from jupyter_kfx.analysis.frames import Frame
from jupyter_kfx.analysis.scopes import BUILTINS
from jupyter_kfx.analysis.state import State, merge
from jupyter_kfx.analysis.values import (
    NOTHING,
    Thing,
    Value,
    contents,
    holders,
    joined,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator

__all__ = ["Walk"]

_MANY = 24
_BUDGET = 800
"""Statements that are followed in calls a cell."""
_CONTAINERS = frozenset({"list", "tuple", "dict", "set", "deque", "instance", "kwargs"})
"""Types whose parts are of other types than they."""


class Walk:
    """Names are looked up, bound and changed through here."""

    def __init__(self, changing: frozenset[str] = frozenset()) -> None:
        """Take the names of functions and classes that code changes."""
        self.changing = changing
        self.state = State()
        self.effects = Effects()
        self.frames: list[Frame] = []
        self.known: set[str] = set()
        """Global names bound so far."""
        self.setup: set[str] = set()
        """Names whose current binding is a setup statement."""
        self.line = 0
        self.depth = 0
        """How many calls of the notebook's functions are being followed."""
        self.spent = 0
        """Work done in followed calls since the cell began, in statements."""
        self.events = 0
        """Changes noted so far: a call that notes none can be remembered."""
        self.oldest = 0
        """Least serial number of the objects changed in the followed call."""
        self.noted: set[str] = set()
        """Global names read in the followed call."""
        self.trials: list[list[State]] = []
        """For each `try` around: states in which its body may stop."""
        self.are_missed = False
        """Whether it shows when the last name of an object is given to another."""
        self.figure: Value | None = None
        """What pyplot draws on; a notebook closes it where a cell ends."""
        self._heap = Thing()
        self._count = itertools.count()

    # Scopes

    def key(self, name: str) -> str | None:
        """Return the key of a local variable, or none for a global name."""
        innermost = True
        for frame in reversed(self.frames):
            if not (frame.is_class and not innermost):
                if name in frame.globals:
                    return None
                if name in frame.names:
                    return frame.names[name]
            if not frame.is_comprehension:
                innermost = False
        return None

    def new_key(self, name: str) -> str:
        """Return a key for a local variable."""
        return f"{name}@{next(self._count)}"

    @contextmanager
    def frame(self, names: Iterable[str]) -> Iterator[Frame]:
        """Walk code in a scope with these variables."""
        frame = Frame({name: self.new_key(name) for name in names})
        self.frames.append(frame)
        try:
            yield frame
        finally:
            self.frames.pop()

    # Names

    def read(self, name: str) -> Value:
        """Return the value of a name, and note that it is read."""
        key = self.key(name)
        values = self.state.values
        if key is not None:
            value = values.get(key)
            frame = self.frames[-1]
            if frame.is_class and frame.names.get(name) == key:
                # In a class body a name not bound yet is looked up outside.
                if value is None:
                    return self._outside(name)
                if key not in self.state.bound:
                    return joined((value, self._outside(name)))
            return NOTHING if value is None else value
        return self._global(name)

    def _outside(self, name: str) -> Value:
        frame = self.frames.pop()
        try:
            return self.read(name)
        finally:
            self.frames.append(frame)

    def _global(self, name: str) -> Value:
        if name not in self.known and name in BUILTINS:
            self.noted.add(name)
            return Value(path=name)
        self.note(name)
        value = self.state.values.get(name)
        if value is not None:
            return value
        # Bound somewhere that cannot be seen, or not at all.
        value = Value(frozenset({Thing()}))
        self.state.values[name] = value
        return value

    def note(self, name: str) -> None:
        """Note that a global name is read."""
        self.noted.add(name)
        if name not in self.state.bound:
            self.effects.reads.add(name)

    def bind(self, name: str, value: Value) -> None:
        """Bind a name in the innermost scope."""
        if value.items is not None and value.type == "list":
            value = Value(value.things, "list", sure=value.sure)
        if len(value.things) > _MANY:
            value = Value(self.few(value.things), sure=False)
        key = self.key(name)
        if key is not None:
            self.state.values[key] = value
            self.state.bound.add(key)
            return
        self.events += 1
        if self.are_missed and name in self.known - self.setup:
            old = self.state.values.get(name)
            if old is None or old.things:
                self.note(name)
        self.effects.may_bind.add(name)
        self.state.values[name] = value
        self.state.bound.add(name)
        self.known.add(name)
        self.setup.discard(name)

    # What setup statements are judged by

    def path_of(self, name: str) -> str:
        """Return the dotted path of what setup or Python itself binds a name to."""
        if name not in self.known:
            return name if name in BUILTINS else ""
        value = self.state.values.get(name)
        return value.path if value is not None and name in self.setup else ""

    def unbind(self, name: str, *, quietly: bool = False) -> None:
        """Unbind a name in the innermost scope; it is read first, unless quietly."""
        key = self.key(name)
        if key is not None:
            self.state.values.pop(key, None)
            self.state.bound.discard(key)
            return
        if not quietly:
            self.note(name)
        self.events += 1
        self.effects.deletes.add(name)
        self.state.bound.discard(name)
        self.state.values.pop(name, None)

    # Objects

    def mutate(
        self,
        value: Value,
        *,
        root: str | None = None,
        possible: bool = False,
        deep: bool = False,
    ) -> None:
        """Note that an object changes in place, and with it all that hold it.

        `root` is the name by which the code reaches it.
        """
        things: Iterable[Thing] = value.things
        if not things:
            return
        if deep:
            things = {t for t in contents(things) if not t.is_fixed}
        elif possible:
            things = [t for t in things if not t.is_fixed]
        if not things:
            return
        affected = holders(things)
        self.spent += len(affected) // 50
        self.oldest = min(self.oldest, *(thing.serial for thing in affected))
        bound, mutates = self.state.bound, self.effects.mutates
        for key, held in self.state.values.items():
            if not held.things or affected.isdisjoint(held.things) or "@" in key:
                continue
            self.events += 1
            if key in bound:
                continue
            surely = not possible and (key == root or (value.sure and held.sure))
            mutates[key] = mutates.get(key, True) and not surely

    def fresh(
        self,
        type_: str = "",
        holds: Iterable[Thing] = (),
        *,
        is_container: bool = False,
    ) -> Value:
        """Return a value that is a new object."""
        thing = Thing(type_, is_container=is_container)
        thing.hold(self.few(holds))
        return Value(frozenset({thing}), type_)

    def drawn(self, *, anew: bool) -> Value:
        """Return the figure that pyplot draws on, or the next one."""
        if anew or self.figure is None:
            self.figure = self.fresh("figure")
        return self.figure

    def few(self, things: Iterable[Thing]) -> frozenset[Thing]:
        """Return things that stand for all of these; many are taken as one.

        Precision does not matter where that much may share, but time does.
        """
        found = frozenset(things)
        if len(found) <= _MANY:
            return found
        self.spent += len(found) // 50
        kept: dict[Thing | None, Thing] = {}
        for thing in found:
            if thing is not self._heap and thing not in self._heap.holds:
                self._heap.hold([thing])
                thing.hold([self._heap])
            if thing.maker is not None:
                kept[thing.maker] = thing
            elif thing.is_code:
                kept[thing] = thing
        return frozenset({self._heap, *kept.values()})

    def parts(self, value: Value) -> Value:
        """Return what an element or an attribute of a value may be."""
        if not value.things:
            return NOTHING
        found: dict[Thing, None] = {}
        sure = value.sure
        for thing in value.things:
            if not thing.is_container and not thing.is_code:
                found[thing] = None
            found.update(thing.holds)
        types = {thing.type for thing in found}
        type_ = types.pop() if len(types) == 1 else ""
        if value.type in ("", type_) or value.type in _CONTAINERS:
            return Value(frozenset(found), type_, sure=sure and len(found) == 1)
        return Value(frozenset(found), sure=False)

    # Notes

    def touch(self, touches: Iterable[Touch]) -> None:
        """Note uses of process state."""
        self.effects.touches.update(touches)

    def opaque(self, why: str, *, writes: bool = True) -> None:
        """Note that names cannot be known, of those read or of those bound too."""
        self.events += 1
        self.effects.writes_any = self.effects.writes_any or writes
        self.effects.opaque = self.effects.opaque or why

    def find(self, code: str, message: str, cure: str, *, error: bool = False) -> None:
        """Note something to tell the user."""
        self.events += 1
        finding = Finding(code, message, cure, self.line, error)
        if finding not in self.effects.findings:
            self.effects.findings.append(finding)

    # Ways

    @property
    def is_spent(self) -> bool:
        """Whether calls are to be judged by the names in their code from here on."""
        return self.spent > _BUDGET

    def at(self, node: ast.stmt) -> None:
        """Come to a statement."""
        if self.depth:
            self.spent += 1
        else:
            self.line = node.lineno

    def leave(self) -> None:
        """Note that no path leads on from here."""
        for trial in self.trials:
            trial.append(self.state.copy())
        self.state.dead = True

    @contextmanager
    def maybe(self) -> Iterator[None]:
        """Walk code that may not run."""
        before = self.state.copy()
        yield
        self.state = merge([self.state, before])
