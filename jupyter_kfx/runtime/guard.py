"""Watches a step's cells for acts that cannot be taken back or checked afterwards."""

from __future__ import annotations

import functools
import os
import sys
import threading
from types import FrameType
from typing import Any, Callable

from .places import Places

__all__ = ["Guard", "stamp"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TEMPORARY = getattr(os, "O_TMPFILE", 0)

_CHANGES = {
    # Audit events that change files: positions of the paths and of their folders.
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.link": ((0, 2), (1, 3)),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.removexattr": ((0, None),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.setxattr": ((0, None),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.utime": ((0, 3),),
}
_LOOKS = ("stat", "access")
"""Functions of `os` that look at a file and raise no audit event."""
_LISTINGS = frozenset({"os.listdir", "os.scandir"})
_NETWORK = frozenset(
    {
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
    }
)
_CHILDREN = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.kill",
        "os.killpg",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
        "webbrowser.open",
    }
)
_WATCHED = frozenset(
    {"open", "os.stat", "sqlite3.connect", *_CHANGES, *_LISTINGS, *_NETWORK, *_CHILDREN}
)
_IMPORTERS = frozenset({"<frozen importlib._bootstrap_external>", "<frozen zipimport>"})
_LOOKING_AROUND = frozenset(
    {
        # They start a program that only tells about the machine ...
        "ctypes.util",
        "joblib.externals.loky.backend.context",
        "loky.backend.context",
        "matplotlib.font_manager",
        "platform",
        "uuid",
        # ... or look along sys.path for code, to import it or to show it.
        "importlib.metadata",
        "importlib_metadata",
        "linecache",
        "pkg_resources",
        "pkgutil",
    }
)
_NEAR = 12
"""How many frames up a library's own reason for an act is looked for."""


class Guard:
    """Asks once before the first such act, and records what the cells did.

    Files that were only read are remembered as they were at the time, for the engine to
    tell at the commit whether a step above has changed them since.
    Acts are what audit hooks tell: code that reads or writes natively goes unseen.
    """

    def __init__(
        self,
        permission: Callable[[str], None],
        *,
        project: str,
        own: tuple[str, ...],
        alone: bool,
    ) -> None:
        self._permission = permission
        self.places = Places(project, own)
        self._pid = os.getpid()
        self._asked = alone
        self._active = False
        self._installed = False
        self._inside = threading.local()
        self._read: dict[str, list[int] | None] = {}
        self._written: set[str] = set()
        self._network = False
        self._children = False

    @property
    def wrote_files(self) -> bool:
        """Whether the cells opened or changed a file."""
        return bool(self._written)

    def start(self) -> None:
        """Watch from now on."""
        if not self._installed:
            self._installed = True
            sys.addaudithook(self._hear)
            for name in _LOOKS:
                self._tell(name)
        self._active = True

    def _tell(self, name: str) -> None:
        """Let a function of `os` tell what it looks at."""
        original = getattr(os, name)

        @functools.wraps(original)
        def look(path: Any, *arguments: Any, **named: Any) -> Any:
            if named.get("dir_fd") is None:
                self._hear("os.stat", (path,))
            return original(path, *arguments, **named)

        for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
            if original in able:
                able.add(look)
        setattr(os, name, look)

    def stop(self) -> None:
        """Watch no more."""
        self._active = False

    def observed(self) -> dict[str, Any]:
        """Return what was seen."""
        return {
            "files_read": sorted(self._read),
            "files_seen": {} if self._asked else dict(self._read),
            "files_written": sorted(self._written),
            "network": self._network,
            "children": self._children,
        }

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _WATCHED or not self._active or os.getpid() != self._pid:
            return
        if getattr(self._inside, "hook", False):
            return
        self._inside.hook = True
        try:
            self._judge(event, arguments)
        finally:
            self._inside.hook = False

    def _judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._open(*arguments)
        elif event in _CHANGES:
            for place, folder in _CHANGES[event]:
                self._change(event, arguments[place], _folder(arguments, folder))
        elif event in _LISTINGS:
            self._look("." if arguments[0] is None else arguments[0])
        elif event == "os.stat":
            path = self.places.resolve(arguments[0])
            # Whether a folder is there is asked all the time, and seldom changes.
            if path and self.places.is_project(path) and not os.path.isdir(path):
                self._look(path)
        elif event == "sqlite3.connect":
            if arguments[0] not in (":memory:", b":memory:", ""):
                self._change(event, arguments[0])
        elif event in _NETWORK:
            if not self._is_excused():
                self._network = True
                self.ask("network")
        elif event in _CHILDREN and not self._is_excused():
            if event != "os.kill" or arguments[0] != self._pid:
                self._children = True
                self.ask("children")

    def _open(self, path: object, mode: str | None, flags: int) -> None:
        if mode is None and flags & _TEMPORARY == _TEMPORARY != 0:
            return
        if flags & _WRITING or (mode is not None and set(mode) & set("wax+")):
            exclusive = flags & os.O_EXCL or (mode is not None and "x" in mode)
            self._change("open", path, exclusive=bool(exclusive))
        else:
            self._look(path)

    def _change(
        self, event: str, path: object, folder: int = -1, *, exclusive: bool = False
    ) -> None:
        place = self.places.resolve(path, folder)
        if place is None or self.places.is_ignored(place):
            return
        if event == "open" and os.path.isdir(place):
            return  # tempfile names the folder; its opener opens the file
        if exclusive or event == "os.mkdir":
            self.places.make_temporary(place)
        if self.places.is_own_temporary(place) or self._is_excused():
            return
        self._written.add(place)
        self.ask("files")

    def _look(self, path: object) -> None:
        place = self.places.resolve(path)
        if place is None or self.places.is_ignored(place):
            return
        if self.places.is_installed(place) or self.places.is_own_temporary(place):
            return
        if self._is_excused():
            return
        if place not in self._read:
            self._read[place] = stamp(place)

    def ask(self, reason: str) -> None:
        """Wait until the engine permits acts that cannot be taken back; ask once."""
        if not self._asked:
            self._permission(reason)
            if any(stamp(path) != seen for path, seen in self._read.items()):
                self._permission("stale")
            self._asked = True

    def _is_excused(self) -> bool:
        """Tell whether software acts for itself: an import, a look at the machine."""
        frame: FrameType | None = sys._getframe(1)
        above = 0
        while frame is not None:
            code = frame.f_code
            if code.co_filename in _IMPORTERS:
                return True
            name = frame.f_globals.get("__name__")
            if name == "__main__":
                return False
            if above < _NEAR and name in _LOOKING_AROUND:
                return True
            if code.co_name == "<module>":
                # A module that is being imported, installed or of the notebook.
                return self.places.is_installed(os.path.realpath(code.co_filename))
            frame, above = frame.f_back, above + 1
        return False


def stamp(path: str) -> list[int] | None:
    """Return what changes whenever a file or a folder's list does; none if missing."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino]


def _folder(arguments: tuple[Any, ...], position: int | None) -> int:
    if position is None or position >= len(arguments):
        return -1
    folder = arguments[position]
    return folder if isinstance(folder, int) else -1
