"""Artifact files: a pickle and its buffers, mapped when they are loaded."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import mmap
import os
import sys
from contextlib import contextmanager, suppress
from json import dumps, loads  # cells may patch the module
from typing import Any, Iterable, Iterator

from .exits import NotStoredError, VersionMismatchError

__all__ = ["PAGE", "is_whole", "read", "write"]

_MAGIC = b"KFXVAL01"
PAGE = 4096
"""Bytes to whose multiples buffers are aligned."""
_LOCK = ".lock"
"""Held together by those who write, and alone by who deletes what nobody needs."""


def write(
    root: str, pickled: bytes, buffers: list, what: str, modules: Iterable = ()
) -> tuple:
    """Store a pickle with its buffers; return digest and size.

    The versions of the packages that hold the modules are noted in it. NotStoredError
    if the disk does not take it; nothing is left behind then.
    """
    raws = [buffer.raw() for buffer in buffers]
    places, at = [], 0
    for raw in raws:
        places.append([at, raw.nbytes])
        at += -(-raw.nbytes // PAGE) * PAGE
    head = dumps(
        {
            "python": list(sys.version_info[:2]),
            "packages": _versions(modules),
            "pickle": len(pickled),
            "buffers": places,
        }
    ).encode()
    front = _MAGIC + len(head).to_bytes(8, "little") + head + pickled
    front += b"\0" * (-len(front) % PAGE)
    digest = hashlib.sha256()
    temporary = ""
    try:
        temporary, file = _temporary(root)
        with file:
            for part in (front, *_padded(raws)):
                file.write(part)
                digest.update(part)
            size = file.tell()
        name = digest.hexdigest()
        os.makedirs(os.path.join(root, name[:2]), exist_ok=True)
        with _shared(root):
            os.replace(temporary, os.path.join(root, name[:2], name))
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        cure = "Make room (`jupyter kfx runs rm` deletes runs)." if full else ""
        message = f"{what} cannot be stored: {error.strerror}. {cure}".rstrip()
        raise NotStoredError(message) from error
    return name, size


def _temporary(root: str) -> tuple:
    """Return the path of a new file and the file, open."""
    number = 0
    while True:
        path = os.path.join(root, f".{os.getpid()}-{number}.part")
        try:
            return path, io.open(path, "xb")
        except FileExistsError:
            # Process ids are not one's own where containers share a disk.
            number += 1


@contextmanager
def _shared(root: str) -> Iterator[None]:
    lock = os.open(os.path.join(root, _LOCK), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
    finally:
        os.close(lock)


def _padded(raws: list) -> Any:
    for raw in raws:
        yield raw
        yield b"\0" * (-raw.nbytes % PAGE)


def read(root: str, digest: str, *, strict: bool = False) -> tuple:
    """Return the pickle in an artifact, its buffers, and the mapping they are in.

    VersionMismatchError if it was written by another Python or, where that is strict,
    with other versions of packages than those that are here.
    """
    with io.open(os.path.join(root, digest[:2], digest), "rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    view = memoryview(mapping)
    if bytes(view[:8]) != _MAGIC:
        raise ValueError("this is no artifact of this version")
    size = int.from_bytes(view[8:16], "little")
    head = loads(bytes(view[16 : 16 + size]))
    if head["python"] != list(sys.version_info[:2]):
        made = ".".join(map(str, head["python"]))
        message = f"it was made by Python {made}, which this kernel is not"
        raise VersionMismatchError(message)
    for name, version in head["packages"].items() if strict else ():
        with suppress(ImportError):
            __import__(name)
        if _version(name) != version:
            message = f"stored with {name} {version}, and here is {_version(name)}"
            raise VersionMismatchError(message)
    start = 16 + size
    pickled = bytes(view[start : start + head["pickle"]])
    base = -(-(start + head["pickle"]) // PAGE) * PAGE
    buffers = [view[base + at : base + at + length] for at, length in head["buffers"]]
    return pickled, buffers, mapping


def is_whole(root: str, digest: str) -> bool:
    """Tell whether an artifact is there, and as it was written."""
    found = hashlib.sha256()
    try:
        with open(os.path.join(root, digest[:2], digest), "rb") as file:
            for part in iter(lambda: file.read(1 << 20), b""):
                found.update(part)
    except OSError:
        return False
    return found.hexdigest() == digest


def _versions(modules: Iterable) -> dict:
    # What was made out of nothing belongs to no module.
    tops = sorted({name.partition(".")[0] for name in modules if name} - {"__main__"})
    return {name: version for name in tops if (version := _version(name))}


def _version(name: str) -> Any:
    # Not asked for as an attribute: some warn, or import much to find out.
    version = getattr(sys.modules.get(name), "__dict__", {}).get("__version__")
    return version if isinstance(version, str) else None
