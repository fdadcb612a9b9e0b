"""Which mapped artifacts were written to since they were loaded."""

from __future__ import annotations

import ctypes
import io
import mmap
from typing import Any

__all__ = ["Mappings"]

_SMALL = 1 << 20
"""Bytes that are digested sooner than the kernel is asked about them."""
_IN_MEMORY, _OF_FILE = 0b11 << 62, 1 << 61


class Mappings:
    """The mapped files of a step."""

    def __init__(self) -> None:
        self._found: list[tuple[int, int, str]] = []
        self._kept: list[mmap.mmap] = []

    def add(self, digest: str, mapping: mmap.mmap) -> None:
        """Take in the mapping of an artifact."""
        start = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
        self._found.append((start, start + len(mapping), digest))
        self._kept.append(mapping)

    def token(self, buffer: Any) -> bytes | None:
        """Return what stands for a large buffer that nobody wrote to, or none."""
        raw = buffer.raw()
        if not self._found or raw.readonly or raw.nbytes < _SMALL:
            return None
        at = ctypes.addressof(ctypes.c_char.from_buffer(raw))
        for start, end, digest in self._found:
            if start <= at < end and not _is_written(at, at + raw.nbytes):
                return f"{digest}:{at - start}:{raw.nbytes}".encode()
        return None


def _is_written(start: int, end: int) -> bool:
    """Tell whether any page between two addresses was written; true if not known.

    The kernel gives a private mapping pages that are no longer the file's where it is
    written to (Documentation/admin-guide/mm/pagemap.rst).
    """
    first, last = start // mmap.PAGESIZE, -(-end // mmap.PAGESIZE)
    size = 8 * (last - first)
    try:
        with io.open("/proc/self/pagemap", "rb", buffering=0) as file:
            file.seek(8 * first)
            data = file.read(size)
    except OSError:
        return True
    if len(data) != size:
        return True
    pages = memoryview(data).cast("Q")
    return any(page & _IN_MEMORY and not page & _OF_FILE for page in pages)
