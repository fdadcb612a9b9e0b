"""stdout and stderr of a step: Python's objects and the file descriptors below them."""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import fcntl
import io
import os
import select
import sys
import threading
import time
from typing import Any, Callable

__all__ = ["Streams"]

_DELAY = 0.2
"""Seconds that text may be held back, as a kernel does, to keep each stream together."""
_PIPE_SIZE = 1 << 20
_SET_PIPE_SIZE = 1031
"""F_SETPIPE_SZ, which `fcntl` names from Python 3.10 on."""


class Stream(io.TextIOBase):
    """A text stream that hands on what it is given, a little later or when flushed."""

    encoding = "UTF-8"
    errors = None

    def __init__(self, name: str, descriptor: int) -> None:
        super().__init__()
        self.name = name
        self.descriptor = descriptor
        self.since: float | None = None
        """When the oldest text that is held back was written."""
        self._lock = threading.RLock()
        self._held: list[str] = []
        self._sink: Callable[[str, str], None] | None = None
        self._copy = descriptor
        self._pid = os.getpid()
        self.lets_through: Callable[[], bool] = lambda: True
        """Whether what is written now is to be handed on."""

    def connect(self, sink: Callable[[str, str], None], copy: int) -> None:
        """Hand text to the sink from now on; `copy` is the descriptor of the log."""
        self._lock = threading.RLock()
        self._held, self.since = [], None
        self._sink, self._copy, self._pid = sink, copy, os.getpid()

    @property
    def held(self) -> str:
        """What was written and not handed on."""
        return "".join(self._held)

    def writable(self) -> bool:
        """Return true."""
        return True

    def isatty(self) -> bool:
        """Return false."""
        return False

    def fileno(self) -> int:
        """Return the descriptor of the step's log, as a kernel gives its terminal's."""
        return self._copy

    def write(self, text: Any) -> int:
        """Take text; only text."""
        if not isinstance(text, str):
            message = f"write() argument must be str, not {type(text)}"
            raise TypeError(message)
        if os.getpid() != self._pid:
            # A forked child of the step has no recorder: the pipe leads to it.
            os.write(self.descriptor, text.encode("utf-8", "backslashreplace"))
        elif text and self.lets_through():
            with self._lock:
                self._held.append(text)
                if self.since is None:
                    self.since = time.monotonic()
        return len(text)

    def flush(self) -> None:
        """Hand on what is held back."""
        if self._sink is None or os.getpid() != self._pid:
            return
        with self._lock:
            text, self._held, self.since = "".join(self._held), [], None
            if text:
                self._sink(self.name, text)


class Streams:
    """sys.stdout and sys.stderr, and in time descriptors 1 and 2, led to one sink.

    The objects are there from the start, because modules keep them; the process that
    runs the cells opens them. What C code and child processes write to the descriptors
    then arrives through pipes that a thread empties, and the original descriptors stay
    open for the step's log.
    """

    def __init__(self) -> None:
        self.stdout, self.stderr = Stream("stdout", 1), Stream("stderr", 2)
        self._libc = ctypes.CDLL(None)
        self._reading = threading.Lock()
        self._pipes: dict[int, tuple[Stream, codecs.IncrementalDecoder]] = {}
        sys.stdout, sys.stderr = self.stdout, self.stderr

    def open(self, sink: Callable[[str, str], None]) -> None:
        """Hand everything to the sink from now on."""
        for stream in (self.stdout, self.stderr):
            stream.connect(sink, os.dup(stream.descriptor))
            read, write = os.pipe()
            os.set_blocking(read, False)
            with contextlib.suppress(OSError):
                # C code that writes much while it holds the interpreter's lock would
                # wait for ever on a full pipe.
                fcntl.fcntl(write, _SET_PIPE_SIZE, _PIPE_SIZE)
            os.dup2(write, stream.descriptor)
            os.close(write)
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self._pipes[read] = (stream, decoder)
        threading.Thread(target=self._pump, name="kfx-streams", daemon=True).start()

    def flush(self) -> None:
        """Hand on everything written so far, by Python and below it."""
        self.flush_below()
        self._read()
        self.stdout.flush()
        self.stderr.flush()

    def flush_below(self) -> None:
        """Let C code write out what it buffers."""
        self._libc.fflush(None)

    def _pump(self) -> None:
        while True:
            select.select(list(self._pipes), [], [], _DELAY)
            self._read()
            now = time.monotonic()
            for stream in (self.stdout, self.stderr):
                since = stream.since
                if since is not None and now - since >= _DELAY:
                    stream.flush()

    def _read(self) -> None:
        with self._reading:
            for pipe, (stream, decoder) in self._pipes.items():
                with contextlib.suppress(BlockingIOError):
                    while data := os.read(pipe, 65536):
                        stream.write(decoder.decode(data))
