"""Open files, opened again by those who take them over."""

from __future__ import annotations

import hashlib
import importlib
import io
import os
import sys
from typing import Any

__all__ = [
    "NotRecreatedError",
    "check_content",
    "content_of",
    "is_open_file",
    "reopened",
]

_FILES = (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom)


class NotRecreatedError(Exception):
    """An object in a state that cannot be made again."""


def is_open_file(obj: Any) -> bool:
    """Tell whether what an object holds is in a file, and in no standard stream."""
    if isinstance(obj, io.IOBase):
        return not any(obj is s for s in (sys.stdin, sys.stdout, sys.stderr))
    return _is_archive(obj) or _is_hdf5(obj)


def reopened(obj: Any) -> tuple | None:
    """Return a call, as of `__reduce__`, that opens a file again; none if it is none.

    NotRecreatedError, saying what it is, if that would not be the same file.
    """
    if type(obj) in _FILES:
        return _file(obj)
    if _is_archive(obj):
        return _archive(obj)
    if _is_temporary(obj):
        return _temporary(obj)
    return _hdf5(obj) if _is_hdf5(obj) else None


def _file(file: Any) -> tuple:
    what = f"the open file {file.name!r}"
    if not isinstance(file.name, str):
        raise NotRecreatedError(what)
    raw = file.buffer.raw if isinstance(file, io.TextIOWrapper) else file.raw
    if type(raw) is not io.FileIO:
        raise NotRecreatedError(what)
    if file.closed:
        return _closed, (file.name, raw.mode, _text(file))
    if not os.path.isfile(file.name):
        raise NotRecreatedError(what)
    _check_path(raw, file.name)
    try:
        if file.writable():
            file.flush()
        place = file.tell()
    except OSError:
        raise NotRecreatedError(f"{what}, which is partly read") from None
    path = os.path.abspath(file.name)
    # A log is added to, whatever others have added meanwhile.
    content = None if raw.mode == "ab" else content_of(path)
    return _opened, (file.name, path, raw.mode, _text(file), place, content)


def _text(file: Any) -> tuple | None:
    if isinstance(file, io.TextIOWrapper):
        return file.mode, file.encoding, file.errors, file.line_buffering
    return None


def _closed(name: str, mode: str, text: Any) -> Any:
    file = _made(name, os.devnull, mode, text)
    file.close()
    return file


def _opened(
    name: str, path: str, mode: str, text: Any, place: int, content: str | None
) -> Any:
    if content is not None:
        check_content(path, content)
    file = _made(name, path, mode, text)
    if place:
        file.seek(place)
    return file


def _made(name: str, path: str, mode: str, text: Any) -> Any:
    def opener(_name: str, flags: int) -> int:
        return os.open(path, flags & ~(os.O_TRUNC | os.O_EXCL | os.O_CREAT))

    # Cells may patch the other name.
    binary = io.open(name, mode, opener=opener)  # noqa: SIM115  (it is handed on)
    if text is None:
        return binary
    how, encoding, errors, lines = text
    file: Any = io.TextIOWrapper(binary, encoding, errors, line_buffering=lines)
    file.mode = how
    return file


def _is_temporary(obj: Any) -> bool:
    kind = type(obj)
    return (kind.__module__, kind.__name__) == ("tempfile", "_TemporaryFileWrapper")


def _temporary(wrapper: Any) -> tuple:
    closed = wrapper._closer.close_called
    if wrapper.delete and not closed:
        raise NotRecreatedError("a temporary file, which goes when it is closed")
    return _wrapped, (wrapper.file, wrapper.name, wrapper.delete, closed)


def _wrapped(file: Any, name: str, delete: bool, closed: bool) -> Any:
    module: Any = importlib.import_module("tempfile")
    made = module._TemporaryFileWrapper(file, name, delete)
    made._closer.close_called = closed
    return made


def _is_archive(obj: Any) -> bool:
    kind = type(obj)
    return kind.__name__ == "NpzFile" and kind.__module__.startswith("numpy.")


def _archive(archive: Any) -> tuple:
    """Return how to load an .npz file again, of which nothing is in memory."""
    file = archive.fid
    if type(file) is not io.BufferedReader or not isinstance(file.name, str):
        raise NotRecreatedError("an .npz file that is closed, or that is no file")
    _check_path(file.raw, file.name)
    path = os.path.abspath(file.name)
    options = {
        "allow_pickle": archive.allow_pickle,
        "max_header_size": archive.max_header_size,
        **archive.pickle_kwargs,
    }
    return _loaded, (path, options, content_of(path))


def _loaded(path: str, options: dict, content: str) -> Any:
    check_content(path, content)
    return importlib.import_module("numpy").load(path, **options)


def _is_hdf5(obj: Any) -> bool:
    kind = type(obj)
    return kind.__name__ == "File" and kind.__module__ == "h5py._hl.files"


def _hdf5(file: Any) -> tuple | None:
    if not file or file.mode != "r" or file.driver != "sec2" or file.swmr_mode:
        raise NotRecreatedError("an HDF5 file that is closed, or open for writing")
    path = os.path.abspath(file.filename)
    return _hdf5_opened, (file.filename, path, content_of(path))


def _hdf5_opened(name: str, path: str, content: str) -> Any:
    check_content(path, content)
    return importlib.import_module("h5py").File(name, "r")


def _check_path(raw: Any, name: str) -> None:
    """NotRecreatedError if an open file is no longer what its name stands for."""
    try:
        same = os.path.samestat(os.fstat(raw.fileno()), os.stat(name))
    except OSError:
        same = False
    if not same:
        raise NotRecreatedError(f"the open file {name!r}, which is another file by now")


def check_content(path: str, content: str) -> None:
    """NotRecreatedError if the file is not what it was when it was handed on.

    Whoever had kept it open might see what it was, and might see what it is.
    """
    if not os.path.isfile(path) or content_of(path) != content:
        name = os.path.basename(path)
        raise NotRecreatedError(f"the open file {name!r}, which has changed since")


def content_of(path: str) -> str:
    """Return the digest of a file."""
    found = hashlib.sha256()
    with io.open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            found.update(part)
    return found.hexdigest()
