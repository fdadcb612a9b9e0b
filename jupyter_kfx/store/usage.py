"""What takes up how much room in a store."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from jupyter_kfx.store.queries import all_runs

if TYPE_CHECKING:
    from pathlib import Path
    from sqlite3 import Connection

    from jupyter_kfx.store.artifacts import Artifacts

__all__ = ["RunUsage", "Usage", "usage"]


@dataclass(frozen=True)
class RunUsage:
    """What one run takes up, in bytes."""

    run: str
    pipeline: str
    status: str
    values: int
    """Its artifacts that are there."""
    own: int
    """Those of them that no other run has: what deleting it would free."""
    files: int
    """Executed steps, logs and results."""


@dataclass(frozen=True)
class Usage:
    """What a store takes up, in bytes."""

    artifacts: int
    """How many there are."""
    values: int
    """What they take, with files that no run refers to."""
    waste: int
    """What no run refers to."""
    evicted: int
    """How many artifacts of runs were deleted to make room."""
    files: int
    """Executed steps, logs and results of all runs."""
    other: int
    """The database, and copies of the runtime."""
    runs: tuple[RunUsage, ...]
    """The newest first."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def usage(connection: Connection, root: Path, folder: Path, files: Artifacts) -> Usage:
    """Return what the store in a folder takes up."""
    named = connection.execute("SELECT DISTINCT artifact FROM event")
    used = {digest for (digest,) in named}
    found = [file for batch in files.folders() for file in batch]
    values, own = _by_run(connection)
    runs = tuple(
        RunUsage(
            record.id,
            record.pipeline,
            record.status,
            values.get(record.id, 0),
            own.get(record.id, 0),
            _below(record.directory),
        )
        for record in all_runs(connection, folder, None)
    )
    (gone,) = connection.execute("SELECT count(evicted) FROM artifact").fetchone()
    total = sum(file.size for file in found)
    in_runs = _below(folder)
    return Usage(
        artifacts=sum(file.is_artifact for file in found),
        values=total,
        waste=sum(file.size for file in found if file.name not in used),
        evicted=gone,
        files=in_runs,
        other=_below(root) - in_runs - _below(files.root),
        runs=runs,
    )


def _by_run(connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
    """Return the bytes of the artifacts of each run, and of those it alone has."""
    found = connection.execute(
        """
        WITH
        used AS (
            SELECT DISTINCT run, artifact AS digest
            FROM execution JOIN event ON event.execution = execution.id
        ),
        shared AS (SELECT digest, count(*) = 1 AS own FROM used GROUP BY digest)
        SELECT run, sum(size), sum(size * own)
        FROM used JOIN shared USING (digest) JOIN artifact USING (digest)
        WHERE evicted IS NULL
        GROUP BY run
        """
    ).fetchall()
    return {row[0]: row[1] for row in found}, {row[0]: row[2] for row in found}


def _below(folder: Path) -> int:
    """Return how many bytes the files below a folder take."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118
            except FileNotFoundError:  # a run goes on
                continue
    return total
