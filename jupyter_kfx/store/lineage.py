"""Where an artifact comes from and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Connection

__all__ = ["Lineage", "Use", "lineage", "uses"]


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
        written=uses(connection, digest, "output"),
        read=uses(connection, digest, "input"),
        origins=_reached(connection, digest, "output", "input"),
        results=_reached(connection, digest, "input", "output"),
    )


def uses(
    connection: Connection, digest: str, role: str | None = None
) -> tuple[Use, ...]:
    """Return who used an artifact, in one role or in any."""
    found = connection.execute(
        """
        SELECT run, execution.id, step, name
        FROM execution JOIN event ON event.execution = execution.id
        WHERE artifact = ? AND coalesce(?, role) = role
        ORDER BY event.id
        """,
        [digest, role],
    )
    return tuple(Use(*row) for row in found)


def _reached(
    connection: Connection, digest: str, near: str, far: str
) -> frozenset[str]:
    """Return what is reached by going from `near` to `far` over executions."""
    found = connection.execute(
        """
        WITH RECURSIVE
        hop (here, there) AS (
            SELECT here.artifact, there.artifact
            FROM event AS here JOIN event AS there USING (execution)
            WHERE here.role = :near AND there.role = :far
        ),
        reached (artifact) AS (
            SELECT there FROM hop WHERE here = :digest
            UNION
            SELECT there FROM hop JOIN reached ON here = artifact
        )
        SELECT artifact FROM reached
        """,
        {"digest": digest, "near": near, "far": far},
    )
    return frozenset(artifact for (artifact,) in found) - {digest}
