"""What a run tells those who watch it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RunEvent"]


@dataclass(frozen=True)
class RunEvent:
    """Something that happened to a run or to one of its steps.

    Kinds: `run-started`, `step-started`, `step-cell`, `step-output`, `step-waiting`,
    `step-rerun`, `step-retried`, `step-attempt` (one execution ended), `step-cached` (the
    result of an earlier one was taken), `step-joined` (it runs as one with others), `step-skipped` (one that ended does not count),
    `step-finished` (the step has its final status), `run-finished`.
    """

    kind: str
    step: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
