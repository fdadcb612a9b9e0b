"""Steps with conditions, as the analysis sees them."""

from __future__ import annotations

import pytest

from jupyter_kfx.notebook.expressions import problem
from jupyter_kfx.pipeline.model import Pipeline
from tests.analysis.notebooks import edges, tagged

A = (("step:a",), "n, a = 1, [1]")


def conditional(source: str, below: str = "", *, test: str = "n > 0") -> Pipeline:
    """Return step `a`, a step `b` that has a condition, and step `c` below."""
    return tagged(A, (("step:b", f"when:{test}"), source), (("step:c",), below))


def test_the_condition_is_read_and_nothing_is_sure_to_be_bound() -> None:
    pipeline = conditional("a = [2]", "print(a)")
    step = pipeline.step("b")
    assert step.reads == ("n",)
    assert step.writes == ("a",)
    assert edges(pipeline) == {("a", "b", "n"), ("a", "c", "a"), ("b", "c", "a")}
    assert pipeline.step("a").live == ("a", "n")


def test_names_that_the_condition_binds_are_written() -> None:
    pipeline = conditional("print(m)", "print(m)", test="(m := len(a)) > 1")
    assert pipeline.step("b").reads == ("a",)
    assert edges(pipeline) == {("a", "b", "a"), ("b", "c", "m")}


def test_what_the_condition_calls_is_followed() -> None:
    pipeline = tagged(
        (("imports",), "def ask():\n    a.append(n)\n    return True"),
        A,
        (("step:b", "when:ask()"), "print('yes')"),
        (("step:c",), "print(a)"),
    )
    assert edges(pipeline) == {("a", "b", "a n"), ("b", "c", "a")}
    assert pipeline.step("b").mutates == ("a",)


def test_objects_may_be_shared_or_not() -> None:
    pipeline = tagged(
        (("step:a",), "n, a, b = 1, [1], [2]"),
        (("step:b", "when:n"), "b = a"),
        (("step:c",), "b.append(3)"),
        (("step:d",), "print(a)"),
    )
    assert ("c", "d") in {(e.source, e.target) for e in pipeline.edges}


def test_cells_of_the_step_see_one_another() -> None:
    pipeline = tagged(
        A,
        (("step:b", "when:n"), "x = [1]"),
        ((), "x.append(2)\ny = x"),
        (("step:c",), "print(y)"),
    )
    assert pipeline.step("b").reads == ("n",)


def test_the_condition_may_stand_on_any_cell_of_the_step() -> None:
    pipeline = tagged(A, (("step:b",), "import os"), (("step:b", "when:n"), "b = os"))
    assert pipeline.step("b").settings.when == "n"
    assert pipeline.step("b").reads == ("n",)
    assert pipeline.setup == ()


def test_nothing_inside_is_setup() -> None:
    pipeline = conditional(
        "import os\ndef f():\n    return 1\nclass K:\n    pass\n%matplotlib inline",
        "def g():\n    return os, f",
    )
    assert [statement.names for statement in pipeline.setup] == [("g",)]
    assert pipeline.step("b").writes == ("K", "f", "os")


def test_setup_between_its_cells_stays_setup() -> None:
    pipeline = tagged(
        A,
        (("step:b", "when:n"), "x = 1"),
        (("imports",), "import os"),
        ((), "import sys\nprint(os)"),
    )
    assert [statement.names for statement in pipeline.setup] == [("os",)]


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("print(late, n)", {"late", "n"}),
        ("late.x[0] = n", {"late", "n"}),
        ("late += 1", {"late"}),
        ("late = late.dropna()", {"late"}),
        ("late = 1\nprint(late)", set()),
        ("late, other = 1, late", {"late"}),
        ("del late", {"late"}),
        ("if late:\n    print(a)\nprint(n)", {"late", "n"}),
        ("if n:\n    late = 1\nprint(late)", {"n"}),
        ("for x in late:\n    print(a)", {"late"}),
        ("while late:\n    print(a)", {"late"}),
        ("with late as x, a:\n    print(n)", {"late"}),
        ("try:\n    late\nexcept NameError:\n    pass", set()),
        ("late and a", {"late"}),
        ("late < n < a", {"late", "n"}),
        ("late if n else a", {"n"}),
        ("[late for x in a]", {"a"}),
        ("lambda x=late: a", {"late"}),
        ("def f(x=late):\n    return a", {"late"}),
        ("def f():\n    return late\nf()", set()),
        ("@late\ndef f():\n    return a", {"late"}),
        ("class K(late, metaclass=n):\n    x = a", {"late", "n"}),
        ("match late:\n    case 1 if a:\n        pass", {"late"}),
        ("assert late, a", {"late"}),
        ("f'{late:>{n}}'", {"late", "n"}),
        ("late: n = a", {"a"}),
        ("def f():\n    global late\n    late = 1\nf()\nprint(late)", set()),
        ("exec(a)\nprint(late)", set()),
        ("import late\nprint(late)", set()),
        ("print(len([1]))", set()),
        ("_ = [late, (n := 2), n]", {"late"}),
    ],
)
def test_what_a_step_cannot_do_without(source: str, needed: set[str]) -> None:
    assert set(conditional("late = 1", source).step("c").needs) == needed


