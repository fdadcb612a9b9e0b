"""Notebooks made of a few cells, for the tests of the analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_kfx.analysis import build
from jupyter_kfx.notebook import from_json

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline


def tagged(*cells: tuple[tuple[str, ...], str], path: str | None = None) -> Pipeline:
    """Return the pipeline of code cells with tags."""
    document: dict[str, Any] = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {"tags": list(tags)},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for i, (tags, source) in enumerate(cells)
        ],
    }
    return build(from_json(document, path))


def steps(*sources: str) -> Pipeline:
    """Return the pipeline of cells that are a step each: `s1`, `s2`, ..."""
    return tagged(*(((f"step:s{i}",), s) for i, s in enumerate(sources, start=1)))


def edges(pipeline: Pipeline) -> set[tuple[str, str, str]]:
    """Return the edges as (source, target, names), with `?` for possible ones."""
    marks = {"data": "", "possible": "?", "order": "!"}
    return {
        (e.source, e.target, " ".join(e.names) + marks[e.kind.value])
        for e in pipeline.edges
    }
