"""Work that makes many objects and no garbage."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import Iterator

__all__ = ["not_collecting"]


@contextmanager
def not_collecting() -> Iterator[None]:
    """Keep the collector from looking through everything again and again meanwhile."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
