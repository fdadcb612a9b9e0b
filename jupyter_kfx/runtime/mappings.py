"""Which mapped artifacts were written to since they were loaded."""

from __future__ import annotations

import ctypes
import mmap
import re
from typing import Any

__all__ = ["Mappings"]

_ENTRY = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) ")


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
        """Return what stands for a buffer that nobody wrote to, or none.

        The kernel knows: a private mapping has anonymous pages once it is written.
        """
        raw = buffer.raw()
        if not self._found or raw.readonly or not raw.nbytes:
            return None
        at = ctypes.addressof(ctypes.c_char.from_buffer(raw))
        for start, end, digest in self._found:
            if start <= at < end and not _is_written(start, end):
                return f"{digest}:{at - start}:{raw.nbytes}".encode()
        return None


def _is_written(start: int, end: int) -> bool:
    """Tell whether any page between two addresses was written; true if not known."""
    try:
        with open("/proc/self/smaps", encoding="ascii", errors="replace") as file:
            inside = False
            for line in file:
                match = _ENTRY.match(line)
                if match:
                    low, high = int(match[1], 16), int(match[2], 16)
                    inside = low < end and high > start
                elif inside and line.startswith("Anonymous:"):
                    if int(line.split()[1]):
                        return True
    except OSError:
        return True
    return False
