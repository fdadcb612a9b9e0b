"""One attempt at one step, from its order to its result."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import io
import os
import signal
import sys
import time
import traceback
from datetime import datetime, timezone
from typing import Any

from . import exits, snapshot, stdin
from .conditions import Conditions
from .document import Document, write_json
from .guard import Guard
from .handover import SETUP, Handover
from .link import Link
from .modules import Modules
from .order import Cell, Order, read_order
from .outputs import Recorder
from .raised import Raised
from .replay import SetupFailedError, inject, replay
from .shell import Shell
from .streams import Streams

__all__ = ["run_step"]


def run_step(path: str, shell: Shell, streams: Streams) -> int:
    """Carry out the order in the file; return the exit code of the process."""
    try:
        order = read_order(path)
    except exits.BadOrderError as error:
        print(error, file=sys.__stderr__, flush=True)
        return error.code
    return _Execution(order, shell, streams).run()


class _Execution:
    """The parts of a running step and what is known of its result."""

    def __init__(self, order: Order, shell: Shell, streams: Streams) -> None:
        self.order = order
        self.shell = shell
        self.streams = streams
        self.link = Link(order.socket, order.execution)
        self.recorder = Recorder(self.link.send)
        self.document = Document(order)
        self.guard = Guard(
            self.link.permission,
            project=order.project,
            own=(order.directory, order.artifacts),
            alone=order.alone,
        )
        self.started = datetime.now(timezone.utc)
        self.clock = time.perf_counter()
        self.result: dict[str, Any] = {
            "format": 1,
            "status": "failed",
            "error": None,
            "cells": [],
            "started": self.started.isoformat(),
        }

    def run(self) -> int:
        """Run everything and write the result; return the exit code."""
        code = exits.INTERNAL_ERROR
        try:
            self._open()
            code = self._carry_out()
        except exits.StepProcessError as error:
            code = error.code
            self.result["error"] = _described(error)
            self._log(traceback.format_exc())
        except BaseException as error:
            self.result["error"] = _described(error)
            self._log(traceback.format_exc())
        self.guard.stop()
        self.streams.flush()
        self.recorder.stop()
        self.result["warnings"] = self.result.get("warnings", [])
        self.result["warnings"] += self.recorder.warnings
        self.result["observed"] = {
            **self.guard.observed(),
            "random": self.result.pop("random", []),
        }
        self.result["seconds"] = round(time.perf_counter() - self.clock, 6)
        directory = self.order.directory
        try:
            self.document.save(os.path.join(directory, "step.ipynb"))
            write_json(os.path.join(directory, "result.json"), self.result)
        except OSError as error:
            self._log(f"the result cannot be written: {error}\n")
            return exits.NOT_STORED
        return code

    def _open(self) -> None:
        log = os.open(
            os.path.join(self.order.directory, "log"),
            os.O_WRONLY | os.O_CREAT | os.O_APPEND,
            0o666,
        )
        for descriptor in (1, 2):
            os.dup2(log, descriptor)
        os.close(log)
        os.chdir(self.order.workdir)
        self.streams.open(self.recorder.stream)
        faulthandler.enable(self.streams.stderr.fileno(), all_threads=False)
        stdin.refuse()
        self.shell.attach(self.recorder)

    def _carry_out(self) -> int:
        conditions = Conditions(self.order, self.shell.namespace)
        try:
            replay(self.order, self.shell, conditions)
        except SetupFailedError as failure:
            self._setup_failed(failure)
            return exits.CELLS_RAISED
        modules = Modules(self.guard.places, self.shell.namespace)
        handover = Handover(
            self.order, self.shell.namespace, self.shell.hidden, modules
        )
        handover.load()
        conditions.begin()
        modules.begin()
        self.result["conditions"] = conditions.tokens
        self.streams.flush()
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        self.guard.start()
        if handover.has_files or conditions.has_files:
            self.guard.ask("files")
        raised, left = loop.run_until_complete(self._cells_and_state(conditions))
        self.guard.stop()
        if raised is not None:
            return exits.CELLS_RAISED
        if self.guard.wrote_files:
            _flush_files()
        self.result.update(handover.commit())
        if left is not None:
            self.result["ambient"], self.result["random"], warnings = left
            self.result["warnings"] += warnings
        if self.order.reference is not None and self.order.step != SETUP:
            self.result["compared"] = snapshot.differences(
                snapshot.variables(self.shell.namespace, self.shell.hidden),
                self.shell.namespace,
                **self.order.reference,
            )
        self.result["status"] = "succeeded"
        return exits.DONE

    async def _cells_and_state(self, conditions: Conditions) -> tuple[Any, Any]:
        # Some state belongs to the context of the task that the cells run in.
        raised = await self._cells()
        if raised or self.order.step == SETUP:
            return raised, None
        return None, conditions.changed()

    async def _cells(self) -> Raised | None:
        signal.signal(signal.SIGTERM, _interrupt)
        for position, cell in enumerate(self.order.cells):
            if cell.source.strip():
                raised = await self._cell(position, cell)
                if raised is not None and not cell.may_raise:
                    self.result["error"] = {
                        "ename": raised.ename,
                        "evalue": raised.evalue,
                        "traceback": raised.traceback,
                        "cell": cell.id,
                        "index": cell.index,
                        "line": raised.line,
                        "name": raised.name,
                    }
                    return raised
            if cell.index == self.order.parameters_index:
                inject(self.order, self.shell)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return None

    async def _cell(self, position: int, cell: Cell) -> Raised | None:
        self.document.executed(position, self.recorder.start(cell.index))
        self.link.send({"event": "cell", "index": cell.index, "state": "start"})
        clock = time.perf_counter()
        try:
            raised = await self.shell.run(cell.source, cell.execution_count, cell.id)
            # Tasks that the cell started get their turn, as between a kernel's requests.
            await asyncio.sleep(0)
        finally:
            self.streams.flush()
            self.recorder.stop()
        seconds = round(time.perf_counter() - clock, 6)
        self.result["cells"].append({"index": cell.index, "seconds": seconds})
        self.link.send({"event": "cell", "index": cell.index, "state": "end"})
        return raised

    def _setup_failed(self, failure: SetupFailedError) -> None:
        error = failure.__cause__
        assert error is not None
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != failure.filename:
            trace = trace.tb_next
        lines = traceback.format_exception(type(error), error, trace)
        raised = Raised.of(error, lines, failure.filename)
        self.result["error"] = {
            "ename": raised.ename,
            "evalue": raised.evalue,
            "traceback": raised.traceback,
            "cell": failure.statement.cell,
            "index": failure.statement.index,
            "line": raised.line,
            "name": raised.name,
        }

    def _log(self, text: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self.streams.stderr.fileno(), text.encode("utf-8", "replace"))


def _described(error: BaseException) -> dict[str, Any]:
    return {
        "ename": type(error).__name__,
        "evalue": str(error),
        "traceback": traceback.format_exc().splitlines(),
        "cell": None,
        "index": None,
        "line": None,
        "name": None,
    }


def _interrupt(*_arguments: Any) -> None:
    message = "the step was ended from outside"
    raise KeyboardInterrupt(message)


def _flush_files() -> None:
    """Bring what cells wrote to files still open to where other steps can read it."""
    import gc

    for item in gc.get_objects():
        if isinstance(item, io.IOBase) and not item.closed and item.writable():
            with contextlib.suppress(OSError, ValueError):
                item.flush()
