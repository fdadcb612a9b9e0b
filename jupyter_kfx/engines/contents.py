"""What files hold: told by digest, kept in the store, and put back."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.runtime import tokens
from jupyter_kfx.runtime.tokens import ABSENT, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_kfx.store import Store

__all__ = ["Contents"]

_KEPT = 1 << 28
"""Bytes of files that are kept for one execution; more must still be in place."""


class Contents:
    """The contents of files, by what the store remembers of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = store.file_digests()
        self._new: dict[str, tuple[list[int], str]] = {}

    def of(self, path: str) -> str:
        """Return what stands for the content of a file or the list of a folder."""
        now = stamp(path)
        known = self._new.get(path) or self._known.get(path)
        if known is not None and [*known[0]] == now:
            return known[1]
        if not Path(path).is_file():
            return tokens.of_file(path)
        try:
            with Path(path).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return tokens.CHANGED
        if now is not None and stamp(path) == now:
            self._new[path] = (now, digest)
        return digest

    def are(self, path: str, token: str) -> bool:
        """Tell whether a path holds what the token, which a step told, stands for."""
        if tokens.is_brief(token):
            return tokens.of_file(path, brief=True) == token
        return self.of(path) == token

    def remember(self) -> None:
        """Keep the digests for the next run."""
        if self._new:
            self._store.keep_file_digests(self._new)
            self._known.update(self._new)
            self._new = {}

    def keep(self, paths: Iterable[str]) -> dict[str, dict[str, Any]] | None:
        """Return how files are now, each with a copy in the store; none if it cannot be.

        Of large ones there is no copy: `restore` takes them as long as they are there.
        """
        found: dict[str, dict[str, Any]] = {}
        room = _KEPT
        for path in paths:
            try:
                mode = os.lstat(path).st_mode
            except OSError:
                found[path] = {"content": ABSENT}
                continue
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                return None
            found[path] = {"content": self.of(path), "mode": stat.S_IMODE(mode)}
            if stat.S_ISREG(mode):
                size = Path(path).stat().st_size
                room -= size
                if room >= 0:
                    self._copy(path, found[path]["content"])
                    found[path]["size"] = size
        return found

    def can_restore(self, files: Mapping[str, Mapping[str, Any]]) -> bool:
        """Tell whether `restore` would succeed."""
        return all(
            not self._is_regular(state)
            or self.of(path) == state["content"]
            or ("size" in state and self._store.files.use(state["content"]))
            for path, state in files.items()
        )

    def restore(self, files: Mapping[str, Mapping[str, Any]]) -> None:
        """Bring files to where an execution had left them; what is so already stays."""
        for path, state in sorted(files.items()):
            now = self.of(path)
            if state["content"] == ABSENT:
                if now != ABSENT:
                    _remove(Path(path))
                continue
            if not self._is_regular(state):
                Path(path).mkdir(parents=True, exist_ok=True)
            elif now != state["content"]:
                self._write(path, state["content"])
            Path(path).chmod(state["mode"])

    def _is_regular(self, state: Mapping[str, Any]) -> bool:
        content = state["content"]
        return content != ABSENT and not content.startswith("folder ")

    def _copy(self, path: str, digest: str) -> None:
        if not self._store.files.use(digest):
            self._store.files.add(path, digest)

    def _write(self, path: str, digest: str) -> None:
        place = Path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f".{place.name}.{os.getpid()}.part")
        shutil.copyfile(self._store.files.path(digest), temporary)
        temporary.replace(place)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink()
