"""Values as files, each named by the sha256 of its content."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from jupyter_kfx.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

__all__ = ["Artifacts"]

_DIGEST = re.compile("[0-9a-f]{64}")


class Artifacts:
    """The files `<root>/<first two letters>/<digest>`, which the runtime writes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Return where the file of an artifact is."""
        return self.root / digest[:2] / digest

    def has(self, digest: str) -> bool:
        """Tell whether the file of an artifact is there."""
        return self.path(digest).is_file()

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
            raise StoreError(message, cure="Delete its run and run the notebook again.")

    def delete(self, digest: str) -> None:
        """Delete the file of an artifact, if it is there."""
        self.path(digest).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the digests of the files."""
        for path in self._files():
            if _DIGEST.fullmatch(path.name):
                yield path.name

    def prune(self, keep: Collection[str]) -> None:
        """Delete every other file, also what a killed process left half written."""
        for path in self._files():
            if path.name not in keep:
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[Path]:
        for folder in self.root.iterdir():
            if folder.is_dir():
                yield from folder.iterdir()
