"""What a piece of code reads, binds, changes and touches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Effects", "Finding", "Touch", "perhaps", "then"]


@dataclass(frozen=True)
class Touch:
    """A predicted use of process state or of files."""

    key: str
    """`files`, `random`, `numpy.random`, `environ`, `cwd`, `network`, ..."""
    writes: bool
    detail: str | None = None
    """For files: the path, if it is a constant; for generators: `seed`; for modules: the
    imported name that is changed in place."""


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
    """May be unbound at the end."""
    drops: set[str] = field(default_factory=set)
    """Unbound on every path."""
    touches: set[Touch] = field(default_factory=set)
    opaque: str | None = None
    """Why names cannot be known."""
    writes_any: bool = False
    """Whether it may bind names that cannot be known."""
    findings: list[Finding] = field(default_factory=list)

    def mutate(self, names: Iterable[str], *, possible: bool) -> None:
        """Note that objects may change; certainty wins over possibility."""
        for name in names:
            self.mutates[name] = self.mutates.get(name, True) and possible

    @property
    def changes(self) -> set[str]:
        """Names that are bound, unbound or whose objects are changed, by any code."""
        return self.may_bind | self.defines | self.deletes | self.mutates.keys()

    def conflict(self, below: Effects) -> str:
        """Return what keeps this and what is below it in order, in words; or nothing."""
        names = self.changes & (below.reads | below.changes)
        names |= below.changes & self.reads
        if names:
            return ", ".join(f"`{name}`" for name in sorted(names))
        if self.opaque or below.opaque:
            return "names that cannot be known"
        touched = {touch.key for touch in self.touches if touch.writes}
        touches = {touch.key for touch in below.touches}
        both = touched & touches
        both |= {t.key for t in below.touches if t.writes} & {
            t.key for t in self.touches
        }
        return ", ".join(sorted(both))


def then(first: Effects, second: Effects) -> Effects:
    """Return the effects of running one after the other."""
    fresh = first.binds | first.defines
    rebound = second.binds | second.defines
    both = Effects(
        reads=first.reads | (second.reads - fresh),
        binds=(first.binds - second.deletes) | second.binds,
        may_bind=first.may_bind | second.may_bind,
        defines=(first.defines - second.deletes) | second.defines,
        deletes=(first.deletes - rebound) | second.deletes,
        drops=(first.drops - second.may_bind - second.defines) | second.drops,
        touches=first.touches | second.touches,
        opaque=first.opaque or second.opaque,
        writes_any=first.writes_any or second.writes_any,
        findings=[*first.findings, *second.findings],
        mutates=dict(first.mutates),
    )
    for name, possible in second.mutates.items():
        if name not in first.binds:
            both.mutate([name], possible=possible)
    return both


def perhaps(effects: Effects) -> Effects:
    """Return the effects of code that may not run at all: nothing is sure of it."""
    return replace(
        effects,
        binds=set(),
        may_bind=effects.may_bind | effects.defines,
        defines=set(),
        drops=set(),
    )
