"""Values as files, each named by the sha256 of its content."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_kfx.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Artifacts", "StoredFile"]

_DIGEST = re.compile("[0-9a-f]{64}")
_LOCK = ".lock"
_STAMP = ".now"


@dataclass(frozen=True)
class StoredFile:
    """A file among the artifacts: one of them, or what is left of a write."""

    path: str
    name: str
    """The digest of an artifact."""
    size: int
    used: int
    """When it was last written or used, in nanoseconds of the file system's clock."""

    @property
    def is_artifact(self) -> bool:
        """Tell whether it is an artifact."""
        return _DIGEST.fullmatch(self.name) is not None


class Artifacts:
    """The files `<root>/<first two letters>/<digest>`, which the runtime writes.

    The time of a file says when it was last written or used. Whoever writes holds the
    lock together with others, whoever deletes holds it alone: nothing is deleted that
    was written in the meantime.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Return where the file of an artifact is."""
        return self.root / digest[:2] / digest

    def has(self, digest: str) -> bool:
        """Tell whether the file of an artifact is there."""
        return self.path(digest).is_file()

    def use(self, digest: str) -> bool:
        """Say that an artifact is used now; tell whether it is there.

        While the run that uses it goes on it is not deleted, whatever runs are.
        """
        with self._lock(fcntl.LOCK_SH):
            try:
                os.utime(self.path(digest))
            except FileNotFoundError:
                return False
        return True

    def add(self, path: str, digest: str) -> None:
        """Copy a file of that digest to the artifacts."""
        target = self.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{os.getpid()}.part")
        shutil.copyfile(path, temporary)
        with self._lock(fcntl.LOCK_SH):
            temporary.replace(target)

    def size(self, digest: str) -> int:
        """Return how many bytes an artifact takes."""
        return self.path(digest).stat().st_size

    def verify(self, digest: str) -> None:
        """Raise StoreError if an artifact is gone or is not what it was."""
        try:
            with self.path(digest).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            message = f"the artifact {digest} is gone from {self.root}."
            raise StoreError(message, cure="Run the notebook again.") from None
        if found != digest:
            message = f"the artifact {digest} in {self.root} is damaged."
            cure = "`jupyter kfx store check --remove` removes it; then run again."
            raise StoreError(message, cure=cure)

    def delete(self, digest: str) -> None:
        """Delete the file of an artifact, if it is there."""
        with self._lock(fcntl.LOCK_EX):
            self.path(digest).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the digests of the files."""
        for files in self.folders():
            yield from (file.name for file in files if file.is_artifact)

    def folders(self) -> Iterator[list[StoredFile]]:
        """Iterate over all files, a folder at a time; half-written ones are among them."""
        below = [self.root, *(path for path in self.root.iterdir() if path.is_dir())]
        for folder in below:
            with os.scandir(folder) as entries:
                yield [
                    file
                    for entry in entries
                    if entry.name not in (_LOCK, _STAMP)
                    and (file := _stored(entry)) is not None
                ]

    def remove(self, files: Iterable[StoredFile]) -> list[StoredFile]:
        """Delete files, but those used since they were looked at; return the deleted."""
        removed = []
        with self._lock(fcntl.LOCK_EX):
            for file in files:
                try:
                    if os.stat(file.path).st_mtime_ns != file.used:  # noqa: PTH116
                        continue
                    os.unlink(file.path)  # noqa: PTH108
                except FileNotFoundError:
                    continue
                removed.append(file)
        return removed

    def now(self) -> int:
        """Return the time by the clock of the file system."""
        stamp = self.root / _STAMP
        stamp.touch()
        return stamp.stat().st_mtime_ns

    @contextmanager
    def _lock(self, kind: int) -> Iterator[None]:
        file = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(file, kind)
            yield
        finally:
            os.close(file)


def _stored(entry: os.DirEntry[str]) -> StoredFile | None:
    try:
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if entry.is_dir(follow_symlinks=False):
        return None
    return StoredFile(entry.path, entry.name, found.st_size, found.st_mtime_ns)
