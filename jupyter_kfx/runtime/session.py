"""A step in an IPython session: its inputs loaded, its cells at hand."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from . import artifacts
from .conditions import Conditions
from .order import Order, read_order
from .replay import SetupFailedError, replay
from .shell import around
from .unpickling import load

__all__ = ["open_step"]


def open_step(path: str, *, rerun: bool = False) -> None:
    """Bring the running IPython shell to where the step of an order began.

    With `rerun` its cells are run, up to the one that failed if one did, and where there
    is a terminal a debugger is opened at the failing line.
    """
    from IPython import get_ipython

    shell: Any = get_ipython()
    order = read_order(path)
    os.chdir(order.workdir)
    there = around(shell)
    conditions = Conditions(order, there.namespace)
    shell.register_magic_function(_magic(order, shell), "line", "step")
    try:
        replay(order, there, conditions)
    except SetupFailedError as error:
        cause = error.__cause__
        assert cause is not None
        shell.showtraceback((type(cause), cause, cause.__traceback__))
        return
    names = []
    for group in order.groups:
        data, buffers, _ = artifacts.read(order.artifacts, group["digest"])
        values = load(data, buffers)
        there.namespace.update({name: values[name] for name in group["names"]})
        names += group["names"]
    conditions.begin()
    print(f"Step {order.step} of run {order.run}.")
    print(f"Loaded: {', '.join(sorted(names)) or 'nothing, it takes nothing'}.")
    if order.when is not None:
        print(f"Its cells run if {order.when}")
    print("%step shows its cells, %step N puts the N-th of them before you.")
    if rerun:
        _rerun(order, shell)


def _rerun(order: Order, shell: Any) -> None:
    last = _failed(order)
    if order.when is not None:
        result = shell.run_cell(f"not not ({order.when}\n)", silent=True)
        if not result.success:
            _debug(shell)
            return
        if not result.result:
            print("Its condition is false: the step is skipped.")
            return
    for cell in order.cells:
        shell.execution_count = cell.execution_count
        result = shell.run_cell(cell.source, store_history=True)
        if not result.success and not cell.may_raise:
            _debug(shell)
            return
        if cell.index == last:
            print("The cell that failed in the run has not failed now.")
            return


def _debug(shell: Any) -> None:
    if sys.stdin.isatty():
        print("Post-mortem at the failing line; q leaves the debugger.")
        shell.run_line_magic("debug", "")


def _failed(order: Order) -> int | None:
    """Return the position of the cell that failed in the run."""
    try:
        with open(
            os.path.join(order.directory, "result.json"), encoding="utf-8"
        ) as file:
            error = json.load(file)["error"]
    except FileNotFoundError:
        return None
    return None if error is None else error["index"]


def _magic(order: Order, shell: Any) -> Any:
    def step(line: str) -> None:
        """Show the cells of the step; `%step N` puts the N-th before you."""
        number = line.strip()
        if number.isdigit() and 0 < int(number) <= len(order.cells):
            shell.set_next_input(order.cells[int(number) - 1].source)
            return
        for place, cell in enumerate(order.cells, 1):
            print(f"# {place}: cell {cell.index + 1} of the notebook")
            print(cell.source.rstrip() + "\n")

    return step
