"""What disks and databases say, as one sentence and its cure."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_kfx.errors import StoreError
from jupyter_kfx.store.location import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["faults"]

_ELSEWHERE = f"Give another folder with `--store`, or in {VARIABLE}."
_FULL = (
    "the disk is full",
    f"Make room (`jupyter kfx runs rm` deletes runs). {_ELSEWHERE}",
)
_READ_ONLY = ("it may not be written", _ELSEWHERE)
_TAKEN = ("a file is in its place", _ELSEWHERE)
_BROKEN = (
    "its database is damaged or is something else",
    f"Move the folder away, and a new store is made. {_ELSEWHERE}",
)

_DISK = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: ("the disk takes no file of that size", _ELSEWHERE),
    errno.EROFS: ("the disk is read-only", _ELSEWHERE),
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.ENOTDIR: _TAKEN,
    errno.EEXIST: _TAKEN,
}
_DATABASE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: ("its database cannot be opened", _ELSEWHERE),
    sqlite3.SQLITE_NOTADB: _BROKEN,
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_BUSY: (
        "another process has kept its database locked for too long",
        "Try again when that one has ended.",
    ),
}
_BLOCK = 1 << 16
"""SQLite reports a full disk as an I/O error where its shared memory cannot grow."""


@contextmanager
def faults(root: Path) -> Iterator[None]:
    """Raise StoreError in place of what a disk or a database raises."""
    try:
        yield
    except OSError as error:
        unknown = (error.strerror or str(error), _ELSEWHERE)
        raise _sentence(root, *_DISK.get(error.errno or 0, unknown)) from error
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # the disk has no part in it
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_IOERR and shutil.disk_usage(root).free < _BLOCK:
            code = sqlite3.SQLITE_FULL
        unknown = (f"its database says: {error}", _ELSEWHERE)
        raise _sentence(root, *_DATABASE.get(code, unknown)) from error


def _sentence(root: Path, reason: str, cure: str) -> StoreError:
    return StoreError(f"the store {root} cannot be used: {reason}.", cure=cure)
