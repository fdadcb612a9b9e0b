"""The notebooks of other projects, unpacked into folders of their own."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from tests.corpus.scripts import cells
from tests.dataflow.archives import Archive

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Case", "Project", "projects"]

_FEWEST = 3
"""Fewer cells make no pipeline."""
_LARGEST = 8 * 1024**2
"""What may lie beside a notebook, in bytes."""
_NOT_PYTHON = re.compile(r"(?m)^\s*%%(?!time|capture)|^\s*!pip|%pip|%conda")

_IMPORTED = re.compile(r"(?m)^\s*(?:import|from)\s+(\w+)")


@dataclass(frozen=True)
class Case:
    """A notebook in a folder of its own."""

    project: str
    name: str
    path: Path
    cells: int

    @property
    def id(self) -> str:
        """How it is called in tables and on the command line."""
        return f"{self.project}/{self.name}"


@dataclass(frozen=True)
class Project:
    """A source distribution and which of its files are examples."""

    archive: Archive
    files: tuple[str, ...]
    most: int

    def cases(self, folder: Path) -> list[Case]:
        """Return its notebooks, written below a folder unless they are there."""
        name = self.archive.project
        with tarfile.open(self.archive.path()) as archive:
            members = {
                str(PurePosixPath(*PurePosixPath(m.name).parts[1:])): m
                for m in archive.getmembers()
                if m.isfile()
            }
            found: list[Case] = []
            examples = self._examples(list(members))
            for file in sorted(examples, key=_drawn):
                if len(found) == self.most:
                    break
                read = archive.extractfile(members[file])
                assert read is not None
                sources = _sources(file, read.read().decode())
                if len(sources) < _FEWEST:
                    continue
                place = folder / name / _stem(file)
                path = place / f"{place.name}.ipynb"
                if not path.exists():
                    shutil.rmtree(place, ignore_errors=True)
                    place.mkdir(parents=True)
                    _write_company(archive, members, file, place, examples, sources)
                    path.write_text(json.dumps(_document(sources), indent=1))
                found.append(Case(name, place.name, path, len(sources)))
        return found

    def _examples(self, names: list[str]) -> list[str]:
        return [
            name
            for name in names
            if any(
                fnmatchcase(name, pattern) and name.count("/") == pattern.count("/")
                for pattern in self.files
            )
        ]


def projects() -> list[Project]:
    """Return the projects of the list, without downloading them."""
    text = Path(__file__).with_name("projects.toml").read_text("utf-8")
    return [
        Project(
            Archive(name, entry["version"], entry["sha256"]),
            tuple(entry["files"]),
            entry["most"],
        )
        for name, entry in tomllib.loads(text).items()
    ]


def _drawn(file: str) -> str:
    return hashlib.sha256(PurePosixPath(file).name.encode()).hexdigest()


def _stem(file: str) -> str:
    return PurePosixPath(file).stem.removeprefix("plot_").replace(" ", "-")


def _sources(file: str, text: str) -> list[str]:
    if not file.endswith(".ipynb"):
        return cells(text)
    found = [
        "".join(cell["source"])
        for cell in json.loads(text)["cells"]
        if cell["cell_type"] == "code"
    ]
    if any(_NOT_PYTHON.search(source) for source in found):
        return []
    return [source for source in found if source.strip()]


def _write_company(
    archive: tarfile.TarFile,
    members: dict[str, tarfile.TarInfo],
    file: str,
    place: Path,
    examples: Collection[str],
    sources: list[str],
) -> None:
    """Write what lies beside an example and below: its data and its modules."""
    imported = set(_IMPORTED.findall("\n".join(sources)))
    top = f"{PurePosixPath(file).parent}/"
    beside = {
        name.removeprefix(top): member
        for name, member in members.items()
        if name.startswith(top)
        and not name.endswith(".ipynb")
        and (name not in examples or PurePosixPath(name).stem in imported)
    }
    if sum(member.size for member in beside.values()) > _LARGEST:
        beside = {name: m for name, m in beside.items() if "/" not in name}
    for name, member in beside.items():
        read = archive.extractfile(member)
        assert read is not None
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(read.read())


def _document(sources: list[str]) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, source in enumerate(sources)
        ],
    }
