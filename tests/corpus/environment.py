"""Where the corpus is kept, and the kernel with what its notebooks import."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["KERNEL", "environment", "home"]

KERNEL = "kfx-corpus"
_PINS = Path(__file__).with_name("requirements.txt")
_NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there, so what asks for the network fails at once."""


def home() -> Path:
    """Return the folder of the corpus, which is made if it is not there."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(base) / "jupyter-kfx-corpus"
    path.mkdir(parents=True, exist_ok=True)
    return path


def environment() -> dict[str, str]:
    """Return the environment variables to run a notebook with, kernel included.

    Its packages are installed first, unless they are at the pinned versions.
    """
    _install()
    _write_kernel()
    proxies = {
        name: _NOWHERE
        for word in ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")
        for name in (word, word.upper())
    }
    return {
        **os.environ,
        **proxies,
        "JUPYTER_PATH": str(home() / "jupyter"),
    }


def _install() -> None:
    venv, done = home() / "venv", home() / "venv" / "pinned"
    wanted = hashlib.sha256(_PINS.read_bytes()).hexdigest()
    if done.exists() and done.read_text() == wanted:
        return
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run(
        [*pip, "--only-binary", ":all:", "--requirement", str(_PINS)], check=True
    )
    done.write_text(wanted)


def _write_kernel() -> None:
    folder = home() / "jupyter" / "kernels" / KERNEL
    folder.mkdir(parents=True, exist_ok=True)
    python = str(home() / "venv" / "bin" / "python")
    spec = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Corpus",
        "language": "python",
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
