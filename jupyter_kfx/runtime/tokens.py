"""What stands for a file, a folder or a missing one, to tell later whether it is as it was."""

from __future__ import annotations

import hashlib
import io
import os
import stat

__all__ = [
    "ABSENT",
    "CHANGED",
    "holds",
    "is_brief",
    "is_brief_stamp",
    "of_file",
    "stamp",
]

ABSENT = "absent"
FOLDER = "folder"
CHANGED = "changed"
"""Stands for what changed while it was looked at: nothing is ever the same as that."""
_BRIEF = (0, 2)
"""How long brief stamps of folders are, and of links to them."""
_LARGEST = 64 << 20
"""Bytes above which reading a file once more would cost more than it saves."""


def stamp(path: str, *, brief: bool = False) -> list[int] | None:
    """Return what changes whenever a file or a folder's list does; none if missing.

    In brief there is nothing to say of a folder but that it is there. A link counts
    beside what it leads to.
    """
    try:
        link = os.lstat(path)
    except OSError:
        return None
    own = [link.st_mtime_ns, link.st_ino] if stat.S_ISLNK(link.st_mode) else []
    try:
        found = os.stat(path)
    except OSError:
        return [*own, 0]
    if brief and stat.S_ISDIR(found.st_mode):
        return own
    return [found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, *own]


def holds(path: str, then: list[int] | None) -> bool:
    """Tell whether a path is as it was when it was stamped."""
    return stamp(path, brief=is_brief_stamp(then)) == then


def is_brief_stamp(then: list[int] | None) -> bool:
    """Tell whether a stamp says of a folder only that it is there."""
    return then is not None and len(then) in _BRIEF


def of_file(path: str, *, brief: bool = False) -> str:
    """Return what stands for a path.

    The sha256 of a file, `folder` and that of the names in it, `link` and that of where
    it leads if nothing is there, `absent` if not even a link is. In brief it is
    `folder`, or `stat`, times, size and inode: for large files, and those whose contents
    nobody has asked for.
    """
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode) and brief:
            return FOLDER
        if stat.S_ISDIR(found.st_mode):
            names = "\0".join(sorted(os.listdir(path)))
            return "folder " + hashlib.sha256(os.fsencode(names)).hexdigest()
        brief = brief or not stat.S_ISREG(found.st_mode)
        if not brief and found.st_size <= _LARGEST:
            with io.open(path, "rb") as file:
                return hashlib.sha256(file.read()).hexdigest()
    except FileNotFoundError:
        if os.path.islink(path):
            target = hashlib.sha256(os.fsencode(os.readlink(path)))
            return "link " + target.hexdigest()
        return ABSENT
    except OSError:
        return CHANGED
    times = found.st_mtime_ns, found.st_ctime_ns
    return "stat " + " ".join(map(str, (*times, found.st_size, found.st_ino)))


def is_brief(token: str) -> bool:
    """Tell whether a token says no more of a file than `stat` does."""
    return token == FOLDER or token.startswith("stat ")
