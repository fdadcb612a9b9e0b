"""Cuts a program down for as long as it still goes wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.equivalence.generator import Program

__all__ = ["minimal"]

_Statements = list[tuple[int, int, str]]


async def minimal(
    made: Program, goes_wrong: Callable[[Program], Awaitable[bool]], *, most: int = 100
) -> Program:
    """Return a smaller program that goes wrong too, after so many trials at most."""
    size = max(1, len(_flat(made)) // 2)
    while size and most > 0:
        smaller = None
        for candidate in _without(made, size):
            most -= 1
            if await goes_wrong(candidate):
                smaller = candidate
                break
            if most <= 0:
                break
        if smaller is None:
            size //= 2
        else:
            made = smaller
    return made


def _flat(made: Program) -> _Statements:
    return [
        (i, k, statement)
        for i, step in enumerate(made.steps)
        for k, cell in enumerate(step)
        for statement in cell
    ]


def _without(made: Program, size: int) -> Iterator[Program]:
    """Give the program without so many statements in a row, from the last on."""
    flat = _flat(made)
    for at in range(max(0, len(flat) - size), -1, -size):
        kept = flat[:at] + flat[at + size :]
        if kept:
            yield _built(made, kept)


def _built(made: Program, kept: _Statements) -> Program:
    order = sorted({i for i, _, _ in kept})
    steps = tuple(
        tuple(
            tuple(text for j, m, text in kept if (j, m) == (i, k))
            for k in sorted({m for j, m, _ in kept if j == i})
        )
        for i in order
    )
    after = frozenset(order.index(i) for i in made.ordered if i in order) - {0}
    tests = tuple((order.index(i), test) for i, test in made.conditions if i in order)
    return replace(made, steps=steps, ordered=after, conditions=tests)
