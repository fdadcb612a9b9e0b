"""What a run came to, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.engines.scheduler import StepOutcome

__all__ = ["RunReport", "StepError", "StepReport"]


@dataclass(frozen=True)
class StepError:
    """The error that ended a step, and where."""

    kind: str
    """`error` (the cells raised), `unavailable`, `timeout`, `killed` or `runtime`."""
    ename: str
    message: str
    traceback: tuple[str, ...] = ()
    cell: str | None = None
    cell_index: int | None = None
    """Zero-based position of the cell among all cells of the notebook."""
    line: int | None = None


@dataclass(frozen=True)
class StepReport:
    """How a step ended."""

    name: str
    status: str
    """`succeeded`, `failed`, `skipped` or `cancelled`."""
    notebook: str | None = None
    """Path of the executed step as a notebook."""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    seconds: float = 0.0
    cached: bool = False
    attempts: int = 0
    reruns: tuple[str, ...] = ()
    """Why it was run again, a sentence each."""
    error: StepError | None = None

    @classmethod
    def of(cls, outcome: StepOutcome, notebook: str | None) -> StepReport:
        """Return the report of a step that has ended."""
        observation, failure = outcome.observation, outcome.failure
        stored = () if observation is None else observation.stored
        return cls(
            name=outcome.name,
            status=outcome.status,
            notebook=notebook,
            inputs=outcome.inputs,
            outputs=tuple(sorted({n for group in stored for n in group.names})),
            seconds=0.0 if observation is None else observation.seconds,
            attempts=outcome.attempts,
            reruns=tuple(outcome.reruns),
            error=None
            if failure is None
            else StepError(
                failure.kind,
                failure.ename,
                failure.evalue,
                failure.traceback,
                failure.cell,
                failure.index,
                failure.line,
            ),
        )


@dataclass(frozen=True)
class RunReport:
    """How a run ended."""

    id: str
    status: str
    """`succeeded`, `failed` or `cancelled`."""
    engine: str
    steps: tuple[StepReport, ...]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    output: str | None = None
    """Path of the whole executed notebook, if one was asked for."""
    directory: str | None = None
    """Where the run's files are."""
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def failed(self) -> StepReport | None:
        """The step that ended the run, if one did."""
        return next((step for step in self.steps if step.status == "failed"), None)

    def to_json(self) -> dict[str, Any]:
        """Return the document that `run --json` prints."""
        document = asdict(self)
        document["run"] = document.pop("id")
        return document
