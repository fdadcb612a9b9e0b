"""The step's line to the engine: events one way, permission the other."""

from __future__ import annotations

import os
import signal
import socket
import threading
from json import dumps, loads  # cells may patch the module
from typing import Any

__all__ = ["Link"]


class Link:
    """A connection to the engine, or none at all when there is no socket to call.

    The engine's end is also a life line: when it closes, the whole process group ends.
    """

    def __init__(self, path: str | None, execution: str) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._permitted = threading.Event()
        self._socket: socket.socket | None = None
        if path is None:
            self._permitted.set()
            return
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self.send({"event": "hello", "execution": execution, "pid": self._pid})
        threading.Thread(target=self._listen, name="kfx-link", daemon=True).start()

    def send(self, event: dict[str, Any]) -> None:
        """Tell the engine; a forked child of the step has nothing to tell."""
        if self._socket is None or os.getpid() != self._pid:
            return
        line = dumps(event).encode() + b"\n"
        try:
            with self._lock:
                self._socket.sendall(line)
        except OSError:
            self._end()

    def permission(self, reason: str) -> None:
        """Return once the engine lets acts happen that cannot be taken back."""
        with self._asking:
            if self._socket is None:
                return
            self._permitted.clear()
            self.send({"event": "wait", "reason": reason})
            self._permitted.wait()

    def _listen(self) -> None:
        assert self._socket is not None
        with self._socket.makefile("rb") as lines:
            try:
                for line in lines:
                    if loads(line).get("op") == "go":
                        self._permitted.set()
            except OSError:
                pass  # as good as closed
        self._end()

    def _end(self) -> None:
        # Without an engine nobody waits for this step: leave no process behind.
        if os.getpgrp() == self._pid:
            os.killpg(self._pid, signal.SIGKILL)
        os._exit(1)
