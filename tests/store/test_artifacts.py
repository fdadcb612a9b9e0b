from __future__ import annotations

import pytest

from jupyter_kfx.errors import StoreError


def test_a_file_by_its_digest(store, write) -> None:
    one, two = write(b"one"), write(b"three")
    assert store.files.path(one.digest).read_bytes() == b"one"
    assert store.files.size(two.digest) == 5
    assert sorted(store.files) == sorted([one.digest, two.digest])
    store.files.verify(one.digest)
    store.files.delete(one.digest)
    assert not store.files.has(one.digest)
    assert store.files.has(two.digest)
    store.files.delete(one.digest)


def test_a_file_that_is_not_what_it_was(store, write) -> None:
    artifact = write(b"value")
    store.files.path(artifact.digest).write_bytes(b"other")
    with pytest.raises(StoreError, match="is damaged"):
        store.files.verify(artifact.digest)
    store.files.delete(artifact.digest)
    with pytest.raises(StoreError, match="is gone"):
        store.files.verify(artifact.digest)


def test_pruning_takes_half_written_files_along(store, write) -> None:
    kept, other = write(b"kept"), write(b"other")
    half = store.files.path(kept.digest).with_name(".half-written")
    half.write_bytes(b"")
    assert half.name not in list(store.files)
    store.files.prune({kept.digest})
    assert list(store.files) == [kept.digest]
    assert not half.exists()
    assert not store.files.has(other.digest)
