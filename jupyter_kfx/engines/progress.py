"""Where a step of a run stands."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.protocol import Failure, Unavailable

if TYPE_CHECKING:
    from jupyter_kfx.engines.cache import Look
    from jupyter_kfx.engines.outcome import StepOutcome
    from jupyter_kfx.engines.protocol import Observation, Order
    from jupyter_kfx.engines.versions import Reading
    from jupyter_kfx.pipeline.model import Step

__all__ = ["Progress"]


@dataclass
class Progress:
    """Where a step stands, and the execution that is under way or waits to be judged."""

    step: Step
    outcome: StepOutcome
    sources: frozenset[int]
    reads: set[str]
    retries: int = 0
    task: asyncio.Task[None] | None = None
    order: Order | None = None
    reading: Reading | None = None
    look: Look | None = None
    observation: Observation | None = None
    started: float = 0.0
    ended: float = 0.0
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once every step above has committed."""
    waiting: bool = False
    irrevocable: bool = False
    left_out: bool = False
    """Whether it is no part of this run."""
    lacks: bool = False
    """Whether it did not begin, as something is missing that a skipped step would bind."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it has to be waited for."""
        return self.left_out or self.observation is not None

    def go_on(self, earlier: Progress) -> None:
        """Take over what became of the step before others were joined above it."""
        self.retries = earlier.retries
        if earlier.observation is not None:
            self.observation, self.reading = earlier.observation, earlier.reading
            self.order, self.look, self.lacks = (
                earlier.order,
                earlier.look,
                earlier.lacks,
            )
            self.started, self.ended = earlier.started, earlier.ended
            self.reads |= earlier.reads

    def refusal(self) -> Failure | None:
        """Return why a name that the step reads cannot be given to it."""
        assert self.reading is not None
        # What stored functions mention is mostly not called: it is given if it is there,
        # and only a name that the step itself reads, or turned out to, is refused.
        for name in sorted(self.reads):
            version = self.reading.versions.get(name)
            if isinstance(version, Unavailable):
                return Failure(
                    "NotHandedOn",
                    f"{version.message} {version.cure}{self._places(name, version)}",
                    kind="unavailable",
                    name=name,
                    reason=version.message,
                )
        return None

    def _places(self, name: str, version: Unavailable) -> str:
        """Return which cells are to be put into one step."""
        if version.after is None:
            return ""
        cells = [
            c.index
            for c in self.step.cells
            if re.search(rf"\b{re.escape(name)}\b", c.source)
        ]
        used = (cells or [self.step.cells[0].index])[0]
        return f" Cell {version.after + 1} leaves it so, and cell {used + 1} uses it."

    def beginning(self) -> RunEvent:
        """Tell of an execution that begins."""
        assert self.order is not None
        assert self.reading is not None
        data = {
            "execution": self.order.execution,
            "attempt": self.order.attempt,
            "groups": [(g.digest, sorted(n)) for g, n in self.reading.groups],
            "reason": "" if self.look is None else self.look.reason,
        }
        return RunEvent("step-started", self.step.name, data)

    def ending(self, kind: str) -> RunEvent:
        """Tell of an execution that has ended, or need not begin."""
        assert self.order is not None
        data = {
            "execution": self.order.execution,
            "attempt": self.order.attempt,
            "observation": self.observation,
            "seconds": 0.0 if self.outcome.cached else self.ended - self.started,
            "order": self.order,
            "look": self.look,
        }
        return RunEvent(kind, self.step.name, data)

    def repeated(self, why: str) -> RunEvent:
        """Forget an execution that does not count, and tell why it is done again."""
        self.outcome.reruns.append(why)
        self.observation = self.look = None
        return RunEvent("step-rerun", self.step.name, {"reason": why})

    def retried(self, failure: Failure | None) -> RunEvent:
        """Forget an execution that failed and may do so, and tell of the next try."""
        self.retries += 1
        self.observation = self.look = None
        data = {"retry": self.retries, "failure": failure}
        return RunEvent("step-retried", self.step.name, data)

    def finished(self, status: str) -> RunEvent:
        """Settle how the step ended, and tell of it."""
        outcome = self.outcome
        outcome.status = status
        outcome.observation = self.observation
        if self.look is not None:
            outcome.reason = self.look.reason
        if self.observation is not None and self.observation.reason:
            outcome.reason, outcome.passed_over = self.observation.reason, True
        if self.order is not None:
            outcome.execution = self.order.execution
        if self.reading is not None:
            outcome.inputs = tuple(sorted(set(self.reading.members) & self.reads))
        return RunEvent("step-finished", self.step.name, {"outcome": outcome})
