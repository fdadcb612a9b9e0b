"""What a scheduler and an executor say to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from jupyter_kfx.pipeline.model import SetupStatement, Step

__all__ = [
    "AmbientState",
    "Executor",
    "Failure",
    "Group",
    "Observation",
    "Order",
    "Signal",
    "Unavailable",
]


@dataclass(frozen=True)
class Group:
    """One stored version: names that share objects, in one artifact."""

    digest: str
    names: frozenset[str]
    content: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Digest of each name's content, to tell whether a name is as it was."""
    needs: frozenset[str] = frozenset()
    """Global names that functions and classes inside use when they are called."""
    definitions: frozenset[str] = frozenset()
    """Names of the notebook's functions and classes that it refers to as such."""
    modules: frozenset[str] = frozenset()
    """Modules whose functions and classes it refers to."""
    types: Mapping[str, str] = field(default_factory=dict, hash=False)
    size: int = 0


@dataclass(frozen=True)
class AmbientState:
    """One stored version of a piece of process state."""

    digest: str
    size: int = 0
    token: str = ""
    """Stands for what the state is, whichever way it came to be."""
    after: int = -1
    """Position of the last cell of the step that left it so."""
    needs: frozenset[str] = frozenset()
    """Globals that functions in it use."""


@dataclass(frozen=True)
class Unavailable:
    """A name whose value cannot be handed on, and why."""

    message: str
    cure: str
    after: int | None = None
    """Position of the last cell of the step that left it so."""


@dataclass(frozen=True)
class Failure:
    """The error that ended an execution."""

    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()
    cell: str | None = None
    index: int | None = None
    line: int | None = None
    name: str | None = None
    """For a NameError: the name that is not there."""
    reason: str = ""
    """The message without what to do, where these can be told apart."""
    left: str = ""
    """The process state that steps above have left and that is in the way, or `values`."""
    artifact: str | None = None
    """Digest of what could not be loaded, if that is known."""
    kind: str = "error"
    """`error` (the cells raised), `timeout`, `killed`, `lost`, or `runtime`."""


@dataclass(frozen=True)
class Order:
    """Everything an executor needs to run one attempt at a step."""

    execution: str
    step: Step
    attempt: int
    setup: Mapping[int, SetupStatement]
    """What is replayed first, in this order, by position in the pipeline's setup."""
    own_setup: Mapping[int, SetupStatement]
    """The setup statements in the step's own cells."""
    definitions: Mapping[str, int]
    """Names that stand for a setup statement, by its position in the setup."""
    groups: tuple[tuple[Group, frozenset[str]], ...]
    """What is loaded, with the names that each group still stands for."""
    ambient: Mapping[str, AmbientState]
    live: frozenset[str]
    live_all: bool
    alone: bool
    """Every step above has committed: acts that cannot be taken back need not ask."""
    seed: str
    last: bool = False
    """No step is below it."""
    beside: frozenset[str] = frozenset()
    """Names in the groups that the step was not seen to read."""


@dataclass(frozen=True)
class Observation:
    """What an execution did."""

    status: str
    """`succeeded`, `failed`, or `skipped`: its cells have not run, or do not count."""
    failure: Failure | None = None
    reason: str = ""
    """Why it was skipped."""
    stored: tuple[Group, ...] = ()
    deleted: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    unavailable: Mapping[str, Unavailable] = field(default_factory=dict)
    ambient: Mapping[str, AmbientState] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    """Tokens of the ambient states that the execution found."""
    observed: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Signal:
    """Something that happens while an execution runs."""

    execution: str
    kind: str
    """`started`, `cell`, `output`."""
    data: Mapping[str, Any] = field(default_factory=dict)


class Executor(Protocol):
    """Runs executions somewhere; cancelling the awaiting task ends the execution."""

    async def execute(
        self,
        order: Order,
        listener: Callable[[Signal], None],
        permit: Callable[[str], Awaitable[bool]],
    ) -> Observation:
        """Run one execution to its end.

        `permit(reason)` is awaited before the first act that cannot be taken back;
        where it answers false the execution is ended and a `lost` failure is observed.
        """
        ...

    def adopt(self, order: Order, run: str, execution: str) -> None:
        """Take the files of an earlier execution, of any run, for an order's."""
        ...

    async def close(self) -> None:
        """End everything that still runs."""
        ...
