"""What is deleted, what stays, and what the limit does; with processes beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from jupyter_kfx.store import ArtifactRecord, ExecutionRecord, RunRecord, Store
from tests.store.conftest import Start, Write

End = Callable[..., RunRecord]


@pytest.fixture
def ended(store: Store, start: Start) -> End:
    """Makes a run that wrote artifacts and has ended."""

    def make(
        *outputs: ArtifactRecord,
        inputs: Sequence[ArtifactRecord] = (),
        states: Sequence[ArtifactRecord] = (),
    ) -> RunRecord:
        run = start()
        store.end_execution(
            run.id,
            ExecutionRecord(
                f"{run.id}-1",
                "s",
                1,
                "succeeded",
                0.1,
                inputs=inputs,
                outputs=outputs,
                states=states,
            ),
        )
        store.end_run(run.id, status="succeeded", metrics={}, report={})
        return run

    return make


def age(store: Store, artifact: ArtifactRecord, hours: float) -> None:
    moment = time.time() - 3600 * hours
    os.utime(store.files.path(artifact.digest), (moment, moment))


def test_what_a_run_refers_to_stays(store: Store, ended: End, write: Write) -> None:
    read, wrote, state = map(write, (b"read", b"wrote", b"state"))
    ended(read)
    ended(wrote, inputs=[read], states=[state])
    store.delete_run(store.runs()[1].id)
    none = write(b"none")
    swept = store.collect(dry_run=True)
    assert (swept.deleted, swept.freed, swept.left) == (1, 4, 14)
    assert store.files.has(none.digest)
    assert store.collect() == swept
    assert set(store.files) == {a.digest for a in (read, wrote, state)}
    (execution,) = store.executions(store.run("latest").id)
    assert execution.states == [state]


def test_folders_of_no_run_are_deleted(store: Store, start: Start) -> None:
    run = start()
    left = store.root / "runs" / "20200101-000000-dead"
    (left / "below").mkdir(parents=True)
    assert store.collect(dry_run=True).folders == 1
    assert left.exists()
    assert store.collect().folders == 1
    assert not left.exists()
    assert run.directory.exists()


def test_a_run_that_goes_on_keeps_what_it_wrote_or_used(
    store: Store, start: Start, ended: End, write: Write
) -> None:
    old, used = write(b"old"), write(b"used")
    for artifact in (old, used):
        age(store, artifact, 1)
    run = start()
    new = write(b"new")
    assert store.files.use(used.digest)
    swept = store.collect(limit=0)
    assert (swept.deleted, swept.evicted, swept.running) == (1, 0, (run.id,))
    assert set(store.files) == {new.digest, used.digest}
    store.end_run(run.id, status="failed", metrics={}, report={})
    assert store.collect().running == ()
    assert list(store.files) == []


def test_what_was_not_used_for_longest_is_evicted(
    store: Store, ended: End, write: Write
) -> None:
    values = [write(text * 100) for text in (b"a", b"b", b"c", b"d")]
    run = ended(*values)
    for hours, artifact in zip((2, 4, 1, 3), values, strict=True):
        age(store, artifact, hours)
    store.files.use(values[1].digest)
    swept = store.collect(limit=200)
    assert (swept.deleted, swept.evicted, swept.left) == (0, 2, 200)
    assert set(store.files) == {values[1].digest, values[2].digest}
    (execution,) = store.executions(run.id)
    assert [a.evicted for a in execution.outputs] == [True, False, False, True]
    assert store.check().is_good
    assert store.usage().evicted == 2
    # Written again, it is there again.
    ended(write(b"a" * 100))
    (execution,) = store.executions(run.id)
    assert [a.evicted for a in execution.outputs] == [False, False, False, True]


def test_a_run_keeps_to_the_limit_when_it_ends(
    store: Store, ended: End, write: Write
) -> None:
    assert store.limit is None
    store.set_limit(250)
    first, second, third = (write(text * 100) for text in (b"1", b"2", b"3"))
    for hours, artifact in ((2, first), (1, second)):
        age(store, artifact, hours)
    ended(first, second)
    assert set(store.files) == {a.digest for a in (first, second, third)}
    ended(third)
    assert set(store.files) == {second.digest, third.digest}
    again = Store.open(str(store.root))
    assert again.limit == 250
    again.set_limit(None)
    assert store.limit is None
    again.close()


def test_deleting_several_runs_is_all_or_nothing(
    store: Store, start: Start, ended: End, write: Write
) -> None:
    run, going = ended(write(b"1")), start()
    with pytest.raises(Exception, match="still running"):
        store.delete_runs([run.id, going.id])
    assert {r.id for r in store.runs()} == {run.id, going.id}
    assert [r.id for r in store.delete_runs([run.id])] == [run.id]


def test_check_names_what_is_wrong(store: Store, ended: End, write: Write) -> None:
    good, damaged, gone = write(b"good"), write(b"damaged"), write(b"gone")
    run = ended(good, damaged, gone)
    store.files.path(damaged.digest).write_bytes(b"Damaged")
    store.files.delete(gone.digest)
    health = store.check()
    assert not health.is_good
    assert health.artifacts == 2
    found = {fault.digest: fault for fault in health.faults}
    assert found[damaged.digest].problem == "damaged"
    assert found[gone.digest].problem == "gone"
    place = f"`x` of step `s` in run {run.id}"
    assert str(found[gone.digest]) == f"{gone.digest} is gone: {place}"
    store.discard(list(found))
    assert store.check().is_good
    assert list(store.files) == [good.digest]
    (execution,) = store.executions(run.id)
    assert [a.evicted for a in execution.outputs] == [False, True, True]


def test_usage_tells_what_a_run_alone_has(
    store: Store, ended: End, write: Write
) -> None:
    one, both, none = write(b"1" * 10), write(b"2" * 20), write(b"3" * 5)
    first, second = ended(one, both), ended(both)
    (first.directory / "log").write_text("x" * 7)
    usage = store.usage()
    found = {each.run: each for each in usage.runs}
    assert [each.run for each in usage.runs] == [second.id, first.id]
    assert (found[first.id].values, found[first.id].own) == (30, 10)
    assert (found[second.id].values, found[second.id].own) == (20, 0)
    assert (found[first.id].files, usage.files) == (7, 7)
    assert (usage.artifacts, usage.values, usage.waste) == (3, 35, none.size)
    assert usage.other > 0


WRITER = """
import sys
from pathlib import Path
from jupyter_kfx.runtime import artifacts
from jupyter_kfx.store import *

