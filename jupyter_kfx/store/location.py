"""Where the store is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jupyter_kfx.errors import StoreError

__all__ = ["VARIABLE", "location"]

VARIABLE = "JUPYTER_KFX_STORE"


def location(given: str | None = None) -> Path:
    """Return the folder of the store.

    It is the one given, else the one that JUPYTER_KFX_STORE names, else `kfx` in the
    Jupyter data directory. StoreError if it is no folder on this machine.
    """
    text = given or os.environ.get(VARIABLE) or ""
    if not text:
        return _data_directory() / "kfx"
    if "://" not in text:
        return Path(os.path.expanduser(text)).absolute()  # noqa: PTH111  (Path raises for an unknown user)
    parts = urlsplit(text)
    if parts.scheme != "file":
        message = f"a store at `{parts.scheme}://` is not supported yet."
        raise StoreError(message, cure="Give a folder, or a `file://` URL.")
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        message = f"`{text}` is no folder on this machine."
        raise StoreError(message, cure="Write `file:///` and the folder's whole path.")
    return Path(unquote(parts.path))


def _data_directory() -> Path:
    """Return Jupyter's data directory, without importing Jupyter for the common case."""
    if sys.platform == "linux" and "JUPYTER_PLATFORM_DIRS" not in os.environ:
        named = os.environ.get("JUPYTER_DATA_DIR")
        if named:
            return Path(named)
        home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return Path(home) / "jupyter"
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir())
