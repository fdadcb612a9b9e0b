"""Room kept for the database's last words on a disk that is full.

Without it nobody could record that a run failed for want of room, nor delete a run to
make some: both need a few pages more.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Reserve"]

_SIZE = 1 << 20
_PLENTY = 16 * _SIZE


class Reserve:
    """A file in the store's folder that is given up when the disk is full."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = root / "reserve"

    def keep(self) -> None:
        """Take up the room, if there is plenty."""
        if not self._file.exists() and self._free() > _PLENTY:
            # Random, because some file systems keep no room for zeros.
            self._file.write_bytes(os.urandom(_SIZE))

    def spend(self) -> None:
        """Give the room up, if there is none other."""
        if self._free() < _SIZE:
            self._file.unlink(missing_ok=True)

    def _free(self) -> int:
        return shutil.disk_usage(self._root).free
