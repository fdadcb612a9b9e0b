"""The memory of a process and all it started, while it runs."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Watch"]

_PERIOD = 0.02


class Watch:
    """Finds the peak, in gigabytes, of the memory that a tree of processes holds.

    It counts anonymous and shared memory by proportional shares (`Pss_Anon` and
    `Pss_Shmem`): pages of files can be dropped at any time and read again, and whether
    a file is mapped or read makes no difference to the cache.
    """

    def __init__(self, root: int) -> None:
        self.peak = 0.0
        self._root = root
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(_PERIOD):
            held = sum(map(_held, _tree(self._root)))
            self.peak = max(self.peak, held / 1e9)


def _tree(process: int) -> list[int]:
    found = [process]
    with suppress(OSError):
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            for child in children.read_text().split():
                found += _tree(int(child))
    return found


def _held(process: int) -> int:
    held = 0
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                held += 1024 * int(line.split()[1])
    return held
