"""What a run came to, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_kfx.engines.outcome import StepOutcome
    from jupyter_kfx.store import ExecutionRecord

__all__ = [
    "Reason",
    "RunReport",
    "StepError",
    "StepReport",
    "reasons_of",
    "reasons_so_far",
]


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
    reason: str = ""
    """Why it ran, or why it did not have to."""
    passed_over: bool = False
    """Whether it is skipped for its condition, or as a skipped step would have bound
    what it needs."""
    observed: tuple[str, ...] = ()
    """What it was seen to do beside computing names, a sentence each."""
    joined: str = ""
    """Name of the step that it ran as one with, if that is another."""
    error: StepError | None = None

    @classmethod
    def of(
        cls,
        outcome: StepOutcome,
        notebook: str | None,
        observed: tuple[str, ...] = (),
    ) -> StepReport:
        """Return the report of a step that has ended."""
        observation, failure = outcome.observation, outcome.failure
        stored = () if observation is None else observation.stored
        return cls(
            name=outcome.name,
            status=outcome.status,
            notebook=notebook,
            inputs=outcome.inputs,
            outputs=tuple(sorted({n for group in stored for n in group.names})),
            seconds=0.0
            if observation is None or outcome.cached
            else observation.seconds,
            cached=outcome.cached,
            attempts=outcome.attempts,
            reruns=tuple(outcome.reruns),
            reason=outcome.reason,
            passed_over=outcome.passed_over,
            observed=observed,
            joined=outcome.joined,
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


class Reason(NamedTuple):
    """Why a step ran, or did not."""

    step: str
    status: str
    """`ran`, `cached` or `skipped`."""
    reason: str

    def __str__(self) -> str:
        """Return it as a sentence."""
        verb = "ran" if self.status == "ran" else "did not run"
        return f"step `{self.step}` {verb}: {self.reason}."


def reasons_of(report: Mapping[str, Any]) -> list[Reason]:
    """Return why each step of a run ran or did not, from the run's report as JSON."""
    found = []
    ending = _ending(report)
    for step in report["steps"]:
        name, reason = step["name"], step["reason"]
        undone = step["status"] in ("skipped", "cancelled")
        # Reports of older versions know of no conditions.
        if not step["attempts"] or step.get("passed_over"):
            found.append(Reason(name, "skipped", reason or ending))
            continue
        if not step["cached"]:
            reason = reason or "nothing else was asked for"
        if undone:
            reason += f". {ending[0].upper()}{ending[1:]} before it counted"
        found.append(Reason(name, "cached" if step["cached"] else "ran", reason))
        found += [Reason(name, "ran", f"again, as {why}") for why in step["reruns"]]
    return found


def reasons_so_far(
    steps: Iterable[str], attempts: Sequence[ExecutionRecord], status: str
) -> list[Reason]:
    """Return why steps ran or did not in a run that has left no report."""
    found = []
    for name in steps:
        own = [attempt for attempt in attempts if attempt.step == name]
        for attempt in own:
            kind = "cached" if attempt.cached_from else "ran"
            found.append(Reason(name, kind, attempt.reason))
        if not own:
            going = status == "running"
            why = "it has not begun yet" if going else "the run ended before"
            found.append(Reason(name, "skipped", why))
    return found


def _ending(report: Mapping[str, Any]) -> str:
    """Say why the steps that have not come to count have not."""
    for step in report["steps"]:
        if step["status"] == "failed":
            return f"step `{step['name']}` failed"
    if report["status"] == "cancelled":
        return "the run was cancelled"
    return "it is not part of this run"
