"""The store: artifacts as files, metadata in a database, one folder for both."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError
from jupyter_kfx.store.artifacts import Artifacts
from jupyter_kfx.store.database import Database
from jupyter_kfx.store.faults import faults
from jupyter_kfx.store.garbage import Swept, collect, discard
from jupyter_kfx.store.health import Health, examine
from jupyter_kfx.store.lineage import Lineage, lineage
from jupyter_kfx.store.location import location
from jupyter_kfx.store.presence import Presence
from jupyter_kfx.store.queries import (
    all_runs,
    executions_of,
    last_result,
    results_of_code,
    results_of_step,
    run_named,
    running,
)
from jupyter_kfx.store.records import CacheEntry, ExecutionRecord, RunRecord
from jupyter_kfx.store.reserve import Reserve
from jupyter_kfx.store.rows import (
    artifact_row,
    cache_entry,
    cache_row,
    event_rows,
    execution_row,
    insertion,
    moment,
)
from jupyter_kfx.store.usage import Usage, usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from sqlite3 import Connection, Row

__all__ = ["Store"]

_LIMIT = "limit"
_NEWER = """
    ON CONFLICT (id) DO UPDATE SET
        status = excluded.status, seconds = excluded.seconds,
        failure = excluded.failure, metrics = excluded.metrics, ended = excluded.ended,
        reason = coalesce(nullif(excluded.reason, ''), reason)
