"""Whether the artifacts of a store are what they were."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from jupyter_kfx.store.lineage import Use, uses

if TYPE_CHECKING:
    from sqlite3 import Connection

    from jupyter_kfx.store.artifacts import Artifacts, StoredFile

__all__ = ["Fault", "Health", "examine"]


@dataclass(frozen=True)
class Fault:
    """An artifact that cannot be used any more."""

    digest: str
    problem: str
    """`damaged`, `gone`, or what the disk says."""
    uses: tuple[Use, ...]
    """Where it was read or written."""

    def __str__(self) -> str:
        """Return it as a line."""
        places = dict.fromkeys(
            f"`{u.name}` of step `{u.step}` in run {u.run}" for u in self.uses
        )
        return f"{self.digest} is {self.problem}: " + (
            ", ".join(places) or "no run refers to it"
        )


@dataclass(frozen=True)
class Health:
    """What an examination of a store found."""

    artifacts: int
    """How many were read."""
    bytes: int
    faults: tuple[Fault, ...]
    database: tuple[str, ...]
    """What the database says of damages of its own."""

    @property
    def is_good(self) -> bool:
        """Tell whether nothing was found."""
        return not self.faults and not self.database

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"good": self.is_good, **asdict(self)}


def examine(connection: Connection, files: Artifacts) -> Health:
    """Return what is wrong with artifacts that are there, or should be."""
    said = [line for (line,) in connection.execute("PRAGMA quick_check")]
    orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    wanted = connection.execute(
        """
        SELECT DISTINCT artifact FROM event JOIN artifact ON digest = event.artifact
        WHERE evicted IS NULL
        """
    )
    expected = {digest for (digest,) in wanted}
    there = [f for batch in files.folders() for f in batch if f.is_artifact]
    with ThreadPoolExecutor() as pool:  # digests are computed beside each other
        found = list(pool.map(_problem, there))
    problems = {file.name: what for file, what in zip(there, found, strict=True)}
    bad = {digest: what for digest, what in problems.items() if what is not None}
    # One that was written since, or collected, is neither.
    for digest in expected - problems.keys():
        if not files.has(digest):
            bad[digest] = "gone"
    return Health(
        artifacts=len(there),
        bytes=sum(file.size for file in there),
        faults=tuple(
            Fault(digest, bad[digest], uses(connection, digest))
            for digest in sorted(bad)
        ),
        database=(
            *(line for line in said if line != "ok"),
            *(f"a row of `{row[0]}` refers to nothing" for row in orphans),
        ),
    )


def _problem(file: StoredFile) -> str | None:
    try:
        with open(file.path, "rb") as content:  # noqa: PTH123
            found = hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"unreadable ({error.strerror})"
    return None if found == file.name else "damaged"
