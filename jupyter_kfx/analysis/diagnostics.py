"""What the user is told about a notebook, each with its place in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.model import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_kfx.analysis.cells import CodeCell
    from jupyter_kfx.pipeline.model import Severity, TagEdit

__all__ = ["Diagnostics"]


class Diagnostics:
    """Collects diagnostics and gives them in the order of the notebook."""

    def __init__(self, notebook: str | None, found: Iterable[Diagnostic]) -> None:
        self._notebook = notebook
        self._found = list(found)
        self.step_of: dict[str, str] = {}
        """Name of the step by the id of the cell."""

    def report(
        self,
        code: str,
        severity: Severity,
        message: str,
        cure: str,
        at: CodeCell,
        *,
        line: int | None = None,
        edit: TagEdit | None = None,
    ) -> None:
        """Add what is to be told about a cell."""
        step = self.step_of.get(at.cell.id)
        place = (self._notebook, at.cell.id, at.cell.index, line, step)
        self._found.append(Diagnostic(code, severity, message, cure, *place, edit))

    def in_order(self) -> tuple[Diagnostic, ...]:
        """Return all that was found, from the top of the notebook down."""

        def place(found: Diagnostic) -> tuple[int, int]:
            index = -1 if found.cell_index is None else found.cell_index
            return index, found.line or 0

        return tuple(sorted(self._found, key=place))
