"""Cells run where there is no IPython."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_kfx.engines.interpreter import Interpreter
from tests.engines.stage import Stage, setup

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage whose Python has no packages."""
    python = Interpreter((sys.executable, "-S", "-E"))
    stage = Stage(tmp_path_factory.mktemp("plain"), python=python)
    yield stage
    stage.close()


def _result(text: str, count: int = 1) -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "data": {"text/plain": text},
        "metadata": {},
        "execution_count": count,
    }


def _stream(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


@pytest.mark.parametrize(
    ("source", "outputs"),
    [
        ("print('x')", [_stream("stdout", "x\n")]),
        ("import sys; print('x', file=sys.stderr)", [_stream("stderr", "x\n")]),
        ("print('x')\n1 + 1", [_stream("stdout", "x\n"), _result("2")]),
        ("1 + 1;", []),
        ("x = 1", []),
        ("None", []),
        ("# nothing", []),
        ("import asyncio\nawait asyncio.sleep(0)\n3", [_result("3")]),
        ("await asyncio.sleep(0, 4)", [_result("4")]),
        ("import os; os.system('echo x');", [_stream("stdout", "x\n")]),
    ],
)
def test_outputs(source: str, outputs: list[Any], plain: Stage) -> None:
    above = [setup("import asyncio", "asyncio")]
    assert plain.outputs(source, above=above) == outputs


def test_an_error_shows_the_cell(plain: Stage) -> None:
    failure = plain.run("def f():\n    return 1 / 0\n\nf()").failure
    assert failure is not None
    assert (failure.ename, failure.line) == ("ZeroDivisionError", 2)
    assert "return 1 / 0" in "".join(failure.traceback)
    assert "_kfx_runtime" not in "".join(failure.traceback)


def test_a_syntax_error_names_its_line(plain: Stage) -> None:
    failure = plain.run("x = 1\n%matplotlib inline").failure
    assert failure is not None
    assert (failure.ename, failure.line) == ("SyntaxError", 2)


def test_a_future_holds_for_cells_below(plain: Stage) -> None:
    above = [setup("from __future__ import annotations", "annotations")]
    source = "def f(x: nowhere): ...\nprint(f.__annotations__)"
    assert plain.text(source, above=above) == "{'x': 'nowhere'}\n"


def test_a_value_travels(plain: Stage) -> None:
    first = plain.run("x = [1, 2]", live="x")
    assert plain.text("print(x)", after=[first]) == "[1, 2]\n"


def test_a_condition_is_asked(plain: Stage) -> None:
    first = plain.run("x = [1, 2]", live="x")
    assert plain.run("print(x)", after=[first], when="len(x) > 2").status == "skipped"
    assert plain.text("print(x, n)", after=[first], when="(n := len(x)) > 1") == (
        "[1, 2] 2\n"
    )
    failure = plain.run("print(x)", after=[first], when="nobody").failure
    assert failure is not None
    assert (failure.ename, failure.line, failure.name) == ("NameError", None, "nobody")
