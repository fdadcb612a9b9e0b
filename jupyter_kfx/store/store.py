"""The store: artifacts as files, metadata in a database."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, delete, event, func, select, text, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError, OperationalError

from jupyter_kfx.errors import StoreError, UsageError
from jupyter_kfx.store.location import VARIABLE, location
from jupyter_kfx.store.records import (
    VERSION,
    Artifact,
    Base,
    Event,
    Execution,
    Experiment,
    Run,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

__all__ = ["ArtifactRecord", "ExecutionRecord", "RunRecord", "Store"]

_ELSEWHERE = f"Give another one with `--store`, or in {VARIABLE}."


@dataclass(frozen=True)
class ArtifactRecord:
    """An artifact that an execution read or wrote, and the names in it."""

    digest: str
    names: Sequence[str]
    size: int = 0
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExecutionRecord:
    """One attempt at one step, ended."""

    id: str
    step: str
    attempt: int
    status: str
    seconds: float
    reason: str = ""
    failure: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[ArtifactRecord] = ()
    outputs: Sequence[ArtifactRecord] = ()


@dataclass(frozen=True)
class RunRecord:
    """A run as the store knows it."""

    id: str
    pipeline: str
    notebook: str | None
    engine: str
    status: str
    """`running`, `succeeded`, `failed`, `cancelled`, or `lost`: its process is gone."""
    started: datetime
    ended: datetime | None
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any]
    report: Mapping[str, Any]
    directory: Path


class Store:
    """Runs, executions and artifacts in one folder."""

    def __init__(self, root: Path, engine: Engine) -> None:
        self.root = root
        self.artifacts = root / "artifacts"
        self._engine = engine

    @classmethod
    def open(cls, given: str | None = None) -> Store:
        """Return the store at a location; StoreError if it cannot be used."""
        root = location(given)
        with _faults(root):
            for folder in (root, root / "artifacts", root / "runs"):
                folder.mkdir(parents=True, exist_ok=True)
            if not os.access(root, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            engine = create_engine(f"sqlite:///{root / 'metadata.sqlite'}")
            event.listen(engine, "connect", _configure)
            with engine.begin() as connection:
                _create(connection, root)
        return cls(root, engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # Runs

    def start_run(  # noqa: PLR0913  (the fields of a run)
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

        Its id is the time of its start and four random letters, so ids sort by time.
        """
        now = datetime.now(UTC)
        identity = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        with self._writing() as connection:
            number = _experiment(connection, experiment or pipeline)
            connection.execute(
                insert(Run).values(
                    id=identity,
                    experiment=number,
                    pipeline=pipeline,
                    notebook=notebook,
                    engine=engine,
                    status="running",
                    started=now,
                    process=_this_process(),
                    parameters=dict(parameters),
                    definition=dict(definition),
                    metrics={},
                    report={},
                )
            )
            self._directory(identity).mkdir()
        return self.run(identity)

    def end_execution(self, run: str, record: ExecutionRecord) -> None:
        """Record an attempt that has ended, and what it read and wrote."""
        with self._writing() as connection:
            connection.execute(
                insert(Execution).values(
                    id=record.id,
                    run=run,
                    step=record.step,
                    attempt=record.attempt,
                    status=record.status,
                    reason=record.reason,
                    seconds=record.seconds,
                    failure=dict(record.failure),
                )
            )
            events = []
            for role, artifacts in (
                ("input", record.inputs),
                ("output", record.outputs),
            ):
                for artifact in artifacts:
                    events += [
                        {
                            "execution": record.id,
                            "artifact": artifact.digest,
                            "name": name,
                            "role": role,
                        }
                        for name in artifact.names
                    ]
                    if role == "output":
                        connection.execute(_artifact(artifact))
            if events:
                connection.execute(insert(Event), events)

    def end_run(
        self,
        run: str,
        *,
        status: str,
        metrics: Mapping[str, Any],
        report: Mapping[str, Any],
    ) -> None:
        """Record how a run ended."""
        with self._writing() as connection:
            connection.execute(
                update(Run)
                .where(Run.id == run)
                .values(
                    status=status,
                    ended=datetime.now(UTC),
                    metrics=dict(metrics),
                    report=dict(report),
                )
            )

    def runs(self, *, limit: int | None = None) -> list[RunRecord]:
        """Return the runs, the newest first."""
        with self._reading() as connection:
            rows = connection.execute(
                select(*_RUN_COLUMNS).order_by(Run.started.desc(), Run.id).limit(limit)
            )
            return [self._record(row) for row in rows]

    def run(self, name: str) -> RunRecord:
        """Return a run by its id, the start of its id, or `latest`.

        UsageError if there is none, or more than one.
        """
        query = select(*_RUN_COLUMNS).order_by(Run.started.desc())
        if name != "latest":
            query = query.where(Run.id.startswith(name, autoescape=True))
        with self._reading() as connection:
            rows = connection.execute(query.limit(2)).all()
        exact = [row for row in rows if row.id == name]
        if name == "latest":
            rows = rows[:1]
        if not rows:
            message = f"there is no run `{name}`."
            raise UsageError(
                message, cure="`jupyter kfx runs list` shows those there are."
            )
        if len(rows) > 1 and not exact:
            message = f"more than one run starts with `{name}`."
            raise UsageError(message, cure="Give more of its id.")
        return self._record((exact or rows)[0])

    def executions(self, run: str) -> list[ExecutionRecord]:
        """Return the attempts of a run, in the order in which they ended."""
        with self._reading() as connection:
            rows = connection.execute(
                select(Execution.__table__).where(Execution.run == run)
            ).all()
            found = []
            for row in rows:
                artifacts = _events(connection, row.id)
                found.append(
                    ExecutionRecord(
                        row.id,
                        row.step,
                        row.attempt,
                        row.status,
                        row.seconds,
                        row.reason,
                        row.failure,
                        artifacts["input"],
                        artifacts["output"],
                    )
                )
            return found

    def writers(self, digest: str) -> list[str]:
        """Return the executions that wrote an artifact."""
        return self._lineage(digest, "output")

    def readers(self, digest: str) -> list[str]:
        """Return the executions that read an artifact."""
        return self._lineage(digest, "input")

    def delete_run(self, name: str) -> RunRecord:
        """Delete a run, its files, and the artifacts that no other run uses.

        UsageError if it is still running.
        """
        record = self.run(name)
        if record.status == "running":
            message = f"run {record.id} is still running."
            raise UsageError(message, cure="Cancel it first.")
        own = select(Execution.id).where(Execution.run == record.id)
        with self._writing() as connection:
            digests = set(
                connection.scalars(
                    select(Event.artifact).where(Event.execution.in_(own)).distinct()
                )
            )
            connection.execute(delete(Run).where(Run.id == record.id))
            used = set(
                connection.scalars(
                    select(Event.artifact).where(Event.artifact.in_(digests)).distinct()
                )
            )
            unused = digests - used
            connection.execute(delete(Artifact).where(Artifact.digest.in_(unused)))
            shutil.rmtree(record.directory, ignore_errors=True)
            for digest in unused:
                self.path(digest).unlink(missing_ok=True)
        return record

    def path(self, digest: str) -> Path:
        """Return where the file of an artifact is."""
        return self.artifacts / digest[:2] / digest

    # The database

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _faults(self.root), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _faults(self.root), self._engine.connect() as connection:
            yield connection

    def _directory(self, run: str) -> Path:
        return self.root / "runs" / run

    def _lineage(self, digest: str, role: str) -> list[str]:
        with self._reading() as connection:
            return list(
                connection.scalars(
                    select(Event.execution)
                    .where(Event.artifact == digest, Event.role == role)
                    .distinct()
                )
            )

    def _record(self, row: Any) -> RunRecord:
        status = row.status
        if status == "running" and not _is_running(row.process):
            status = "lost"
        return RunRecord(
            row.id,
            row.pipeline,
            row.notebook,
            row.engine,
            status,
            row.started.replace(tzinfo=UTC),
            None if row.ended is None else row.ended.replace(tzinfo=UTC),
            row.parameters,
            row.metrics,
            row.report,
            self._directory(row.id),
        )


