"""Deleting what no run needs, and what was not used for longest where room is short."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyter_kfx.store.presence import since
from jupyter_kfx.store.queries import running
from jupyter_kfx.store.rows import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jupyter_kfx.store.artifacts import Artifacts, StoredFile
    from jupyter_kfx.store.database import Database

__all__ = ["Swept", "collect", "discard"]

_TICK = 0.02
"""Longer than file systems' clocks stand still; others only keep things for longer."""
_AT_ONCE = 500
"""Files that are deleted while writers wait."""


@dataclass(frozen=True)
class Swept:
    """What was deleted from a store, and what is left."""

    deleted: int
    """Files that no run refers to."""
    evicted: int
    """Artifacts that runs refer to, deleted to make room."""
    folders: int
    """Folders of runs that are not recorded."""
    freed: int
    """Bytes of artifacts that were deleted."""
    left: int
    """Bytes of artifacts that are there."""
    running: tuple[str, ...]
    """Runs that go on; what they wrote or used was left alone."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def collect(
    database: Database,
    folder: Path,
    files: Artifacts,
    *,
    limit: int | None = None,
    dry_run: bool = False,
) -> Swept:
    """Delete what no run refers to, then what was not used for longest down to a limit.

    What was written or used since the oldest run that goes on began is left alone: a
    step may count on a file of which no record speaks yet.
    """
    with database.writing() as connection:
        time.sleep(_TICK)  # so that what was there before is older than now
        before = files.now()
        live = running(connection, folder)
        known = {run for (run,) in connection.execute("SELECT id FROM run")}
        # Directories of runs are made by processes that write to the database.
        stale = [path for path in folder.iterdir() if path.name not in known]
        named = connection.execute("SELECT DISTINCT artifact FROM event")
        used = {digest for (digest,) in named}
    before = min([before, *(since(folder / run) for run in live)])
    waste: list[StoredFile] = []
    kept: list[StoredFile] = []
    for found in files.folders():
        for file in found:
            is_waste = file.name not in used and file.used < before
            (waste if is_waste else kept).append(file)
    surplus = list(_surplus(kept, used, before, limit))
    if dry_run:
        deleted, evicted = waste, surplus
    else:
        for path in stale:
            shutil.rmtree(path)
        deleted = _removed(files, waste)
        evicted = _evicted(database, files, surplus)
        _forget(database, {file.name for file in kept} - used)
    freed = sum(file.size for file in (*deleted, *evicted))
    return Swept(
        deleted=len(deleted),
        evicted=len(evicted),
        folders=len(stale),
        freed=freed,
        left=sum(file.size for file in (*waste, *kept)) - freed,
        running=tuple(sorted(live)),
    )


def discard(database: Database, files: Artifacts, digests: Sequence[str]) -> None:
    """Delete artifacts whatever needs them; runs that did say that they are gone."""
    _mark(database, digests)
    for digest in digests:
        files.delete(digest)


def _surplus(
    kept: list[StoredFile], used: set[str], before: int, limit: int | None
) -> Iterator[StoredFile]:
    """Give the artifacts that are too much, that which was used last at the end."""
    if limit is None:
        return
    excess = sum(file.size for file in kept) - limit
    for file in sorted(kept, key=lambda file: file.used):
        if excess <= 0 or file.used >= before:
            return
        if file.name in used:
            excess -= file.size
            yield file


def _evicted(
    database: Database, files: Artifacts, surplus: list[StoredFile]
) -> list[StoredFile]:
    # Said first: a file that is gone has been said to be, whatever happens between. One
    # that is said to be gone and is there does no harm.
    _mark(database, [file.name for file in surplus])
    return _removed(files, surplus)


def _removed(files: Artifacts, doomed: list[StoredFile]) -> list[StoredFile]:
    removed = []
    for at in range(0, len(doomed), _AT_ONCE):
        removed += files.remove(doomed[at : at + _AT_ONCE])
    return removed


def _mark(database: Database, digests: Sequence[str]) -> None:
    now = moment(datetime.now(UTC))
    if digests:
        with database.writing() as connection:
            connection.executemany(
                "UPDATE artifact SET evicted = ? WHERE digest = ?",
                [(now, digest) for digest in digests],
            )


def _forget(database: Database, spared: set[str]) -> None:
    """Delete the records of artifacts that no run refers to, but of those spared."""
    with database.writing() as connection:
        connection.execute(
            """
            DELETE FROM artifact
            WHERE digest NOT IN (SELECT artifact FROM event)
                AND digest NOT IN (SELECT value FROM json_each(?))
            """,
            [json.dumps(sorted(spared))],
        )
