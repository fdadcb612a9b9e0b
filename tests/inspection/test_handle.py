"""Runs that are started, followed, cancelled and looked into from Python."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import jupyter_kfx as kfx
from jupyter_kfx.errors import StepFailedError, StoreError, UsageError
from jupyter_kfx.project import Project
from tests.cli.conftest import FAILING, Cells, document

CELLS: Cells = [
    (["parameters"], "n = 3"),
    (
        ["step:make"],
        "import numpy as np\nfrom collections import namedtuple\n"
        "Pair = namedtuple('Pair', 'a b')\n"
        "class Point:\n    size = 2\n    def __init__(self, x):\n        self.x = x\n"
        "points = [Point(i) for i in range(n)]\narray = np.arange(10)\n"
        "view = array[2:5]\npair = Pair(1, points[0])",
    ),
    (
        ["step:use"],
        "def add(v):\n    return v + n\ntotal = add(sum(p.x for p in points))\n"
        "later = [add, view.sum(), array[0], pair]",
    ),
    (["step:end"], "print(total, later[0](1))"),
    (["pipeline-metrics"], "total"),
]
Load = Callable[[Cells], Project]
SLOW: Cells = [(["step:a"], "x = 1"), (["step:b"], "import time\ntime.sleep(60)\nx")]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(cells: Cells) -> Project:
        (tmp_path / "n.ipynb").write_text(json.dumps(document(cells)), "utf-8")
        return kfx.load(tmp_path / "n.ipynb")

    return loaded


def test_a_run_from_start_to_end(load: Load, place: str) -> None:
    run = load(CELLS).run({"n": 4}, store=place)
    kinds = [event.kind for event in run]
    assert (kinds[0], kinds[-1]) == ("run-started", "run-finished")
    assert run.wait() is run
    assert (run.status, run.metrics, run.parameters) == (
        "succeeded",
        {"total": 10},
        {"n": 4},
    )
    assert list(run.steps) == ["make", "use", "end"]
    assert run.steps["use"].input_names == ["array", "pair", "points", "view"]
    assert repr(run) == f"<Run {run.id}: succeeded>"
    assert [event.kind for event in run] == kinds
    assert run.directory.is_dir()


def test_values_of_a_run_that_ended_long_ago(
    load: Load, place: str, tmp_path: Path
) -> None:
    load(CELLS).run(store=place).wait()
    (tmp_path / "n.ipynb").unlink()
    code = (
        "import sys, jupyter_kfx as kfx\n"
        "run = kfx.open_run(store=sys.argv[1])\n"
        "given = run.step('use').inputs()\n"
        "points, array = given['points'], given['array']\n"
        "assert [p.x for p in points] == [0, 1, 2] and points[0].size == 2\n"
        "array[3] = 77\n"
        "assert given['view'][1] == 77, 'a view of the array'\n"
        "assert given['pair'].b is points[0] and given['pair'].a == 1\n"
        "later = run.outputs['later']\n"
        "assert later[0](1) == 4 and later[1] == 9\n"
        "assert run.outputs['total'] == 6\n"
        "assert run.step('use').outputs('total') == {'total': 6}\n"
        "assert 'Point' not in globals()\n"
        "print(sorted(run.outputs))"
    )
    command = [sys.executable, "-c", code, place]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert done.stderr == ""
    assert done.stdout == "['array', 'later', 'pair', 'points', 'total', 'view']\n"


def test_what_is_not_there(load: Load, place: str) -> None:
    run = load(CELLS).run(store=place).wait()
    with pytest.raises(UsageError, match="has no step `nope`"):
        run.step("nope")
    with pytest.raises(UsageError, match=r"has no `nope` there. It has: array"):
        run.step("use").inputs("nope")
    with pytest.raises(KeyError):
        run.outputs["nope"]
    with pytest.raises(UsageError, match="there is no run `nope`"):
        kfx.open_run("nope", store=place)
    store = kfx.open_store(place)
    digest = run.step("use").attempt.outputs["total"]["digest"]
    path = store.files.path(digest)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        run.step("use").outputs("total", verify=True)
    store.discard([digest])
    store.close()
    with pytest.raises(StoreError, match="`total` was deleted from the store"):
        run.outputs["total"]


def test_values_of_another_python_are_refused(load: Load, place: str) -> None:
    run = load(CELLS).run(store=place).wait()
    digest = run.step("use").attempt.outputs["total"]["digest"]
    store = kfx.open_store(place)
    path = store.files.path(digest)
    store.close()
    old, new = list(sys.version_info[:2]), [9, sys.version_info[1]]
    content = path.read_bytes()
    wanted = f'"python": {json.dumps(old)}'.encode()
    assert wanted in content
    path.write_bytes(content.replace(wanted, f'"python": {json.dumps(new)}'.encode()))
    with pytest.raises(UsageError, match="made by Python 9") as caught:
        run.outputs["total"]
    assert "jupyter kfx debug" in str(caught.value)


def test_a_step_that_fails(load: Load, place: str) -> None:
    run = load(FAILING).run(store=place)
    assert run.wait().status == "failed"
    assert run.step("second").error["ename"] == "ZeroDivisionError"
    with pytest.raises(StepFailedError, match="`second` failed: ZeroDivisionError"):
        kfx.open_run(run.id, store=place).check()
    with pytest.raises(UsageError, match="has not started step `third`"):
        run.step("third")


def test_what_refuses_a_run_is_raised_at_once(load: Load, place: str) -> None:
    with pytest.raises(UsageError, match="nope"):
        load(CELLS).run({"nope": 1}, store=place)


def test_a_run_is_cancelled(load: Load, place: str) -> None:
    run = load(SLOW).run(store=place)
    for event in run:
        if event.kind == "step-started" and event.step == "b":
            break
    assert run.status == "running"
    with pytest.raises(TimeoutError):
        run.wait(0.01)
    elsewhere = kfx.open_run(run.id, store=place)
    with pytest.raises(UsageError, match="goes on in another process"):
        elsewhere.wait()
    run.cancel()
    assert run.wait().status == "cancelled"
    run.cancel()
    with pytest.raises(UsageError, match="not started by this process"):
        list(elsewhere)


async def test_a_run_is_awaited(load: Load, place: str) -> None:
    project = load(CELLS)
    run = project.run(store=place)
    turns = 0

    async def beside() -> None:
        nonlocal turns
        while run.status == "running":
            turns += 1
            await asyncio.sleep(0.01)

    other = asyncio.create_task(beside())
    assert (await run) is run
    await other
    assert run.status == "succeeded"
    assert turns > 0
