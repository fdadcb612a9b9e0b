"""What is known of the value of an expression: the objects it may be, its type."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.scopes import arguments_of, local_names

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping

    from jupyter_kfx.analysis.scopes import Locals

__all__ = ["NOTHING", "Code", "Thing", "Value", "contents", "holders", "joined"]


class Code:
    """A function of the notebook: its body, and where its free names are bound."""

    __slots__ = (
        "_names",
        "body",
        "defaults",
        "flags",
        "name",
        "node",
        "owner",
        "scopes",
    )

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        scopes: tuple[Mapping[str, str], ...],
        defaults: Mapping[str, Value],
        body: list[ast.stmt],
    ) -> None:
        self.node = node
        self.scopes = scopes
        self.defaults = defaults
        self.body = body
        self.name = getattr(node, "name", "lambda")
        self.flags: frozenset[str] = frozenset()
        """Last parts of its decorators: `property`, `staticmethod`, ..."""
        self.owner: Thing | None = None
        """The class whose method it is."""
        self._names: Locals | None = None

    @property
    def names(self) -> Locals:
        """The names of its scope."""
        if self._names is None:
            parameters = [a.arg for a in arguments_of(self.node.args)]
            self._names = local_names(self.body, parameters)
        return self._names


class Thing:
    """A mutable object that code makes, or all of those made at one place."""

    __slots__ = (
        "bases",
        "bound",
        "code",
        "draws",
        "held_by",
        "holds",
        "is_container",
        "maker",
        "serial",
        "type",
    )
    _serials = itertools.count(1)

    def __init__(self, type_: str = "", *, is_container: bool = False) -> None:
        self.serial = next(self._serials)
        self.type = type_
        self.is_container = is_container
        """Whether its parts are what it holds; else a part counts as the thing."""
        self.holds: dict[Thing, None] = {}
        self.held_by: dict[Thing, None] = {}
        self.code: Code | None = None
        self.draws = False
        """Whether its methods draw from the global random generator."""
        self.maker: Thing | None = None
        """For an instance of a class of the notebook: the class."""
        self.bases: tuple[Thing, ...] = ()
        self.bound: Value | None = None
        """For a method taken from an instance: the instance."""

    def hold(self, things: Iterable[Thing]) -> None:
        """Let it hold other things from now on."""
        for thing in things:
            if thing is not self:
                self.holds[thing] = None
                thing.held_by[self] = None

    @property
    def is_fixed(self) -> bool:
        """Whether a call that is not known is taken to leave it alone."""
        return self.type in ("function", "class", "imported")

    @property
    def is_code(self) -> bool:
        """Whether it is a function or a class."""
        return self.type in ("function", "class")


class Value:
    """What an expression may give."""

    __slots__ = ("items", "path", "sure", "things", "type")

    def __init__(
        self,
        things: frozenset[Thing] = frozenset(),
        type_: str = "",
        path: str = "",
        *,
        sure: bool = True,
        items: tuple[Value, ...] | None = None,
    ) -> None:
        self.things = things
        """Mutable objects it may be; none if it cannot be changed in place."""
        self.type = type_
        self.path = path
        """Dotted path, if it is a module or a part of one: `numpy.random.seed`."""
        self.sure = sure
        """Whether it is just the one thing."""
        self.items = items
        """Its elements one by one, if it is a tuple or a list just made."""


NOTHING = Value()


def joined(values: Iterable[Value], *, sure: bool = False) -> Value:
    """Return a value that may be any of these."""
    several = list(values)
    if not several:
        return NOTHING
    first = several[0]
    if all(value is first for value in several):
        return first
    things = frozenset().union(*(value.things for value in several))
    types = {value.type for value in several}
    paths = [value.path for value in several if value.path]
    path = paths[0] if len(paths) == len(several) else ""
    is_sure = (sure or all(v.sure for v in several)) and len(things) == 1
    return Value(things, types.pop() if len(types) == 1 else "", path, sure=is_sure)


def contents(things: Iterable[Thing]) -> set[Thing]:
    """Return things and all they hold, directly or not."""
    found = set(things)
    todo = list(found)
    while todo:
        for thing in todo.pop().holds:
            if thing not in found:
                found.add(thing)
                todo.append(thing)
    return found


def holders(things: Iterable[Thing]) -> set[Thing]:
    """Return things and all that hold them, directly or not."""
    found = set(things)
    todo = list(found)
    while todo:
        for thing in todo.pop().held_by:
            if thing not in found:
                found.add(thing)
                todo.append(thing)
    return found
