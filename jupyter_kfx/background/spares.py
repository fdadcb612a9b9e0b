"""Workers that are ready before there is a run, so that the next one starts at once.

Each serves one run, and belongs to it from then on: runs share nothing.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.background.launch import Worker, launch
from jupyter_kfx.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Spares"]

_BREATH = 3.0
"""Seconds that a run has the machine for itself before the next spare is made."""


class _Spare:
    """A worker that is getting ready, or is."""

    def __init__(self, request: Mapping[str, Any], idle: float) -> None:
        self.environ = dict(os.environ)
        self.worker = Worker()
        self.heard = threading.Lock()
        self.processes: list[int] | None = None
        self._request = {"warm": dict(request), "idle": idle}

    def ready(self) -> bool:
        """Wait until it is ready; false if it has ended."""
        with self.heard:
            if self.processes is None:
                self.worker.tell(self._request)
                answer = self.worker.hear()
                self.processes = [] if answer is None else answer["ready"]
            return bool(self.processes)

    def memory(self) -> int:
        """Return the bytes of memory that its processes hold, shared parts once each."""
        return sum(_resident(process) for process in self.processes or ())


class Spares:
    """At most so many workers, each ready for the next run of one notebook."""

    def __init__(
        self, most: int, idle: float, memory: int, breath: float = _BREATH
    ) -> None:
        self._most = most
        self._breath = breath
        self._idle = idle
        self._memory = memory
        self._lock = threading.Lock()
        self._spares: OrderedDict[str, _Spare] = OrderedDict()
        self._timers: set[threading.Timer] = set()
        self._closed = False

    def __len__(self) -> int:
        """Return how many are ready."""
        with self._lock:
            return sum(bool(spare.processes) for spare in self._spares.values())

    def prepare(self, request: Mapping[str, Any]) -> None:
        """Get a worker ready for runs like the one requested, and wait until it is.

        The oldest ones are ended where there are too many, or they hold too much.
        """
        key = _key(request)
        if key is None or self._most < 1:
            return
        with self._lock:
            if self._closed:
                return
            spare = self._spares.get(key) or _Spare(request, self._idle)
            self._spares[key] = spare
            gone = [self._spares.popitem(last=False)[1] for _ in self._too_many()]
        for other in gone:
            other.worker.close()
        try:
            spare.ready()
        except (EngineError, ValueError, OSError):  # closed, or never ready
            spare.processes = spare.processes or []
        with self._lock:
            if self._spares.get(key) is spare and not spare.processes:
                del self._spares[key]
                spare.worker.close()
            gone = []
            while self._spares and self._held() > self._memory:
                gone.append(self._spares.popitem(last=False)[1])
        for other in gone:
            other.worker.close()

    def start(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Start a run as `launch` does, by a worker that is ready if there is one."""
        key = _key(request)
        with self._lock:
            spare = None if key is None else self._spares.pop(key, None)
        answer = None if spare is None else _started(spare, request)
        if answer is None:
            answer = launch(request)
        if key is not None and "run" in answer:
            self._later(request)
        return answer

    def close(self) -> None:
        """End all that have no run."""
        with self._lock:
            self._closed = True
            timers, self._timers = self._timers, set()
            spares = [*self._spares.values()]
            self._spares.clear()
        for timer in timers:
            timer.cancel()
        for spare in spares:
            spare.worker.close()

    def _too_many(self) -> range:
        return range(max(0, len(self._spares) - self._most))

    def _held(self) -> int:
        return sum(spare.memory() for spare in self._spares.values())

    def _later(self, request: Mapping[str, Any]) -> None:
        def prepare() -> None:
            with self._lock:
                self._timers.discard(timer)
            self.prepare(request)

        timer = threading.Timer(self._breath, prepare)
        timer.daemon = True
        with self._lock:
            if not self._closed:
                self._timers.add(timer)
                timer.start()


def _key(request: Mapping[str, Any]) -> str | None:
    """Return what runs have in common that one worker can be ready for, if any can."""
    options = request["options"]
    if options.get("engine", "local") != "local" or options.get("isolation") == "spawn":
        return None
    return f"{options.get('kernel')}\0{request['path']}"


def _started(spare: _Spare, request: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        # It has the environment of its time.
        if spare.environ != dict(os.environ) or not spare.ready():
            return None
        return spare.worker.hear() if spare.worker.tell(request) else None
    finally:
        spare.worker.close()


def _resident(process: int) -> int:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):  # it has ended, or this is no Linux
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
