"""A notebook whose cells are steps, written to a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["write"]


def write(
    folder: Path, sources: Sequence[str], tags: Mapping[int, Sequence[str]]
) -> None:
    """Write `nb.ipynb` with the steps `s0`, `s1` and so on, and more tags of some."""
    cells = [
        nbformat.v4.new_code_cell(
            source,
            id=f"c{i}",
            metadata={"tags": [f"step:s{i}", *tags.get(i, ())]},
        )
        for i, source in enumerate(sources)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "nb.ipynb")
