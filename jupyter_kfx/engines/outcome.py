"""How a run and its steps ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_kfx.engines.joining import Joint
    from jupyter_kfx.engines.progress import Progress
    from jupyter_kfx.engines.protocol import Failure, Observation
    from jupyter_kfx.engines.versions import View

__all__ = ["Outcome", "StepOutcome"]


@dataclass
class StepOutcome:
    """How a step ended, and what it took."""

    name: str
    status: str = "pending"
    """`succeeded`, `failed`, `skipped` or `cancelled` in the end."""
    execution: str | None = None
    """The execution that counts."""
    attempts: int = 0
    reruns: list[str] = field(default_factory=list)
    """Why it was run again, a sentence each."""
    warnings: list[str] = field(default_factory=list)
    """What was not predicted, where it is to be warned of."""
    cached: bool = False
    """Whether the result of an earlier execution was taken."""
    reason: str = ""
    """Why it ran, or why it did not have to."""
    passed_over: bool = False
    """Whether it is skipped for its condition, or for want of a name, and no failure's
    or selection's sake."""
    number: int = 0
    """Its place in the notebook, after which its executions are named."""
    joined: str = ""
    """Name of the step that it ran as one with, if that is another."""
    observation: Observation | None = None
    inputs: tuple[str, ...] = ()

    def begun_anew(self) -> StepOutcome:
        """Return the outcome of the step when it has to run once more."""
        return StepOutcome(
            self.name, attempts=self.attempts, reruns=self.reruns, number=self.number
        )

    @property
    def failure(self) -> Failure | None:
        """The error that ended it, if one did."""
        return None if self.observation is None else self.observation.failure


@dataclass
class Outcome:
    """How a run ended."""

    status: str
    """`succeeded`, `failed`, `cancelled`, or `joined` where it goes on."""
    steps: list[StepOutcome]
    view: View
    joint: Joint | None = None
    """Steps that have to run as one; then the run is to go on with these."""
    done: tuple[Progress, ...] = ()
    """The steps above them, which count."""
    below: tuple[Progress, ...] = ()
    """They and the steps below, which may have run."""
