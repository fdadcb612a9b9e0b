"""From cells and tags to steps, parameters and diagnostics."""

from __future__ import annotations

import pytest

from jupyter_kfx.pipeline.model import Pipeline, Severity
from tests.analysis.notebooks import edges, steps, tagged


def named(pipeline: Pipeline) -> dict[str, list[int]]:
    return {s.name: [c.index for c in s.cells] for s in pipeline.steps}


def codes(pipeline: Pipeline) -> list[str]:
    return [d.code for d in pipeline.diagnostics]


def test_untagged_cells_belong_to_the_step_above() -> None:
    pipeline = tagged((("step:a",), "x = 1"), ((), "y = x"), (("step:b",), "print(y)"))
    assert named(pipeline) == {"a": [0, 1], "b": [2]}


def test_work_above_the_first_step_forms_a_first_step() -> None:
    pipeline = tagged(((), "x = 1"), (("step:start",), "print(x)"))
    assert list(named(pipeline).values()) == [[0], [1]]
    assert len(set(named(pipeline))) == 2


def test_a_notebook_without_steps_is_one_step() -> None:
    pipeline = tagged(((), "import os"), ((), "x = 1"), ((), "print(x)"))
    assert list(named(pipeline).values()) == [[1, 2]]
    (note,) = pipeline.diagnostics
    assert (note.code, note.severity) == ("no-steps", Severity.INFO)


def test_a_step_goes_on_below_another() -> None:
    pipeline = tagged(
        (("step:a",), "x = 1"), (("step:b",), "y = 1"), (("step:a",), "z = x")
    )
    assert named(pipeline) == {"a": [0, 2], "b": [1]}
    assert not pipeline.errors


@pytest.mark.parametrize(
    ("between", "after"),
    [
        ("x = 2", "print(x)"),
        ("print(x)", "x = 2"),
        ("y = x", "x.append(1)"),
        ("open('a', 'w')", "open('a')"),
        ("import random\nrandom.seed(1)", "random.random()"),
    ],
)
def test_going_on_is_refused_where_it_reorders(between: str, after: str) -> None:
    pipeline = tagged(
        (("step:a",), "x = []"), (("step:b",), between), (("step:a",), after)
    )
    (error,) = pipeline.errors
    assert (error.code, error.cell_index) == ("reordered", 2)


def test_constant_parameters_are_setup() -> None:
    pipeline = tagged((("parameters",), "n = 3\nq: str = 'a'"), (("step:a",), "n, q"))
    assert [p.name for p in pipeline.parameters] == ["n", "q"]
    assert named(pipeline) == {"a": [1]}
    assert set(pipeline.step("a").reads) == {"n", "q"}


def test_a_parameters_cell_that_computes_is_a_step() -> None:
    pipeline = tagged(
        (("parameters",), "n = 3\nm = f(n)"), (("step:a",), "print(n, m)")
    )
    assert named(pipeline) == {"parameters": [0], "a": [1]}
    assert edges(pipeline) == {("parameters", "a", "m n")}
    assert not pipeline.setup


def test_a_list_parameter_that_is_changed_travels() -> None:
    pipeline = tagged(
        (("parameters",), "cols = ['a']"),
        (("step:a",), "cols.append('b')"),
        (("step:b",), "print(cols)"),
    )
    assert edges(pipeline) == {("a", "b", "cols")}
    assert not pipeline.errors


def test_metrics() -> None:
    pipeline = tagged(
        (("step:a",), "acc = 1\nloss = 2"),
        (("pipeline-metrics",), "print(acc)\nloss"),
    )
    assert pipeline.metrics == ("acc", "loss")
    assert named(pipeline) == {"a": [0, 1]}


def test_order_tags() -> None:
    pipeline = tagged(
        (("step:a",), "x = 1"),
        (("step:b",), "y = 1"),
        (("step:c", "prev:a", "after:b"), "z = 1"),
    )
    assert edges(pipeline) == {("a", "c", "prev!"), ("b", "c", "prev!")}


@pytest.mark.parametrize("again", ["prev:a", "after:a"])
def test_an_order_tag_twice(again: str) -> None:
    pipeline = tagged((("step:a",), "x = 1"), (("step:b", "prev:a", again), ""))
    assert codes(pipeline) == []
    assert edges(pipeline) == {("a", "b", "prev!")}


@pytest.mark.parametrize("name", ["b", "c", "nobody"])
def test_order_tags_that_cannot_be_kept(name: str) -> None:
    pipeline = tagged(
        (("step:a",), "x = 1"), (("step:b", f"prev:{name}"), ""), (("step:c",), "")
    )
    (error,) = pipeline.errors
    assert (error.code, error.cell_index) == ("unknown-step", 1)


