"""The plain data of a pipeline: parameters, setup, steps, edges, diagnostics."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  (pydantic reads the annotations)
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from jupyter_kfx.pipeline.settings import FORBID, PipelineSettings, StepSettings

__all__ = [
    "Cell",
    "Diagnostic",
    "Edge",
    "EdgeKind",
    "Parameter",
    "Pipeline",
    "Port",
    "SetupKind",
    "SetupStatement",
    "Severity",
    "Step",
    "TagEdit",
]


class EdgeKind(str, Enum):
    """Why a step waits for another."""

    DATA = "data"
    """It reads names that the other surely or probably writes."""
    ORDER = "order"
    """`prev:`/`after:`, or process state and files that both touch."""
    POSSIBLE = "possible"
    """Only an unknown call says that the other may have changed the names."""


class SetupKind(str, Enum):
    """What a setup statement does."""

    IMPORT = "import"
    DEFINITION = "definition"
    SETTING = "setting"
    PARAMETER = "parameter"


class Severity(str, Enum):
    """How much a diagnostic weighs: an error refuses the notebook."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class TagEdit:
    """A change of one cell's tags."""

    __pydantic_config__ = FORBID

    cell: str
    """Id of the cell, which need not be the one that is complained about."""
    cell_index: int
    remove: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    """Tags that come in the place of the first that is removed, or last."""


@dataclass(frozen=True)
class Diagnostic:
    """One finding about a notebook, with its place and its cure."""

    __pydantic_config__ = FORBID

    code: str
    """Stable kebab-case identifier, e.g. `syntax-error`, `unknown-step`."""
    severity: Severity
    message: str
    cure: str = ""
    notebook: str | None = None
    cell: str | None = None
    """Id of the cell."""
    cell_index: int | None = None
    """Zero-based position of the cell among all cells of the notebook."""
    line: int | None = None
    """One-based line within the cell's source."""
    step: str | None = None
    edit: TagEdit | None = None
    """What cures it, where a change of tags does."""

    def __str__(self) -> str:
        """Return one line: severity, code, place, sentence, cure."""
        place = "" if self.cell_index is None else f"cell {self.cell_index + 1}"
        if self.cell_index is not None and self.line is not None:
            place += f", line {self.line}"
        where = f" ({place})" if place else ""
        cure = f" {self.cure}" if self.cure else ""
        return f"{self.severity.value} {self.code}{where}: {self.message}{cure}"


@dataclass(frozen=True)
class Parameter:
    """A name that a caller may set before a run."""

    __pydantic_config__ = FORBID

    name: str
    default: Any
    """The value in the notebook, as JSON where JSON can hold it."""
    source: str
    """The default as the notebook spells it."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema (2020-12) of the values it takes."""
    help: str = ""
    cell: str = ""
    line: int = 1


@dataclass(frozen=True)
class Cell:
    """A code cell of a step."""

    __pydantic_config__ = FORBID

    id: str
    index: int
    """Zero-based position among all cells of the notebook."""
    source: str
    """As in the notebook, IPython syntax and all."""
    execution_count: int
    """The count it has when the notebook runs top to bottom in a fresh kernel."""


@dataclass(frozen=True)
class SetupStatement:
    """An import, definition or setting that is copied as code into the steps below it."""

    __pydantic_config__ = FORBID

    cell: str
    index: int
    """Position of its cell among all cells of the notebook."""
    line: int
    """First line of the statement (decorators included) within the cell, one-based."""
    end_line: int
    code: str
    """The statement as in the cell; IPython syntax is kept (`%matplotlib inline`)."""
    kind: SetupKind
    names: tuple[str, ...] = ()
    """The names it binds."""
    needs: tuple[str, ...] = ()
    """The global names its code may read, when it runs or when what it defines is used."""
    step: str | None = None
    """The step its cell belongs to; none for a cell that is setup alone."""


@dataclass(frozen=True)
class Port:
    """A named, typed input or output of a step."""

    __pydantic_config__ = FORBID

    name: str
    type: str = ""
    """What is known of its type, e.g. `Dataset`, `Model`, `int`; empty when nothing is."""
    source: str | None = None
    """For an input: the step that writes it, or none for setup and parameters."""


@dataclass(frozen=True)
class Step:
    """One or more cells under one `step:` tag; a node of the pipeline."""

    __pydantic_config__ = FORBID

    name: str
    cells: tuple[Cell, ...]
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    """Names it may write that a later step may read: the only ones that are stored."""
    reads: tuple[str, ...] = ()
    """Every name it may need at entry, through what it calls too; parameters included."""
    needs: tuple[str, ...] = ()
    """Those that it cannot do without: it is skipped where one has no value because a
    step above was skipped."""
    writes: tuple[str, ...] = ()
    """Every name it may bind."""
    mutates: tuple[str, ...] = ()
    """Every name whose object it may change in place."""
    deletes: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    """Every name that a later step may need, whoever wrote it."""
    ambient: tuple[str, ...] = ()
    """Process state it is predicted to touch, e.g. `files`, `random`, `environ`, `network`."""
    opaque: bool = False
    """True if names cannot be known (`exec`, `globals()`): it reads and may write any."""
    settings: StepSettings = field(default_factory=StepSettings)

    @property
    def code(self) -> tuple[str, ...]:
        """Its condition, if it has one, and the sources of its cells."""
        when = self.settings.when
        return (*(() if when is None else (when,)), *(c.source for c in self.cells))


@dataclass(frozen=True)
class Edge:
    """A dependency between two steps."""

    __pydantic_config__ = FORBID

    source: str
    target: str
    kind: EdgeKind = EdgeKind.DATA
    names: tuple[str, ...] = ()
    """The names that travel; for an order edge, why: `prev`, `files`, `random`, ..."""


@dataclass(frozen=True)
class Pipeline:
    """The graph made from a notebook; steps in notebook order."""

    __pydantic_config__ = FORBID

    name: str
    notebook: str | None = None
    """Path of the notebook it was made from."""
    kernel: str = "python3"
    """Name of the notebook's kernelspec."""
    parameters: tuple[Parameter, ...] = ()
    parameters_cell: Cell | None = None
    setup_cells: tuple[Cell, ...] = ()
    """Cells that are setup alone and belong to no step, in notebook order."""
    setup: tuple[SetupStatement, ...] = ()
    steps: tuple[Step, ...] = ()
    edges: tuple[Edge, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    metrics: tuple[str, ...] = ()
    """Names in the `pipeline-metrics` cell."""
    settings: PipelineSettings = field(default_factory=PipelineSettings)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that refuse the notebook."""
        return tuple(d for d in self.diagnostics if d.severity is Severity.ERROR)

    def step(self, name: str) -> Step:
        """Return the step of that name; KeyError if there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)
