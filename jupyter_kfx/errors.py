"""What can go wrong.

KfxError                        everything below; carries a sentence, where, and the cure
├── UsageError                      the call is off: unknown parameter, ill-typed value, unknown run
├── NotebookError                   the notebook cannot become a pipeline
│   ├── NotebookFormatError             not a Python notebook that can be read
│   └── DiagnosticsError                the analysis refused it (diagnostics)
├── StoreError                      the store cannot be read or written
└── RunError                        a run ended badly
    ├── EngineError                     the engine could not start or died
    └── StepFailedError                 a step ended with an error (step)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.pipeline.model import Diagnostic

__all__ = [
    "DiagnosticsError",
    "EngineError",
    "KfxError",
    "NotebookError",
    "NotebookFormatError",
    "RunError",
    "StepFailedError",
    "StoreError",
    "UsageError",
]


class KfxError(Exception):
    """Something a user can read and mend: what happened, where, and the cure."""

    def __init__(
        self,
        message: str,
        *,
        notebook: str | None = None,
        cell: str | None = None,
        line: int | None = None,
        cure: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.notebook = notebook
        self.cell = cell
        self.line = line
        self.cure = cure

    def __str__(self) -> str:
        """Return one readable paragraph: place, sentence, cure."""
        place = ", ".join(
            part
            for part in (
                self.notebook,
                None if self.cell is None else f"cell {self.cell}",
                None if self.line is None else f"line {self.line}",
            )
            if part
        )
        text = f"{place}: {self.message}" if place else self.message
        return f"{text} {self.cure}" if self.cure else text

    def to_json(self) -> dict[str, Any]:
        """Return the error as the command line and the server tell it in JSON."""
        return {
            "kind": type(self).__name__,
            "message": self.message,
            "notebook": self.notebook,
            "cell": self.cell,
            "line": self.line,
            "cure": self.cure,
        }


class UsageError(KfxError):
    """A call names something that is not there or has a value of the wrong type."""


class NotebookError(KfxError):
    """The notebook cannot become a pipeline."""


class NotebookFormatError(NotebookError):
    """The file is not a Python notebook that can be read."""


class DiagnosticsError(NotebookError):
    """The analysis found errors in the notebook; `diagnostics` holds each of them."""

    def __init__(
        self, diagnostics: Sequence[Diagnostic], *, notebook: str | None = None
    ) -> None:
        count = len(diagnostics)
        super().__init__(
            f"{count} problem{'' if count == 1 else 's'} must be mended first:\n"
            + "\n".join(f"  {diagnostic}" for diagnostic in diagnostics),
            notebook=notebook,
        )
        self.diagnostics = tuple(diagnostics)

    def to_json(self) -> dict[str, Any]:
        """Return the error with each of the diagnostics."""
        from dataclasses import asdict

        return {
            **super().to_json(),
            "diagnostics": [asdict(each) for each in self.diagnostics],
        }


class StoreError(KfxError):
    """The store cannot be read or written."""


class RunError(KfxError):
    """A run ended badly."""


class EngineError(RunError):
    """The engine could not start, or died under the run."""


class StepFailedError(RunError):
    """A step ended with an error; `step` is its name."""

    def __init__(
        self,
        message: str,
        *,
        step: str,
        notebook: str | None = None,
        cell: str | None = None,
        line: int | None = None,
        cure: str | None = None,
    ) -> None:
        super().__init__(message, notebook=notebook, cell=cell, line=line, cure=cure)
        self.step = step
