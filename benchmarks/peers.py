"""Peers, each in an environment of its own below the user's cache."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["HANDOVER", "KALE", "PAPERMILL", "python", "script"]

KALE = ("kubeflow-kale==2.3.0",)
PAPERMILL = ("papermill==2.7.0", "ipykernel==7.4.0")
HANDOVER = ("pandas==3.1.1", "joblib==1.6.0", "pyarrow==26.0.1")


def python(packages: tuple[str, ...]) -> str:
    """Return the Python of an environment that has packages, made at the first use."""
    return str(_environment(packages) / "bin" / "python")


def script(packages: tuple[str, ...], name: str) -> str:
    """Return a command of an environment that has packages."""
    return str(_environment(packages) / "bin" / name)


def _environment(packages: tuple[str, ...]) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    mark = hashlib.sha256(" ".join((version, *packages)).encode()).hexdigest()[:8]
    name = packages[0].partition("=")[0]
    folder = cache / "jupyter-kfx-benchmarks" / f"{name}-{mark}"
    done = folder / "installed"
    if not done.exists():
        print(f"installing {', '.join(packages)} in {folder}", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *packages], check=True)
        done.touch()
    return folder
