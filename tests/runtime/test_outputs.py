"""Outputs end up as a front end shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from jupyter_kfx.runtime.outputs import Recorder

if TYPE_CHECKING:
    from tests.engines.stage import Stage


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(lambda _event: None)


def _recorded(recorder: Recorder, *writes: str) -> list[dict[str, Any]]:
    outputs = recorder.start(0)
    for text in writes:
        recorder.stream("stdout", text)
    recorder.stop()
    return outputs


@pytest.mark.parametrize(
    ("writes", "shown"),
    [
        (("a", "b\n"), "ab\n"),
        (("1 %\r", "2 %\r", "done\n"), "done\n"),
        (("long line\rshort\n",), "shortline\n"),
        (("x\r\n", "y\n"), "x\r\ny\n"),
        (("abc\b\bX\n",), "aX\n"),
        (("kept\r",), "kept\r"),
    ],
)
def test_overwritten_text(
    writes: tuple[str, ...], shown: str, recorder: Recorder
) -> None:
    (output,) = _recorded(recorder, *writes)
    assert output["text"] == shown


def test_nothing_is_recorded_between_cells(recorder: Recorder) -> None:
    outputs = _recorded(recorder, "x")
    recorder.stream("stdout", "lost")
    recorder.display({"text/plain": "lost"}, {})
    assert [output["text"] for output in outputs] == ["x"]


def test_an_update_of_a_display_above_the_step_is_told(recorder: Recorder) -> None:
    recorder.start(0)
    recorder.update({"text/plain": "x"}, {}, "from-above")
    content = {"data": {"text/plain": "x"}, "metadata": {}}
    assert recorder.updates == {"from-above": content}


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ({"x": float("nan")}, {"x": "nan"}),
        ((1, {2}), [1, [2]]),
        (b"\x00\x01", "AAE="),
        ({1: None}, {"1": None}),
    ],
)
def test_bundles_are_json(value: Any, cleaned: Any, recorder: Recorder) -> None:
    outputs = recorder.start(0)
    recorder.display({"application/json": value}, None)
    assert outputs[0]["data"]["application/json"] == cleaned


def test_the_step_is_a_valid_notebook(stage: Stage) -> None:
    stage.run("print(1)", "# nothing", "display(1)\n2", "1/0")
    notebook = stage.notebook()
    nbformat.validate(nbformat.from_dict(notebook))
    assert notebook["metadata"]["kfx"]["step"] == "step"
    assert [c["metadata"]["kfx"]["cell"] for c in notebook["cells"]] == [
        c["id"] for c in notebook["cells"]
    ]


@pytest.mark.parametrize("source", ["input('x')", "import getpass; getpass.getpass()"])
def test_input_is_refused_with_its_cure(source: str, stage: Stage) -> None:
    failure = stage.run(source).failure
    assert failure is not None
    assert failure.ename == "StdinNotImplementedError"
    assert "parameters" in failure.evalue


@pytest.mark.parametrize("source", ["exit()", "quit()", "exit"])
def test_exit_is_refused_with_its_cure(source: str, stage: Stage) -> None:
    failure = stage.run(source).failure
    assert failure is not None
    assert "skip" in failure.evalue
