"""OpenMP in a process that was forked from one with threads at work."""

from __future__ import annotations

import contextlib
import ctypes
import io

__all__ = ["use_no_threads"]


def use_no_threads() -> None:
    """Let parallel regions run in the thread that meets them.

    GNU's runtime waits for ever for the threads that it had before the fork.
    """
    with io.open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        files = {line.partition("/")[2].rstrip("\n") for line in maps if "gomp" in line}
    for file in files:
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(f"/{file}").omp_set_max_active_levels(0)