store = Store.open(sys.argv[1])
missing = 0
for number in range(60):
    run = store.start_run(
        pipeline="p", definition={}, parameters={}, engine="local", notebook=None)
    outputs = []
    for value in range(4):
        digest, size = artifacts.write(
            str(store.artifacts), b"%d" % (value + number % 3), [], "x")
        outputs.append(ArtifactRecord(digest, ["x"], size))
    for artifact in outputs:
        artifacts.read(str(store.artifacts), artifact.digest)
    store.end_execution(
        run.id, ExecutionRecord(run.id, "s", 1, "succeeded", 0.0, outputs=outputs))
    missing += sum(not store.files.has(a.digest) for a in outputs)
    store.end_run(run.id, status="succeeded", metrics={}, report={})
print(missing)
"""
DELETER = """
import sys
from jupyter_kfx.store import *
store = Store.open(sys.argv[1])
for _ in range(60):
    for run in store.runs(status="succeeded"):
        store.delete_run(run.id)
    store.collect(limit=0)
"""


def test_runs_beside_one_who_deletes_find_what_they_wrote(tmp_path: Path) -> None:
    root = str(tmp_path / "store")
    Store.open(root).close()
    programs = (WRITER, WRITER, DELETER)
    children = [
        subprocess.Popen([sys.executable, "-c", p, root], stdout=subprocess.PIPE)
        for p in programs
    ]
    said = [child.communicate(timeout=120)[0].strip() for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert said == [b"0", b"0", b""]
    store = Store.open(root)
    assert store.check().is_good
    store.close()
