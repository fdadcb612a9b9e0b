"""Names and texts of cells, so that tracebacks and inspect find them in any process."""

from __future__ import annotations

import linecache
import os
import tempfile
import zlib

__all__ = ["FOLDER", "filename", "remember"]

FOLDER = os.path.join(tempfile.gettempdir(), "ipykernel_0")
"""Where the files of cells seem to be; it need not be there."""


def filename(source: str) -> str:
    """Return the file name that code of this cell is compiled under.

    It follows the kernel's `/tmp/ipykernel_<pid>/<number>.py`, without the process id:
    a function made in one step is shown with its source in another.
    """
    try:
        from ipykernel.compiler import get_tmp_hash_seed, murmur2_x86
    except ImportError:
        number = zlib.crc32(source.encode("utf-8", "surrogatepass"))
    else:
        number = murmur2_x86(source, get_tmp_hash_seed())
    return os.path.join(FOLDER, f"{number}.py")


def remember(name: str, code: str) -> None:
    """Let linecache answer for the file name with this code."""
    lines = code.splitlines(keepends=True)
    # A time of None keeps linecache.checkcache from dropping a file that is not there.
    linecache.cache[name] = (len(code), None, lines, name)