_RUN_COLUMNS = (
    Run.id,
    Run.pipeline,
    Run.notebook,
    Run.engine,
    Run.status,
    Run.started,
    Run.ended,
    Run.process,
    Run.parameters,
    Run.metrics,
    Run.report,
)


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _create(connection: Connection, root: Path) -> None:
    version = connection.scalar(text("PRAGMA user_version")) or 0
    if version > VERSION:
        message = f"the store {root} was made by a newer version."
        raise StoreError(message, cure="Upgrade jupyter_kfx, or use another store.")
    if version < VERSION:
        Base.metadata.create_all(connection)
        connection.execute(text(f"PRAGMA user_version = {VERSION}"))


@contextmanager
def _faults(root: Path) -> Iterator[None]:
    """Turn what disks and databases say into one sentence."""
    try:
        yield
    except OSError as error:
        reason = {
            errno.ENOSPC: "the disk is full",
            errno.EROFS: "the disk is read-only",
            errno.EACCES: "it may not be written",
            errno.ENOTDIR: "a file is in its place",
            errno.EEXIST: "a file is in its place",
        }.get(error.errno or 0, error.strerror or str(error))
        message = f"the store {root} cannot be used: {reason}."
        raise StoreError(message, cure=_ELSEWHERE) from error
    except (OperationalError, DatabaseError) as error:
        said = str(error.orig)
        reason = "the disk is full" if "disk is full" in said else said
        message = f"the store's database in {root} cannot be used: {reason}."
        raise StoreError(message, cure=_ELSEWHERE) from error


