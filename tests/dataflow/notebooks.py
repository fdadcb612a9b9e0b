"""Notebooks whose edges were checked by hand, ours and those of other projects."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.dataflow.archives import Archive

__all__ = ["Checked", "Edges", "document", "made", "others"]

Edges = Mapping[tuple[str, str], frozenset[str]]
"""The names that travel, by source and target; those in parentheses are state."""

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Checked:
    """A notebook, or where to find it, with the edges that it has in truth."""

    name: str
    edges: Edges
    cells: tuple[tuple[str | None, str], ...] = ()
    """The step, if it is tagged, and the code of each cell of a notebook of ours."""
    archive: Archive | None = None
    file: str = ""
    cuts: tuple[tuple[str, int], ...] = ()

    @property
    def origin(self) -> str:
        """Where it comes from, for a table."""
        if self.archive is None:
            return "ours"
        return f"{self.archive.project} {self.archive.version}"

    def document(self) -> dict[str, Any]:
        """Return it as a notebook's JSON document.

        ArchiveUnavailableError if it has to be downloaded and cannot be.
        """
        if self.archive is None:
            return document(self.cells)
        text = self.archive.read(self.file)
        if self.file.endswith(".ipynb"):
            return document(_tagged(json.loads(text), dict(self.cuts)))
        return document(_cut(text, self.cuts))


def made() -> list[Checked]:
    """Return the notebooks of ours."""
    entries = tomllib.loads((_FOLDER / "made.toml").read_text("utf-8"))
    return [
        Checked(name, _edges(entry["edges"]), tuple(_cells(entry["code"])))
        for name, entry in entries.items()
    ]


def others() -> list[Checked]:
    """Return the notebooks of other projects, without downloading them."""
    entries = tomllib.loads((_FOLDER / "others.toml").read_text("utf-8"))
    return [
        Checked(
            Path(notebook["file"]).stem.removeprefix("plot_"),
            _edges(notebook["edges"]),
            archive=Archive(project, entry["version"], entry["sha256"]),
            file=notebook["file"],
            cuts=tuple(_cuts(notebook["steps"])),
        )
        for project, entry in entries.items()
        for notebook in entry["notebooks"]
    ]


def _edges(text: str) -> Edges:
    edges: dict[tuple[str, str], frozenset[str]] = {}
    for line in text.split("\n"):
        if line:
            ends, names = line.split(": ")
            source, target = ends.split(" -> ")
            edges[source, target] = frozenset(names.split())
    return edges


def _cuts(text: str) -> list[tuple[str, int]]:
    pairs = (item.split() for item in text.split(","))
    return [(name, int(place)) for name, place in pairs]


def _cells(text: str) -> list[tuple[str | None, str]]:
    """Return the cells of a text in which `# %%` and a step's name begin each one."""
    parts = re.split(r"^# %% ?(.*)\n", text, flags=re.MULTILINE)[1:]
    return [
        (step or None, code.strip("\n"))
        for step, code in zip(parts[::2], parts[1::2], strict=True)
    ]


def _tagged(
    notebook: dict[str, Any], cuts: Mapping[str, int]
) -> list[tuple[str | None, str]]:
    """Return the code cells of a notebook, with the steps that begin at them."""
    begins = {place: step for step, place in cuts.items()}
    sources = [c["source"] for c in notebook["cells"] if c["cell_type"] == "code"]
    return [(begins.get(i), "".join(source)) for i, source in enumerate(sources)]


def _cut(
    script: str, cuts: tuple[tuple[str, int], ...]
) -> list[tuple[str | None, str]]:
    """Return a script as one cell for what is above the first step and one a step."""
    first = ast.parse(script).body[0]
    lines = script.splitlines()
    is_docstring = isinstance(first, ast.Expr)
    starts = [(first.end_lineno or 0) + 1 if is_docstring else 1]
    starts += [place for _, place in cuts]
    ends = [*starts[1:], len(lines) + 1]
    names = [None, *(step for step, _ in cuts)]
    return [
        (name, "\n".join(lines[start - 1 : end - 1]).strip("\n"))
        for name, start, end in zip(names, starts, ends, strict=True)
    ]


def document(cells: Iterable[tuple[str | None, str]]) -> dict[str, Any]:
    """Return the JSON document of cells, each with the step it is tagged as, if any."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {"tags": [] if step is None else [f"step:{step}"]},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for i, (step, source) in enumerate(cells)
        ],
    }
