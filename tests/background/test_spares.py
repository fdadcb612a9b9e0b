from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx.background.journal import log_part, turns
from jupyter_kfx.background.spares import Spares
from jupyter_kfx.project import open_store
from tests.cli.conftest import document

WHO = "import os\nprint(os.getppid())"
PLENTY = 1 << 40


@pytest.fixture
def spares(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Spares]:
    # The tests' own folder changes while they run, and modules might come from it.
    monkeypatch.chdir(tmp_path_factory.mktemp("quiet"))
    made = Spares(2, 60.0, PLENTY, 3600.0)
    with closing(made):
        yield made


def request(folder: Path, source: str = WHO, setup: str = "import json") -> Any:
    cells = [(["imports"], setup), (["step:a"], source)]
    return {
        "notebook": document(cells),
        "path": str(folder / "work.ipynb"),
        "parameters": {},
        "options": {"cache": False},
        "store": None,
    }


def processes(spares: Spares) -> list[int]:
    return [p for spare in spares._spares.values() for p in spare.processes or ()]


def run(spares: Spares, asked: Any) -> tuple[int, int, str]:
    """Return the processes of a run and of the parent of its step, and its log."""
    name = spares.start(asked)["run"]
    with closing(open_store()) as store:
        while (found := store.run(name)).status == "running":
            time.sleep(0.05)
    assert found.status == "succeeded"
    worker = next(turn["pid"] for turn, _ in turns(found.directory))
    log, _ = log_part(found.directory, 0, 0)
    return worker, int(log.split()[0]), log


def gone(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2]
    except OSError:
        return True
    return state.split()[0] == "Z"


def wait(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.05)


def test_a_run_is_of_the_processes_that_were_ready(
    spares: Spares, tmp_path: Path
) -> None:
    spares.prepare(request(tmp_path))
    ready = processes(spares)
    assert len(spares) == 1
    worker, server, _ = run(spares, request(tmp_path))
    assert [worker, server] == ready
    assert len(spares) == 0
    # It was for one run: the next has others.
    assert not {*run(spares, request(tmp_path))[:2]} & {*ready}
    wait(lambda: all(gone(process) for process in ready))


def test_what_is_ready_serves_a_notebook_that_was_edited(
    spares: Spares, tmp_path: Path
) -> None:
    spares.prepare(request(tmp_path))
    edited = request(tmp_path, f"{WHO}\nprint('edited')")
    _, _, log = run(spares, edited)
    assert log.endswith("edited\n")


def test_what_has_changed_meanwhile_is_not_taken(
    spares: Spares, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, folder = tmp_path / "library", tmp_path / "folder"
    for each in (library, folder):
        each.mkdir()
    (library / "tool.py").write_text("value = 'old'", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(library))
    asked = request(folder, f"{WHO}\nprint(tool.value)", "import tool")
    time.sleep(0.01)  # a file that is as old as the interpreter counts as changed

    spares.prepare(asked)
    first = processes(spares)[1]
    _, server, log = run(spares, asked)
    assert server == first
    assert log.endswith("old\n")

    spares.prepare(asked)
    first = processes(spares)[1]
    (library / "tool.py").write_text("value = 'new!'", "utf-8")
    _, server, log = run(spares, asked)
    assert server != first
    assert log.endswith("new!\n")
    wait(lambda: gone(first))

    spares.prepare(asked)
    first = processes(spares)[1]
    (folder / "json.py").write_text("", "utf-8")  # an import could find it
    assert run(spares, asked)[1] != first

    spares.prepare(asked)
    first = processes(spares)[1]
    more = request(folder, WHO, "import tool, colorsys")
    assert run(spares, more)[1] != first

    spares.prepare(asked)
    worker, first = processes(spares)
    monkeypatch.setenv("SOMETHING", "else")
    assert not {*run(spares, asked)[:2]} & {worker, first}


def test_a_server_that_was_killed_meanwhile_is_replaced(
    spares: Spares, tmp_path: Path
) -> None:
    spares.prepare(request(tmp_path))
    worker, server = processes(spares)
    os.kill(server, signal.SIGKILL)
    assert run(spares, request(tmp_path))[0] == worker
    spares.prepare(request(tmp_path))
    worker, server = processes(spares)
    os.kill(worker, signal.SIGKILL)
    assert run(spares, request(tmp_path))[0] != worker
    wait(lambda: gone(server))


def test_the_oldest_ends_where_there_are_too_many(
    spares: Spares, tmp_path: Path
) -> None:
    ready = []
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        spares.prepare(request(tmp_path / name))
        ready.append(processes(spares)[-2:])
    assert len(spares) == 2
    wait(lambda: all(gone(process) for process in ready[0]))
    assert not any(gone(process) for process in ready[1] + ready[2])
    spares.close()
    wait(lambda: all(gone(process) for process in ready[1] + ready[2]))


def test_spares_end_when_idle_or_too_large_or_refused(tmp_path: Path) -> None:
    with closing(Spares(2, 0.0, PLENTY)) as idle:
        idle.prepare(request(tmp_path))
        ready = processes(idle)
        wait(lambda: all(gone(process) for process in ready))
        # Too late for it, not for the run.
        assert run(idle, request(tmp_path))[0] not in ready
    with closing(Spares(2, 60.0, 1 << 20)) as small:
        small.prepare(request(tmp_path))
        assert len(small) == 0
    with closing(Spares(2, 60.0, PLENTY)) as refusing:
        refused = request(tmp_path)
        refused["options"]["kernel"] = "none-such"
        refusing.prepare(refused)
        assert len(refusing) == 0
        assert "none-such" in refusing.start(refused)["error"]["message"]


def test_one_that_started_afresh_each_time_needs_none(
    spares: Spares, tmp_path: Path
) -> None:
    asked = request(tmp_path)
    asked["options"]["isolation"] = "spawn"
    spares.prepare(asked)
    assert len(spares) == 0
