"""Diagnostics about one cell, or about the notebook as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.model import Diagnostic, Severity, TagEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.notebook.reading import NotebookCell

__all__ = ["Findings"]


@dataclass
class Findings:
    """Collects what there is to say."""

    notebook: str | None
    cell: NotebookCell | None = None
    found: list[Diagnostic] = field(default_factory=list)

    def error(
        self, code: str, message: str, cure: str, *, remove: Sequence[str] = ()
    ) -> None:
        """Say what refuses the notebook; taking the tags off the cell cures it."""
        self._add(Severity.ERROR, code, message, cure, remove)

    def warning(
        self,
        code: str,
        message: str,
        cure: str,
        *,
        remove: Sequence[str] = (),
        add: Sequence[str] = (),
    ) -> None:
        """Say what is probably not meant; other tags on the cell cure it."""
        self._add(Severity.WARNING, code, message, cure, remove, add)

    def info(self, code: str, message: str, cure: str) -> None:
        """Say what is good to know."""
        self._add(Severity.INFO, code, message, cure)

    def _add(
        self,
        severity: Severity,
        code: str,
        message: str,
        cure: str,
        remove: Sequence[str] = (),
        add: Sequence[str] = (),
    ) -> None:
        id_, index = (
            (None, None) if self.cell is None else (self.cell.id, self.cell.index)
        )
        edit = None
        if self.cell is not None and (remove or add):
            edit = TagEdit(self.cell.id, self.cell.index, tuple(remove), tuple(add))
        self.found.append(
            Diagnostic(
                code, severity, message, cure, self.notebook, id_, index, edit=edit
            )
        )
