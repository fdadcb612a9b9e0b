"""What is asked of the metadata."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_kfx.errors import UsageError
from jupyter_kfx.store import rows
from jupyter_kfx.store.presence import is_present

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from sqlite3 import Connection, Row

    from jupyter_kfx.store.records import (
        ArtifactRecord,
        ExecutionRecord,
        RunRecord,
    )

__all__ = [
    "all_runs",
    "executions_of",
    "last_result",
    "results_of_code",
    "results_of_step",
    "run_named",
    "running",
]

_RUNS = """
    SELECT run.id, pipeline, notebook, engine, status, started, ended, parameters,
        metrics, report, experiment.name AS experiment
    FROM run JOIN experiment ON experiment.id = run.experiment
"""
_NEWEST_FIRST = "ORDER BY started DESC, run.id DESC"
_ENDS = """
    substr(run.id, 1, length(:name)) = :name OR substr(run.id, -length(:name)) = :name
"""

_RESULTS = """
    SELECT cache.*, execution.run
    FROM cache JOIN execution ON execution.id = cache.execution
    WHERE cache.id <= ?
"""
_SOME = "ORDER BY cache.id DESC LIMIT ?"


def all_runs(
    connection: Connection, folder: Path, status: str | None
) -> Iterator[RunRecord]:
    """Yield the runs in a folder, the newest first; those with a status if given."""
    kept = "running" if status == "lost" else status
    wanted = "WHERE :status IS NULL OR status = :status"
    query = f"{_RUNS} {wanted} {_NEWEST_FIRST}"
    for row in connection.execute(query, {"status": kept}):
        record = _run(row, folder)
        if status in (None, record.status):
            yield record


def run_named(connection: Connection, folder: Path, name: str) -> RunRecord:
    """Return a run by its id, the start or the end of its id, or `latest`."""
    wanted = [("TRUE", 1)] if name == "latest" else [("run.id = :name", 2), (_ENDS, 2)]
    for condition, most in wanted if name else ():
        query = f"{_RUNS} WHERE {condition} {_NEWEST_FIRST} LIMIT {most}"
        found = connection.execute(query, {"name": name}).fetchall()
        if len(found) > 1:
            message = f"more than one run has `{name}` in its id."
            raise UsageError(message, cure="Give more of it.")
        if found:
            return _run(found[0], folder)
    message = f"there is no run `{name}`."
    raise UsageError(message, cure="`jupyter kfx runs list` shows those there are.")


def running(connection: Connection, folder: Path) -> set[str]:
    """Return the ids of the runs that a process schedules now."""
    said = connection.execute("SELECT id FROM run WHERE status = 'running'")
    return {run for (run,) in said if is_present(folder / run)}


def executions_of(
    connection: Connection, folder: Path, run: str
) -> list[ExecutionRecord]:
    """Return the attempts of a run, in the order in which they started."""
    found = connection.execute(
        "SELECT * FROM execution WHERE run = ? ORDER BY started, id", [run]
    ).fetchall()
    uses = _uses(connection, run)
    lost = not is_present(folder / run)
    return [
        rows.execution(
            row,
            "lost" if lost and row["status"] == "running" else row["status"],
            {role: [*own.values()] for role, own in uses.get(row["id"], {}).items()},
        )
        for row in found
    ]


def last_result(connection: Connection) -> int:
    """Return the number of the newest result that may be used again."""
    (number,) = connection.execute("SELECT coalesce(max(id), 0) FROM cache").fetchone()
    return int(number)


def results_of_code(
    connection: Connection, key: str, last: int, most: int
) -> list[Row]:
    """Return some results of that code, none newer than one, the newest first."""
    return connection.execute(
        f"{_RESULTS} AND key = ? {_SOME}",
        [last, key, most],
    ).fetchall()


def results_of_step(
    connection: Connection, pipeline: str, step: str, last: int, most: int
) -> list[Row]:
    """Return some results of a step, none newer than one, the newest first."""
    return connection.execute(
        f"{_RESULTS} AND pipeline = ? AND cache.step = ? {_SOME}",
        [last, pipeline, step, most],
    ).fetchall()


def _uses(
    connection: Connection, run: str
) -> dict[str, dict[str, dict[str, ArtifactRecord]]]:
    """Return the artifacts by execution and role, then by digest."""
    found = connection.execute(
        """
        SELECT event.execution, role, name, artifact.*
        FROM event
        JOIN artifact ON digest = event.artifact
        JOIN execution ON execution.id = event.execution
        WHERE run = ?
        ORDER BY event.id
        """,
        [run],
    )
    uses: dict[str, dict[str, dict[str, ArtifactRecord]]] = {}
    for row in found:
        own = uses.setdefault(row["execution"], {}).setdefault(row["role"], {})
        known = own.get(row["digest"], rows.artifact(row))
        own[row["digest"]] = replace(known, names=[*known.names, row["name"]])
    return uses


def _run(row: Row, folder: Path) -> RunRecord:
    directory = folder / row["id"]
    lost = row["status"] == "running" and not is_present(directory)
    return rows.run(row, directory, "lost" if lost else row["status"])
