"""The store: artifacts as files, metadata in a database, one folder for both."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from jupyter_kfx.errors import UsageError
from jupyter_kfx.store.artifacts import Artifacts
from jupyter_kfx.store.database import Database
from jupyter_kfx.store.faults import faults
from jupyter_kfx.store.lineage import Lineage, lineage
from jupyter_kfx.store.location import location
from jupyter_kfx.store.presence import Presence
from jupyter_kfx.store.queries import all_runs, executions_of, run_named, running
from jupyter_kfx.store.records import ExecutionRecord, RunRecord
from jupyter_kfx.store.reserve import Reserve
from jupyter_kfx.store.rows import (
    artifact_row,
    event_rows,
    execution_row,
    experiment_number,
)
from jupyter_kfx.store.tables import artifacts, events, executions, runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Connection

__all__ = ["Store"]


class Store:
    """Runs, executions and artifacts in one folder; many processes may use it at once.

    `<root>/metadata.sqlite`, `<root>/artifacts/<aa>/<digest>`, and for each run
    `<root>/runs/<id>/` with a folder for each execution.
    """

    def __init__(self, root: Path, database: Database, reserve: Reserve) -> None:
        self.root = root
        self.artifacts = root / "artifacts"
        self.files = Artifacts(self.artifacts)
        self._runs = root / "runs"
        self._database = database
        self._reserve = reserve
        self._present: dict[str, Presence] = {}

    @classmethod
    def open(cls, given: str | None = None) -> Store:
        """Return the store at a location; StoreError if it cannot be used."""
        root = location(given)
        with faults(root):
            for folder in (root, root / "artifacts", root / "runs"):
                folder.mkdir(parents=True, exist_ok=True)
                if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            reserve = Reserve(root)
            reserve.spend()
            database = Database(root)
            reserve.keep()
        return cls(root, database, reserve)

    def close(self) -> None:
        """Let go of the database, and of runs that have not ended: they are lost."""
        for run in tuple(self._present):
            self._present.pop(run).end()
        self._database.close()

    # What a run records

    def start_run(
        self,
        *,
        pipeline: str,
        definition: Mapping[str, Any],
        parameters: Mapping[str, Any],
        engine: str,
        notebook: str | None,
        experiment: str | None = None,
    ) -> RunRecord:
        """Record a run that starts now in this process, and make its directory.

        Its id is the second of its start in UTC and four random letters: ids sort by
        time, and the letters alone are mostly enough to name a run.
        """
        with ExitStack() as undo:
            # The directory is made while no other process can write, so that none
            # takes it for one that is left over.
            with self._database.writing() as connection:
                now = datetime.now(UTC)
                directory = _made(self._runs, now)
                undo.callback(shutil.rmtree, directory, ignore_errors=True)
                presence = Presence(directory)
                undo.callback(presence.end)
                connection.execute(
                    insert(runs).values(
                        id=directory.name,
                        experiment=experiment_number(
                            connection, experiment or pipeline
                        ),
                        pipeline=pipeline,
                        notebook=notebook,
                        engine=engine,
                        status="running",
                        started=now,
                        parameters=dict(parameters),
                        definition=dict(definition),
                        metrics={},
                        report={},
                    )
                )
            undo.pop_all()
        self._present[directory.name] = presence
        return self.run(directory.name)

    def start_execution(
        self, run: str, execution: str, *, step: str, attempt: int, reason: str = ""
    ) -> None:
        """Record that an attempt at a step starts now."""
        record = ExecutionRecord(execution, step, attempt, "running", 0.0, reason)
        row = execution_row(run, replace(record, started=datetime.now(UTC)))
        with self._database.writing() as connection:
            connection.execute(insert(executions).values(row))

    def end_execution(self, run: str, record: ExecutionRecord) -> None:
        """Record how an attempt ended now, and what it read and wrote."""
        ended = datetime.now(UTC)
        started = ended - timedelta(seconds=record.seconds)
        row = execution_row(run, replace(record, started=started, ended=ended))
        names = ["status", "seconds", "failure", "metrics", "ended"]
        if record.reason:
            names.append("reason")
        found = [artifact_row(output) for output in record.outputs]
        uses = event_rows(record)
        with self._database.writing() as connection:
            connection.execute(
                insert(executions)
                .values(row)
                .on_conflict_do_update(
                    index_elements=["id"], set_={name: row[name] for name in names}
                )
            )
            if found:
                connection.execute(insert(artifacts).on_conflict_do_nothing(), found)
            if uses:
                connection.execute(insert(events), uses)

    def end_run(
        self,
        run: str,
        *,
        status: str,
        metrics: Mapping[str, Any],
        report: Mapping[str, Any],
    ) -> None:
        """Record how a run ended now; attempts that have not ended were cancelled."""
        now = datetime.now(UTC)
        unfinished = (executions.c.run == run) & (executions.c.status == "running")
        try:
            self._reserve.spend()
            with self._database.writing() as connection:
                connection.execute(
                    update(executions)
                    .where(unfinished)
                    .values(status="cancelled", ended=now)
                )
                connection.execute(
                    update(runs)
                    .where(runs.c.id == run)
                    .values(
                        status=status,
                        ended=now,
                        metrics=dict(metrics),
                        report=dict(report),
                    )
                )
        finally:  # a run whose end cannot be written is lost, not running for ever
            if run in self._present:
                self._present.pop(run).end()

    # What is asked

    def runs(
        self, *, limit: int | None = None, status: str | None = None
    ) -> list[RunRecord]:
        """Return the runs, the newest first; those with a status if one is given."""
        with self._database.reading() as connection:
            return [*islice(all_runs(connection, self._runs, status), limit)]

    def run(self, name: str) -> RunRecord:
        """Return a run by its id, the start or the end of its id, or `latest`.

        UsageError if there is none, or more than one.
        """
        with self._database.reading() as connection:
            return run_named(connection, self._runs, name)

    def definition(self, run: str) -> dict[str, Any]:
        """Return the pipeline of a run, as JSON."""
        with self._database.reading() as connection:
            found = select(runs.c.definition).where(runs.c.id == run)
            return dict(connection.scalars(found).one())

    def executions(self, run: str) -> list[ExecutionRecord]:
        """Return the attempts of a run, in the order in which they started."""
        with self._database.reading() as connection:
            return executions_of(connection, self._runs, run)

    def lineage(self, digest: str) -> Lineage:
        """Return where an artifact comes from and what came of it."""
        with self._database.reading() as connection:
            return lineage(connection, digest)

    # What is deleted

    def delete_run(self, name: str) -> RunRecord:
        """Delete a run, its files, and the artifacts that no other run uses.

        UsageError if it is still running. While another run is, artifacts stay until a
        later deletion: a step of that run may count on a file that is there already.
        """
        record = self.run(name)
        self._reserve.spend()
        with self._database.writing() as connection:
            if record.id in running(connection, self._runs):
                message = f"run {record.id} is still running."
                raise UsageError(message, cure="Cancel it first.")
            connection.execute(delete(runs).where(runs.c.id == record.id))
        # Files go after their records: a crash between leaves files that the next
        # deletion takes along, never a record of files that are gone.
        with self._database.writing() as connection:
            self._sweep(connection)
        return record

    def _sweep(self, connection: Connection) -> None:
        """Delete the files that no record mentions."""
        known = set(connection.scalars(select(runs.c.id)))
        for folder in self._runs.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder)
        if running(connection, self._runs):
            return
        used = set(connection.scalars(select(events.c.artifact).distinct()))
        self.files.prune(used)
        unused = artifacts.c.digest.not_in(select(events.c.artifact))
        connection.execute(delete(artifacts).where(unused))


def _made(folder: Path, now: datetime) -> Path:
    """Make and return the directory of a new run."""
    while True:
        directory = folder / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        try:
            directory.mkdir()
        except FileExistsError:
            continue
        return directory
