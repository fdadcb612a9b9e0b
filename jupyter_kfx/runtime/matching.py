"""Values that two executions stored, compared in the interpreter of their kernel."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import Any

from . import artifacts
from .children import fork
from .compare import Comparison
from .conditions import Conditions
from .contrast import contrast
from .document import write_json
from .order import Order, read_order
from .replay import replay
from .shell import Shell
from .unpickling import load

__all__ = ["compare"]


def compare(path: str, shell: Shell) -> int:
    """Answer the request in a file; return the exit code.

    For each of its `pairs` there is an order whose setup defines the classes of the
    values, and names with the digests of the artifacts that hold them. The answer is a
    list in the file `answer`: for each pair, how the values of each name differ,
    nothing if they are the same, or a sentence in `unknown`.
    """
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for descriptor in (0, 1, 2):
        os.dup2(log, descriptor)
    sys.stdout = sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115  (to the end)
    answers = []
    for number, pair in enumerate(request["pairs"]):
        part = f"{request['answer']}.{number}"
        # Each in a process of its own: one's setup must not meet another's.
        os.waitpid(fork(lambda: _child(pair, request, shell, part)), 0)  # noqa: B023
        try:
            with open(part, encoding="utf-8") as file:
                answers.append(json.load(file))
        except FileNotFoundError:
            gone = "the process that compared it ended"
            unknown = dict.fromkeys(pair["names"], gone)
            answers.append({"different": {}, "unknown": unknown})
    write_json(request["answer"], answers)
    return 0


def _child(
    pair: dict[str, Any], request: dict[str, Any], shell: Shell, part: str
) -> int:
    order = read_order(pair["order"])
    os.chdir(order.workdir)
    _define(order, shell)
    different: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for name, (one, other) in pair["names"].items():
        try:
            values = [_value(request["artifacts"], d, name) for d in (one, other)]
            comparison = Comparison(tolerance=request["tolerance"], sharing=False)
            why = comparison.difference(*values)
            if why is not None:
                why = contrast(values[0], values[1], request["tolerance"]) or why
        except Exception as error:  # a pickle runs code of the values' classes
            unknown[name] = f"it cannot be loaded to be compared: {error}"
            continue
        if why is not None:
            different[name] = why
    write_json(part, {"different": different, "unknown": unknown})
    return 0


def _define(order: Order, shell: Shell) -> None:
    """Run the setup above the step and in it, for the classes of its values."""
    own = {statement.id: statement for statement in order.setup + order.own_setup}
    names = {name for statement in own.values() for name in statement.names}
    quiet = replace(
        order,
        setup=[own[number] for number in sorted(own)],
        definitions=dict.fromkeys(names, 0),
        ambient={},
    )
    replay(quiet, shell, Conditions(quiet, shell.namespace))


def _value(root: str, digest: str, name: str) -> Any:
    data, buffers, _ = artifacts.read(root, digest)
    return load(data, buffers, apart=True)[name]
