"""Which values share objects, so that they have to stay together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator

from .storages import overlapping

if TYPE_CHECKING:
    from .pickling import Dumper

__all__ = ["partition"]


def partition(dumpers: dict[str, Dumper]) -> dict[str, frozenset[str]]:
    """Return, for each name, the names that it shares mutable objects with."""
    parent = {name: name for name in dumpers}

    def top(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for name, other in _pairs(dumpers):
        parent[top(name)] = top(other)
    groups: dict[str, set[str]] = {}
    for name in dumpers:
        groups.setdefault(top(name), set()).add(name)
    return {name: frozenset(groups[top(name)]) for name in dumpers}


def _pairs(dumpers: dict[str, Dumper]) -> Iterator[tuple[str, str]]:
    owner: dict[int, str] = {}
    for name, dumper in dumpers.items():
        for identity in dumper.shared():
            yield name, owner.setdefault(identity, name)
    for name, dumper in dumpers.items():
        for identity in dumper.lent():
            if identity in owner:
                yield name, owner[identity]
    yield from overlapping(dumpers)
