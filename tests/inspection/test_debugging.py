"""Sessions that begin where a step began: a terminal's, a kernel's, a front end's."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from jupyter_kfx import project
from jupyter_kfx.errors import StoreError, UsageError
from tests.cli.conftest import Cells
from tests.inspection.conftest import RunCells
from tests.kernels import elsewhere

CELLS: Cells = [
    (["parameters"], "n = 3"),
    (
        ["step:make"],
        "import random\nrandom.seed(5)\n"
        "class Point:\n    def __init__(self, x):\n        self.x = x\n"
        "points = [Point(i) for i in range(n)]",
    ),
    (["step:use"], "total = sum(p.x for p in points)\ndrawn = random.random()"),
    ([], "def ratio(k):\n    bad = k - total\n    return k / bad\nratio(total)"),
    ([], "never = 1"),
]
GOOD = [*CELLS[:3], (["step:end"], "print(total, drawn)")]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jupyter_kfx.cli", "debug", *arguments]


def session(arguments: list[str], text: str) -> str:
    """Return what a session on a pipe says."""
    done = subprocess.run(
        command(*arguments), input=text, capture_output=True, text=True, timeout=120
    )
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", done.stdout + done.stderr)


def test_what_a_front_end_needs(run: RunCells, place: str) -> None:
    report = run(CELLS)
    found = project.debug(report.id, "use", store=place).to_json()
    assert json.loads(json.dumps(found)) == found
    assert (found["run"], found["step"], found["kernel"]) == (
        report.id,
        "use",
        "python3",
    )
    assert [cell["index"] for cell in found["cells"]] == [2, 3, 4]
    assert found["to_rerun"] == [CELLS[2][1], CELLS[3][1]]
    assert "points" in found["inputs"]
    assert (found["error"]["ename"], found["error"]["line"]) == ("ZeroDivisionError", 3)
    done = subprocess.run(
        command(report.id, "use", "--store", place, "--json"), capture_output=True
    )
    assert json.loads(done.stdout) == found


def test_a_session_where_the_step_began(run: RunCells, place: str) -> None:
    report = run(GOOD)
    code = (
        "print('points', [p.x for p in points], type(points[0]) is Point, n)\n"
        "print('names', {'sys', 'open_step', 'total', 'drawn'} & set(dir()))\n"
        f"{GOOD[2][1].partition(chr(10))[2]}\nprint('drawn', drawn)\n"
        "%step\n"
    )
    said = session([report.id, "use", "--store", place], code)
    assert "points [0, 1, 2] True 3" in said
    assert "names set()" in said
    value = project.open_run(report.id, store=place).outputs["drawn"]
    assert f"drawn {value}" in said
    assert "# 1: cell 3 of the notebook\ntotal = sum(p.x for p in points)" in said


def test_a_step_that_failed_is_run_to_its_failure(run: RunCells, place: str) -> None:
    report = run(CELLS)
    code = "print('total', total, 'never' in dir())\n"
    said = session([report.id, "use", "--store", place], code)
    assert "ZeroDivisionError: division by zero" in said
    assert "Cell In[4], line 3" in said
    assert "total 3 False" in said
    said = session([report.id, "use", "--no-rerun", "--store", place], code)
    assert "ZeroDivisionError" not in said
    assert "name 'total' is not defined" in said


def test_a_step_of_a_kernel_in_another_python(
    run: RunCells, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = elsewhere(tmp_path / "other")
    monkeypatch.setenv("JUPYTER_PATH", str(other.folder))
    other.install("measure", "1.0", "def width(x):\n    return 1 / x\n")
    cells = [
        (["step:make"], "n = 0"),
        (["step:use"], "import measure\nmeasure.width(n)"),
    ]
    report = run(cells, kernel="elsewhere")
    code = "import sys\nprint('here', sys.prefix, n, sys.last_traceback.tb_frame)\n"
    said = session([report.id, "use", "--store", place], code)
    assert f"here {other.folder} 0" in said
    assert "ZeroDivisionError: division by zero" in said
    assert str(other.packages / "measure.py") in said


def test_a_debugger_opens_at_the_failing_line(run: RunCells, place: str) -> None:
    report = run(CELLS)
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="dumb", IPYTHONDIR=place + "-ipython")
        arguments = command(report.id, "use", "--store", place)
        os.execv(arguments[0], arguments)  # noqa: S606  (our own command)
    said = b""

    def until(text: bytes) -> None:
        nonlocal said
        end = time.monotonic() + 120
        while text not in said:
            assert time.monotonic() < end, said
            if select.select([terminal], [], [], 1)[0]:
                said += os.read(terminal, 4096)
        said = said.partition(text)[2]

    try:
        until(b"Post-mortem at the failing line")
        until(b"ipdb>")
        os.write(terminal, b"p ('bad is', bad, k)\n")
        until(b"('bad is', 0, 3)")
        os.write(terminal, b"q\n")
        until(b"In [")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def test_a_kernel_to_attach_to(run: RunCells, place: str) -> None:
    report = run(CELLS)
    arguments = command(report.id, "use", "--store", place, "--kernel", "--json")
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    text = ""
    while not text.endswith("\n}\n"):
        text += process.stdout.readline()
    file = json.loads(text)["connection_file"]
    client = BlockingKernelClient(connection_file=file)
    client.load_connection_file()
    client.start_channels()
    said: list[str] = []

    def hook(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])

    try:
        client.wait_for_ready(timeout=60)
        client.execute_interactive(
            "import sys\nprint(total, sys.last_value, __import__('os').getcwd())",
            output_hook=hook,
            timeout=60,
        )
    finally:
        client.stop_channels()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        process.stdout.close()
    folder = Path(place).parent
    assert "".join(said) == f"3 division by zero {folder}\n"
    assert not Path(file).exists()


def test_what_cannot_be_debugged(run: RunCells, place: str) -> None:
    report = run(CELLS)
    with pytest.raises(UsageError, match="has no step `nope`"):
        project.debug(report.id, "nope", store=place)
    store = project.open_store(place)
    store.collect(limit=0)
    store.close()
    with pytest.raises(StoreError, match="was deleted from the store"):
        project.debug(report.id, "use", store=place)
