"""Headings, and names of steps made of them."""

from __future__ import annotations

import pytest

from jupyter_kfx.notebook import from_json
from jupyter_kfx.notebook.headings import Heading, free, headings, title


def _found(*sources: str) -> tuple[Heading, ...]:
    cells = [
        {"id": f"c{n}", "cell_type": "markdown", "metadata": {}, "source": source}
        for n, source in enumerate(sources)
    ]
    return headings(from_json({"nbformat": 4, "nbformat_minor": 5, "cells": cells}))


def test_the_last_heading_of_a_cell_counts() -> None:
    found = _found("text", "# One\n\n## Two ##\ntext", "<h3 id=x>Th<b>ree</b></h3>")
    assert found == (Heading("Two", 2, 1), Heading("Th ree", 3, 2))


def test_underlined_headings() -> None:
    found = _found("One\n===", "# Title\n\nTwo\n---\ntext", "- list\n\n---\n\na\n\n---")
    assert found == (Heading("One", 1, 0), Heading("Two", 2, 1))


def test_code_in_markdown_is_no_heading() -> None:
    assert _found("```python\n# comment\n```\n#tag, not a heading") == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1. Load data", "Load data"),
        ("2.1.3 Train", "Train"),
        ("Step 4: Look, and *see*", "Look and see"),
        ("[Fit](http://x/y) `model`", "Fit model"),
        ("Don't stop: k-means", "Don't stop k-means"),
        ("2024 in numbers", "in numbers"),
        ("42", "42"),
        ("🎉", ""),
        ("über " * 20, "über über über über über über über über"),
        (
            "Benchmark of features and the influence on latency",
            "Benchmark of features and the influence",
        ),
        ("x" * 50, ""),
    ],
)
def test_titles(text: str, name: str) -> None:
    assert title(text) == name


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free("a", {"b"}) == "a"
    assert free("a", {"a", "a 2"}) == "a 3"
