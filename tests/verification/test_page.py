"""A verification as a page: complete, and nothing in it is markup."""

from __future__ import annotations

from jupyter_kfx.verification import CellDifference, Verification
from jupyter_kfx.verification.page import page


def test_differences_are_rows_and_texts_are_escaped() -> None:
    found = Verification(
        "different",
        "<b>.ipynb",
        differences=(
            CellDifference("output", "'<script>' & more", None, "c", 2, "s<1>"),
            CellDifference("variable", "1 against 2", "x", "d", 3, "t"),
        ),
        warnings=("<i>",),
    )
    text = page(found)
    assert "<script>" not in text
    assert "<b>" not in text
    assert "<i>" not in text
    assert "&#x27;&lt;script&gt;&#x27; &amp; more" in text
    assert "cell 4, step t: variable x" in text
    assert text.count("1 against 2") == 1


def test_same_is_said_and_the_page_follows_the_theme() -> None:
    text = page(Verification("same", "nb.ipynb"))
    assert "computes what the notebook computes" in text
    assert "prefers-color-scheme: dark" in text
    assert "<table>" not in text
