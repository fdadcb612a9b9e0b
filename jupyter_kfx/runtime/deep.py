"""Room for work that goes deeper than the stack of a step's cells."""

from __future__ import annotations

import _thread
import contextvars
import sys
import threading
from typing import Callable

__all__ = ["with_room"]

_STACK = 1 << 29
"""Bytes, of which only those are taken that are used."""
_DEEPEST = 60_000
"""Calls that have room there."""


def with_room(work: Callable[[], None]) -> None:
    """Do work where it may call itself very often; it raises what it raises here."""
    context = contextvars.copy_context()
    raised: list[BaseException] = []
    done = _thread.allocate_lock()
    done.acquire()

    def run() -> None:
        try:
            context.run(work)
        except BaseException as error:
            raised.append(error)
        finally:
            done.release()

    limit, size = sys.getrecursionlimit(), threading.stack_size(_STACK)
    sys.setrecursionlimit(max(limit, _DEEPEST))
    try:
        _thread.start_new_thread(run, ())
        done.acquire()
    except RuntimeError as error:  # no memory for another thread
        raise RecursionError from error
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if raised:
        raise raised[0]
