"""Runs on real files and a real database, from several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_kfx.errors import UsageError
from jupyter_kfx.store import ArtifactRecord, ExecutionRecord, Store, queries
from jupyter_kfx.store.presence import is_present
from tests.store.conftest import Start, Write

START = (
    "import sys; from jupyter_kfx.store import *; s = Store.open(sys.argv[1])\n"
    "def start(): return s.start_run(pipeline='p', definition={}, parameters={}, "
    "engine='local', notebook=None)\n"
)


def process(store: Store, code: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", START + code, str(store.root)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def end(store: Store, run: str, name: str, *outputs: ArtifactRecord) -> None:
    store.end_execution(
        run, ExecutionRecord(name, "s", 1, "succeeded", 0.1, outputs=outputs)
    )
    store.end_run(run, status="succeeded", metrics={}, report={})


def test_a_run_from_its_start_to_its_end(store: Store, start: Start) -> None:
    run = start("trials")
    assert (run.status, run.experiment, run.ended) == ("running", "trials", None)
    assert run.directory.is_dir()
    out = ArtifactRecord("aa1", ["df", "x"], 5, {"df": "pandas.DataFrame"})
    store.start_execution(run.id, "e1", step="load", attempt=1)
    assert [e.status for e in store.executions(run.id)] == ["running"]
    store.end_execution(
        run.id,
        ExecutionRecord(
            "e1", "load", 1, "succeeded", 0.5, outputs=[out], metrics={"rows": 3}
        ),
    )
    store.start_execution(run.id, "e2", step="fit", attempt=2, reason="it changed")
    store.end_execution(
        run.id,
        ExecutionRecord(
            "e2", "fit", 2, "failed", 1.5, failure={"ename": "E"}, inputs=[out]
        ),
    )
    store.end_run(run.id, status="failed", metrics={"f1": 0.5}, report={"a": 1})
    again = store.run(run.id)
    assert (again.status, again.metrics) == ("failed", {"f1": 0.5})
    assert again.report == {"a": 1}
    assert again.ended is not None
    assert again.ended >= again.started == run.started
    assert store.definition(run.id) == {"steps": []}
    first, second = store.executions(run.id)
    assert (first.outputs, first.metrics) == ([out], {"rows": 3})
    assert first.outputs[0].kind == "Dataset"
    assert (second.inputs, second.attempt) == ([out], 2)
    assert (second.reason, second.failure) == ("it changed", {"ename": "E"})
    times = [first.started, first.ended, second.started, second.ended]
    assert times == sorted(filter(None, times))


def test_an_attempt_recorded_at_its_end_alone(store: Store, start: Start) -> None:
    run = start()
    store.end_execution(run.id, ExecutionRecord("e", "s", 1, "succeeded", 2.0))
    (found,) = store.executions(run.id)
    assert found.started is not None
    assert found.ended is not None
    assert (found.ended - found.started).total_seconds() == 2.0


def test_what_runs_when_a_run_is_cancelled_is_cancelled(
    store: Store, start: Start
) -> None:
    run, other = start(), start()
    store.start_execution(run.id, "e", step="s", attempt=1)
    store.start_execution(other.id, "o", step="s", attempt=1)
    store.end_run(run.id, status="cancelled", metrics={}, report={})
    (ended,) = store.executions(run.id)
    assert ended.status == "cancelled"
    assert ended.started is not None
    assert ended.ended is not None
    lasted = (ended.ended - ended.started).total_seconds()
    assert ended.seconds == pytest.approx(lasted, abs=0.002)
    assert [e.status for e in store.executions(other.id)] == ["running"]


def test_a_run_is_named_by_a_part_of_its_id(store: Store, start: Start) -> None:
    run = start()
    for name in (run.id, run.id[:12], run.id[-4:], "latest"):
        assert store.run(name).id == run.id
    for name in ("%", "", "no"):
        with pytest.raises(UsageError, match=f"no run `{name}`"):
            store.run(name)
    second = start()
    assert store.run("latest").id == second.id
    with pytest.raises(UsageError, match="more than one"):
        store.run(run.id[:4])


def test_runs_are_listed_by_time_and_status(store: Store, start: Start) -> None:
    first, second, third = start(), start(), start()
    store.end_run(second.id, status="failed", metrics={}, report={})
    assert [run.id for run in store.runs()] == [third.id, second.id, first.id]
    assert [run.id for run in store.runs(limit=1)] == [third.id]
    assert [run.id for run in store.runs(status="failed")] == [second.id]
    assert [r.id for r in store.runs(status="running", limit=1)] == [third.id]
    assert store.runs(status="lost") == []


def test_a_deleted_run_takes_its_own_artifacts_along(
    store: Store, start: Start, write: Write
) -> None:
    one, two = start(), start()
    own, shared, unrecorded = map(write, (b"own", b"shared", b"unrecorded"))
    end(store, one.id, "e1", own, shared)
    end(store, two.id, "e2", shared)
    assert store.delete_run(one.id).id == one.id
    assert not one.directory.exists()
    assert not store.files.has(own.digest)
    assert not store.files.has(unrecorded.digest)
    assert store.files.has(shared.digest)
    assert [run.id for run in store.runs()] == [two.id]
    assert store.executions(two.id)[0].outputs == [shared]
    store.delete_run("latest")
    assert list(store.files) == []


def test_a_running_run_and_what_it_may_count_on_stay(
    store: Store, start: Start, write: Write
) -> None:
    run, ended = start(), start()
    value = write(b"value")
    end(store, ended.id, "e", value)
    with pytest.raises(UsageError, match=r"still running. Cancel it"):
        store.delete_run(run.id)
    store.delete_run(ended.id)
    assert not ended.directory.exists()
    assert run.directory.exists()
    assert store.files.has(value.digest)
    end(store, run.id, "r")
    store.delete_run(run.id)
    assert not store.files.has(value.digest)


def test_a_run_whose_process_was_killed_is_lost(store: Store) -> None:
    child = process(
        store,
        "r = start(); s.start_execution(r.id, 'e', step='s', attempt=1)\n"
        "print('up', flush=True); input()",
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    (run,) = store.runs(status="running")
    assert [e.status for e in store.executions(run.id)] == ["running"]
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    assert [r.id for r in store.runs(status="lost")] == [run.id]
    assert store.runs(status="running") == []
    assert [e.status for e in store.executions(run.id)] == ["lost"]
    store.delete_run(run.id)
    assert not run.directory.exists()


def test_a_run_that_was_let_go_is_lost(store: Store, start: Start) -> None:
    start()
    store.close()
    assert Store.open(str(store.root)).run("latest").status == "lost"


def test_many_processes_make_and_use_one_store(tmp_path: Path) -> None:
    root = tmp_path / "shared"
    code = (
        "for i in range(20):\n"
        "    r = start()\n"
        "    a = ArtifactRecord(f'{i}', ['x'], 1)\n"
        "    s.end_execution(r.id, ExecutionRecord(r.id, 's', 1, 'ok', 0.0, "
        "outputs=[a]))\n"
        "    s.end_run(r.id, status='succeeded', metrics={}, report={})\n"
    )
    command = [sys.executable, "-c", START + code, str(root)]
    children = [subprocess.Popen(command) for _ in range(4)]
    assert [child.wait(60) for child in children] == [0, 0, 0, 0]
    store = Store.open(str(root))
    assert len(store.runs(status="succeeded")) == 80
    assert len(store.lineage("7").written) == 4
    store.close()


def test_a_process_that_deletes_beside_one_that_runs(store: Store) -> None:
    running = process(store, "for i in range(40): assert start().directory.is_dir()")
    ended = process(
        store,
        "for i in range(40):\n"
        "    r = start(); s.end_run(r.id, status='ok', metrics={}, report={})\n"
        "    s.delete_run(r.id)\n",
    )
    assert [running.wait(60), ended.wait(60)] == [0, 0]
    found = store.runs()
    assert [run.status for run in found] == ["lost"] * 40
    assert all(run.directory.is_dir() for run in found)
    for child in (running, ended):
        assert child.stdout is not None
        child.stdout.close()


def test_sqlalchemy_is_imported_only_to_make_the_tables(store: Store) -> None:
    code = "start(); print('sqlalchemy' in sys.modules, flush=True)"
    with process(store, code) as child:
        assert child.communicate()[0] == "False\n"


def test_a_run_that_ends_while_it_is_looked_at_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store.open(str(tmp_path))) as store:
        run = store.start_run(
            pipeline="p", definition={}, parameters={}, engine="local", notebook=None
        )

        def end_first(directory: Path) -> bool:
            monkeypatch.setattr(queries, "is_present", is_present)
            store.end_run(run.id, status="succeeded", metrics={}, report={})
            return is_present(directory)

        monkeypatch.setattr(queries, "is_present", end_first)
        assert store.run(run.id).status == "succeeded"
