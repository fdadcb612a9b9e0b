"""Executions are processes that start, end and are ended as they should."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_kfx.engines.protocol import Observation
from tests.engines.stage import Stage, setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module", params=["fork", "spawn"])
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A stage of each isolation, shared by the tests of this module."""
    stage = Stage(tmp_path_factory.mktemp("stage"), isolation=request.param)
    yield stage
    stage.close()


@pytest.fixture
def fork(tmp_path: Path) -> Iterator[Stage]:
    """A stage of its own, to be mistreated."""
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def _eventually(holds: Callable[[], bool]) -> bool:
    for _ in range(200):
        if holds():
            return True
        time.sleep(0.05)
    return False


def _is_gone(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except FileNotFoundError:
        return True
    return stat.rsplit(")", 1)[1].split()[0] == "Z"


def _pid(stage: Stage, name: str = "pid") -> int:
    path = stage.project / name
    assert _eventually(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


LINGER = """\
import os, subprocess, time
print(os.getpid(), file=open("pid", "w"))
child = subprocess.Popen(["sleep", "600"])
print(child.pid, file=open("child", "w"))
time.sleep(600)
"""


def test_a_value_travels(stage: Stage) -> None:
    first = stage.run("x = {'a': [1, 2]}", live="x")
    assert stage.text("print(x)", after=[first]) == "{'a': [1, 2]}\n"


def test_signals_tell_what_happens(stage: Stage) -> None:
    stage.signals.clear()
    stage.run("print('one')", "print('two')")
    told = [(s.kind, s.data.get("index"), s.data.get("text")) for s in stage.signals]
    assert told == [
        ("started", None, None),
        ("cell", 1, None),
        ("output", 1, "one\n"),
        ("cell", 1, None),
        ("cell", 2, None),
        ("output", 2, "two\n"),
        ("cell", 2, None),
    ]


def test_output_arrives_while_the_cell_runs(stage: Stage) -> None:
    order = stage.order(
        "print('early')\nimport os, time\nwhile not os.path.exists('seen'): time.sleep(.01)"
    )
    (stage.project / "seen").unlink(missing_ok=True)

    async def watch() -> Observation:
        work = asyncio.ensure_future(stage.execute(order))
        while not any(s.data.get("text") == "early\n" for s in stage.signals):
            await asyncio.sleep(0.01)
        (stage.project / "seen").touch()
        return await work

    stage.signals.clear()
    assert stage.wait(watch()).status == "succeeded"


def test_an_error_names_its_place(stage: Stage) -> None:
    failure = stage.run("x = 1", "def f():\n    return nope\n\nf()").failure
    assert failure is not None
    assert (failure.ename, failure.name, failure.kind) == ("NameError", "nope", "error")
    assert (failure.cell, failure.index, failure.line) == ("cell-2", 2, 2)
    assert "nope" in "".join(failure.traceback)


def test_cells_below_an_error_do_not_run(stage: Stage) -> None:
    stage.run("1/0", "print('no')")
    cells = stage.notebook()["cells"]
    assert cells[0]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert (cells[1]["execution_count"], cells[1]["outputs"]) == (None, [])


def test_a_step_that_takes_too_long_is_ended(stage: Stage) -> None:
    observation = stage.run("print('begun')\nimport time; time.sleep(600)", timeout=1)
    assert observation.failure is not None
    assert (observation.failure.kind, observation.failure.index) == ("timeout", 1)
    assert "timeout:" in observation.failure.evalue
    outputs = stage.notebook()["cells"][0]["outputs"]
    assert outputs[0]["text"] == "begun\n"
    assert outputs[-1]["ename"] == "KeyboardInterrupt"


def test_a_step_that_will_not_end_is_killed(
    fork: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_kfx.engines.local._GRACE", 0.1)
    source = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)"
    failure = fork.run(source, timeout=0.3).failure
    assert failure is not None
    assert failure.kind == "timeout"


def test_waiting_for_leave_does_not_count_as_time(stage: Stage) -> None:
    async def permit(_reason: str) -> bool:
        await asyncio.sleep(1)
        return True

    order = stage.order("open('x', 'w').close()", timeout=0.9)
    assert stage.wait(stage.execute(order, permit)).failure is None


def test_cancelling_ends_the_step_and_its_children(stage: Stage) -> None:
    (stage.project / "pid").unlink(missing_ok=True)

    async def cancel() -> None:
        work = asyncio.ensure_future(stage.execute(stage.order(LINGER)))
        while not (stage.project / "child").exists():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    stage.wait(cancel())
    pids = _pid(stage), _pid(stage, "child")
    (stage.project / "child").unlink()
    assert _is_gone(pids[0])
    assert _eventually(lambda: _is_gone(pids[1]))
    assert stage.run("1").status == "succeeded"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os; os.kill(os.getpid(), 9)", ("SIGKILL", "memory")),
        ("import os; os.kill(os.getpid(), 11)", ("SIGSEGV",)),
        ("import os; os._exit(3)", ("exit code 3",)),
    ],
)
def test_a_step_that_dies_is_a_failure(
    source: str, words: tuple[str, ...], stage: Stage
) -> None:
    failure = stage.run(source).failure
    assert failure is not None
    assert (failure.kind, failure.cell) == ("killed", "cell-1")
    assert all(word in failure.evalue for word in words)


def test_a_crash_leaves_its_stack_in_the_failure(stage: Stage) -> None:
    failure = stage.run("import faulthandler; faulthandler._sigsegv()").failure
    assert failure is not None
    assert any("Segmentation fault" in line for line in failure.traceback)


