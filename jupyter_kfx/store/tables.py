"""The tables of the metadata: Experiment, Run, Execution, Artifact, Event.

Their version is in `migrations`, which says what changing them takes.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
)

__all__ = [
    "artifacts",
    "cache",
    "events",
    "executions",
    "experiments",
    "files",
    "metadata",
    "runs",
]

metadata = MetaData()

experiments = Table(
    "experiment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
)

runs = Table(
    "run",
    metadata,
    Column("id", String, primary_key=True),
    Column("experiment", ForeignKey("experiment.id"), nullable=False, index=True),
    Column("pipeline", String, nullable=False),
    Column("notebook", String),
    Column("engine", String, nullable=False),
    Column("status", String, nullable=False, index=True),
    Column("started", DateTime, nullable=False, index=True),
    Column("ended", DateTime),
    Column("parameters", JSON, nullable=False),
    Column("definition", JSON, nullable=False),  # the pipeline
    Column("metrics", JSON, nullable=False),
    Column("report", JSON, nullable=False),
)

executions = Table(
    "execution",
    metadata,
    Column("id", String, primary_key=True),
    Column("run", ForeignKey("run.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("step", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("reason", String, nullable=False),  # why the step was run again
    Column("started", DateTime, nullable=False),
    Column("ended", DateTime),
    Column("seconds", Float, nullable=False),
    Column("failure", JSON, nullable=False),
    Column("metrics", JSON, nullable=False),
    # The execution whose result it took over; empty if it ran.
    Column("cached_from", String, nullable=False, server_default=""),
)

artifacts = Table(
    "artifact",
    metadata,
    Column("digest", String, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("kind", String, nullable=False),  # Dataset, Model, or empty
    Column("types", JSON, nullable=False),  # Python type by name
    Column("evicted", DateTime),  # when its file was deleted to make room
)

events = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "execution",
        ForeignKey("execution.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("artifact", ForeignKey("artifact.digest"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),  # input, output, file or state
)

cache = Table(
    "cache",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, index=True),  # digest of the step's code
    Column(
        "execution",
        ForeignKey("execution.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("pipeline", String, nullable=False, index=True),
    Column("step", String, nullable=False),
    Column("volatile", String, nullable=False),  # why it may not be used, or empty
    Column("code", JSON, nullable=False),
    Column("dependencies", JSON, nullable=False),
    Column("written", JSON, nullable=False),  # files it left, by path
    Column("boot", String, nullable=False),  # of the machine, when it was written
)

files = Table(
    "file",
    metadata,
    Column("path", String, primary_key=True),
    Column("stamp", JSON, nullable=False),
    Column("digest", String, nullable=False),  # of its content, while it is so stamped
)
