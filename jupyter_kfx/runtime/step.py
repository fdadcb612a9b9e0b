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

from . import endings, exits, snapshot, stdin
from .conditions import Conditions
from .counters import Counters
from .document import Document, write_json
from .handover import SETUP, Handover
from .hooks import Hooks
from .identity import names_compared
from .libraries import Libraries
from .lingering import Lingering
from .link import Link
from .modules import Modules
from .order import Cell, Order, read_order
from .outputs import Recorder
from .raised import Raised
from .rebinding import rebound_names
from .replay import SetupFailedError, inject, replay
from .shell import Shell
from .streams import Streams
from .watch import Watch

__all__ = ["run_step"]


def run_step(path: str, shell: Shell, streams: Streams, counters: Counters) -> int:
    """Carry out the order in the file; return the exit code of the process.

    The counters may know modules that were loaded long ago.
    """
    try:
        order = read_order(path)
    except exits.BadOrderError as error:
        print(error, file=sys.__stderr__, flush=True)
        return error.code
    return _Execution(order, shell, streams, counters).run()


class _Execution:
    """The parts of a running step and what is known of its result."""

    def __init__(
        self, order: Order, shell: Shell, streams: Streams, counters: Counters
    ) -> None:
        self.order = order
        self.counters = counters
        self.shell = shell
        self.streams = streams
        self.link = Link(order.socket, order.execution)
        self.recorder = Recorder(self.link.send)
        self.document = Document(order)
        self.watch = Watch(order, self.link.permission)
        self.started = datetime.now(timezone.utc)
        self.clock = time.perf_counter()
        self.skipped = False
        """Whether the step's condition is false."""
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
            if _is_told(error):
                self.result["error"]["traceback"] = []
                self._log(f"{error}\n")
            else:
                self._log(traceback.format_exc())
        except BaseException as error:
            self.result["error"] = _described(error)
            self._log(traceback.format_exc())
        self.watch.rest()
        self.streams.flush()
        self.recorder.stop()
        self.result.setdefault("warnings", [])
        self.result["displays"] = {
            "shown": {
                name: self.document.places(outputs)
                for name, outputs in self.recorder.shown().items()
            },
            "updated": self.recorder.updates,
        }
        self.result["observed"] = self.watch.observed(
            self.shell.namespace,
            [self.shell.translated(code) for code in self.order.code],
            self.result.pop("random", []),
        )
        for key in ("asked", "left"):
            self.result["observed"][key] = self.result.pop(key, [])
        self.result["seconds"] = round(time.perf_counter() - self.clock, 6)
        directory = self.order.directory
        try:
            self.document.save(os.path.join(directory, "step.ipynb"))
            write_json(os.path.join(directory, "result.json"), self.result)
        except OSError as error:
            self._log(f"the result cannot be written: {error}\n")
            return exits.UNWRITTEN
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
        endings.refuse()
        self.shell.attach(self.recorder)

    def _carry_out(self) -> int:
        plain = [self.shell.translated(source) for source in self.order.own_sources]
        is_import = self.watch.spoken.is_import
        guard = self.watch.guard
        modules = Modules(guard.places, self.shell.namespace)
        libraries = Libraries(
            self.order,
            plain,
            self.shell.namespace,
            is_import,
            self.counters,
            modules.local,
        )
        conditions = Conditions(
            self.order,
            self.shell.namespace,
            self.counters,
            self.watch.spoken,
            libraries,
        )
        self.watch.setup()
        self.counters.look()
        self.watch.imports.tell(self.counters.imported)
        for stream in (self.streams.stdout, self.streams.stderr):
            stream.lets_through = self.watch.spoken.lets_through
        os.environ.update(self.order.environ)
        try:
            replay(self.order, self.shell, conditions, guard.at)
        except SetupFailedError as failure:
            self._setup_failed(failure)
            return exits.CELLS_RAISED
        guard.at(None)
        handover = Handover(
            self.order,
            self.shell.namespace,
            lambda: self.shell.hidden,
            modules,
            libraries,
            rebound_names(self.order, plain),
            self.shell.execute,
            names_compared(plain),
        )
        handover.load()
        self.watch.rest()
        conditions.begin()
        self.watch.imports.tell(conditions.imported)
        modules.begin(self.watch.imports)
        self.watch.imports.tell(libraries.imported)
        self.result["conditions"] = conditions.tokens
        self.streams.flush()
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        self.watch.cells()
        if handover.has_files or handover.databases or conditions.has_files:
            guard.ask("files")
        for path in handover.databases:
            guard.native(path, reads=True, writes=True)
        lingering = Lingering(self.shell.namespace)
        raised, left = loop.run_until_complete(
            self._cells_and_state(conditions, lingering)
        )
        if raised is not None:
            return exits.NOT_LOADED if raised.refused else exits.CELLS_RAISED
        if guard.wrote_files:
            _flush_files()
        states = left[0].values() if left else ()
        needs = {name for state in states for name in state["needs"]}
        self.result.update(handover.commit(lingering, conditions.held, needs))
        if left is not None:
            ambient, self.result["random"], warnings = left
            self.result["ambient"] = {**self.result.get("ambient", {}), **ambient}
            self.result["warnings"] += warnings
        if self.order.reference is not None and self.order.step != SETUP:
            self.result["compared"] = self._compared(handover.untouched())
        self.result["status"] = "skipped" if self.skipped else "succeeded"
        return exits.DONE

    def _compared(self, untouched: set[str]) -> dict[str, Any]:
        reference = dict(self.order.reference or {})
        # What setup defines and the step does not use may have changed above.
        unused = untouched.difference(reference.pop("reads"))
        # So may what came along with what the step reads.
        unused = unused.union(self.order.beside)
        values = snapshot.variables(self.shell.namespace, self.shell.hidden | unused)
        return snapshot.differences(values, self.shell.namespace, **reference)

    async def _cells_and_state(
        self, conditions: Conditions, lingering: Lingering
    ) -> tuple[Any, Any]:
        # Some state belongs to the context of the task that the cells run in.
        hooks = Hooks(self.order.own_sources)
        hooks.begin()
        self.watch.imports.tell(hooks.imported)
        raised = await self._cells()
        self.watch.rest()
        if not raised and not self.order.last and self.order.step != SETUP:
            hooks.check()
        self.result["asked"] = conditions.asked
        lingering.look(asyncio.get_running_loop())
        self.result["left"] = lingering.told()
        if raised or self.order.step == SETUP:
            return raised, None
        return None, conditions.changed()

    async def _cells(self) -> Raised | None:
        signal.signal(signal.SIGTERM, _interrupt)
        os.register_at_fork(after_in_child=_leave_to_end)
        for position, cell in enumerate(self.order.cells):
            test = None if position else self.order.when
            if test is not None or cell.source.strip():
                raised, is_forgiven = await self._cell(position, cell, test)
                if raised is not None and (raised.refused or not is_forgiven):
                    self._failed(raised, cell.id, cell.index)
                    return raised
                if self.skipped:
                    break
            if cell.index == self.order.parameters_index:
                inject(self.order, self.shell)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return None

    async def _cell(
        self, position: int, cell: Cell, test: str | None
    ) -> tuple[Raised | None, bool]:
        """Run a cell if the test holds; return what was raised, and if it may be."""
        outputs = self.recorder.start(cell.index)
        self.link.send({"event": "cell", "index": cell.index, "state": "start"})
        clock = time.perf_counter()
        raised, is_forgiven = None, False
        try:
            holds = True if test is None else self.shell.holds(test)
            self.skipped = holds is False
            self.document.shown(position, outputs, executed=not self.skipped)
            if isinstance(holds, Raised):
                raised = holds
            elif holds and cell.source.strip():
                is_forgiven = cell.may_raise
                raised = await self.shell.run(
                    cell.source, cell.execution_count, cell.id
                )
            # Tasks that the cell started get their turn, as between a kernel's requests.
            await asyncio.sleep(0)
        finally:
            self.streams.flush()
            self.recorder.stop()
        if not self.skipped:
            seconds = round(time.perf_counter() - clock, 6)
            self.result["cells"].append({"index": cell.index, "seconds": seconds})
        self.link.send({"event": "cell", "index": cell.index, "state": "end"})
        return raised, is_forgiven

    def _failed(self, raised: Raised, cell: str, index: int) -> None:
        self.result["error"] = {
            "ename": raised.ename,
            "evalue": raised.evalue,
            "traceback": raised.traceback,
            "cell": cell,
            "index": index,
            "line": raised.line,
            "name": raised.name,
            "left": raised.left,
        }

    def _setup_failed(self, failure: SetupFailedError) -> None:
        error = failure.__cause__
        assert error is not None
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != failure.filename:
            trace = trace.tb_next
        lines = traceback.format_exception(type(error), error, trace)
        raised = Raised.of(error, lines, failure.filename)
        self._failed(raised, failure.statement.cell, failure.statement.index)

    def _log(self, text: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self.streams.stderr.fileno(), text.encode("utf-8", "replace"))


