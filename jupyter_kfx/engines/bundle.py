"""The runtime as one file that any Python can run."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["runtime_archive"]

PACKAGE = "_kfx_runtime"
"""The runtime's name in the archive, which no package of the user's can have."""

_MAIN = f"""\
import sys

if sys.version_info < (3, 9):
    sys.exit("steps need Python 3.9 or later, and this is " + sys.version.split()[0])

from {PACKAGE}.__main__ import main

sys.exit(main(sys.argv[1:]))
"""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def runtime_archive(cache: Path) -> Path:
    """Return the path of the runtime's zip file, made in the directory if need be.

    Its name is the digest of its content, so versions live side by side.
    """
    content = _archive()
    digest = hashlib.sha256(content).hexdigest()[:16]
    path = cache / f"runtime-{digest}.pyz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=cache, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    return path


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        # Fixed times: the same sources make the same bytes.
        archive.writestr(zipfile.ZipInfo("__main__.py", _EPOCH), _MAIN)
        for name, path in _sources():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes())
    return buffer.getvalue()


def _sources() -> Iterator[tuple[str, Path]]:
    runtime = Path(__file__).parent.parent / "runtime"
    for path in sorted(runtime.glob("*.py")):
        yield f"{PACKAGE}/{path.name}", path
    # Carried along, because the kernel's environment need not have it.
    found = importlib.util.find_spec("cloudpickle")
    if found is None or found.origin is None:
        message = "cloudpickle"
        raise ModuleNotFoundError(message)
    for path in sorted(Path(found.origin).parent.glob("*.py")):
        yield f"{PACKAGE}/cloudpickle/{path.name}", path
