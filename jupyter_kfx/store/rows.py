"""Records as rows of the tables, and rows as records."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyter_kfx.store.records import (
    ArtifactRecord,
    CacheEntry,
    ExecutionRecord,
    RunRecord,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from sqlite3 import Row

__all__ = [
    "artifact",
    "artifact_row",
    "cache_entry",
    "cache_row",
    "event_rows",
    "execution",
    "execution_row",
    "insertion",
    "moment",
    "run",
]

_CACHE = [item.name for item in fields(CacheEntry)]
_CACHE_JSON = ("code", "dependencies", "written")


def moment(time: datetime | None) -> str | None:
    """Return a time as the tables have it; times sort as their texts do."""
    return None if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def insertion(table: str, row: Mapping[str, Any]) -> str:
    """Return the statement that inserts rows like that one."""
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES (:{', :'.join(row)})"  # noqa: S608  (names of our own)


def run(row: Row, directory: Path, status: str) -> RunRecord:
    """Return a run, with a status that its row does not know."""
    return RunRecord(
        id=row["id"],
        pipeline=row["pipeline"],
        notebook=row["notebook"],
        engine=row["engine"],
        status=status,
        started=_time(row["started"]),
        ended=_end(row["ended"]),
        parameters=json.loads(row["parameters"]),
        metrics=json.loads(row["metrics"]),
        report=json.loads(row["report"]),
        directory=directory,
        experiment=row["experiment"],
    )


def execution_row(run: str, record: ExecutionRecord) -> dict[str, Any]:
    """Return an attempt as a row."""
    return {
        "id": record.id,
        "run": run,
        "step": record.step,
        "attempt": record.attempt,
        "status": record.status,
        "reason": record.reason,
        "started": moment(record.started),
        "ended": moment(record.ended),
        "seconds": record.seconds,
        "failure": json.dumps(dict(record.failure)),
        "metrics": json.dumps(dict(record.metrics)),
        "cached_from": record.cached_from,
    }


def execution(
    row: Row, status: str, uses: Mapping[str, list[ArtifactRecord]]
) -> ExecutionRecord:
    """Return an attempt, with what it used in each role."""
    return ExecutionRecord(
        id=row["id"],
        step=row["step"],
        attempt=row["attempt"],
        status=status,
        seconds=row["seconds"],
        reason=row["reason"],
        failure=json.loads(row["failure"]),
        inputs=uses.get("input", []),
        outputs=uses.get("output", []),
        files=uses.get("file", []),
        states=uses.get("state", []),
        metrics=json.loads(row["metrics"]),
        started=_time(row["started"]),
        ended=_end(row["ended"]),
        cached_from=row["cached_from"],
    )


def cache_row(entry: CacheEntry) -> dict[str, Any]:
    """Return a result that may be used again as a row."""
    row = {name: getattr(entry, name) for name in _CACHE if name != "run"}
    return {**row, **{name: json.dumps(row[name]) for name in _CACHE_JSON}}


def cache_entry(row: Row) -> CacheEntry:
    """Return a result that may be used again."""
    plain = {name: row[name] for name in _CACHE}
    return CacheEntry(**plain | {name: json.loads(row[name]) for name in _CACHE_JSON})


def artifact_row(record: ArtifactRecord) -> dict[str, Any]:
    """Return an artifact as a row."""
    return {
        "digest": record.digest,
        "size": record.size,
        "kind": record.kind,
        "types": json.dumps(dict(record.types)),
    }


def artifact(row: Row) -> ArtifactRecord:
    """Return an artifact, without the names under which it was used."""
    gone = row["evicted"] is not None
    return ArtifactRecord(
        row["digest"], [], row["size"], json.loads(row["types"]), gone
    )


def event_rows(record: ExecutionRecord) -> list[dict[str, Any]]:
    """Return a row for each name that an attempt read or wrote, and each state."""
    return [
        {
            "execution": record.id,
            "artifact": artifact.digest,
            "name": name,
            "role": role,
        }
        for role, used in (
            ("input", record.inputs),
            ("output", record.outputs),
            ("file", record.files),
            ("state", record.states),
        )
        for artifact in used
        for name in sorted(artifact.names)
    ]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _end(text: str | None) -> datetime | None:
    return None if text is None else _time(text)
