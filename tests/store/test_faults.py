"""Stores that cannot be used, with real files, databases and a real full disk."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_kfx.errors import StoreError
from jupyter_kfx.store import ExecutionRecord, Store
from jupyter_kfx.store.faults import faults
from tests.store.conftest import Start


def refused(folder: Path) -> str:
    with pytest.raises(StoreError) as error:
        Store.open(str(folder))
    return str(error.value)


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert "a file is in its place. Give another" in refused(tmp_path / "taken")
    assert "a file is in its place" in refused(tmp_path / "taken" / "below")


def test_a_folder_that_cannot_be_made() -> None:
    assert "the store /proc/kfx cannot be used" in refused(Path("/proc/kfx"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    Store.open(str(tmp_path / "s")).close()
    (tmp_path / "s").chmod(0o500)
    assert "it may not be written" in refused(tmp_path / "s")


@pytest.mark.parametrize("content", [b"no database" * 2000, b"SQLite format 3\0" * 999])
def test_a_database_that_is_something_else(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "metadata.sqlite").write_bytes(content)
    sentence = refused(tmp_path)
    assert "its database is damaged or is something else. Move" in sentence
    assert (tmp_path / "metadata.sqlite").read_bytes() == content


def test_a_database_damaged_below_its_first_page(store: Store, start: Start) -> None:
    for _ in range(20):
        start()
    store.close()
    path = store.root / "metadata.sqlite"
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(str(store.root)).runs()


@pytest.mark.parametrize(("version", "age"), [(99, "a newer"), (-1, "an older")])
def test_the_store_of_another_version(store: Store, version: int, age: str) -> None:
    store.close()
    connection = sqlite3.connect(store.root / "metadata.sqlite")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    assert f"was made by {age} version. Use another" in refused(store.root)


def test_a_database_that_has_no_room_left(store: Store, start: Start) -> None:
    run = start()
    with store._database.writing() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    reasons = (f"{n} " * 1000 for n in range(100))

    def fill() -> None:
        for number, reason in enumerate(reasons):
            store.end_execution(
                run.id, ExecutionRecord(str(number), "s", 1, "failed", 0.0, reason)
            )

    with pytest.raises(StoreError, match=r"the disk is full\. Make room"):
        fill()
    assert all(e.status == "failed" for e in store.executions(run.id))
    store.end_run(run.id, status="failed", metrics={}, report={})
    assert store.run(run.id).status == "failed"


ON_A_SMALL_DISK = r"""
import sys
from pathlib import Path
print("mounted", flush=True)
from jupyter_kfx.errors import StoreError
from jupyter_kfx.store import *

store = Store.open(sys.argv[1])
def start(text=""):
    return store.start_run(
        pipeline="p", definition={"text": text}, parameters={}, engine="local",
        notebook=None)
run = start()
rest = store.artifacts / "aa"
rest.mkdir()
with (rest / "half-written").open("wb", buffering=0) as file:
    try:
        while True:
            file.write(b"x" * 4096)
    except OSError:
        pass
try:
    for number in range(1000):
        start("x" * 100_000)
except StoreError as error:
    print(error)
runs = store.runs()
assert {r.directory for r in runs} == {*(store.root / "runs").iterdir()}
store.end_run(run.id, status="failed", metrics={}, report={})
print(store.run(run.id).status)
store.close()
store = Store.open(sys.argv[1])
assert store.run(run.id).status == "failed"
store.delete_run(run.id)
print([*rest.iterdir()], [r.status for r in store.runs() if r.id == run.id])
"""


def test_a_disk_that_has_no_room_left(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = 'mount -t tmpfs -o size=24m kfx "$1" && exec "$2" -c "$3" "$1"'
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no unshare to mount a small disk with")
    command = [unshare, "-rm", "sh", "-c", mounted, "sh", str(disk), sys.executable]
    ended = subprocess.run(
        [*command, ON_A_SMALL_DISK], capture_output=True, text=True, check=False
    )
    if not ended.stdout.startswith("mounted"):
        pytest.skip("a small disk cannot be mounted here")
    assert ended.stderr == ""
    _, refusal, status, left = ended.stdout.splitlines()
    assert "the disk is full. Make room" in refusal
    assert (status, left) == ("failed", "[] []")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EROFS, "the disk is read-only"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_what_the_disk_says(tmp_path: Path, number: int, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence), faults(tmp_path):
        raise OSError(number, os.strerror(number))


def test_a_mistake_of_ours_is_not_blamed_on_the_disk(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.start_execution("no-such-run", "e", step="s", attempt=1)
