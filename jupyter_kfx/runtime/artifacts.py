"""Artifact files: a pickle and its buffers, mapped when they are loaded."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import sys
from typing import Any

from .exits import NotStoredError

__all__ = ["read", "write"]

_MAGIC = b"KFXVAL01"
_PAGE = 4096


def write(root: str, pickled: bytes, buffers: list, what: str) -> tuple:
    """Store a pickle with its buffers; return digest and size.

    NotStoredError if the disk does not take it; nothing is left behind then.
    """
    raws = [buffer.raw() for buffer in buffers]
    places, at = [], 0
    for raw in raws:
        places.append([at, raw.nbytes])
        at += -(-raw.nbytes // _PAGE) * _PAGE
    head = json.dumps(
        {
            "python": list(sys.version_info[:2]),
            "pickle": len(pickled),
            "buffers": places,
        }
    ).encode()
    front = _MAGIC + len(head).to_bytes(8, "little") + head + pickled
    front += b"\0" * (-len(front) % _PAGE)
    digest = hashlib.sha256()
    temporary = os.path.join(root, f".{os.getpid()}.part")
    try:
        with open(temporary, "wb") as file:
            for part in (front, *_padded(raws)):
                file.write(part)
                digest.update(part)
            size = file.tell()
        name = digest.hexdigest()
        os.makedirs(os.path.join(root, name[:2]), exist_ok=True)
        os.replace(temporary, os.path.join(root, name[:2], name))
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise NotStoredError(f"{what} cannot be stored: {error.strerror}") from error
    return name, size


def _padded(raws: list) -> Any:
    for raw in raws:
        yield raw
        yield b"\0" * (-raw.nbytes % _PAGE)


def read(root: str, digest: str) -> tuple:
    """Return the pickle in an artifact, its buffers, and the mapping they are in."""
    with open(os.path.join(root, digest[:2], digest), "rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    view = memoryview(mapping)
    if bytes(view[:8]) != _MAGIC:
        raise ValueError("this is no artifact of this version")
    size = int.from_bytes(view[8:16], "little")
    head = json.loads(bytes(view[16 : 16 + size]))
    if head["python"] != list(sys.version_info[:2]):
        made = ".".join(map(str, head["python"]))
        raise ValueError(f"it was made by Python {made}, which this kernel is not")
    start = 16 + size
    pickled = bytes(view[start : start + head["pickle"]])
    base = -(-(start + head["pickle"]) // _PAGE) * _PAGE
    buffers = [view[base + at : base + at + length] for at, length in head["buffers"]]
    return pickled, buffers, mapping
