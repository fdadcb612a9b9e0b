"""What the engine asks a step process to do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .exits import BadOrderError

__all__ = ["Cell", "Order", "SetupStatement", "Source", "read_order"]

_FORMAT = 1


@dataclass(frozen=True)
class SetupStatement:
    """A statement that is run again in every step below it."""

    id: int
    cell: str
    index: int
    line: int
    code: str
    names: list[str]
    kind: str


@dataclass(frozen=True)
class Source:
    """The whole source of a cell above, to show in tracebacks."""

    index: int
    source: str
    execution_count: int | None = None


@dataclass(frozen=True)
class Cell:
    """A cell of the step."""

    id: str
    index: int
    source: str
    execution_count: int
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def may_raise(self) -> bool:
        """Whether the notebook goes on when this cell raises."""
        return "raises-exception" in self.metadata.get("tags", ())


@dataclass(frozen=True)
class Order:
    """One attempt at one step; see docs/architecture.md for the fields."""

    format: int
    run: str
    execution: str
    step: str
    attempt: int
    directory: str
    artifacts: str
    workdir: str
    project: str
    cells: list[Cell]
    when: str | None = None
    """The expression on whose truth the cells run."""
    socket: str | None = None
    notebook_metadata: dict[str, Any] = field(default_factory=dict)
    setup: list[SetupStatement] = field(default_factory=list)
    own_setup: list[SetupStatement] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    parameters_index: int | None = None
    definitions: dict[str, int] = field(default_factory=dict)
    groups: list[dict[str, Any]] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    ambient: dict[str, dict[str, Any]] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)
    live_all: bool = False
    metrics: list[str] = field(default_factory=list)
    seed: str = ""
    alone: bool = False
    last: bool = False
    environ: dict[str, str] = field(default_factory=dict)
    """Environment variables that are settings of the step."""
    secrets: list[str] = field(default_factory=list)
    """Environment variables whose values are nobody's business."""
    stop_input: bool = True
    reference: dict[str, Any] | None = None
    """Where variables to compare its own with are: `folder`, `place`, `tolerance`, and
    which it `reads`."""

    @property
    def code(self) -> list[str]:
        """The step's own code: its condition, if it has one, and its cells."""
        return [*([] if self.when is None else [self.when]), *self.own_sources]

    @property
    def own_sources(self) -> list[str]:
        """The sources of the step's cells."""
        return [cell.source for cell in self.cells]

    @property
    def own_indices(self) -> frozenset[int]:
        """Positions of the step's own cells in the notebook."""
        return frozenset(cell.index for cell in self.cells)


def read_order(path: str) -> Order:
    """Return the order in a file."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        if data["format"] != _FORMAT:
            message = (
                f"the order is of format {data['format']}, this runtime knows {_FORMAT}"
            )
            raise BadOrderError(message)
        data["cells"] = [Cell(**cell) for cell in data["cells"]]
        for key, kind in (
            ("setup", SetupStatement),
            ("own_setup", SetupStatement),
            ("sources", Source),
        ):
            data[key] = [kind(**item) for item in data.get(key, ())]
        return Order(**data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"the order {path} cannot be read: {error!r}"
        raise BadOrderError(message) from error
