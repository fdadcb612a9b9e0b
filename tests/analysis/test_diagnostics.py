"""A cure that is a change of tags does cure what it is for."""

from __future__ import annotations

import pytest

from tests.analysis.notebooks import tagged

Tagged = tuple[tuple[str, ...], str]
A: Tagged = (("step:a",), "x = [1]")
B: Tagged = (("step:b",), "x.append(2)")


@pytest.mark.parametrize(
    ("code", "cells", "cured"),
    [
        ("reordered", [A, B, (("step:a", "mine"), "x")], {2: ("step:a 2", "mine")}),
        (
            "reordered",
            [A, B, (("mine", "step:a"), "x"), (("step:a 2",), "x")],
            {2: ("mine", "step:a 3")},
        ),
        ("unknown-tag", [(("stpe: a ", "mine"), "x = 1")], {0: ("step:a", "mine")}),
        ("unknown-tag", [A, (("Skip",), "x = 1")], {1: ("skip",)}),
        ("unknown-tag", [(("step",), "x = 1")], None),
        ("unknown-step", [(("step:load",), "x = 1"), (("prev:laod", "step:c"), "x")], {1: ("after:load", "step:c")}),
        ("unknown-step", [A, (("step:c",), "x"), (("prev:a",), "x")], None),
        ("unknown-step", [A, (("step:c", "after:c"), "x")], {1: ("step:c",)}),
        ("not-yet-supported", [(("step:a", "on-exit"), "x = 1")], {0: ("step:a",)}),
        ("not-yet-supported", [(("step:a", "serve:m"), "x = 1")], {0: ("step:a",)}),
        ("bad-condition", [(("step:a", "when:x >", "mine"), "x = 1")], {0: ("step:a", "mine")}),
        ("misplaced-condition", [(("parameters", "when:x"), "x = 1"), A], {0: ("parameters",)}),
        ("misplaced-condition", [(("imports", "when:x"), "import os"), A], {0: ("imports",)}),
        ("misplaced-condition", [(("when:x",), "import os"), A], {0: ()}),
        ("not-setup", [(("step:a", "when:1"), "x = [1]"), (("imports",), "x[0] += 1")], {1: ("step:a",)}),
        (
            "two-parameters-cells",
            [(("parameters",), "n = 1"), (("pipeline-parameters",), "m = 1"), A],
            {1: ()},
        ),
        ("skipped-name", [(("skip", "mine"), "y = 1"), (("step:a",), "y")], {0: ("mine",)}),
        ("two-steps", [(("step:a", "mine", "block:b"), "x = 1")], {0: ("step:a", "mine")}),
        ("two-roles", [(("imports", "step:a"), "x = 1")], {0: ("step:a",)}),
        ("two-roles", [(("skip", "imports"), "x = 1"), A], {0: ("skip",)}),
        ("not-setup", [A, (("imports",), "x[0] += 1")], {1: ("step:a",)}),
        ("no-steps", [((), "import os"), ((), "x = 1")], {1: ("step:notebook",)}),
        ("undefined-name", [(("step:a",), "y")], None),
    ],
)  # fmt: skip
def test_an_edit_of_tags_cures(
    code: str, cells: list[Tagged], cured: dict[int, tuple[str, ...]] | None
) -> None:
    found = [each for each in tagged(*cells).diagnostics if each.code == code]
    edit = found[0].edit if found else None
    if cured is None:
        assert edit is None
        return
    assert edit is not None
    ((place, expected),) = cured.items()
    assert (edit.cell, edit.cell_index) == (f"c{place}", place)
    tags, source = cells[place]
    first = next((tags.index(tag) for tag in edit.remove), len(tags))
    kept = [tag for tag in tags if tag not in edit.remove]
    edited = (*kept[:first], *edit.add, *kept[first:])
    assert edited == expected
    after = tagged(*cells[:place], (edited, source), *cells[place + 1 :])
    assert code not in [each.code for each in after.diagnostics]


def test_what_is_imported_and_changed_is_named_and_so_is_a_copy_as_cure() -> None:
    cells: list[Tagged] = [
        (("step:a",), "from string import routes\nn = [1]"),
        (("step:b",), "m = 1\nroutes['x'] = n"),
        (("step:c",), "print(routes)"),
    ]
    (found,) = tagged(*cells).diagnostics
    assert (found.code, found.cell_index, found.line) == ("changed-module", 1, 2)
    assert "`routes` is imported" in found.message
    assert "copy.deepcopy(routes)" in str(found.cure)
    cells[1] = (
        ("step:b",),
        "import copy\nroutes = copy.deepcopy(routes)\nroutes['x'] = n",
    )
    assert not tagged(*cells).diagnostics
