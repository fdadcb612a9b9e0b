"""A step of a run once more, in the hands of a person."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines.bundle import runtime_archive
from jupyter_kfx.engines.interpreter import Interpreter, interpreter
from jupyter_kfx.engines.local import hash_seed
from jupyter_kfx.errors import EngineError, StoreError
from jupyter_kfx.inspection.attempts import one_attempt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_kfx.store import Store

__all__ = ["Debugging", "debugging"]

_OPEN = """\
import sys
sys.path.insert(0, {archive!r})
try:
    from _kfx_runtime.session import open_step
finally:
    sys.path.remove({archive!r})
open_step({order!r}, rerun={rerun!r})
"""
_READY = 60.0
"""Seconds that a kernel may take to start."""


@dataclass(frozen=True)
class Debugging:
    """What a session for a step needs."""

    run: str
    step: str
    execution: str
    kernel: str
    """The kernelspec in which the step ran."""
    cwd: str
    archive: str
    order: str
    inputs: tuple[str, ...]
    cells: tuple[Mapping[str, Any], ...]
    """The step's cells: `id`, `index`, `source`, `execution_count`."""
    error: Mapping[str, Any] | None
    """What ended the step, and where."""
    when: str | None = None
    """The condition on which its cells run."""
    skipped: bool = False
    """Whether that was false."""

    def code(self, *, rerun: bool = False) -> str:
        """Return what brings an IPython shell to the step, and binds nothing else."""
        text = _OPEN.format(archive=self.archive, order=self.order, rerun=rerun)
        return f"exec({text!r}, {{}})"

    @property
    def to_rerun(self) -> list[str]:
        """The sources of the step's cells, up to the one that failed if one did.

        Its condition comes first; if that was false, nothing else does.
        """
        failed = None if self.error is None else self.error["index"]
        test = [] if self.when is None else [self.when]
        if self.skipped:
            return test
        return test + [
            cell["source"]
            for cell in self.cells
            if failed is None or cell["index"] <= failed
        ]

    def to_json(self) -> dict[str, Any]:
        """Return what a front end needs: run `code`, then each of `to_rerun`, then look.

        The kernel is one of `kernel`, started in `cwd` with `env` added to its
        environment.
        """
        return {
            "run": self.run,
            "step": self.step,
            "execution": self.execution,
            "kernel": self.kernel,
            "cwd": self.cwd,
            "env": {"PYTHONHASHSEED": hash_seed()},
            "code": self.code(),
            "to_rerun": self.to_rerun,
            "inputs": list(self.inputs),
            "cells": [dict(cell) for cell in self.cells],
            "error": None if self.error is None else dict(self.error),
        }

    def terminal(self, *, rerun: bool = True) -> tuple[list[str], dict[str, str]]:
        """Return the command of an IPython session, and its environment.

        EngineError if the kernel's interpreter has no IPython.
        """
        python = interpreter(self.kernel)
        _require_ipython(python, self.kernel)
        options = ["--no-banner", "--no-confirm-exit", "-i", "-c"]
        command = [*python.command, "-m", "IPython", *options, self.code(rerun=rerun)]
        return command, _environment(python)

    @contextmanager
    def kernel_at_step(self, *, rerun: bool = True) -> Iterator[Any]:
        """Give the manager of a kernel that has been brought to the step.

        Front ends attach to its `connection_file`; it ends with the block.
        """
        from jupyter_client.manager import KernelManager

        python = interpreter(self.kernel)
        _require_ipython(python, self.kernel)
        manager = KernelManager(kernel_name=self.kernel)
        manager.start_kernel(cwd=self.cwd, env=_environment(python))
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=_READY)
            for source in [self.code(), *(self.to_rerun if rerun else ())]:
                reply = client.execute_interactive(
                    source, allow_stdin=False, output_hook=lambda _message: None
                )
                if reply["content"]["status"] != "ok":
                    break
            yield manager
        except RuntimeError as error:
            message = f"the kernel {self.kernel!r} did not start: {error}."
            raise EngineError(message, cure="Look at its kernelspec.") from error
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def debugging(
    store: Store, run: str, step: str, *, kernel: str | None = None
) -> Debugging:
    """Return what a session for a step of a run needs.

    UsageError if there is no such run or step, StoreError if an input is gone.
    """
    record = store.run(run)
    attempt = one_attempt(store, record, step)
    order = attempt.order
    inputs = {name: g["digest"] for g in order["groups"] for name in g["names"]}
    states = {key: state["digest"] for key, state in order["ambient"].items()}
    for name, digest in {**states, **inputs}.items():
        if not store.files.use(digest):
            message = f"the value of `{name}` was deleted from the store."
            raise StoreError(message, cure="Run the notebook again.")
    result: dict[str, Any] = {"error": None, "status": ""}
    path = attempt.directory / "result.json"
    if path.is_file():
        result = json.loads(path.read_bytes())
    return Debugging(
        run=record.id,
        step=step,
        execution=attempt.execution.id,
        kernel=kernel or store.definition(record.id)["kernel"],
        cwd=order["workdir"],
        archive=str(runtime_archive((store.root / "runtime").absolute())),
        order=str(attempt.directory.absolute() / "order.json"),
        inputs=tuple(sorted(inputs)),
        cells=tuple(
            {key: cell[key] for key in ("id", "index", "source", "execution_count")}
            for cell in order["cells"]
        ),
        error=result["error"],
        when=order.get("when"),
        skipped=result["status"] == "skipped",
    )


def _environment(python: Interpreter) -> dict[str, str]:
    return {**os.environ, **python.env, "PYTHONHASHSEED": hash_seed()}


def _require_ipython(python: Interpreter, kernel: str) -> None:
    code = "import importlib.util as u, sys; sys.exit(u.find_spec('IPython') is None)"
    command = [*python.command, "-c", code]
    ended = subprocess.run(command, env=_environment(python), check=False)  # noqa: S603  (the kernel's own Python)
    if ended.returncode:
        message = f"the Python of the kernel {kernel!r} has no IPython."
        raise EngineError(message, cure="Install `ipython` there.")
