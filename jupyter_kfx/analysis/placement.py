"""Which step each cell belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.effects import Effects, perhaps, then
from jupyter_kfx.analysis.metrics import metric_names
from jupyter_kfx.notebook.parameters import parse as parse_parameters
from jupyter_kfx.notebook.tags import role_tags, step_tag
from jupyter_kfx.pipeline.model import Severity, TagEdit

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.analysis.cells import CodeCell
    from jupyter_kfx.analysis.diagnostics import Diagnostics
    from jupyter_kfx.notebook.reading import Notebook
    from jupyter_kfx.pipeline.model import Parameter

__all__ = ["Placement", "StepCells"]


@dataclass
class StepCells:
    """A step while it is put together."""

    name: str
    cells: list[CodeCell] = field(default_factory=list)

    @property
    def effects(self) -> Effects:
        """What the cells do, one after the other, if they run."""
        found = reduce(then, (code.effects for code in self.cells), Effects())
        return perhaps(found) if self.head else found

    @property
    def head(self) -> tuple[ast.stmt, ...]:
        """What is done before the cells, if there is a condition or a loop around them."""
        return next((code.head for code in self.cells if code.head), ())


class Placement:
    """The cells of a notebook by what they are there for."""

    def __init__(
        self,
        notebook: Notebook,
        diagnostics: Diagnostics,
        joined: Mapping[str, str] | None = None,
    ) -> None:
        """Place cells of steps that are `joined` to others in these."""
        self._joined = joined or {}
        self._notebook = notebook
        self._diagnostics = diagnostics
        self.steps: list[StepCells] = []
        self.loose: list[CodeCell] = []
        """Cells that are setup alone and belong to no step."""
        self.metrics: list[str] = []
        self.parameters: tuple[Parameter, ...] = ()
        self.parameters_cell: CodeCell | None = None

    def place(self, cells: Sequence[CodeCell]) -> None:
        """Give each cell to a step, or to what is setup alone."""
        by_name: dict[str, StepCells] = {}
        current: StepCells | None = None
        taken = {code.tags.step for code in cells}
        for code in cells:
            role = code.tags.role
            if role == "parameters":
                self._place_parameters(code, taken, by_name)
                continue
            if role == "metrics":
                self.metrics += metric_names(code.body)
            if code.tags.step is not None:
                current = self._step(code.tags.step, by_name)
            elif role == "setup" and code.is_setup:
                self.loose.append(code)
                continue
            elif current is None:
                if code.is_setup or not code.cell.source.strip():
                    self.loose.append(code)
                    continue
                first = "start" if any(c.tags.step for c in cells) else "notebook"
                current = self._step(_unique(first, taken), by_name)
            if role == "setup" and not code.is_setup:
                # It was read as a cell that runs in any case.
                conditional = bool(current.head)
                self._diagnostics.report(
                    "not-setup",
                    Severity.ERROR if conditional else Severity.INFO,
                    "the cell does more than import and define, so it runs in step "
                    f"`{current.name}`"
                    f"{', which may not run' if conditional else ''}.",
                    "Give it a step of its own, or the tag of that step."
                    if conditional
                    else "",
                    code,
                    edit=TagEdit(
                        code.cell.id,
                        code.cell.index,
                        role_tags(code.tags.written, "setup"),
                        () if code.tags.step else (step_tag(current.name),),
                    ),
                )
            current.cells.append(code)
            self._diagnostics.step_of[code.cell.id] = current.name
        if self.steps and not any(code.tags.step for code in cells):
            top = self.steps[0].cells[0]
            self._diagnostics.report(
                "no-steps",
                Severity.INFO,
                "no cell is tagged as a step, so the whole notebook is one.",
                "Tag cells with `step:` and a name.",
                top,
                edit=TagEdit(top.cell.id, top.cell.index, (), (step_tag("notebook"),)),
            )

    def _step(self, tagged: str, by_name: dict[str, StepCells]) -> StepCells:
        name = self._joined.get(tagged, tagged)
        if name not in by_name:
            by_name[name] = StepCells(name)
            self.steps.append(by_name[name])
        return by_name[name]

    def _place_parameters(
        self, code: CodeCell, taken: set[str | None], by_name: dict[str, StepCells]
    ) -> None:
        if self.parameters_cell is not None:
            self._diagnostics.report(
                "two-parameters-cells",
                Severity.ERROR,
                "the notebook has two cells tagged as parameters.",
                "Put all parameters into one cell.",
                code,
                edit=TagEdit(
                    code.cell.id,
                    code.cell.index,
                    role_tags(code.tags.written, "parameters"),
                ),
            )
            return
        self.parameters_cell = code
        cell = self._notebook.cells[code.cell.index]
        self.parameters = parse_parameters(cell)
        if code.is_setup or not code.cell.source.strip():
            return
        # Something there is computed: the cell runs once, and its names are data.
        code.effects.may_bind |= code.effects.defines
        code.effects.binds |= code.effects.defines
        code.effects.defines = set()
        code.setup = []
        step = self._step(_unique("parameters", taken), by_name)
        step.cells.append(code)
        self._diagnostics.step_of[code.cell.id] = step.name


def _unique(name: str, taken: set[str | None]) -> str:
    while name in taken:
        name += "-"
    return name
