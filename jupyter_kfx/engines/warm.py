"""Fork servers as they start, and those that have started before there is a run."""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from jupyter_kfx.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Plan", "Started", "WarmServer", "start"]


@dataclass(frozen=True)
class Plan:
    """All that a fork server depends on: two with equal plans can stand for another."""

    command: Sequence[str]
    """The interpreter and the runtime's archive."""
    env: Mapping[str, str]
    imports: Mapping[str, bool] = field(default_factory=dict)
    """Imports to run first, and whether they may draw random numbers meanwhile."""
    workdir: Path | None = None


@dataclass
class Started:
    """A fork server that has imported what it was told to."""

    process: subprocess.Popen[bytes]
    socket: socket.socket
    _received: bytes = b""

    def ask(self, **request: Any) -> dict[str, Any]:
        """Return its answer to a request, none if it has ended."""
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError:
            return {}
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """Return what it says next, none if it has ended."""
        while b"\n" not in self._received:
            try:
                data = self.socket.recv(65536)
            except OSError:
                return {}
            if not data:
                return {}
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """End it."""
        self.socket.close()
        self.process.wait()


def start(plan: Plan, log: IO[bytes]) -> Started:
    """Return a fork server; EngineError if the interpreter does not start.

    Imports that print, or change the process, are left to the steps that have them.
    """
    imports = dict(plan.imports)
    while True:
        server = _started(plan, log)
        answer = server.hear()
        if answer and imports:
            answer = server.ask(op="preload", imports=imports)
        if not answer:
            server.close()
            code = server.process.returncode
            log.seek(0)
            text = log.read().decode("utf-8", "replace").strip()
            last = text.rpartition("\n")[2]
            message = f"The kernel's Python ended at once (exit code {code}): {last}"
            raise EngineError(message, cure="Look whether the kernel itself starts.")
        if not answer.get("noisy"):
            return server
        # Where one has seeded a generator, the others must not draw before it.
        imports = {
            code: may_draw and not answer["seeded"]
            for code, may_draw in imports.items()
            if code not in answer["noisy"]
        }
        server.close()


def _started(plan: Plan, log: IO[bytes]) -> Started:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: S603  (the kernel's own interpreter)
            [*plan.command, "serve", str(theirs.fileno())],
            env=dict(plan.env),
            cwd=plan.workdir,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[theirs.fileno()],
            # Ctrl-C is for the run to handle.
            start_new_session=True,
        )
    return Started(process, ours)


class WarmServer:
    """One fork server that waits for a run, which takes it or starts its own."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        with tempfile.TemporaryFile() as log:
            self._server: Started | None = start(plan, log)
        self._server.ask(op="remember")

    @property
    def pid(self) -> int | None:
        """Its process."""
        return None if self._server is None else self._server.process.pid

    def take(self, plan: Plan, log: Path) -> Started | None:
        """Hand it out if it is what a fresh one would be; else end it.

        That is so where the plans are equal, and no file that it has read, or could
        have, has changed meanwhile. It writes to `log` from then on.
        """
        server, self._server = self._server, None
        if server is None:
            return None
        if plan == self._plan and server.ask(op="adopt", log=str(log)).get("fresh"):
            return server
        server.close()
        return None

    def close(self) -> None:
        """End it if nobody has taken it."""
        if self._server is not None:
            self._server.close()
