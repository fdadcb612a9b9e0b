"""Steps that are independent run at the same time, by the records of the run."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from jupyter_kfx.project import load_json, open_store, run
from tests.dataflow.notebooks import document

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

# Long enough for a busy machine to start the next step meanwhile.
PAUSE = "import time\ntime.sleep(3)"

FAN = [
    ("data", "xs = list(range(100))"),
    ("low", f"{PAUSE}\nlow = min(xs)"),
    ("high", f"{PAUSE}\nhigh = max(xs)"),
    ("sum", f"{PAUSE}\ntotal = sum(xs)"),
    ("show", "print(low, high, total)"),
]
BRANCHES = [
    ("left", "left = {'n': 1}"),
    ("right", "right = {'n': 2}"),
    ("grow left", f"{PAUSE}\nleft['n'] += 1"),
    ("grow right", f"{PAUSE}\nright['n'] += 1"),
    ("more left", f"{PAUSE}\nleft['n'] *= 10"),
    ("more right", f"{PAUSE}\nright['n'] *= 10"),
    ("both", "assert left['n'] + right['n'] == 50"),
]


def times(
    cells: list[tuple[str, str]], folder: Path, jobs: int
) -> dict[str, tuple[datetime, datetime]]:
    """Return when each step of a notebook started and ended, all being run once."""
    store = str(folder / "store")
    report = run(load_json(document(cells)), jobs=jobs, store=store, cwd=str(folder))
    assert report.status == "succeeded", report.failed
    opened = open_store(store)
    try:
        records = opened.executions(report.id)
    finally:
        opened.close()
    assert sorted(record.step for record in records) == sorted(s for s, _ in cells)
    found = {}
    for record in records:
        assert record.started is not None
        assert record.ended is not None
        found[record.step] = (record.started, record.ended)
    return found


def overlap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


@pytest.mark.parametrize("jobs", [3, 1])
def test_a_fan_overlaps_if_there_are_slots(jobs: int, tmp_path: Path) -> None:
    at = times(FAN, tmp_path, jobs)
    middle = ["low", "high", "sum"]
    for one, other in combinations(middle, 2):
        assert overlap(at[one], at[other]) == (jobs == 3), (one, other)
    for step in middle:
        assert at["data"][1] <= at[step][0]
        assert at[step][1] <= at["show"][0]


def test_branches_that_change_their_own_objects_overlap(tmp_path: Path) -> None:
    at = times(BRANCHES, tmp_path, 2)
    assert overlap(at["grow left"], at["grow right"])
    assert overlap(at["more left"], at["more right"])
    for side in ("left", "right"):
        assert at[side][1] <= at[f"grow {side}"][0]
        assert at[f"grow {side}"][1] <= at[f"more {side}"][0]
        assert at[f"more {side}"][1] <= at["both"][0]
