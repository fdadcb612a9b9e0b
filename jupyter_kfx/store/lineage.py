"""Where an artifact comes from and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from jupyter_kfx.store.tables import events, executions

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Lineage", "Use", "lineage"]


@dataclass(frozen=True)
class Use:
    """An execution that read or wrote an artifact under a name."""

    run: str
    execution: str
    step: str
    name: str


@dataclass(frozen=True)
class Lineage:
    """Who wrote and read an artifact, and the artifacts on either side of it."""

    written: tuple[Use, ...]
    read: tuple[Use, ...]
    origins: frozenset[str]
    """Digests of all artifacts that went into it, directly or through others."""
    results: frozenset[str]
    """Digests of all artifacts into which it went, directly or through others."""


def lineage(connection: Connection, digest: str) -> Lineage:
    """Return the lineage of an artifact."""
    return Lineage(
        written=_uses(connection, digest, "output"),
        read=_uses(connection, digest, "input"),
        origins=_reached(connection, digest, "output", "input"),
        results=_reached(connection, digest, "input", "output"),
    )


def _uses(connection: Connection, digest: str, role: str) -> tuple[Use, ...]:
    rows = connection.execute(
        select(executions.c.run, executions.c.id, executions.c.step, events.c.name)
        .join(events, events.c.execution == executions.c.id)
        .where(events.c.artifact == digest, events.c.role == role)
        .order_by(events.c.id)
    )
    return tuple(Use(*row) for row in rows)


def _reached(
    connection: Connection, digest: str, near: str, far: str
) -> frozenset[str]:
    """Return what is reached by going from `near` to `far` over executions."""
    here, there = events.alias(), events.alias()
    joined = here.join(there, here.c.execution == there.c.execution)
    roles = (here.c.role == near) & (there.c.role == far)
    first = select(there.c.artifact).select_from(joined)
    found = first.where(roles, here.c.artifact == digest).cte(recursive=True)
    onward = first.join(found, found.c.artifact == here.c.artifact).where(roles)
    reached = connection.scalars(select(found.union(onward).c.artifact))
    return frozenset(reached) - {digest}
