"""What a piece of code reads, binds, changes and touches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Effects", "Finding", "Summary", "Touch", "then"]


@dataclass(frozen=True)
class Touch:
    """A predicted use of process state or of files."""

    key: str
    """`files`, `random`, `numpy.random`, `environ`, `cwd`, `network`, ..."""
    writes: bool
    detail: str | None = None
    """For files: the path, if it is a constant."""


@dataclass(frozen=True)
class Finding:
    """Something to tell the user, at a line of the cell."""

    code: str
    message: str
    cure: str
    line: int
    is_error: bool = False


@dataclass
class Effects:
    """Effects of one cell, or of several run one after the other.

    Names are global names. Everything but `binds` and `defines` is a may-set.
    """

    reads: set[str] = field(default_factory=set)
    """May be read before it is surely bound here."""
    binds: set[str] = field(default_factory=set)
    """Bound on every path, by code that is not setup."""
    may_bind: set[str] = field(default_factory=set)
    defines: set[str] = field(default_factory=set)
    """Bound by setup statements."""
    mutates: dict[str, bool] = field(default_factory=dict)
    """Objects changed in place; True if only an unknown call says so."""
    deletes: set[str] = field(default_factory=set)
    touches: set[Touch] = field(default_factory=set)
    opaque: str | None = None
    """Why names cannot be known."""
    findings: list[Finding] = field(default_factory=list)

    def mutate(self, names: Iterable[str], *, possible: bool) -> None:
        """Note that objects may change; certainty wins over possibility."""
        for name in names:
            self.mutates[name] = self.mutates.get(name, True) and possible


def then(first: Effects, second: Effects) -> Effects:
    """Return the effects of running one after the other."""
    bound = first.binds | first.defines
    both = Effects(
        reads=first.reads | (second.reads - bound),
        binds=(first.binds - second.deletes) | second.binds,
        may_bind=first.may_bind | second.may_bind,
        defines=first.defines | second.defines,
        deletes=(first.deletes - second.binds - second.defines) | second.deletes,
        touches=first.touches | second.touches,
        opaque=first.opaque or second.opaque,
        findings=[*first.findings, *second.findings],
    )
    for effects in (first, second):
        for name, possible in effects.mutates.items():
            both.mutate([name], possible=possible)
    return both


@dataclass
class Summary:
    """What calling a function of the notebook, or keeping it, brings along."""

    parameters: tuple[str, ...] = ()
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    mutates: dict[str, bool] = field(default_factory=dict)
    changes: dict[str, bool] = field(default_factory=dict)
    """Its parameters whose objects it changes."""
    shares: set[str] = field(default_factory=set)
    """Its parameters that its result may be or hold a part of."""
    shares_globals: set[str] = field(default_factory=set)
    touches: set[Touch] = field(default_factory=set)
    opaque: str | None = None
    methods: dict[str, Summary] = field(default_factory=dict)
    """For a class."""

    def join(self, other: Summary) -> Summary:
        """Return what either of two brings along."""
        joined = Summary(
            self.parameters if self.parameters == other.parameters else (),
            self.reads | other.reads,
            self.writes | other.writes,
            dict(self.mutates),
            dict(self.changes),
            self.shares | other.shares,
            self.shares_globals | other.shares_globals,
            self.touches | other.touches,
            self.opaque or other.opaque,
            {**self.methods, **other.methods},
        )
        for into, more in (
            (joined.mutates, other.mutates),
            (joined.changes, other.changes),
        ):
            for name, possible in more.items():
                into[name] = into.get(name, True) and possible
        return joined
