"""Runs executions as processes on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jupyter_kfx.engines import orders, results
from jupyter_kfx.engines.adoption import adopt
from jupyter_kfx.engines.processes import End, ForkServer, Launcher, Spawner
from jupyter_kfx.engines.protocol import Failure, Observation, Signal
from jupyter_kfx.engines.warm import Plan

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from jupyter_kfx.engines.interpreter import Interpreter
    from jupyter_kfx.engines.protocol import Order
    from jupyter_kfx.engines.warm import WarmServer
    from jupyter_kfx.pipeline.model import Cell

__all__ = ["LocalExecutor", "hash_seed", "server_plan"]

_PICK_UP = 0.5
"""Seconds in which a call that is waiting is answered, however busy the machine is."""
_GRACE = 5.0
"""Seconds between asking a step that took too long to end and killing it."""


def hash_seed() -> str:
    """Return the seed of the hashes of texts, on which the order of sets depends.

    It is one for all runs, or results of one could not be used in another.
    """
    given = os.environ.get("PYTHONHASHSEED", "")
    return given if given.isascii() and given.isdigit() else "0"


def server_plan(
    interpreter: Interpreter, archive: Path, preload: Mapping[str, bool], workdir: Path
) -> Plan:
    """Return what the fork server of a run depends on."""
    command = (*interpreter.command, str(archive.absolute()))
    env = {**os.environ, **interpreter.env, "PYTHONHASHSEED": hash_seed()}
    return Plan(command, env, preload, workdir)


class LocalExecutor:
    """An Executor whose executions are processes in the interpreter of the kernel."""

    def __init__(
        self,
        interpreter: Interpreter,
        notebook: orders.NotebookContext,
        *,
        run: str,
        directory: Path,
        artifacts: Path,
        archive: Path,
        preload: Mapping[str, bool] | None = None,
        isolation: Literal["fork", "spawn"] = "fork",
        warm: WarmServer | None = None,
    ) -> None:
        """Keep what every execution needs; `archive` is the runtime's."""
        self._notebook = notebook
        self._run = run
        self._directory = directory.absolute()
        self._artifacts = artifacts.absolute()
        self._isolation = isolation
        directory.mkdir(parents=True, exist_ok=True)
        artifacts.mkdir(parents=True, exist_ok=True)
        plan = server_plan(interpreter, archive, preload or {}, notebook.workdir)
        log = self._directory / "server.log"
        self._launcher: Launcher
        if isolation == "fork":
            self._launcher = ForkServer(
                plan.command, plan.env, log, plan.imports, plan.workdir, warm
            )
        else:
            self._launcher = Spawner(plan.command, plan.env, log, plan.workdir)
        self._sockets: Path | None = None
        self._listening: asyncio.Task[asyncio.Server] | None = None
        self._executions: dict[str, _Execution] = {}
        self._calls: set[asyncio.Task[None]] = set()

    async def execute(
        self,
        order: Order,
        listener: Callable[[Signal], None],
        permit: Callable[[str], Awaitable[bool]],
    ) -> Observation:
        """Run one execution to its end; cancelling kills it."""
        socket = await self._listen()
        directory, _ = self._write(order, socket)
        path = directory / "order.json"
        execution = _Execution(order, self._launcher, listener, permit)
        self._executions[order.execution] = execution
        try:
            end = await execution.run(path)
        finally:
            del self._executions[order.execution]
        return results.observation(
            directory,
            end,
            because=execution.ended_because,
            running=execution.cell,
            after=order.step.cells[-1].index,
        )

    def adopt(self, order: Order, run: str, execution: str) -> None:
        """Take the files of an earlier execution, of any run, for an order's."""
        directory, content = self._write(order, None)
        adopt(self._directory.parent / run / execution, directory, content)

    def _write(self, order: Order, socket: Path | None) -> tuple[Path, dict[str, Any]]:
        """Write an order into the directory of its execution; return both."""
        directory = self._directory / order.execution
        directory.mkdir(parents=True, exist_ok=True)
        content = orders.order_json(
            order,
            self._notebook,
            run=self._run,
            directory=directory,
            artifacts=self._artifacts,
            socket=socket,
        )
        (directory / "order.json").write_text(json.dumps(content), "utf-8")
        return directory, content

    async def close(self) -> None:
        """End everything that still runs."""
        await self._launcher.close()
        if self._listening is not None:
            server = await self._listening
            server.close()
            await server.wait_closed()
        await asyncio.gather(*self._calls)
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)

    async def _listen(self) -> Path:
        if self._sockets is None:
            # Not below the run's directory: the path of a socket has 107 bytes.
            self._sockets = Path(tempfile.mkdtemp(prefix="kfx-"))
            self._listening = asyncio.create_task(
                asyncio.start_unix_server(self._connected, self._sockets / "s")
            )
        assert self._listening is not None
        # The execution that listens first may be cancelled, and others go on.
        await asyncio.shield(self._listening)
        return self._sockets / "s"

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        call = asyncio.current_task()
        assert call is not None
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        try:
            hello = json.loads(await reader.readline() or b"{}")
            execution = self._executions.get(hello.get("execution", ""))
            if execution is not None:
                await execution.converse(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@dataclass
class _Execution:
    """One running step process: its conversation, its clock and its end."""

    order: Order
    launcher: Launcher
    listener: Callable[[Signal], None]
    permit: Callable[[str], Awaitable[bool]]
    ended_because: Failure | None = None
    cell: Cell | None = None
    """The one that has begun and not ended."""
    _talk: asyncio.Future[None] | None = None
    _permitting: asyncio.Task[None] | None = None
    _running: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, path: Path) -> End:
        """Start the process and return its end, once all it said has been heard."""
        clock = asyncio.create_task(self._watch_clock())
        try:
            return await self.launcher.run(
                self.order.execution, path, lambda: self._signal("started", {})
            )
        finally:
            clock.cancel()
            if self._permitting is not None:
                self._permitting.cancel()
            if self._talk is None:
                # It may have called and died before anyone picked up.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._running.wait(), _PICK_UP)
            if self._talk is not None:
                await self._talk

    async def converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Hear what the step says until it hangs up."""
        self._talk = asyncio.get_running_loop().create_future()
        # The start of an interpreter is not the step's own time.
        self._running.set()
        try:
            while line := await _line(reader):
                event: dict[str, Any] = json.loads(line)
                kind = event.pop("event")
                if kind == "wait":
                    self._permitting = asyncio.create_task(
                        self._ask(event["reason"], writer)
                    )
                    continue
                if kind == "cell":
                    self._note_cell(event)
                self._signal(kind, event)
        finally:
            self._talk.set_result(None)

    def _note_cell(self, event: Mapping[str, Any]) -> None:
        begun = [
            cell
            for cell in self.order.step.cells
            if cell.index == event["index"] and event["state"] == "start"
        ]
        self.cell = begun[0] if begun else None

    async def _ask(self, reason: str, writer: asyncio.StreamWriter) -> None:
        # A step that waits for others does not use up its own time.
        self._running.clear()
        if await self.permit(reason):
            self._running.set()
            writer.write(b'{"op": "go"}\n')
        else:
            self.ended_because = Failure(
                "Superseded",
                "an earlier step changed what this execution had read",
                kind="lost",
            )
            self.launcher.end(self.order.execution, signal.SIGKILL)

    async def _watch_clock(self) -> None:
        limit = self.order.step.settings.timeout
        if limit is None:
            return
        loop = asyncio.get_running_loop()
        left = limit
        while left > 0:
            await self._running.wait()
            began = loop.time()
            await asyncio.sleep(min(left, 0.25))
            left -= loop.time() - began
        self.ended_because = Failure(
            "StepTimeout",
            f"the step took longer than the {limit:g} seconds it may take. Raise its "
            "limit (tag `timeout:`) or give it less to do.",
            kind="timeout",
        )
        self.launcher.end(self.order.execution, signal.SIGTERM)
        await asyncio.sleep(_GRACE)
        self.launcher.end(self.order.execution, signal.SIGKILL)

    def _signal(self, kind: str, data: Mapping[str, Any]) -> None:
        self.listener(Signal(self.order.execution, kind, data))


async def _line(reader: asyncio.StreamReader) -> bytes:
    """Return one line of whatever length, empty at the end."""
    parts = []
    while True:
        try:
            parts.append(await reader.readuntil(b"\n"))
        except asyncio.IncompleteReadError:
            return b""
        except asyncio.LimitOverrunError as error:
            parts.append(await reader.readexactly(error.consumed))
            continue
        except ConnectionError:
            return b""
        return b"".join(parts)
