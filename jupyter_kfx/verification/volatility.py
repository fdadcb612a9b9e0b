"""What already differs between runs of a notebook, and is held against no pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.verification import outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.verification.reference import NotebookRun

__all__ = ["Volatility"]


class Volatility:
    """What some of the other runs of a notebook have otherwise than the first."""

    def __init__(self, first: NotebookRun, others: Sequence[NotebookRun]) -> None:
        self._first = first
        self._others = others
        self.cells = frozenset(
            index
            for index in first.outputs
            for run in others
            if outputs.difference(run.outputs.get(index, ()), first.outputs[index])
        )
        """Positions of the cells that show something else."""
        self.files = frozenset(
            name
            for run in others
            for name in first.files.keys() | run.files.keys()
            if first.files.get(name) != run.files.get(name)
        )

    def variables(self, place: int) -> frozenset[str]:
        """Return the variables that differ after the cell at a position."""
        return frozenset(
            name
            for run in self._others
            for name in run.compared.get(place, {}).get("different", ())
        )

    def is_of_numbers(self, place: int) -> bool:
        """Tell whether a cell always shows the same but for numbers, as those of clocks."""
        wanted = self._first.outputs[place]
        return all(
            outputs.is_alike(wanted, run.outputs.get(place, [])) for run in self._others
        )

    @property
    def names(self) -> tuple[str, ...]:
        """All of it, in words."""
        variables = {
            f"variable {name}"
            for run in self._others
            for found in run.compared.values()
            for name in found["different"]
        }
        return (
            *(f"output of cell {index}" for index in sorted(self.cells)),
            *sorted(variables),
            *(f"file {name}" for name in sorted(self.files)),
        )
