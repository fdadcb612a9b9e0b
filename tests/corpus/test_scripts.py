"""Scripts of galleries become the cells that their authors meant."""

from __future__ import annotations

from tests.corpus.scripts import cells


def test_marks_begin_cells_and_their_text_is_left_out() -> None:
    script = (
        '"""Title."""\nimport math\n\n# %%\n# Some text.\n# More.\nx = 1\n\n'
        f"{'#' * 40}\n# Text.\n\n# a comment\ny = 2\n"
    )
    assert cells(script) == ["import math", "x = 1", "# a comment\ny = 2"]


def test_without_marks_each_paragraph_is_a_cell() -> None:
    script = "import math\n\ndef f():\n    a = 1\n\n    return a\n\n# why\nf()\n"
    assert cells(script) == [
        "import math",
        "def f():\n    a = 1\n\n    return a",
        "# why\nf()",
    ]


def test_no_python_is_no_cell() -> None:
    assert cells("print 1") == []
