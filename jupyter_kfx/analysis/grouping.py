"""Cells put together to what is worth a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.edges import live_after
from jupyter_kfx.analysis.effects import Effects, then
from jupyter_kfx.analysis.habits import Habit, Work, generators, habit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.analysis.cells import CodeCell
    from jupyter_kfx.notebook.headings import Heading

__all__ = ["Group", "groups", "joined"]

_MOST = 15
"""More steps than this are hard to read in a drawing."""
_NEAR = 5
"""How far above a group to look for others that it brings together."""
_WORKS = list(Work)


@dataclass
class Group:
    """Cells that follow one another and belong together."""

    cells: list[CodeCell]
    effects: Effects
    live: frozenset[str]
    """Names that are needed below it."""
    work: Work
    size: int
    only_looks: bool
    is_cheap: bool
    heading: Heading | None = None
    """The heading it starts at."""
    ties: dict[str, str] = field(default_factory=dict)
    """Why cells must not be parted: the name, and what it stands for."""

    @property
    def handed_on(self) -> set[str]:
        """Names that it writes and something below reads."""
        return (self.effects.may_bind | self.effects.mutates.keys()) & self.live


def groups(
    cells: Sequence[CodeCell],
    headings: Mapping[int, Heading],
    bound_to: frozenset[int],
) -> list[Group]:
    """Return the groups of the cells, which are those that do more than define.

    `headings` are those right above a cell, by its position; the cells at the positions
    `bound_to` belong to what is above them.
    """
    made = generators(cells)
    habits = [habit(code, made) for code in cells]
    live = live_after([code.effects for code in cells])
    every = [
        _group(code, own, later, headings.get(code.cell.index))
        for code, own, later in zip(cells, habits, live, strict=True)
    ]
    tied = _tied(cells, habits)
    found: list[Group] = []
    for at, group in enumerate(every):
        if found and (tied.get(at) or group.cells[0].cell.index in bound_to):
            found[-1] = joined(found[-1], group)
            found[-1].ties |= tied.get(at, {})
        else:
            found.append(group)
    return _merged(found)


def _group(
    code: CodeCell, own: Habit, live: frozenset[str], heading: Heading | None
) -> Group:
    keeps = (code.effects.may_bind & live) - own.figures
    # A line that is fitted only to be drawn belongs to the drawing.
    work = Work.PLOT if own.figures and not keeps else own.work
    return Group(
        [code],
        code.effects,
        live,
        work,
        own.size,
        own.only_looks,
        own.is_cheap,
        heading,
    )


def joined(above: Group, below: Group) -> Group:
    """Return two groups as one."""
    return Group(
        [*above.cells, *below.cells],
        then(above.effects, below.effects),
        below.live,
        min(above.work, below.work, key=_WORKS.index),
        above.size + below.size,
        above.only_looks and below.only_looks,
        above.is_cheap and below.is_cheap,
        above.heading,
        above.ties | below.ties,
    )


def _tied(
    cells: Sequence[CodeCell], habits: Sequence[Habit]
) -> dict[int, dict[str, str]]:
    """Return the cells that must not be parted from the one above, with the reason."""
    found: dict[int, dict[str, str]] = {}
    for at, own in enumerate(habits):
        for names, what in ((own.figures, "figure"), (own.handles, "handle")):
            for name in names:
                last = _last_use(name, cells, at)
                for between in range(at + 1, last + 1):
                    found.setdefault(between, {})[name] = what
    return found


def _last_use(name: str, cells: Sequence[CodeCell], at: int) -> int:
    """Return the last cell that uses a name before it is bound anew."""
    last = at
    for below in range(at + 1, len(cells)):
        effects = cells[below].effects
        if name in effects.reads or name in effects.mutates:
            last = below
        if name in effects.binds | effects.defines | effects.drops:
            break
    return last


def _merged(found: list[Group]) -> list[Group]:
    """Join neighbours as long as a cut between two of them is worth nothing."""
    worth = [_worth(found, at) for at in range(len(found) - 1)]
    while worth:
        lowest = min(worth)
        if lowest >= 0 and len(found) <= _MOST:
            break
        # Of equal ones, the last: what is shown belongs to what is above.
        at = len(worth) - 1 - worth[::-1].index(lowest)
        found[at : at + 2] = [joined(found[at], found[at + 1])]
        del worth[at]
        for near in range(max(at - 1, 0), min(at + _NEAR + 1, len(worth))):
            worth[near] = _worth(found, near)
    return found


def _worth(found: Sequence[Group], at: int) -> float:
    """Return what a cut below a group is worth.

    A heading counts, two things that can run at a time, and few names across.
    """
    above, below = found[at], found[at + 1]
    worth = min(2.0, (above.size + below.size - 6) / 6)
    has_use = bool(below.handed_on) or any(t.writes for t in below.effects.touches)
    if below.heading is not None:
        worth += 4
    elif below.only_looks:
        worth -= 6
    elif not has_use:
        worth -= 1
    if (above.is_cheap or below.is_cheap) and below.heading is None:
        worth -= 3
    if not above.effects.conflict(below.effects):
        return worth + (3 if has_use and above.handed_on else 0)
    if above.handed_on and _brings_together(found[max(at - _NEAR, 0) : at + 2]):
        worth += 3
    names = above.handed_on & (below.effects.reads | below.effects.mutates.keys())
    worth += 1 if len(names) < 3 else 3 - len(names)
    worth += 1.5 if above.work is not below.work else -1
    again = above.effects.mutates.keys() & below.effects.changes & above.live
    return worth - (2 if again - above.effects.binds else 0)


def _brings_together(found: Sequence[Group]) -> bool:
    """Tell whether the last group needs two that do not need one another.

    As a part of the one above it would keep that from running beside the other.
    """
    *others, above, below = found
    return any(
        other.handed_on
        and not other.effects.conflict(above.effects)
        and other.effects.conflict(below.effects)
        for other in others
    )
