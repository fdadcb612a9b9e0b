"""The tables of the metadata: Experiment, Run, Execution, Artifact, Event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = ["VERSION", "Artifact", "Base", "Event", "Execution", "Experiment", "Run"]

VERSION = 1
"""Version of these tables, kept in the database's `user_version`."""


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012  (SQLAlchemy's way)


class Experiment(Base):
    """Runs that belong together."""

    __tablename__ = "experiment"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Run(Base):
    """One run of a pipeline."""

    __tablename__ = "run"
    id: Mapped[str] = mapped_column(primary_key=True)
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.id"))
    pipeline: Mapped[str]
    notebook: Mapped[str | None]
    engine: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    started: Mapped[datetime]
    ended: Mapped[datetime | None]
    process: Mapped[str]
    """The process that schedules it: host, id and start time."""
    parameters: Mapped[dict[str, Any]]
    definition: Mapped[dict[str, Any]]
    """The pipeline as JSON."""
    metrics: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any]]


class Execution(Base):
    """One attempt at one step."""

    __tablename__ = "execution"
    id: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[str] = mapped_column(
        ForeignKey("run.id", ondelete="CASCADE"), index=True
    )
    step: Mapped[str]
    attempt: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str]
    """Why the step was run again; empty for a first attempt."""
    seconds: Mapped[float]
    failure: Mapped[dict[str, Any]]


class Artifact(Base):
    """A stored group of values, by the sha256 of its file."""

    __tablename__ = "artifact"
    digest: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    kind: Mapped[str]
    """`Dataset`, `Model`, `Metrics`, or empty."""
    types: Mapped[dict[str, Any]]
    """Python type by name."""


class Event(Base):
    """An execution read or wrote an artifact under a name."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    execution: Mapped[str] = mapped_column(
        ForeignKey("execution.id", ondelete="CASCADE"), index=True
    )
    artifact: Mapped[str] = mapped_column(ForeignKey("artifact.digest"))
    name: Mapped[str]
    role: Mapped[str]
    """`input` or `output`."""

    __table_args__ = (Index("event_artifact", "artifact"),)
