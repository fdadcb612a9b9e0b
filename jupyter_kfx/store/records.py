"""What the store knows of runs, executions and artifacts, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["ArtifactRecord", "CacheEntry", "ExecutionRecord", "RunRecord"]


@dataclass(frozen=True)
class ArtifactRecord:
    """An artifact that an execution read or wrote, and the names in it."""

    digest: str
    names: Sequence[str]
    size: int = 0
    types: Mapping[str, str] = field(default_factory=dict)
    """Python type by name."""
    evicted: bool = False
    """Whether it was deleted to make room."""

    @property
    def kind(self) -> str:
        """Return `Dataset`, `Model`, or nothing for a plain value."""
        roots = {name.partition(".")[0] for name in self.types.values()}
        if roots & {"sklearn", "torch", "keras", "xgboost", "lightgbm", "catboost"}:
            return "Model"
        return "Dataset" if roots & {"pandas", "polars", "pyarrow", "numpy"} else ""


@dataclass(frozen=True)
class ExecutionRecord:
    """One attempt at one step."""

    id: str
    """Also the name of its folder in the run's directory."""
    step: str
    attempt: int
    status: str
    """`running`, `succeeded`, `failed`, `cancelled`, or `lost`."""
    seconds: float
    reason: str = ""
    """Why it ran, or why it did not have to."""
    failure: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[ArtifactRecord] = ()
    outputs: Sequence[ArtifactRecord] = ()
    files: Sequence[ArtifactRecord] = ()
    """Contents of the files it left, under their paths."""
    states: Sequence[ArtifactRecord] = ()
    """What it found and left of the state of the process, by the name of the state."""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    started: datetime | None = None
    ended: datetime | None = None
    cached_from: str = ""
    """The execution whose result it took over; empty if it ran."""


@dataclass(frozen=True)
class CacheEntry:
    """A result that may be used again, and what it depends on."""

    key: str
    """Digest of the step's code."""
    execution: str
    run: str
    pipeline: str
    step: str
    volatile: str = ""
    """Why it may not be used again without being asked for; empty if it may."""
    code: Mapping[str, Any] = field(default_factory=dict)
    dependencies: Mapping[str, Any] = field(default_factory=dict)
    written: Mapping[str, Any] = field(default_factory=dict)
    """The files it left in the project, by path."""
    boot: str = ""
    """Of the machine, when it was written."""


@dataclass(frozen=True)
class RunRecord:
    """One run of a pipeline."""

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
    experiment: str

    def to_json(self) -> dict[str, Any]:
        """Return the run as lists of runs show it."""
        return {
            "run": self.id,
            "pipeline": self.pipeline,
            "notebook": self.notebook,
            "engine": self.engine,
            "status": self.status,
            "started": self.started.isoformat(),
            "ended": None if self.ended is None else self.ended.isoformat(),
            "parameters": dict(self.parameters),
            "metrics": dict(self.metrics),
        }