def test_a_step_with_a_condition_cannot_do_without_what_that_reads() -> None:
    pipeline = conditional("print(a)", test="n > 0 or a")
    assert pipeline.step("b").needs == ("n",)


def test_a_cell_that_may_raise_can_do_without_all() -> None:
    document = tagged(A, (("step:b", "when:n"), "late = 1"),
                      (("step:c", "raises-exception"), "print(late)"))  # fmt: skip
    assert document.step("c").needs == ()


def test_without_conditions_nobody_asks() -> None:
    assert tagged(A, (("step:b",), "print(a)")).step("b").needs == ()


@pytest.mark.parametrize(
    "text",
    ["x >", "x = 1", "x; y", "await f()", "(yield)", "%time x", "!ls", "import os",
     "x\0", "(" * 500, "-" * 100_000 + "1", "9" * 9999, "\ud800", "x \\"],
)  # fmt: skip
def test_what_is_no_expression_is_refused_with_its_place(text: str) -> None:
    assert problem(text)
    pipeline = conditional("a = 2", test=text)
    (error,) = [d for d in pipeline.errors if d.code == "bad-condition"]
    assert (error.cell, error.cell_index) == ("c1", 1)
    assert "when:" in error.cure
    assert pipeline.step("b").settings.when is None


@pytest.mark.parametrize(
    "text",
    ["x", " x > 1 ", "a[1:2] and {'k': 1}", "lambda: 1", "x  # why", "(x :=\n 1)",
     '"<script>alert(1)</script>" in x', "x is 1"],
)  # fmt: skip
def test_what_is_an_expression_is_kept_as_it_is(text: str) -> None:
    assert problem(text.strip()) is None
    pipeline = conditional("a = 2", test=text)
    assert not [d for d in pipeline.errors if d.code == "bad-condition"]
    assert pipeline.step("b").settings.when == text.strip()


def test_nothing_of_a_condition_is_evaluated_by_the_analysis() -> None:
    pipeline = conditional(
        "a = 2", test="__import__('sys').exit(open('/tmp/kfx-evil', 'w'))"
    )
    assert not pipeline.errors


def test_an_expression_cut_off_at_a_comma_is_told_of() -> None:
    pipeline = conditional("a = 2", test="max(a")
    (error,) = pipeline.errors
    assert "kfx.when" in error.cure


def test_two_conditions_are_refused() -> None:
    pipeline = tagged(
        A, (("step:b", "when:n"), "x = 1"), (("step:b", "when:a"), "y = 1")
    )
    assert [d.code for d in pipeline.errors] == ["two-values"]
    pipeline = tagged(A, (("step:b", "when:n", "when:a"), "x = 1"))
    assert [d.code for d in pipeline.errors] == ["bad-tag"]


def test_what_only_the_condition_names_is_told_of() -> None:
    (found,) = conditional("a = 2", test="nobody").diagnostics
    assert (found.code, found.cell_index, found.line) == ("undefined-name", 1, None)


def test_a_loaded_name_is_not_forgotten_before_the_condition() -> None:
    pipeline = tagged(
        (("step:a",), "a = [1]\nb = a"),
        (("step:b",), "a.append(2)"),
        (("step:c", "when:b"), "x = 1"),
    )
    assert ("b", "c", "b") in edges(pipeline)


def test_a_loop_binds_its_name_and_reads_what_it_goes_through() -> None:
    pipeline = tagged(
        A,
        (("step:b", "foreach:x in a[0:n]"), "import os\ny = x + 1"),
        (("step:c",), "print(y, x)"),
    )
    step = pipeline.step("b")
    assert step.settings.foreach == "x in a[0:n]"
    assert step.reads == ("a", "n")
    assert step.writes == ("os", "x", "y")
    assert pipeline.setup == ()
    assert not pipeline.errors
    assert edges(pipeline) == {("a", "b", "a n"), ("b", "c", "x y")}


@pytest.mark.parametrize(
    "text",
    ["x", "x in", "in xs", "x, y in xs", "for in xs", "x in xs: pass", "x in a; b",
     "x in await f()", "x[0] in xs", "x in xs if y\nfor z in w", "x of xs", "1 in xs"],
)  # fmt: skip
def test_what_is_no_loop_is_refused_with_its_place(text: str) -> None:
    pipeline = tagged(A, (("step:b", f"foreach:{text}"), "y = 1"))
    (error,) = pipeline.errors
    assert (error.code, error.cell_index) == ("bad-loop", 1)
    assert "foreach:x in xs" in error.cure
    assert pipeline.step("b").settings.foreach is None


def test_a_loop_stands_on_a_cell_of_a_step() -> None:
    pipeline = tagged((("foreach:x in [1]",), "print(1)"), A)
    assert [error.code for error in pipeline.errors] == ["misplaced-loop"]
    pipeline = tagged((("imports", "foreach:x in [1]"), "import os"), A)
    assert [error.code for error in pipeline.errors] == ["misplaced-loop"]
