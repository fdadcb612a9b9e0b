from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from jupyter_kfx.errors import StoreError
from jupyter_kfx.store import ExecutionRecord, Store
from tests.store.conftest import Start, Write


def test_a_file_by_its_digest(store: Store, write: Write) -> None:
    one, two = write(b"one"), write(b"three")
    assert store.files.path(one.digest).read_bytes() == b"one"
    assert store.files.size(two.digest) == 5
    assert sorted(store.files) == sorted([one.digest, two.digest])
    store.files.verify(one.digest)
    store.files.delete(one.digest)
    assert not store.files.has(one.digest)
    assert store.files.has(two.digest)
    store.files.delete(one.digest)


def test_a_file_that_is_not_what_it_was(store: Store, write: Write) -> None:
    artifact = write(b"value")
    store.files.path(artifact.digest).write_bytes(b"other")
    with pytest.raises(StoreError, match="is damaged"):
        store.files.verify(artifact.digest)
    store.files.delete(artifact.digest)
    with pytest.raises(StoreError, match="is gone"):
        store.files.verify(artifact.digest)


def test_what_a_killed_process_left_half_written_is_collected(
    store: Store, start: Start, write: Write
) -> None:
    kept, other = write(b"kept"), write(b"other")
    run = start()
    store.end_execution(
        run.id, ExecutionRecord("e", "s", 1, "succeeded", 0.1, outputs=[kept])
    )
    store.end_run(run.id, status="succeeded", metrics={}, report={})
    half = store.files.path(kept.digest).with_name(".half-written")
    above = store.artifacts / ".1-0.part"
    for path in (half, above):
        path.write_bytes(b"")
    assert half.name not in list(store.files)
    assert store.collect().deleted == 3
    assert list(store.files) == [kept.digest]
    assert not half.exists()
    assert not above.exists()
    assert not store.files.has(other.digest)


def test_a_file_used_since_it_was_looked_at_is_not_deleted(
    store: Store, write: Write
) -> None:
    one, two = write(b"one"), write(b"two")
    seen = [file for batch in store.files.folders() for file in batch]
    time.sleep(0.02)
    assert store.files.use(one.digest)
    assert [file.name for file in store.files.remove(seen)] == [two.digest]
    assert list(store.files) == [one.digest]
    assert not store.files.use(two.digest)


def test_deleting_waits_for_those_who_write(store: Store, write: Write) -> None:
    artifact = write(b"value")
    code = (
        "import fcntl, os, sys\n"
        "fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_SH)\n"
        "print('writing', flush=True); input()"
    )
    lock = store.artifacts / ".lock"
    lock.touch()
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"writing\n"
    deleting = threading.Thread(target=store.files.delete, args=(artifact.digest,))
    deleting.start()
    deleting.join(0.1)
    assert deleting.is_alive()
    assert store.files.has(artifact.digest)
    writer.communicate(b"\n")
    deleting.join()
    assert not store.files.has(artifact.digest)