def _described(error: BaseException) -> dict[str, Any]:
    return {
        "ename": type(error).__name__.replace("Error", "")
        if isinstance(error, exits.StepProcessError)
        else type(error).__name__,
        "evalue": str(error),
        "traceback": traceback.format_exc().splitlines(),
        "cell": None,
        "index": None,
        "line": None,
        "name": getattr(error, "name", None),
        "artifact": getattr(error, "artifact", None),
        "reason": getattr(error, "reason", ""),
    }


def _is_told(error: exits.StepProcessError) -> bool:
    """Tell whether the message says it all: no code of the user's is behind it."""
    return error.__cause__ is None or isinstance(error.__cause__, OSError)


def _interrupt(*_arguments: Any) -> None:
    message = "the step was ended from outside"
    raise KeyboardInterrupt(message)


def _leave_to_end() -> None:
    """Let a process that cells have forked end at once, as one of a kernel's does."""
    if signal.getsignal(signal.SIGTERM) is _interrupt:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _flush_files() -> None:
    """Bring what cells wrote to files still open to where other steps can read it."""
    import gc

    for item in gc.get_objects():
        # Some objects do not let anybody ask for their `__class__`.
        if not issubclass(type(item), io.IOBase):
            continue
        with contextlib.suppress(OSError, ValueError):
            if not item.closed and item.writable():
                item.flush()
