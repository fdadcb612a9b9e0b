"""Records as rows of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from jupyter_kfx.store.tables import experiments

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from jupyter_kfx.store.records import ArtifactRecord, ExecutionRecord

__all__ = ["artifact_row", "event_rows", "execution_row", "experiment_number"]


def experiment_number(connection: Connection, name: str) -> int:
    """Return the number of an experiment, which is made if it is not there."""
    connection.execute(insert(experiments).values(name=name).on_conflict_do_nothing())
    found = select(experiments.c.id).where(experiments.c.name == name)
    return int(connection.scalars(found).one())


def execution_row(run: str, record: ExecutionRecord) -> dict[str, Any]:
    """Return an attempt as a row."""
    return {
        "id": record.id,
        "run": run,
        "step": record.step,
        "attempt": record.attempt,
        "status": record.status,
        "reason": record.reason,
        "started": record.started,
        "ended": record.ended,
        "seconds": record.seconds,
        "failure": dict(record.failure),
        "metrics": dict(record.metrics),
    }


def artifact_row(record: ArtifactRecord) -> dict[str, Any]:
    """Return an artifact as a row."""
    return {
        "digest": record.digest,
        "size": record.size,
        "kind": record.kind,
        "types": dict(record.types),
    }


def event_rows(record: ExecutionRecord) -> list[dict[str, Any]]:
    """Return a row for each name that an attempt read or wrote."""
    return [
        {
            "execution": record.id,
            "artifact": artifact.digest,
            "name": name,
            "role": role,
        }
        for role, used in (("input", record.inputs), ("output", record.outputs))
        for artifact in used
        for name in sorted(artifact.names)
    ]
