"""What is asked of the metadata."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from jupyter_kfx.errors import UsageError
from jupyter_kfx.store.presence import is_present
from jupyter_kfx.store.records import ArtifactRecord, ExecutionRecord, RunRecord
from jupyter_kfx.store.tables import artifacts, events, executions, experiments, runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

__all__ = ["all_runs", "executions_of", "run_named", "running"]

_RUNS = (
    select(
        *(
            column
            for column in runs.c
            if column.name not in ("definition", "experiment")
        ),
        experiments.c.name.label("experiment"),
    )
    .join(experiments, experiments.c.id == runs.c.experiment)
    .order_by(runs.c.started.desc(), runs.c.id.desc())
)


def all_runs(
    connection: Connection, folder: Path, status: str | None
) -> Iterator[RunRecord]:
    """Yield the runs in a folder, the newest first; those with a status if given."""
    query = _RUNS
    if status is not None:
        kept = "running" if status == "lost" else status
        query = query.where(runs.c.status == kept)
    for row in connection.execute(query):
        record = _run(row, folder)
        if status in (None, record.status):
            yield record


def run_named(connection: Connection, folder: Path, name: str) -> RunRecord:
    """Return a run by its id, the start or the end of its id, or `latest`."""
    if name == "latest":
        wanted = [_RUNS.limit(1)]
    else:
        ends = (
            runs.c.id.startswith(name, autoescape=True),
            runs.c.id.endswith(name, autoescape=True),
        )
        wanted = [_RUNS.where(runs.c.id == name), _RUNS.where(or_(*ends)).limit(2)]
    for query in wanted if name else ():
        rows = connection.execute(query).all()
        if len(rows) > 1:
            message = f"more than one run has `{name}` in its id."
            raise UsageError(message, cure="Give more of it.")
        if rows:
            return _run(rows[0], folder)
    message = f"there is no run `{name}`."
    raise UsageError(message, cure="`jupyter kfx runs list` shows those there are.")


def running(connection: Connection, folder: Path) -> set[str]:
    """Return the ids of the runs that a process schedules now."""
    said = connection.scalars(select(runs.c.id).where(runs.c.status == "running"))
    return {run for run in said if is_present(folder / run)}


def executions_of(
    connection: Connection, folder: Path, run: str
) -> list[ExecutionRecord]:
    """Return the attempts of a run, in the order in which they started."""
    rows = connection.execute(
        select(executions)
        .where(executions.c.run == run)
        .order_by(executions.c.started, executions.c.id)
    ).all()
    uses = _uses(connection, run)
    lost = not is_present(folder / run)
    return [
        ExecutionRecord(
            id=row.id,
            step=row.step,
            attempt=row.attempt,
            status="lost" if lost and row.status == "running" else row.status,
            seconds=row.seconds,
            reason=row.reason,
            failure=row.failure,
            inputs=[*uses.get((row.id, "input"), {}).values()],
            outputs=[*uses.get((row.id, "output"), {}).values()],
            metrics=row.metrics,
            started=_aware(row.started),
            ended=_aware(row.ended),
        )
        for row in rows
    ]


def _uses(
    connection: Connection, run: str
) -> dict[tuple[str, str], dict[str, ArtifactRecord]]:
    """Return the artifacts by execution and role, then by digest."""
    rows = connection.execute(
        select(events.c.execution, events.c.role, events.c.name, artifacts)
        .join(artifacts, artifacts.c.digest == events.c.artifact)
        .join(executions, executions.c.id == events.c.execution)
        .where(executions.c.run == run)
        .order_by(events.c.id)
    )
    uses: dict[tuple[str, str], dict[str, ArtifactRecord]] = {}
    for row in rows:
        found = uses.setdefault((row.execution, row.role), {})
        new = ArtifactRecord(row.digest, [], row.size, row.types)
        known = found.get(row.digest, new)
        found[row.digest] = replace(known, names=[*known.names, row.name])
    return uses


def _run(row: Any, folder: Path) -> RunRecord:
    directory = folder / row.id
    lost = row.status == "running" and not is_present(directory)
    return RunRecord(
        id=row.id,
        pipeline=row.pipeline,
        notebook=row.notebook,
        engine=row.engine,
        status="lost" if lost else row.status,
        started=row.started.replace(tzinfo=UTC),
        ended=_aware(row.ended),
        parameters=row.parameters,
        metrics=row.metrics,
        report=row.report,
        directory=directory,
        experiment=row.experiment,
    )


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
