"""The fork server: an interpreter that is warm, and computes nothing."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pickle
import random
import select
import signal
import socket
import sys
from typing import Any

from .children import end_group, fork
from .counters import Counters
from .draws import has_drawn
from .fresh import Readings
from .places import Places
from .shell import Shell
from .step import run_step
from .streams import Streams

__all__ = ["Server"]


class Server:
    """Answers JSON lines on a socket: preloads modules, forks steps, reports their ends.

    When the socket closes it kills what still runs and ends.
    """

    def __init__(
        self,
        control: socket.socket,
        shell: Shell,
        streams: Streams,
        readings: Readings,
    ) -> None:
        self._control = control
        self._readings = readings
        self._shell = shell
        self._streams = streams
        self._counters = Counters()
        self._children: dict[int, str] = {}
        self._received = b""

    def serve(self) -> None:
        """Answer until the other end closes or asks to stop."""
        wake, wakened = os.pipe()
        for descriptor in (wake, wakened):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(wakened)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Once here, not in every step.
        self._shell.warm()
        Places(os.getcwd(), ())
        gc.collect()
        gc.freeze()
        self._tell({"event": "ready", "pid": os.getpid()})
        try:
            while self._turn(wake):
                pass
        finally:
            for child in self._children:
                end_group(child)

    def _turn(self, wake: int) -> bool:
        control = self._control.fileno()
        ready, _, _ = select.select([control, wake], [], [])
        if wake in ready:
            with contextlib.suppress(BlockingIOError):
                while os.read(wake, 4096):
                    pass
            self._reap()
        if control not in ready:
            return True
        data = self._control.recv(65536)
        *lines, self._received = (self._received + data).split(b"\n")
        return bool(data) and all([self._answer(json.loads(line)) for line in lines])

    def _answer(self, request: dict[str, Any]) -> bool:
        operation = request["op"]
        if operation == "preload":
            self._preload(request["imports"])
        elif operation == "remember":
            self._readings.remember()
            self._tell({"event": "remembered"})
        elif operation == "adopt":
            self._adopt(request["log"])
        elif operation == "run":
            self._readings.stop()
            self._run(request["order"], request["execution"])
        elif operation == "kill":
            for child, execution in self._children.items():
                if execution == request["execution"]:
                    end_group(child, request.get("signal", signal.SIGKILL))
        return bool(operation != "stop")

    def _run(self, order: str, execution: str) -> None:
        child = fork(lambda: self._step(order))
        self._children[child] = execution
        self._tell({"event": "started", "execution": execution, "pid": child})

    def _adopt(self, log: str) -> None:
        """Tell whether nothing has changed since `remember`, and log to a file."""
        fresh = self._readings.hold()
        if fresh:
            file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            for descriptor in (1, 2):
                os.dup2(file, descriptor)
            os.close(file)
        self._tell({"event": "adopted", "fresh": fresh})

    def _step(self, order: str) -> int:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        return run_step(order, self._shell, self._streams, self._counters)

    def _reap(self) -> None:
        while self._children:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return
            # While it is not reaped its id is not given away: this hits the right group.
            end_group(ended.si_pid)
            _, status = os.waitpid(ended.si_pid, 0)
            execution = self._children.pop(ended.si_pid, None)
            if execution is not None:
                killed = os.WIFSIGNALED(status)
                self._tell(
                    {
                        "event": "exited",
                        "execution": execution,
                        "code": None if killed else os.WEXITSTATUS(status),
                        "signal": os.WTERMSIG(status) if killed else None,
                    }
                )

    def _preload(self, imports: dict[str, bool]) -> None:
        """Run imports, each with whether it may draw random numbers meanwhile."""
        noisy, seeded = [], False
        for code, may_draw in imports.items():
            before = random.getstate()
            if not self._import_quietly(code, may_draw=may_draw):
                noisy.append(code)
            seeded = seeded or not has_drawn("random", before, random.getstate())
        self._counters.look()
        gc.collect()
        gc.freeze()
        self._tell({"event": "preloaded", "noisy": noisy, "seeded": seeded})

    def _import_quietly(self, code: str, *, may_draw: bool) -> bool:
        """Import as a cell would; tell whether nothing was to be noticed.

        What it prints, warns, or changes in the process belongs to the step that imports
        it: this process must not have it then.
        """
        before = self._surroundings()
        try:
            # In the shell: pandas asks at its import whether it is in a notebook.
            self._shell.execute(code, "<preload>", {})
        except (Exception, SystemExit):
            return False
        self._streams.flush_below()
        after = self._surroundings()
        if may_draw and has_drawn("random", before["random"], after["random"]):
            after["random"] = before["random"]
        return all(after[key] == value for key, value in before.items())

    def _surroundings(self) -> dict[str, Any]:
        """Return what of the process a quiet import leaves alone."""
        found: dict[str, Any] = {
            "written": [os.fstat(descriptor).st_size for descriptor in (1, 2)],
            "held": (self._streams.stdout.held, self._streams.stderr.held),
            # OpenMP alone reads these, and scikit-learn sets them where they are not.
            "environ": {k: v for k, v in os.environ.items() if k[:4] != "KMP_"},
            "directory": os.getcwd(),
            "path": list(sys.path),
            "random": random.getstate(),
        }
        numpy = sys.modules.get("numpy.random")
        if numpy is not None:
            found["numpy.random"] = pickle.dumps(numpy.get_state())
        return found

    def _tell(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the next read sees that nobody is there
            self._control.sendall(json.dumps(event).encode() + b"\n")
