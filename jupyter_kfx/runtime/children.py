"""Step processes: how they start, and that none of them outlives its parent."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import signal
import sys
import threading
import traceback
import warnings
from typing import Callable

from . import exits

__all__ = ["die_with", "end_group", "finish", "fork"]

_SET_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG"""


def fork(work: Callable[[], int]) -> int:
    """Run the work in a forked process of its own group; return the process id."""
    parent = os.getpid()
    with warnings.catch_warnings():
        # Numerical libraries have threads that look after themselves in a fork.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        # Both sides set the group, so that either may rely on it.
        with contextlib.suppress(OSError):
            os.setpgid(child, child)
        return child
    code = exits.INTERNAL_ERROR
    try:
        os.setpgid(0, 0)
        die_with(parent)
        code = work()
    except BaseException:
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
    finally:
        finish(code)
    return 0


def die_with(parent: int) -> None:
    """Let the kernel kill this process when the parent dies, where it can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(exits.INTERNAL_ERROR)


def finish(code: int) -> None:
    """End this process as Python would, but without taking its memory apart."""
    with contextlib.suppress(BaseException):
        _end_pools()
        atexit._run_exitfuncs()
    os._exit(code)


def _end_pools() -> None:
    """Let pools of processes end, whose workers are waited for else, as Python does.

    Threads end with the process, whatever they still have to do.
    """
    for call in reversed(getattr(threading, "_threading_atexits", ())):
        if call.func.__module__ != "concurrent.futures.thread":
            call()


def end_group(leader: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to a step process and everything it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
