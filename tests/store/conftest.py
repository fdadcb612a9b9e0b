from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_kfx.store import ArtifactRecord, RunRecord, Store

Start = Callable[..., RunRecord]
Write = Callable[[bytes], ArtifactRecord]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(str(tmp_path / "store"))
    yield opened
    opened.close()


@pytest.fixture
def start(store: Store) -> Start:
    def started(experiment: str | None = None) -> RunRecord:
        return store.start_run(
            pipeline="p",
            definition={"steps": []},
            parameters={"n": 1},
            engine="local",
            notebook="p.ipynb",
            experiment=experiment,
        )

    return started


@pytest.fixture
def write(store: Store) -> Write:
    """Writes a value as the runtime does."""

    def written(value: bytes) -> ArtifactRecord:
        digest = hashlib.sha256(value).hexdigest()
        path = store.files.path(digest)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(value)
        return ArtifactRecord(digest, ["x"], len(value), {"x": "builtins.bytes"})

    return written
