"""Step processes on this machine: forked from a warm interpreter, or started afresh."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_kfx.engines.warm import Plan, Started, start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from jupyter_kfx.engines.warm import WarmServer

__all__ = ["End", "ForkServer", "Launcher", "Spawner"]


@dataclass(frozen=True)
class End:
    """How a step process ended: by an exit code, or by a signal."""

    code: int | None = None
    signal: int | None = None
    server_died: bool = False


class Launcher(Protocol):
    """Starts step processes and knows how they end."""

    async def run(
        self, execution: str, order: Path, started: Callable[[], None]
    ) -> End:
        """Carry out an order; cancelling kills the process and all it started."""
        ...

    def end(self, execution: str, number: int) -> None:
        """Send a signal to the process of an execution and all it started."""
        ...

    async def close(self) -> None:
        """Kill everything that still runs."""
        ...


@dataclass
class _Child:
    """A step process of the fork server."""

    end: asyncio.Future[End]
    started: Callable[[], None]
    pid: int | None = None


@dataclass
class ForkServer:
    """The client of one fork server, which it starts when first needed.

    A server that dies takes its steps with it; the next step starts another one.
    """

    command: Sequence[str]
    """The interpreter and the runtime's archive."""
    env: Mapping[str, str]
    log: Path
    imports: Mapping[str, bool] = field(default_factory=dict)
    """What to import first, and whether it may draw random numbers meanwhile."""
    workdir: Path | None = None
    warm: WarmServer | None = None
    """One that has been started before, and is taken if it is as good as a new one."""
    _server: Started | None = None
    _begun: asyncio.Task[Started] | None = None
    _writer: asyncio.StreamWriter | None = None
    _reading: asyncio.Task[None] | None = None
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _children: dict[str, _Child] = field(default_factory=dict)

    async def run(
        self, execution: str, order: Path, started: Callable[[], None]
    ) -> End:
        """Carry out an order; cancelling kills the process and all it started."""
        await self._ensure()
        ended = asyncio.get_running_loop().create_future()
        self._children[execution] = _Child(ended, started)
        self._ask(op="run", order=str(order), execution=execution)
        try:
            return await asyncio.shield(ended)
        except asyncio.CancelledError:
            self.end(execution, signal.SIGKILL)
            await ended
            raise
        finally:
            del self._children[execution]

    def end(self, execution: str, number: int) -> None:
        """Send a signal to the process of an execution and all it started."""
        self._ask(op="kill", execution=execution, signal=int(number))

    async def close(self) -> None:
        """Kill everything that still runs."""
        if self._begun is not None:
            await asyncio.wait([self._begun])
            if self._reading is None and not self._begun.exception():
                self._begun.result().close()
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None:
            await self._reading
        if self._server is not None:
            await asyncio.to_thread(self._server.process.wait)

    async def _ensure(self) -> None:
        async with self._starting:
            if self._reading is not None and not self._reading.done():
                return
            await self.close()
            self._reading = None
            self._begun = asyncio.create_task(asyncio.to_thread(self._start))
            self._server = await asyncio.shield(self._begun)
            reader, self._writer = await asyncio.open_connection(
                sock=self._server.socket
            )
            self._reading = asyncio.create_task(self._read(reader))

    def _start(self) -> Started:
        plan = Plan(self.command, self.env, self.imports, self.workdir)
        if self.warm is not None:
            taken, self.warm = self.warm.take(plan, self.log), None
            if taken is not None:
                return taken
        with self.log.open("a+b") as log:
            return start(plan, log)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                event = json.loads(line)
                child = self._children.get(event["execution"])
                if child is None:
                    continue
                if event["event"] == "started":
                    child.pid = event["pid"]
                    child.started()
                elif not child.end.done():
                    child.end.set_result(End(event["code"], event["signal"]))
        if self._writer is not None:
            self._writer.close()
        for child in self._children.values():
            if child.pid is not None:
                # The kernel ended the step with the server; this ends what it started.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
            if not child.end.done():
                child.end.set_result(End(server_died=True))

    def _ask(self, **request: Any) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(json.dumps(request).encode() + b"\n")


@dataclass
class Spawner:
    """Starts a fresh interpreter for each step."""

    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    workdir: Path | None = None
    _children: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def run(
        self, execution: str, order: Path, started: Callable[[], None]
    ) -> End:
        """Carry out an order; cancelling kills the process and all it started."""
        with self.log.open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                *self.command,
                "step",
                str(order),
                env=dict(self.env),
                cwd=self.workdir,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._children[execution] = child
        started()
        try:
            code = await child.wait()
        except asyncio.CancelledError:
            self.end(execution, signal.SIGKILL)
            await child.wait()
            raise
        finally:
            self.end(execution, signal.SIGKILL)
            del self._children[execution]
        return End(code=code) if code >= 0 else End(signal=-code)

    def end(self, execution: str, number: int) -> None:
        """Send a signal to the process of an execution and all it started."""
        with contextlib.suppress(KeyError, ProcessLookupError, PermissionError):
            os.killpg(self._children[execution].pid, number)

    async def close(self) -> None:
        """Kill everything that still runs."""
        for execution, child in list(self._children.items()):
            self.end(execution, signal.SIGKILL)
            await child.wait()
