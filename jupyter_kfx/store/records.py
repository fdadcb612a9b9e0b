"""What the store knows of runs, executions and artifacts, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["ArtifactRecord", "ExecutionRecord", "RunRecord"]


@dataclass(frozen=True)
class ArtifactRecord:
    """An artifact that an execution read or wrote, and the names in it."""

    digest: str
    names: Sequence[str]
    size: int = 0
    types: Mapping[str, str] = field(default_factory=dict)
    """Python type by name."""

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
    """Why the step was run again; empty for a first attempt."""
    failure: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[ArtifactRecord] = ()
    outputs: Sequence[ArtifactRecord] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    started: datetime | None = None
    ended: datetime | None = None


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
