"""The edges between steps: for each read, the last step above that wrote the name."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.model import Edge, EdgeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_kfx.analysis.effects import Effects, Touch

__all__ = ["edges_between", "live_after", "settle", "sources"]

_RANK = {EdgeKind.ORDER: 0, EdgeKind.POSSIBLE: 1, EdgeKind.DATA: 2}
_RANDOM = frozenset({"random", "numpy.random", "torch.random", "tensorflow.random"})
_SHARED_WORLD = frozenset({"files", "network", "subprocess"})


@dataclass
class _Writers:
    """For each name, the steps whose version a reader may see now."""

    of: dict[str, list[tuple[int, EdgeKind]]] = field(default_factory=dict)
    unknown: int | None = None
    """The last step whose names cannot be known: it may have written any."""

    def before(self, name: str) -> list[tuple[int, EdgeKind]]:
        """Return the steps whose version of a name may be the current one."""
        found = self.of.get(name, [])
        unknown = self.unknown
        if unknown is not None and all(j < unknown for j, _ in found):
            found = [*found, (unknown, EdgeKind.POSSIBLE)]
        return found

    def apply(self, step: int, effects: Effects) -> None:
        if effects.writes_any:
            self.unknown = step
        bound = effects.may_bind | effects.deletes
        for name in effects.defines - bound:
            self.of.pop(name, None)
        for name, possible in effects.mutates.items():
            if name in bound:
                continue
            if possible:
                # It waits for those above that may have changed the object, too.
                kept = [w for w in self.of.get(name, ()) if w[1] is EdgeKind.DATA]
                self.of[name] = [*kept, (step, EdgeKind.POSSIBLE)]
            else:
                self.of[name] = [(step, EdgeKind.DATA)]
        for name in bound:
            if name in effects.binds or name in effects.drops:
                self.of[name] = [(step, EdgeKind.DATA)]
            else:
                self.of.setdefault(name, []).append((step, EdgeKind.DATA))


def edges_between(
    names: Sequence[str],
    effects: Sequence[Effects],
    after: Sequence[Iterable[str]] = (),
) -> tuple[Edge, ...]:
    """Return the edges between steps, `after` being the order that tags ask for.

    Steps run on copies of their own, so a step that changes a name hands it on: a later
    reader depends on the last step that bound or changed it.
    """
    writers, world = _Writers(), _World()
    found: list[Edge] = []
    position = {name: i for i, name in enumerate(names)}
    for i, own in enumerate(effects):
        sources: dict[tuple[int, EdgeKind], set[str]] = {}
        for name in own.reads:
            for j, kind in writers.before(name):
                if j != i:
                    sources.setdefault((j, kind), set()).add(name)
        for j, why in world.before(i, own.touches):
            sources.setdefault((j, EdgeKind.ORDER), set()).add(why)
        for earlier in after[i] if i < len(after) else ():
            if position.get(earlier, i) < i:
                sources.setdefault((position[earlier], EdgeKind.ORDER), set()).add(
                    "prev"
                )
        found += [
            Edge(names[j], names[i], kind, tuple(sorted(travels)))
            for (j, kind), travels in sorted(
                sources.items(), key=lambda item: (item[0][0], _RANK[item[0][1]])
            )
        ]
        writers.apply(i, own)
        world.apply(i, own.touches)
    return tuple(found)


@dataclass
class _World:
    """Who last touched files and process state."""

    writers: dict[str, list[tuple[int, str | None]]] = field(default_factory=dict)
    readers: dict[str, list[tuple[int, str | None]]] = field(default_factory=dict)
    barrier: tuple[int, str] | None = None
    seeded: set[str] = field(default_factory=set)

    def before(self, step: int, touches: Iterable[Touch]) -> set[tuple[int, str]]:
        """Return the steps that must have run before one that touches these."""
        found: set[tuple[int, str]] = set()
        if self.barrier is not None:
            found.add(self.barrier)
        for touch in touches:
            key = "files" if touch.key in _SHARED_WORLD else touch.key
            if key in _RANDOM and touch.key not in self.seeded:
                continue
            for j, detail in self.writers.get(key, ()):
                if _meet(touch.detail, detail):
                    found.add((j, touch.key))
            if touch.writes:
                for j, detail in self.readers.get(key, ()):
                    if _meet(touch.detail, detail):
                        found.add((j, touch.key))
        return {(j, why) for j, why in found if j != step}

    def apply(self, step: int, touches: Iterable[Touch]) -> None:
        """Take in what a step touches."""
        for touch in sorted(touches, key=lambda t: (t.key, str(t.detail))):
            key = "files" if touch.key in _SHARED_WORLD else touch.key
            if key in _RANDOM:
                if touch.detail == "seed":
                    self.seeded.add(key)
                if key in self.seeded:
                    self.writers[key] = [(step, None)]
            elif key != "files":
                if touch.writes:
                    self.barrier = (step, key)
            elif not touch.writes:
                self.readers.setdefault(key, []).append((step, touch.detail))
            elif touch.detail is None:
                self.writers[key] = [(step, None)]
                self.readers[key] = []
            else:
                self.writers.setdefault(key, []).append((step, touch.detail))


def _meet(one: str | None, other: str | None) -> bool:
    """Tell whether two paths may be one file; `seed` marks no path."""
    if one in (None, "seed") or other in (None, "seed"):
        return True
    first, second = posixpath.normpath(str(one)), posixpath.normpath(str(other))
    return f"{first}/".startswith(f"{second}/") or f"{second}/".startswith(f"{first}/")


def live_after(effects: Sequence[Effects]) -> list[frozenset[str]]:
    """Return, for each step, the names that a later step may need."""
    live: frozenset[str] = frozenset()
    found: list[frozenset[str]] = []
    for own in reversed(effects):
        found.append(live)
        anew = own.binds | (own.defines - own.may_bind) | own.drops
        live = (live - anew) | own.reads
    return found[::-1]


def settle(effects: Sequence[Effects], live: Sequence[frozenset[str]]) -> None:
    """Let steps take over the names that change with what they change.

    A change of an object shows under every name that shares it; a step needs those
    that are read here or later, and no others.
    """
    for own, later in zip(effects, live, strict=True):
        own.mutates = {
            name: possible
            for name, possible in own.mutates.items()
            if name in own.reads or name in later
        }
        own.reads |= own.mutates.keys() - own.binds


def sources(edges: Iterable[Edge]) -> dict[str, dict[str, str]]:
    """Return, for each step, the names that travel to it, with where they come from."""
    found: dict[str, dict[str, str]] = {}
    for edge in edges:
        if edge.kind is not EdgeKind.ORDER:
            arriving = found.setdefault(edge.target, {})
            for name in edge.names:
                if edge.kind is EdgeKind.DATA or name not in arriving:
                    arriving[name] = edge.source
    return found