def _experiment(connection: Connection, name: str) -> int:
    connection.execute(insert(Experiment).values(name=name).on_conflict_do_nothing())
    number = connection.scalar(select(Experiment.id).where(Experiment.name == name))
    assert number is not None
    return number


def _artifact(artifact: ArtifactRecord) -> Any:
    return (
        insert(Artifact)
        .values(
            digest=artifact.digest,
            size=artifact.size,
            kind=_kind(artifact.types),
            types=dict(artifact.types),
        )
        .on_conflict_do_nothing()
    )


def _kind(types: Mapping[str, str]) -> str:
    roots = {name.partition(".")[0] for name in types.values()}
    if roots & {"pandas", "polars", "pyarrow", "numpy"}:
        return "Dataset"
    return "Model" if roots & {"sklearn", "torch", "xgboost", "lightgbm"} else ""


def _events(connection: Connection, execution: str) -> dict[str, list[ArtifactRecord]]:
    rows = connection.execute(
        select(
            Event.role,
            Event.artifact,
            func.json_group_array(Event.name).label("names"),
            Artifact.size,
            Artifact.types,
        )
        .join(Artifact, Artifact.digest == Event.artifact)
        .where(Event.execution == execution)
        .group_by(Event.role, Event.artifact)
    )
    import json

    found: dict[str, list[ArtifactRecord]] = {"input": [], "output": []}
    for row in rows:
        names = sorted(json.loads(row.names))
        found[row.role].append(ArtifactRecord(row.artifact, names, row.size, row.types))
    return found


def _this_process() -> str:
    return f"{socket.gethostname()} {os.getpid()} {_start_time(os.getpid())}"


def _start_time(process: int) -> str:
    """Return when a process started, in the kernel's ticks; empty if it is not there."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def _is_running(process: str) -> bool:
    host, number, started = process.rsplit(" ", 2)
    if host != socket.gethostname():
        return True  # another machine's process cannot be looked at
    return bool(started) and _start_time(int(number)) == started
