"""The store on real files and a real database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_kfx.errors import StoreError, UsageError
from jupyter_kfx.store import ArtifactRecord, ExecutionRecord, RunRecord, Store
from jupyter_kfx.store.location import location


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(str(tmp_path / "store"))


def start(store: Store, **more: str) -> RunRecord:
    return store.start_run(
        pipeline="p",
        definition={},
        parameters={"n": 1},
        engine="local",
        notebook="p.ipynb",
        **more,
    )


def write(store: Store, digest: str) -> None:
    path = store.path(digest)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"value")


def test_a_run_from_its_start_to_its_end(store: Store) -> None:
    run = start(store)
    assert run.status == "running"
    assert run.directory.is_dir()
    out = ArtifactRecord("aa1", ["df"], 5, {"df": "pandas.DataFrame"})
    store.end_execution(
        run.id, ExecutionRecord("e1", "load", 1, "succeeded", 0.5, outputs=[out])
    )
    store.end_execution(
        run.id,
        ExecutionRecord(
            "e2", "fit", 2, "succeeded", 1.5, "it changed", inputs=[out], outputs=[]
        ),
    )
    store.end_run(run.id, status="succeeded", metrics={"f1": 0.5}, report={"a": 1})
    again = store.run(run.id)
    assert again.status == "succeeded"
    assert again.metrics == {"f1": 0.5}
    assert again.report == {"a": 1}
    first, second = store.executions(run.id)
    assert first.outputs == [out]
    assert second.inputs == [out]
    assert second.reason == "it changed"
    assert store.writers("aa1") == ["e1"]
    assert store.readers("aa1") == ["e2"]


def test_runs_are_found_by_the_start_of_their_id(store: Store) -> None:
    run = start(store)
    assert store.run(run.id[:12]).id == run.id
    assert store.run("latest").id == run.id
    with pytest.raises(UsageError, match="no run `%`"):
        store.run("%")
    start(store)
    with pytest.raises(UsageError, match="more than one"):
        store.run(run.id[:4])
    assert len(store.runs()) == 2
    assert len(store.runs(limit=1)) == 1


def test_a_deleted_run_takes_its_own_artifacts_along(store: Store) -> None:
    runs = [start(store), start(store)]
    for digest in ("aa", "bb"):
        write(store, digest)
    for number, (run, digests) in enumerate(zip(runs, ("aa bb", "bb"), strict=True)):
        outputs = [ArtifactRecord(d, ["x"], 5) for d in digests.split()]
        store.end_execution(
            run.id,
            ExecutionRecord(f"e{number}", "s", 1, "succeeded", 0, outputs=outputs),
        )
        store.end_run(run.id, status="succeeded", metrics={}, report={})
    store.delete_run(runs[0].id)
    assert not runs[0].directory.exists()
    assert not store.path("aa").exists()
    assert store.path("bb").exists()
    assert [run.id for run in store.runs()] == [runs[1].id]


def test_a_running_run_is_not_deleted(store: Store) -> None:
    run = start(store)
    with pytest.raises(UsageError, match="still running"):
        store.delete_run(run.id)


def test_a_run_whose_process_is_gone_is_lost(store: Store) -> None:
    code = (
        "import sys; from jupyter_kfx.store import Store; "
        "Store.open(sys.argv[1]).start_run(pipeline='p', definition={}, "
        "parameters={}, engine='local', notebook=None)"
    )
    subprocess.run([sys.executable, "-c", code, str(store.root)], check=True)
    assert store.run("latest").status == "lost"
    store.delete_run("latest")


def test_two_processes_write_at_once(store: Store) -> None:
    code = (
        "import sys; from jupyter_kfx.store import *; s = Store.open(sys.argv[1])\n"
        "for i in range(30):\n"
        "    r = s.start_run(pipeline='p', definition={}, parameters={}, "
        "engine='local', notebook=None)\n"
        "    s.end_execution(r.id, ExecutionRecord(r.id, 's', 1, 'ok', 0.0))\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(store.root)]) for _ in "ab"
    ]
    assert [process.wait(60) for process in both] == [0, 0]
    assert len(store.runs()) == 60


def test_the_location_is_given_or_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("JUPYTER_KFX_STORE", raising=False)
    assert location() == tmp_path / "data" / "kfx"
    monkeypatch.setenv("JUPYTER_KFX_STORE", str(tmp_path / "other"))
    assert location() == tmp_path / "other"
    assert location(f"file://{tmp_path}/a%20b") == tmp_path / "a b"
    with pytest.raises(StoreError, match="not supported yet"):
        location("s3://bucket/path")


def test_a_store_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    with pytest.raises(StoreError, match="a file is in its place"):
        Store.open(str(taken))
    Store.open(str(tmp_path / "s")).close()
    (tmp_path / "s" / "metadata.sqlite").write_bytes(b"no database" * 200)
    for extra in ("-wal", "-shm"):
        (tmp_path / "s" / f"metadata.sqlite{extra}").unlink(missing_ok=True)
    with pytest.raises(StoreError, match="database"):
        Store.open(str(tmp_path / "s"))


def test_a_store_of_a_newer_version_is_refused(store: Store) -> None:
    with sqlite3.connect(store.root / "metadata.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        Store.open(str(store.root))


def test_a_folder_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        Store.open("/proc/kfx-store")
