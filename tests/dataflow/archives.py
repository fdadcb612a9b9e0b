"""Source distributions of other projects, downloaded once and kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import requests
from pypi_simple import PYPI_SIMPLE_ENDPOINT, PyPISimple

__all__ = ["Archive", "ArchiveUnavailableError"]


class ArchiveUnavailableError(Exception):
    """The package index cannot be reached."""


@dataclass(frozen=True)
class Archive:
    """The source distribution of one version of a project."""

    project: str
    version: str
    sha256: str

    def read(self, name: str) -> str:
        """Return the text of one of its files."""
        with tarfile.open(self.path()) as archive:
            top = archive.getnames()[0].partition("/")[0]
            member = archive.extractfile(f"{top}/{name}")
            assert member is not None, name
            return member.read().decode()

    def path(self) -> Path:
        """Return where its file is kept, after a download if it is not there."""
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        path = Path(base) / "jupyter-kfx-tests" / f"{self.sha256}.tar.gz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}")
            try:
                self._download(part)
            except requests.RequestException as error:
                part.unlink(missing_ok=True)
                message = f"{self.project} {self.version} cannot be downloaded: {error}"
                raise ArchiveUnavailableError(message) from error
            part.replace(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert digest == self.sha256, f"{path} is not what was checked by hand"
        return path

    def _download(self, path: Path) -> None:
        with PyPISimple(_index()) as client:
            page = client.get_project_page(self.project)
            package = next(
                package
                for package in page.packages
                if package.digests.get("sha256") == self.sha256
            )
            client.download_package(package, path, timeout=60)


def _index() -> str:
    """Return the package index that pip uses here."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    said = subprocess.run(command, capture_output=True, text=True)
    configured = os.environ.get("PIP_INDEX_URL") or said.stdout.strip()
    return configured or PYPI_SIMPLE_ENDPOINT
