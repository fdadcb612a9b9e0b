"""Edges found by reading, against those that the analysis finds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.dataflow.archives import ArchiveUnavailableError
from tests.dataflow.comparison import Comparison, compare
from tests.dataflow.notebooks import made, others
from tests.dataflow.table import page

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS, OTHERS = made(), others()
CHECKED = {checked.name: checked for checked in (*OURS, *OTHERS)}
PAGE = Path(__file__).parents[2] / "docs" / "edges.md"

each = pytest.mark.parametrize("name", CHECKED)


@cache
def compared(name: str) -> Comparison:
    try:
        return compare(CHECKED[name])
    except ArchiveUnavailableError as error:
        pytest.skip(str(error))


def share_of_spurious(comparisons: Sequence[Comparison]) -> float:
    spurious = sum(len(comparison.spurious) for comparison in comparisons)
    return spurious / sum(len(comparison.found) for comparison in comparisons)


def test_there_are_enough_notebooks() -> None:
    assert len(CHECKED) == len(OURS) + len(OTHERS) >= 40
    assert len(OTHERS) >= 15


@each
def test_it_is_a_pipeline_whose_edges_lead_down(name: str) -> None:
    pipeline = compared(name).pipeline
    assert pipeline.errors == ()
    place = {step.name: i for i, step in enumerate(pipeline.steps)}
    for source, target in CHECKED[name].edges:
        assert place[source] < place[target]


@each
def test_every_true_edge_is_found(name: str) -> None:
    assert compared(name).missing == {}


@each
def test_only_live_names_are_stored(name: str) -> None:
    comparison = compared(name)
    for step in comparison.pipeline.steps:
        stored = {port.name for port in step.outputs}
        assert stored <= comparison.live_after(step.name), step.name


def test_few_edges_of_ours_are_spurious() -> None:
    assert share_of_spurious([compared(checked.name) for checked in OURS]) <= 0.05


def test_few_edges_are_spurious() -> None:
    assert share_of_spurious([compared(name) for name in CHECKED]) <= 0.05


def test_the_page_is_current() -> None:
    current = page([compared(name) for name in CHECKED])
    assert PAGE.read_text("utf-8") == current, (
        "run: python -m tests.dataflow.table > docs/edges.md"
    )
