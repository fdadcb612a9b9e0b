"""The setup above a step, run again quietly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Callable, Iterable

if TYPE_CHECKING:
    from .conditions import Conditions
    from .order import Order, SetupStatement
    from .shell import Shell

__all__ = ["SetupFailedError", "replay"]


class SetupFailedError(Exception):
    """A setup statement raised; the error is its cause."""

    def __init__(self, statement: SetupStatement, filename: str) -> None:
        super().__init__(f"setup of cell {statement.cell} raised")
        self.statement = statement
        self.filename = filename


def replay(
    order: Order,
    shell: Shell,
    conditions: Conditions,
    at: Callable[[int | None], None] = lambda _place: None,
) -> None:
    """Run the setup statements in notebook order and bind the injected parameters.

    States that steps above left are restored at their place, so that a setting below
    them holds. The recorder must be at rest: what a statement prints or warns belongs
    to its own cell. `at` is told the position of each statement's cell, and none for
    what is restored. Names that no longer stand for a setup statement are unbound at the
    end.
    """
    filenames = {
        cell.index: shell.register(cell.source, cell.execution_count)
        for cell in order.sources
    }
    bound: set[str] = set()
    injected = order.parameters_index
    for statement in order.setup:
        if injected is not None and statement.index > injected:
            bound |= inject(order, shell)
            injected = None
        at(None)
        conditions.restore(statement.index)
        at(statement.index)
        _execute(statement, shell, filenames)
        bound.update(statement.names)
    at(None)
    conditions.restore(math.inf)
    if injected is not None and injected not in order.own_indices:
        bound |= inject(order, shell)
    _unbind(bound - set(order.definitions), shell.namespace)


def inject(order: Order, shell: Shell) -> set[str]:
    """Bind the values that the caller gave; return their names."""
    shell.namespace.update(order.parameters)
    return set(order.parameters)


def _execute(
    statement: SetupStatement, shell: Shell, filenames: dict[int, str]
) -> None:
    filename = filenames.get(statement.index)
    # The same line numbers as in the cell, for tracebacks and inspect.getsource.
    code = "\n" * (statement.line - 1) + statement.code
    if filename is None:
        filename = shell.register(code, None)
    try:
        shell.execute(code, filename)
    except (Exception, SystemExit) as error:
        raise SetupFailedError(statement, filename) from error


def _unbind(names: Iterable[str], namespace: dict[str, Any]) -> None:
    for name in names:
        namespace.pop(name, None)