@pytest.mark.parametrize(
    ("cells", "code", "cell", "line"),
    [
        (["x = 1\nx = = 2"], "syntax-error", 0, 2),
        (["%matplotlib inline\nx = 1\ny = ("], "syntax-error", 0, 3),
        (["x = 1\n\0"], "null-byte", 0, 2),
        (["x = 1", "y = 2\ninput()"], "asks-the-user", 1, 2),
        (["from getpass import getpass\np = getpass()"], "asks-the-user", 0, 2),
        (["x = 1", "print(_)"], "output-history", 1, None),
        (["x = 1", "y = Out[1]"], "output-history", 1, None),
        (["x = 1", "y = _1"], "output-history", 1, None),
    ],
)
def test_errors_have_their_place(
    cells: list[str], code: str, cell: int, line: int | None
) -> None:
    (error,) = steps(*cells).errors
    assert (error.code, error.cell_index) == (code, cell)
    assert line is None or error.line == line
    assert error.cure


@pytest.mark.parametrize(
    "source",
    [
        "exec(code)",
        "eval(code)",
        "globals()['a'] = 1",
        "locals()",
        "vars()",
        "dir()",
        "get_ipython().user_ns",
        "%run other.py",
        "%who",
        "%store x",
        "%reset -f",
        "%nobodyknows",
        "%%nobodyknows\nx",
        "from nowhere_to_be_found import *",
    ],
)
def test_names_that_cannot_be_known(source: str) -> None:
    pipeline = steps("code = '1'\nx = 1", source, "print(x)")
    assert [s.opaque for s in pipeline.steps] == [False, True, False]
    assert set(pipeline.step("s2").reads) >= {"code", "x"}
    assert {"code", "x"} <= {p.name for p in pipeline.step("s1").outputs}
    warnings = [d for d in pipeline.diagnostics if d.severity is Severity.WARNING]
    assert warnings
    assert all(d.cell_index == 1 and d.cure for d in warnings)


@pytest.mark.parametrize(
    "source",
    [
        "eval('x + 1')",
        "exec('y = x')",
        "vars(x)",
        "dir(x)",
        "%timeit x",
        "%matplotlib inline",
        "%%bash\necho",
        "display(x)",
        "get_ipython().system('ls')",
        "type(x).__name__, __name__",
    ],
)
def test_names_that_can_be_known(source: str) -> None:
    pipeline = steps("x = 1", source)
    assert not any(s.opaque for s in pipeline.steps)
    assert not pipeline.diagnostics


def test_names_that_nothing_binds() -> None:
    pipeline = steps("a = 1\nprint(nobody)", "print(below)", "below = 1")
    assert [(d.code, d.cell_index, d.line) for d in pipeline.diagnostics] == [
        ("undefined-name", 0, 2),
        ("undefined-name", 1, 1),
    ]
    assert not pipeline.errors


def test_names_that_only_a_skipped_cell_binds() -> None:
    pipeline = tagged((("skip",), "z = 1"), (("step:a",), "print(z)"))
    (error,) = pipeline.errors
    assert (error.code, error.cell_index) == ("skipped-name", 1)


@pytest.mark.parametrize(
    "tag",
    ["on-exit", "component:c.yaml", "serve:m", "tune:acc"],
)
def test_tags_that_cannot_be_run_yet_are_refused(tag: str) -> None:
    pipeline = tagged((("step:a",), "x = 1"), (("step:b", tag), "y = 1"))
    assert "not-yet-supported" in [d.code for d in pipeline.errors]


def test_deep_nesting_is_an_error_of_its_cell_or_read() -> None:
    long_sum = " + ".join(["1"] * 3000)
    deep = "(" * 90 + "1" + ")" * 90
    for source in (f"x = {long_sum}", f"x = {deep}", "x = " + "-" * 5000 + "1"):
        pipeline = steps(source, "print(x)")
        assert set(codes(pipeline)) <= {"too-deep", "syntax-error", "undefined-name"}


def test_recursion_in_the_notebook_ends() -> None:
    pipeline = steps(
        "xs = []\ndef f(n):\n    xs.append(n)\n    return g(n - 1) if n else xs\n"
        "def g(n):\n    return f(n)",
        "f(3)",
        "print(xs)",
    )
    assert edges(pipeline) == {("s1", "s2", "xs"), ("s2", "s3", "xs")}


def test_calls_that_call_often_end() -> None:
    layers = "\n".join(
        f"def f{i}(x):\n    f{i + 1}(x)\n    f{i + 1}(x)\n    return f{i + 1}(x)"
        for i in range(30)
    )
    pipeline = steps(
        f"{layers}\ndef f30(x):\n    x.append(k)",
        "k = 1\nxs = []",
        "f0(xs)",
        "print(xs)",
    )
    found = {(s, t) for s, t, _ in edges(pipeline)}
    assert {("s2", "s3"), ("s3", "s4")} <= found
