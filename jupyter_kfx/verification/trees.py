"""Folders that a notebook works in: copied before a run, compared after it."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kfx.errors import UsageError
from jupyter_kfx.verification.pickles import meaning

if TYPE_CHECKING:
    from io import BufferedReader

__all__ = ["contents", "copy"]

_LEFT_OUT = frozenset(
    {".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__",
     ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)  # fmt: skip
_LARGEST = 2 * 1024**3
_CURE = "Put the notebook into a folder of its own, with what it needs."


def copy(source: Path, target: Path) -> None:
    """Copy a folder, without what tools keep in it.

    UsageError if it is too large, or if something in it cannot be copied.
    """
    try:
        _check_size(source)
        shutil.copytree(
            source,
            target,
            symlinks=True,
            ignore=lambda _folder, names: _LEFT_OUT.intersection(names),
        )
    except shutil.Error as error:
        path, _, why = error.args[0][0]
        raise UsageError(f"{path} cannot be copied: {why}.", cure=_CURE) from None
    except OSError as error:
        message = f"{error.filename} cannot be copied: {error.strerror}."
        raise UsageError(message, cure=_CURE) from None


def _check_size(source: Path) -> None:
    size = 0
    for folder, names, files in os.walk(source):
        names[:] = [name for name in names if name not in _LEFT_OUT]
        for name in files:
            size += Path(folder, name).lstat().st_size
        if size > _LARGEST:
            message = f"the folder {source} is larger than {_LARGEST >> 30} GiB."
            raise UsageError(message, cure=_CURE)


def contents(folder: Path) -> dict[str, str]:
    """Return the files below a folder, each with a digest of what it says."""
    found = {}
    for place, names, files in os.walk(folder):
        names[:] = [name for name in names if name not in _LEFT_OUT]
        for name in files:
            path = Path(place, name)
            if path.is_symlink():
                digest = f"link to {path.readlink()}"
            elif path.is_file():
                with path.open("rb") as file:
                    digest = meaning(file) or _digest(file)
            else:
                continue
            found[str(path.relative_to(folder))] = digest
    return found


def _digest(file: BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()
