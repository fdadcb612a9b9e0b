"""Watches a step's cells for acts that cannot be taken back or checked afterwards."""

from __future__ import annotations

import functools
import os
import sys
import threading
from types import FrameType
from typing import Any, Callable

from .files import Files
from .places import Places

__all__ = ["Guard"]

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
_DEPENDING = frozenset(
    {"os.link", "os.remove", "os.rename", "os.rmdir", "os.truncate", "sqlite3.connect"}
)
"""Changes whose outcome depends on what the first of their paths held before."""
_OF_LINKS = frozenset({"os.remove", "os.rename", "os.rmdir", "os.symlink"})
"""Changes of a link itself, not of what it leads to."""
_LOOKS = ("stat", "lstat", "access", "readlink")
"""Functions of `os` that look at a file and raise no audit event."""
_PATH_MODULES = frozenset({"genericpath", "os", "pathlib", "posixpath"})
_TIMES = frozenset({"stat", "lstat", "getatime", "getctime", "getmtime"})
"""Functions of these that tell more than whether a file is there, or how large it is."""
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
    {
        "open",
        "os.stat",
        "os.lstat",
        "sqlite3.connect",
        *_CHANGES,
        *_LISTINGS,
        *_NETWORK,
        *_CHILDREN,
    }
)
_LOOKING = _LISTINGS | {"os.stat", "os.lstat"}
_IMPORTERS = frozenset(
    {
        "<frozen importlib._bootstrap>",
        "<frozen importlib._bootstrap_external>",
        "<frozen zipimport>",
    }
)
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
        self._listening = False
        self._files = Files()
        self._kinds: dict[tuple[str, str], str] = {}
        """Whose code is: `paths`, `guard`, `runtime`, `installed`, `user`."""
        self._network = False
        self._children = False

    @property
    def wrote_files(self) -> bool:
        """Whether the cells opened or changed a file."""
        return bool(self._files.written)

    def listen(self) -> None:
        """Remember from now on what is read, and let everything happen unasked."""
        self._listening = True
        self._install()
        self._active = True

    def at(self, place: int | None) -> None:
        """Note that the setup of the cell at a position is being replayed, or none."""
        self._files.place = place

    def start(self) -> None:
        """Watch from now on."""
        self._listening = False
        self._install()
        self._active = True

    def _install(self) -> None:
        if not self._installed:
            self._installed = True
            sys.addaudithook(self._hear)
            for name in _LOOKS:
                self._tell(name)

    def _tell(self, name: str) -> None:
        """Let a function of `os` tell what it looks at."""
        original = getattr(os, name)
        event = "os.lstat" if name in ("lstat", "readlink") else "os.stat"

        @functools.wraps(original)
        def look(path: Any, *arguments: Any, **named: Any) -> Any:
            if named.get("dir_fd") is None:
                self._hear(event, (path,))
            return original(path, *arguments, **named)

        for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
            if original in able:
                able.add(look)
        setattr(os, name, look)

    def stop(self) -> None:
        """Watch no more."""
        self._active = False

    def native(self, path: Any, *, reads: bool, writes: bool) -> None:
        """Hear of a file that compiled code is about to open."""
        if not self._active or os.getpid() != self._pid:
            return
        if "://" in os.fsdecode(path):
            self._hear("socket.connect", ())
            return
        if reads:
            self._hear("open", (path, "r", 0))
            for folder, _, names in os.walk(path):
                for name in names:
                    self._hear("open", (os.path.join(folder, name), "r", 0))
        if writes:
            self._hear("open", (path, "w", 0))

    def observed(self) -> dict[str, Any]:
        """Return what was seen."""
        return {
            **self._files.observed(),
            "files_seen": {} if self._asked else dict(self._files.as_read),
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
        elif self._listening and event not in _LOOKING:
            return
        elif event in _CHANGES:
            for number, (place, folder) in enumerate(_CHANGES[event]):
                self._change(
                    event,
                    arguments[place],
                    _folder(arguments, folder),
                    depends=number == 0 and event in _DEPENDING,
                )
        elif event in _LISTINGS:
            listed = "." if arguments[0] is None else arguments[0]
            self._look(listed)
            if event == "os.scandir" and self._asked_by_user() == frozenset():
                self._look_at_entries(listed)
        elif event == "os.stat":
            self._stat(arguments[0])
        elif event == "os.lstat":
            through = self._asked_by_user()
            if through is not None:  # others ask for each part of any path
                self._look(arguments[0], read=False, timed=through <= _TIMES)
        elif event == "sqlite3.connect":
            if arguments[0] not in (":memory:", b":memory:", ""):
                self._change(event, arguments[0], depends=True)
        elif event in _NETWORK:
            if not self._is_excused():
                self._network = True
                self.ask("network")
        elif event in _CHILDREN and not self._is_excused():
            if event != "os.kill" or arguments[0] != self._pid:
                self._children = True
                self.ask("children")

    def _stat(self, path: object) -> None:
        through = self._asked_by_user()
        if through is not None:
            self._look(path, read=False, timed=through <= _TIMES)
        # A traceback asks for the file of each module; only then the real path counts.
        elif not (isinstance(path, str) and self.places.is_installed(path)):
            place = self.places.resolve(path)
            # Libraries ask all the time whether a folder is there, which seldom changes.
            if place is not None and not os.path.isdir(place):
                self._look(path, read=False)

    def _open(self, path: object, mode: str | None, flags: int) -> None:
        if mode is None and flags & _TEMPORARY == _TEMPORARY != 0:
            return
        if flags & _WRITING or (mode is not None and set(mode) & set("wax+")):
            modes = set(mode or "")
            exclusive = bool(flags & os.O_EXCL) or "x" in modes
            if not self._listening:
                # What is only added to, or written over in part, was there before.
                empties = bool(flags & os.O_TRUNC) or "w" in modes
                self._change("open", path, exclusive=exclusive, depends=not empties)
        else:
            self._look(path)

    def _change(
        self,
        event: str,
        path: object,
        folder: int = -1,
        *,
        exclusive: bool = False,
        depends: bool = False,
    ) -> None:
        place = self.places.resolve(path, folder, follow=event not in _OF_LINKS)
        if place is None or self.places.is_ignored(place):
            return
        if event == "open" and os.path.isdir(place):
            return  # tempfile names the folder; its opener opens the file
        if exclusive or event == "os.mkdir":
            self.places.make_temporary(place)
        if self.places.is_own_temporary(place) or self._is_excused():
            return
        self.ask("files")
        if depends:
            self._files.look(place, place if folder >= 0 else path, read=True)
        self._files.change(place)

    def _look_at_entries(self, folder: Any) -> None:
        """Look at what is in a folder: entries tell what they are unheard."""
        if isinstance(folder, (str, bytes, os.PathLike)) and os.path.isdir(folder):
            top = os.fsdecode(folder)
            for name in os.listdir(top):
                path = os.path.join(top, name)
                if os.path.isfile(path):
                    self._look(path, read=False)

    def _asked_by_user(self) -> frozenset[str] | None:
        """Return through which functions of `os` and `pathlib` the user's code asks.

        None if it is a library that asks.
        """
        frame: FrameType | None = sys._getframe(1)
        through = set()
        while frame is not None:
            # Code that was made from text has one file name for all.
            module = str(frame.f_globals.get("__name__"))
            place = (frame.f_code.co_filename, module)
            kind = self._kinds.get(place)
            if kind is None:
                kind = self._kinds[place] = self._kind(*place)
            if kind == "paths":
                through.add(frame.f_code.co_name)
            elif kind != "guard":
                return frozenset(through) if kind == "user" else None
            frame = frame.f_back
        return None

    def _kind(self, source: str, module: str) -> str:
        """Tell whose the code of a source file and a module is."""
        if module.partition(".")[0] in _PATH_MODULES:
            return "paths"
        if module.startswith(f"{__package__}."):
            return "guard" if module == __name__ else "runtime"
        installed = self.places.is_installed(os.path.realpath(source))
        return "installed" if installed else "user"

    def _look(self, path: object, *, read: bool = True, timed: bool = False) -> None:
        place = self.places.resolve(path)
        if place is None or self.places.is_ignored(place):
            return
        if self.places.is_installed(place) or self.places.is_own_temporary(place):
            return
        if self._is_excused():
            return
        self._files.look(place, path, read=read, timed=timed)

    def ask(self, reason: str) -> None:
        """Wait until the engine permits acts that cannot be taken back; ask once."""
        if not self._asked:
            self._permission(reason)
            if self._files.are_stale():
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


def _folder(arguments: tuple[Any, ...], position: int | None) -> int:
    if position is None or position >= len(arguments):
        return -1
    folder = arguments[position]
    return folder if isinstance(folder, int) else -1