"""
"""A reason that was known at the start of an attempt stays if there is no newer one."""


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
                    fixed = os.statvfs(folder).f_flag & os.ST_RDONLY
                    number = errno.EROFS if fixed else errno.EACCES
                    raise OSError(number, os.strerror(number))
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
                name = experiment or pipeline
                connection.execute(
                    "INSERT INTO experiment (name) VALUES (?) ON CONFLICT DO NOTHING",
                    [name],
                )
                named = "SELECT id FROM experiment WHERE name = ?"
                (number,) = connection.execute(named, [name]).fetchone()
                row = {
                    "id": directory.name,
                    "experiment": number,
                    "pipeline": pipeline,
                    "notebook": notebook,
                    "engine": engine,
                    "status": "running",
                    "started": moment(now),
                    "parameters": json.dumps(dict(parameters)),
                    "definition": json.dumps(dict(definition)),
                    "metrics": "{}",
                    "report": "{}",
                }
                connection.execute(insertion("run", row), row)
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
            connection.execute(insertion("execution", row), row)

    def end_execution(
        self, run: str, record: ExecutionRecord, entry: CacheEntry | None = None
    ) -> None:
        """Record how an attempt ended now, and what it read and wrote.

        Its result may be used again if an entry is given.
        """
        self.end_executions(run, [(record, entry)])

    def end_executions(
        self, run: str, ended: Sequence[tuple[ExecutionRecord, CacheEntry | None]]
    ) -> None:
        """Record several attempts as `end_execution` does one."""
        now = datetime.now(UTC)
        rows = [
            execution_row(
                run,
                replace(
                    record, started=now - timedelta(seconds=record.seconds), ended=now
                ),
            )
            for record, _ in ended
        ]
        found = [
            artifact_row(each)
            for record, _ in ended
            # States that it only found are there already.
            for each in (*record.outputs, *record.files, *record.states)
        ]
        uses = [row for record, _ in ended for row in event_rows(record)]
        entries = [cache_row(entry) for _, entry in ended if entry is not None]
        if not rows:
            return
        with self._database.writing() as connection:
            for table, each, conflict in (
                ("execution", rows, _NEWER),
                (
                    "artifact",
                    found,
                    "ON CONFLICT (digest) DO UPDATE SET evicted = NULL",
                ),
                ("event", uses, ""),
                ("cache", entries, ""),
            ):
                for row in each[:1]:
                    put = f"{insertion(table, row)} {conflict}"
                    connection.executemany(put, each)

    def end_run(
        self,
        run: str,
        *,
        status: str,
        metrics: Mapping[str, Any],
        report: Mapping[str, Any],
    ) -> None:
        """Record how a run ended now; attempts that have not ended were cancelled."""
        now = moment(datetime.now(UTC))
        try:
            self._reserve.spend()
            with self._database.writing() as connection:
                connection.execute(
                    "UPDATE execution SET status = 'cancelled', ended = :now, "
                    "seconds = (julianday(:now) - julianday(started)) * 86400 "
                    "WHERE run = :run AND status = 'running'",
                    {"now": now, "run": run},
                )
                connection.execute(
                    "UPDATE run SET status = ?, ended = ?, metrics = ?, report = ? "
                    "WHERE id = ?",
                    [
                        status,
                        now,
                        json.dumps(dict(metrics)),
                        json.dumps(dict(report)),
                        run,
                    ],
                )
        finally:  # a run whose end cannot be written is lost, not running for ever
            if run in self._present:
                self._present.pop(run).end()
        limit = self.limit
        if limit is not None and self._size() > limit:
            self.collect(limit=limit)

    # What is asked

    def runs(
        self, *, limit: int | None = None, status: str | None = None
    ) -> list[RunRecord]:
        """Return the runs, the newest first; those with a status if one is given."""
        found = self._listed(limit, status)
        # One may have ended between the look at its record and that at its process.
        is_doubtful = any(run.status == "lost" for run in found)
        return self._listed(limit, status) if is_doubtful else found

    def _listed(self, limit: int | None, status: str | None) -> list[RunRecord]:
        with self._database.reading() as connection:
            return [*islice(all_runs(connection, self._runs, status), limit)]

    def run(self, name: str) -> RunRecord:
        """Return a run by its id, the start or the end of its id, or `latest`.

        UsageError if there is none, or more than one.
        """
        found = self._named(name)
        return self._named(found.id) if found.status == "lost" else found

    def _named(self, name: str) -> RunRecord:
        with self._database.reading() as connection:
            return run_named(connection, self._runs, name)

    def definition(self, run: str) -> dict[str, Any]:
        """Return the pipeline of a run, as JSON."""
        with self._database.reading() as connection:
            wanted = "SELECT definition FROM run WHERE id = ?"
            (definition,) = connection.execute(wanted, [run]).fetchone()
        found: dict[str, Any] = json.loads(definition)
        return found

    def executions(self, run: str) -> list[ExecutionRecord]:
        """Return the attempts of a run, in the order in which they started."""
        with self._database.reading() as connection:
            return executions_of(connection, self._runs, run)

    def last_result(self) -> int:
        """Return the number of the newest result that may be used again."""
        with self._database.reading() as connection:
            return last_result(connection)

    def results_of_code(self, key: str, last: int) -> Iterator[CacheEntry]:
        """Yield the results of that code up to a number, the newest first."""
        return self._results(
            last, lambda at, last, most: results_of_code(at, key, last, most)
        )

    def results_of_step(
        self, pipeline: str, step: str, last: int
    ) -> Iterator[CacheEntry]:
        """Yield the results of a step up to a number, the newest first."""
        return self._results(
            last,
            lambda at, last, most: results_of_step(at, pipeline, step, last, most),
        )

    def _results(
        self, last: int, some: Callable[[Connection, int, int], list[Row]]
    ) -> Iterator[CacheEntry]:
        """Yield results, more at a time: mostly the first is the one, of thousands."""
        most = 1
        while True:
            with self._database.reading() as connection:
                rows = some(connection, last, most)
            yield from map(cache_entry, rows)
            if len(rows) < most:
                return
            last, most = rows[-1]["id"] - 1, 8 * most

    def file_digests(self) -> dict[str, tuple[list[int], str]]:
        """Return what is known of files: their stamp, and the digest they had then."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT path, stamp, digest FROM file")
            return {path: (json.loads(stamp), digest) for path, stamp, digest in rows}

    def keep_file_digests(self, found: Mapping[str, tuple[list[int], str]]) -> None:
        """Remember the digests of files as they are stamped now."""
        rows = [
            (path, json.dumps([*stamp]), digest)
            for path, (stamp, digest) in found.items()
        ]
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO file (path, stamp, digest) VALUES (?, ?, ?)",
                rows,
            )

    def lineage(self, digest: str) -> Lineage:
        """Return where an artifact comes from and what came of it."""
        with self._database.reading() as connection:
            return lineage(connection, digest)

    def usage(self) -> Usage:
        """Return what takes up how much room."""
        with self._database.reading() as connection:
            return usage(connection, self.root, self._runs, self.files)

    def check(self) -> Health:
        """Read every artifact and return which are not what they were, or gone."""
        with self._database.reading() as connection:
            return examine(connection, self.files)

    @property
    def limit(self) -> int | None:
        """The bytes that artifacts may take once no run goes on; none if any number."""
        try:
            return int((self.root / _LIMIT).read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def set_limit(self, limit: int | None) -> None:
        """Say how many bytes artifacts may take: each run keeps to it when it ends."""
        path = self.root / _LIMIT
        with faults(self.root):
            if limit is None:
                path.unlink(missing_ok=True)
            else:
                part = path.with_name(f"{_LIMIT}.part")
                part.write_text(f"{limit}\n", "ascii")
                part.replace(path)

    def _size(self) -> int:
        with self._database.reading() as connection:
            there = "SELECT total(size) FROM artifact WHERE evicted IS NULL"
            (size,) = connection.execute(there).fetchone()
            return int(size)

    # What is deleted

    def delete_run(self, name: str) -> RunRecord:
        """Delete a run, as `delete_runs` does."""
        return self.delete_runs([name])[0]

    def delete_runs(self, names: Iterable[str]) -> list[RunRecord]:
        """Delete runs, their files, and the artifacts that no other run uses.

        UsageError if there is no such run, or one is still running; none is deleted
        then. While another run goes on, what was written since it began stays until a
        later deletion: a step of that run may count on a file that is there already.
        """
        records = [self.run(name) for name in names]
        self._reserve.spend()
        with self._database.writing() as connection:
            live = running(connection, self._runs)
            for record in records:
                if record.id in live:
                    message = f"run {record.id} is still running."
                    raise UsageError(message, cure="Cancel it first.")
                connection.execute("DELETE FROM run WHERE id = ?", [record.id])
        # Files go after their records: a crash between leaves files that the next
        # deletion takes along, never a record of files that are gone.
        self.collect()
        return records

    def collect(self, *, limit: int | None = None, dry_run: bool = False) -> Swept:
        """Delete what no run refers to.

        With a limit, artifacts of runs are deleted too, those first that were not used
        for longest, until those left take no more bytes. Nothing is deleted that was
        written or used since the oldest run that still goes on began. A dry run says
        what would be deleted.
        """
        self._reserve.spend()
        with faults(self.root):
            return collect(
                self._database, self._runs, self.files, limit=limit, dry_run=dry_run
            )

    def discard(self, digests: Sequence[str]) -> None:
        """Delete artifacts that are of no use any more, whichever runs have them."""
        self._reserve.spend()
        with faults(self.root):
            discard(self._database, self.files, digests)


def _made(folder: Path, now: datetime) -> Path:
    """Make and return the directory of a new run."""
    while True:
        directory = folder / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        try:
            directory.mkdir()
        except FileExistsError:
            continue
        return directory