def test_processes_left_behind_end_with_the_step(stage: Stage) -> None:
    stage.run(LINGER.replace("time.sleep(600)", ""))
    child = _pid(stage, "child")
    (stage.project / "child").unlink()
    assert _eventually(lambda: _is_gone(child))


def test_steps_run_at_the_same_time(stage: Stage) -> None:
    meet = """\
import os, time
open("{0}", "w").close()
while not os.path.exists("{1}"): time.sleep(0.01)
"""

    async def two() -> list[Observation]:
        here, there = (
            stage.order(meet.format(*names), alone=True)
            for names in (("a", "b"), ("b", "a"))
        )
        return [*await asyncio.gather(stage.execute(here), stage.execute(there))]

    assert [seen.status for seen in stage.wait(two())] == ["succeeded"] * 2


def test_an_input_that_is_not_there_is_no_error_of_the_cells(stage: Stage) -> None:
    from jupyter_kfx.engines.protocol import Group

    gone = Observation("succeeded", stored=(Group("0" * 64, frozenset({"x"})),))
    failure = stage.run("x", after=[gone]).failure
    assert failure is not None
    assert failure.kind == "unavailable"


def test_hash_seed_is_one_for_the_run(stage: Stage) -> None:
    first, second = (stage.text("print(hash('x'))") for _ in range(2))
    assert first == second


def test_noisy_modules_are_imported_by_their_own_step(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "kfx_loud.py").write_text("print('loud')")
    (packages / "kfx_warns.py").write_text("import warnings; warnings.warn('hm')")
    (packages / "kfx_below.py").write_text("import os; os.write(1, b'below')")
    (packages / "kfx_environ.py").write_text("import os; os.environ['KFX_T'] = '1'")
    (packages / "kfx_fails.py").write_text("1/0")
    (packages / "kfx_still.py").write_text("x = 1")
    drawing = "import random; random.random()"
    (packages / "kfx_draws.py").write_text(drawing)
    (packages / "kfx_draws_first.py").write_text(drawing)
    stems = (path.stem for path in packages.glob("*.py"))
    names = {f"import {name}": name == "kfx_draws_first" for name in stems}
    os.environ["PYTHONPATH"] = f"{packages}:{os.environ.get('PYTHONPATH', '')}"
    try:
        stage = Stage(tmp_path / "stage", preload=names)
    finally:
        os.environ["PYTHONPATH"] = os.environ["PYTHONPATH"].split(":", 1)[1]
    there = "import sys; print(sorted(n for n in sys.modules if n[:4] == 'kfx_'))"
    assert stage.text(there) == "['kfx_draws_first', 'kfx_still']\n"
    assert stage.text("import kfx_loud") == "loud\n"
    stage.close()


def test_the_next_step_gets_a_new_server_when_one_dies(fork: Stage) -> None:
    (fork.project / "x").touch()

    async def kill() -> Observation:
        work = asyncio.ensure_future(fork.execute(fork.order(LINGER)))
        while not (fork.project / "child").exists():
            await asyncio.sleep(0.01)
        step = _pid(fork)
        parent = Path(f"/proc/{step}/stat").read_text("utf-8").rsplit(")", 1)[1]
        os.kill(int(parent.split()[1]), signal.SIGKILL)
        return await work

    observation = fork.wait(kill())
    assert observation.failure is not None
    assert observation.failure.kind == "killed"
    assert _eventually(lambda: _is_gone(_pid(fork)))
    assert _eventually(lambda: _is_gone(_pid(fork, "child")))
    assert fork.run("1").status == "succeeded"


ENGINE = """\
import sys
from pathlib import Path
from tests.engines.stage import Stage
stage = Stage(Path(sys.argv[1]), isolation=sys.argv[2])
stage.run(Path(sys.argv[3]).read_text())
"""


@pytest.mark.parametrize("isolation", ["fork", "spawn"])
def test_no_orphan_when_the_engine_is_killed(tmp_path: Path, isolation: str) -> None:
    (tmp_path / "cell.py").write_text(LINGER)
    folder = tmp_path / "stage"
    engine = subprocess.Popen(
        [sys.executable, "-c", ENGINE, folder, isolation, tmp_path / "cell.py"],
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
    )
    pids = [folder / "project" / name for name in ("pid", "child")]
    assert _eventually(lambda: pids[1].exists() and bool(pids[1].read_text()))
    engine.kill()
    engine.communicate()
    for path in pids:
        pid = int(path.read_text())
        assert _eventually(partial(_is_gone, pid))


def test_setup_is_replayed_quietly(stage: Stage) -> None:
    above = [
        setup("import math", "math"),
        setup("print('not here')"),
        setup("%matplotlib inline"),
        setup("import warnings; warnings.warn('nor this')"),
        setup("def area(r):\n    return math.pi * r ** 2", "area"),
    ]
    assert stage.text("print(round(area(1), 2))", above=above) == "3.14\n"


def test_what_cannot_be_handed_on_is_told(stage: Stage) -> None:
    observation = stage.run("g = (x for x in [1, 2])\ny = [next(g)]", live="g y")
    assert "cannot be handed on" in observation.unavailable["g"].message
    assert stage.text("print(y)", after=[observation]) == "[1]\n"


def test_names_keep_sharing_an_object(stage: Stage) -> None:
    first = stage.run("a = [1]\nb = {'x': a}", live="a b")
    assert stage.text("a.append(2)\nprint(b)", after=[first]) == "{'x': [1, 2]}\n"
