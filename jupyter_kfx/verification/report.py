"""What a verification found, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["CellDifference", "Status", "Verification"]

Status = Literal["same", "different", "refused", "failed", "broken"]


@dataclass(frozen=True)
class CellDifference:
    """One thing that the pipeline has otherwise than the notebook."""

    kind: str
    """`variable`, `output`, `file` or `error`."""
    what: str
    name: str | None = None
    """The variable or the file."""
    cell: str | None = None
    cell_index: int | None = None
    """Zero-based position of the cell, the last of its step for a variable."""
    step: str | None = None


@dataclass(frozen=True)
class Verification:
    """Whether a pipeline computes what its notebook computes, and where not."""

    status: Status
    """`same`; `different`; `refused` (the pipeline says that it cannot); `failed` (it
    ended with an error that the notebook has not); `broken` (the notebook itself has no
    answer: it ends with an error, and so does the pipeline)."""
    notebook: str | None
    steps: int = 0
    differences: tuple[CellDifference, ...] = ()
    """In the order of the cells."""
    message: str | None = None
    """Why it was refused or failed, with the cure where there is one."""
    cell_index: int | None = None
    """Position of the cell that was refused or failed."""
    notebook_error: str | None = None
    """The error with which the notebook itself ends."""
    volatile: tuple[str, ...] = ()
    """What already differs between two runs of the notebook."""
    unknown: tuple[str, ...] = ()
    """What could not be compared, and why."""
    compared: int = 0
    """How many values of variables were compared."""
    warnings: tuple[str, ...] = ()
    """What the pipeline's run warned of."""
    reruns: tuple[str, ...] = ()
    """Why steps were run again, a sentence each."""
    needless: int = 0
    """How many of these gave the same again."""
    joined: tuple[str, ...] = ()
    """Steps that ran as one with a step above them."""
    notebook_seconds: float = 0.0
    pipeline_seconds: float = 0.0

    @property
    def first(self) -> CellDifference | None:
        """The difference that stands highest in the notebook."""
        return self.differences[0] if self.differences else None

    def to_json(self) -> dict[str, Any]:
        """Return the document that `verify --json` prints."""
        return asdict(self)
