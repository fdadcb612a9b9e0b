"""Which paths matter to other steps, and which are the business of installed software."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
import tempfile

from .sources import FOLDER

__all__ = ["Places"]

_SYSTEM = ("/dev", "/proc", "/sys")
_MEMORY = ("/dev/shm",)  # noqa: S108  (nothing is written there)
"""Not devices: a disk in memory, where people keep files."""
_CACHES = ("fontconfig", "jedi", "matplotlib", "parso", "pip")
"""What software keeps below `~/.cache` that is no part of what a notebook computes."""
_PACKAGE_FOLDERS = frozenset({"site-packages", "dist-packages", "__pycache__"})


class Places:
    """Sorts paths by where they lie; every path is made absolute and real first."""

    def __init__(self, project: str, own: tuple[str, ...]) -> None:
        self._project = os.path.realpath(project)
        self._temporary = os.path.realpath(tempfile.gettempdir())
        self._ignored = tuple(map(os.path.realpath, (*own, *_caches(), FOLDER)))
        self._installed = tuple(map(os.path.realpath, _installed()))
        self._made: set[str] = set()

    def resolve(
        self, path: object, folder: int = -1, *, follow: bool = True
    ) -> str | None:
        """Return the real path; none for a descriptor or something that is no path.

        A link stands for what it leads to, unless it is not to be followed.
        """
        if not isinstance(path, (str, bytes, os.PathLike)):
            return None
        text = os.fsdecode(path)
        if folder >= 0 and not os.path.isabs(text):
            text = os.path.join(f"/proc/self/fd/{folder}", text)
        try:
            top, name = os.path.split(text.rstrip(os.sep))
            if follow or name in ("", os.curdir, os.pardir):
                return os.path.realpath(text)
            return os.path.join(os.path.realpath(top), name)
        except (OSError, ValueError):
            return None

    def is_installed(self, path: str) -> bool:
        """Tell whether the path belongs to Python or to an installed package."""
        parts = frozenset(path.split(os.sep))
        return bool(parts & _PACKAGE_FOLDERS) or _is_below(path, self._installed)

    def is_ignored(self, path: str) -> bool:
        """Tell whether nobody else cares: devices, caches, the run's own files."""
        is_device = _is_below(path, _SYSTEM) and not _is_below(path, _MEMORY)
        return (
            is_device
            or _is_below(path, self._ignored)
            or "__pycache__" in path.split(os.sep)
        )

    def is_project(self, path: str) -> bool:
        """Tell whether the path is in the tree of the notebook."""
        return _is_below(path, (self._project,)) and not self.is_installed(path)

    def make_temporary(self, path: str) -> None:
        """Remember a file or folder that this process made and no other can have."""
        # What it makes in a folder of another step, that step's files are part of.
        folder = os.path.dirname(path)
        is_private = folder == self._temporary or self.is_own_temporary(folder)
        if is_private and not self.is_project(path):
            self._made.add(path)

    def is_own_temporary(self, path: str) -> bool:
        """Tell whether this process made it, or what it is in, below the temp folder."""
        return _is_below(path, tuple(self._made))


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(
        path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
        for folder in folders
    )


def _caches() -> list[str]:
    home = os.path.expanduser("~")
    environ = os.environ
    cache = environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    data = environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    return [
        *(os.path.join(cache, name) for name in _CACHES),
        environ.get("MPLCONFIGDIR") or os.path.join(config, "matplotlib"),
        os.path.join(home, ".matplotlib"),
        os.path.join(home, ".fontconfig"),
        environ.get("IPYTHONDIR") or os.path.join(home, ".ipython"),
        environ.get("JUPYTER_DATA_DIR") or os.path.join(data, "jupyter"),
        environ.get("JUPYTER_CONFIG_DIR") or os.path.join(home, ".jupyter"),
    ]


def _installed() -> list[str]:
    paths = sysconfig.get_paths()
    folders = [paths["stdlib"], paths["platstdlib"], paths["purelib"], paths["platlib"]]
    return [*folders, *site.getsitepackages(), site.getusersitepackages(), *_archives()]


def _archives() -> list[str]:
    return [entry for entry in sys.path if entry.endswith(".zip")]
