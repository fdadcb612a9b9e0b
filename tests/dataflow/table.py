"""Writes docs/edges.md: the notebooks whose edges were checked by hand.

Run it as `python -m tests.dataflow.table > docs/edges.md`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.dataflow.comparison import compare
from tests.dataflow.notebooks import made, others

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.dataflow.comparison import Comparison

__all__ = ["page"]

_HEAD = """\
# Edges, checked by hand

For each of these notebooks the true edges were written down from reading its code:
a step depends on another if it reads or changes a value that the other was the last to
bind or change. A change in place counts as a change, under every name that shows it
further down. Setup (imports, definitions, constant settings) makes no edge. The state of
a seeded generator and files make edges as names do; a figure that a cell leaves open
does not, since notebooks close it where the cell ends.

The tests compare these with the edges that are found from the code alone, *possible*
ones included: none may be missing, with all its names; at most 5 % may be spurious, over
all notebooks; and a step may only store names that are live by the edges that are true.

Some faults that this comparison has shown are repaired, so for the notebooks that are
here the last column says how it is now, not how a notebook never seen would do.

`ours` are in `tests/dataflow/made.toml`. Those of other projects are taken from their
source distributions when the tests run; `tests/dataflow/others.toml` says which files,
how they are cut into steps, and what the edges are.
"""
_COLUMNS = ("notebook", "origin", "steps", "true", "found", "missing", "spurious")


def page(comparisons: Sequence[Comparison]) -> str:
    """Return the page about these notebooks."""
    rows = [
        (
            c.checked.name,
            c.checked.origin,
            len(c.pipeline.steps),
            len(c.checked.edges),
            len(c.found),
            len(c.missing),
            len(c.spurious),
        )
        for c in comparisons
    ]
    sums = [sum(int(row[i]) for row in rows) for i in range(2, len(_COLUMNS))]
    lines = [
        _COLUMNS,
        ("---", "---", *["--:"] * len(sums)),
        *rows,
        (f"**{len(rows)} notebooks**", "", *(f"**{number}**" for number in sums)),
    ]
    table = "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
    return f"{_HEAD}\n{table}\n"


if __name__ == "__main__":
    sys.stdout.write(page([compare(checked) for checked in (*made(), *others())]))
