"""From a notebook to its pipeline."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.analysis.cells import CodeCell, CodeReader
from jupyter_kfx.analysis.edges import edges_between, live_after, settle, sources
from jupyter_kfx.analysis.effects import Effects, then
from jupyter_kfx.analysis.metrics import metric_names
from jupyter_kfx.analysis.walk import BUILTINS
from jupyter_kfx.notebook.parameters import parse as parse_parameters
from jupyter_kfx.notebook.tags import pipeline_settings
from jupyter_kfx.pipeline.model import (
    Diagnostic,
    Parameter,
    Pipeline,
    Port,
    SetupKind,
    SetupStatement,
    Severity,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.notebook.reading import Notebook
    from jupyter_kfx.pipeline.settings import StepSettings

__all__ = ["build"]

_LAST_RESULT = re.compile(r"_{1,3}")
_OLD_RESULT = re.compile(r"_\d+|_i+\d*|_[iod]h|In|Out")


@dataclass
class _StepCells:
    """A step while it is put together."""

    name: str
    cells: list[CodeCell] = field(default_factory=list)

    @property
    def effects(self) -> Effects:
        return reduce(then, (code.effects for code in self.cells), Effects())


def build(notebook: Notebook) -> Pipeline:
    """Return the pipeline that a notebook describes.

    What is wrong with the notebook is in the pipeline's diagnostics; nothing is raised.
    """
    return _Builder(notebook).build()


class _Builder:
    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        folder = None if notebook.path is None else str(Path(notebook.path).parent)
        self.reader = CodeReader(notebook, folder)
        self.diagnostics: list[Diagnostic] = []
        self.steps: list[_StepCells] = []
        self.loose: list[CodeCell] = []
        self.metrics: list[str] = []
        self._step_of: dict[str, str] = {}
        """Name of the step by the id of the cell."""
        self.parameters: tuple[Parameter, ...] = ()
        self.parameters_cell: CodeCell | None = None

    def build(self) -> Pipeline:
        settings, found = pipeline_settings(self.notebook)
        cells = self.reader.read()
        self.diagnostics += [*self.reader.diagnostics, *found]
        self._place(cells)
        self._check_order()
        self._refuse_later(cells)
        self._check_history()
        effects = [step.effects for step in self.steps]
        self._open(effects)
        self._check_names(cells)
        step_settings = [self._settings(s, settings.defaults) for s in self.steps]
        names = [step.name for step in self.steps]
        after = [self._after(i, s.after, names) for i, s in enumerate(step_settings)]
        live = live_after(effects)
        self._check_setup(live)
        settle(effects, live)
        edges = edges_between(names, effects, after)
        arriving = sources(edges)
        steps = tuple(
            self._step(
                parts,
                effects[i],
                live[i],
                step_settings[i],
                arriving.get(parts.name, {}),
            )
            for i, parts in enumerate(self.steps)
        )
        name = settings.name
        if name is None:
            path = self.notebook.path
            name = Path(path).stem if path else "pipeline"
        return Pipeline(
            name=name,
            notebook=self.notebook.path,
            kernel=self.notebook.kernel,
            parameters=self.parameters,
            parameters_cell=None
            if self.parameters_cell is None
            else self.parameters_cell.cell,
            setup_cells=tuple(code.cell for code in self.loose),
            setup=self._setup(cells),
            steps=steps,
            edges=edges,
            diagnostics=tuple(
                sorted(
                    self.diagnostics,
                    key=lambda d: (
                        -1 if d.cell_index is None else d.cell_index,
                        d.line or 0,
                    ),
                )
            ),
            metrics=tuple(self.metrics),
            settings=settings,
        )

    # Steps

    def _place(self, cells: list[CodeCell]) -> None:
        """Give each cell to a step, or to what is setup alone."""
        by_name: dict[str, _StepCells] = {}
        current: _StepCells | None = None
        taken = {code.tags.step for code in cells}
        for code in cells:
            role = code.tags.role
            if role == "parameters":
                self._place_parameters(code, taken, by_name)
                continue
            if role == "metrics":
                self.metrics += metric_names(code.body)
            if code.tags.step is not None:
                current = by_name.get(code.tags.step) or self._new(
                    code.tags.step, by_name
                )
            elif role == "setup" and code.is_setup:
                self.loose.append(code)
                continue
            elif current is None:
                if code.is_setup or not code.cell.source.strip():
                    self.loose.append(code)
                    continue
                first = "start" if any(c.tags.step for c in cells) else "notebook"
                current = self._new(_unique(first, taken), by_name)
            if role == "setup" and not code.is_setup:
                self._report(
                    "not-setup",
                    Severity.INFO,
                    "the cell does more than import and define, so it runs in step "
                    f"`{current.name}`.",
                    "",
                    code,
                )
            current.cells.append(code)
            self._step_of[code.cell.id] = current.name
        if self.steps and not any(code.tags.step for code in cells):
            self._report(
                "no-steps",
                Severity.INFO,
                "no cell is tagged as a step, so the whole notebook is one.",
                "Tag cells with `step:` and a name.",
                self.steps[0].cells[0],
            )

    def _new(self, name: str, by_name: dict[str, _StepCells]) -> _StepCells:
        step = by_name[name] = _StepCells(name)
        self.steps.append(step)
        return step

    def _place_parameters(
        self, code: CodeCell, taken: set[str | None], by_name: dict[str, _StepCells]
    ) -> None:
        if self.parameters_cell is not None:
            self._report(
                "two-parameters-cells",
                Severity.ERROR,
                "the notebook has two cells tagged as parameters.",
                "Put all parameters into one cell.",
                code,
            )
            return
        self.parameters_cell = code
        cell = self.notebook.cells[code.cell.index]
        self.parameters = parse_parameters(cell)
        if code.is_setup or not code.cell.source.strip():
            return
        # Something there is computed: the cell runs once, and its names are data.
        code.effects.may_bind |= code.effects.defines
        code.effects.binds |= code.effects.defines
        code.effects.defines = set()
        code.setup = []
        step = self._new(_unique("parameters", taken), by_name)
        step.cells.append(code)
        self._step_of[code.cell.id] = step.name

    def _setup(self, cells: list[CodeCell]) -> tuple[SetupStatement, ...]:
        return tuple(
            replace(statement, step=self._step_of.get(code.cell.id))
            for code in cells
            for statement in code.setup
        )

    def _settings(self, parts: _StepCells, defaults: StepSettings) -> StepSettings:
        merged: dict[str, Any] = {}
        for code in parts.cells:
            for name, value in code.tags.settings.items():
                old = merged.get(name)
                if isinstance(value, dict):
                    merged[name] = {**(old or {}), **value}
                elif isinstance(value, tuple):
                    merged[name] = tuple(dict.fromkeys((*(old or ()), *value)))
                elif old is not None and old != value:
                    self._report(
                        "two-values",
                        Severity.ERROR,
                        f"step `{parts.name}` sets `{name}` to {old!r} and to {value!r}.",
                        "Set it on one of its cells.",
                        code,
                    )
                else:
                    merged[name] = value
        return replace(defaults, **merged)

    def _after(self, i: int, wanted: Sequence[str], names: list[str]) -> list[str]:
        found: list[str] = []
        for name in wanted:
            if name in found:
                self._report(
                    "repeated-tag",
                    Severity.WARNING,
                    f"the step is said to come after `{name}` twice.",
                    "Take one of the tags off.",
                    self.steps[i].cells[0],
                )
            elif name in names[:i]:
                found.append(name)
                continue
            code = self.steps[i].cells[0]
            if name == names[i]:
                message, cure = (
                    "the step cannot come after itself.",
                    "Take the tag off.",
                )
            elif name in names:
                message = f"step `{name}` is further down."
                cure = "Name a step above this one."
            else:
                near = difflib.get_close_matches(name, names[:i], 1)
                message = f"there is no step `{name}`."
                cure = (
                    f"Did you mean `{near[0]}`?"
                    if near
                    else "Name a step above this one."
                )
            self._report("unknown-step", Severity.ERROR, message, cure, code)
        return found

    def _step(
        self,
        parts: _StepCells,
        effects: Effects,
        live: frozenset[str],
        settings: StepSettings,
        arriving: dict[str, str],
    ) -> Step:
        writes = effects.may_bind | effects.defines
        changed = effects.may_bind | effects.mutates.keys()
        if effects.writes_any:
            changed = set(live)
        types = {n: t for code in parts.cells for n, t in code.types.items()}
        return Step(
            name=parts.name,
            cells=tuple(code.cell for code in parts.cells),
            inputs=tuple(Port(n, "", arriving[n]) for n in sorted(arriving)),
            outputs=tuple(Port(n, types.get(n, "")) for n in sorted(changed & live)),
            reads=tuple(sorted(effects.reads)),
            writes=tuple(sorted(writes)),
            mutates=tuple(sorted(effects.mutates)),
            deletes=tuple(sorted(effects.deletes)),
            live=tuple(sorted(live)),
            ambient=tuple(sorted({touch.key for touch in effects.touches})),
            opaque=effects.opaque is not None,
            settings=settings,
        )

    # Checks

    def _check_order(self) -> None:
        """Refuse a step that goes on below another where that would change results."""
        all_cells = [(code, step) for step in self.steps for code in step.cells]
        all_cells.sort(key=lambda pair: pair[0].cell.index)
        position = {step.name: i for i, step in enumerate(self.steps)}
        highest = -1
        for k, (code, step) in enumerate(all_cells):
            if position[step.name] >= highest:
                highest = position[step.name]
                continue
            for other, between in all_cells[:k]:
                if position[between.name] <= position[step.name]:
                    continue
                why = other.effects.conflict(code.effects)
                if why:
                    self._report(
                        "reordered",
                        Severity.ERROR,
                        f"step `{step.name}` goes on here below step "
                        f"`{between.name}`, and both use {why}: running this cell with "
                        "the rest of its step would change the result.",
                        "Give this cell a step name of its own.",
                        code,
                    )
                    break

    def _refuse_later(self, cells: list[CodeCell]) -> None:
        for code in cells:
            for tag in code.tags.later:
                self._report(
                    "not-yet-supported",
                    Severity.ERROR,
                    f"the tag `{tag}` is understood but cannot be run yet.",
                    "Take it off.",
                    code,
                )

    def _check_history(self) -> None:
        bound: set[str] = set()
        for step in self.steps:
            for k, code in enumerate(step.cells):
                for name in sorted(code.effects.reads - bound):
                    last = _LAST_RESULT.fullmatch(name) and k == 0
                    old = _OLD_RESULT.fullmatch(name) and len(self.steps) > 1
                    if last or old:
                        self._report(
                            "output-history",
                            Severity.ERROR,
                            f"`{name}` is the result of an earlier cell, and the "
                            "kernel's history is not handed from step to step.",
                            "Give the value a name where it is made.",
                            code,
                        )
                bound |= code.effects.may_bind | code.effects.defines

    def _open(self, effects: list[Effects]) -> None:
        """Let steps whose names cannot be known read all there is."""
        bound: set[str] = set()
        for code in self.loose:
            bound |= code.effects.defines | code.effects.may_bind
        for own in effects:
            if own.opaque is not None:
                own.reads |= bound
            bound |= own.may_bind | own.defines | own.mutates.keys()

    def _check_names(self, cells: list[CodeCell]) -> None:
        """Report names that nothing above binds."""
        bound: set[str] = set()
        for code in cells:
            own = code.effects
            if own.writes_any:
                return  # from here on any name may be bound
            unbound = own.reads - bound - own.may_bind - own.defines
            for name in sorted(unbound - BUILTINS - own.deletes):
                if not (_LAST_RESULT.fullmatch(name) or _OLD_RESULT.fullmatch(name)):
                    self._unbound(name, code, cells)
            bound |= own.may_bind | own.defines

    def _unbound(self, name: str, code: CodeCell, cells: list[CodeCell]) -> None:
        line = _line_of(name, code)
        if name in self.reader.skipped:
            where = self.reader.skipped[name].index + 1
            self._report(
                "skipped-name",
                Severity.ERROR,
                f"only cell {where}, which is tagged `skip`, binds `{name}`.",
                "Take the tag off, or bind the name elsewhere.",
                code,
                line=line,
            )
            return
        below = [
            c.cell.index + 1
            for c in cells
            if c.cell.index > code.cell.index
            and name in c.effects.may_bind | c.effects.defines
        ]
        who = f"only cell {below[0]} below binds" if below else "no cell binds"
        self._report(
            "undefined-name",
            Severity.WARNING,
            f"{who} `{name}`.",
            "Bind it above.",
            code,
            line=line,
        )

    def _check_setup(self, live: list[frozenset[str]]) -> None:
        """Refuse changes of what is replayed as code: they would not reach others."""
        current: dict[str, SetupKind] = {}
        for code in self.loose:
            current.update(_defined(code))
        for i, step in enumerate(self.steps):
            data: set[str] = set()
            for code in step.cells:
                current.update(_defined(code))
                data |= code.effects.may_bind
                if i + 1 < len(self.steps) and any(
                    touch.key == "modules" and touch.writes
                    for touch in code.effects.touches
                ):
                    self._report(
                        "changed-module",
                        Severity.ERROR,
                        "an attribute of an imported module or class is set here, to "
                        "what is known only when the step runs: the steps below would "
                        "not see it.",
                        "Set it to a constant or to a function of the notebook, in a "
                        "statement of its own, or put the cells below into this step.",
                        code,
                    )
                changed = [
                    name
                    for name, possible in code.effects.mutates.items()
                    if not possible and name in current and name in live[i]
                ]
                for name in sorted(set(changed) - data):
                    what = current[name].value
                    self._report(
                        "changed-definition",
                        Severity.ERROR,
                        f"`{name}` is changed here and used further down, but it is "
                        f"handed on as code (kind: {what}).",
                        "Keep the changing value in a variable of its own.",
                        code,
                        line=_line_of(name, code),
                    )
            for name in data:
                current.pop(name, None)

    def _report(
        self,
        code: str,
        severity: Severity,
        message: str,
        cure: str,
        at: CodeCell,
        *,
        line: int | None = None,
    ) -> None:
        step = self._step_of.get(at.cell.id)
        place = (self.notebook.path, at.cell.id, at.cell.index, line, step)
        self.diagnostics.append(Diagnostic(code, severity, message, cure, *place))


def _defined(code: CodeCell) -> dict[str, SetupKind]:
    """Return the names that a cell's imports and definitions bind."""
    kinds = (SetupKind.IMPORT, SetupKind.DEFINITION)
    return {
        name: statement.kind
        for statement in code.setup
        if statement.kind in kinds
        for name in statement.names
    }


def _line_of(name: str, code: CodeCell) -> int | None:
    """Return the first line of a cell that mentions a name."""
    lines = [
        part.lineno
        for node in (*code.body, *code.inner)
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and part.id == name
    ]
    return min(lines, default=None)


def _unique(name: str, taken: set[str | None]) -> str:
    while name in taken:
        name += "-"
    return name
