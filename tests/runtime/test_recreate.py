"""What pickle cannot store is made again in the same state, or refused."""

from __future__ import annotations

import decimal
import io
import logging
import queue
import random
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_kfx.runtime.pickling import NotHandedOnError, dump
from jupyter_kfx.runtime.sets import filled, insertion
from jupyter_kfx.runtime.unpickling import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def _round(value: Any) -> Any:
    pickled = dump(value, globals())
    return load(pickled.file.getvalue(), pickled.buffers)


def _numbers(first: int, *more: int, last: int = 9, **named: int) -> Iterator[int]:
    yield first
    yield from more
    yield last
    yield from named.values()


def test_free_locks_stay_free_and_shared() -> None:
    lock = threading.Lock()
    one, other = _round([lock, lock])
    assert one is other
    assert not one.locked()
    assert _round(threading.RLock()).acquire(blocking=False)
    event = _round(threading.Event())
    event.set()
    assert event.is_set()
    waiting: queue.Queue[int] = queue.Queue()
    waiting.put(3)
    assert _round(waiting).get() == 3


@pytest.mark.parametrize("kind", [threading.Lock, threading.RLock])
def test_held_locks_are_refused(kind: Any) -> None:
    lock = kind()
    with lock, pytest.raises(NotHandedOnError, match="held"):
        dump([lock], {})


def test_generators_that_have_not_begun_or_have_ended() -> None:
    factor = 3
    assert list(_round(_numbers(1, 2, last=4, more_of=5))) == [1, 2, 4, 5]
    assert list(_round(n * factor for n in [1, 2])) == [3, 6]
    ended = _numbers(1)
    list(ended)
    assert list(_round(ended)) == []


def test_generators_that_have_begun_are_refused() -> None:
    begun = _numbers(1)
    next(begun)
    with pytest.raises(NotHandedOnError, match="partly consumed"):
        dump(begun, globals())


def test_generator_keeps_its_argument_shared() -> None:
    data = [1]
    made, same = _round(((n for n in data), data))
    same.append(2)
    assert list(made) == [1, 2]


def test_open_files_go_on_where_they_were(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    with path.open("w") as file:
        file.write("one\n")
        with _round(file) as again:
            again.write("two\n")
            assert again.mode == "w"
    assert path.read_text() == "one\ntwo\n"
    with path.open() as file:
        assert file.readline() == "one\n"
        with _round(file) as again:
            assert again.read() == "two\n"
    with path.open("rb") as binary:
        binary.seek(4)
        with _round(binary) as again:
            assert again.read() == b"two\n"


def test_closed_files_stay_closed(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    with path.open("w") as file:
        pass
    assert (_round(file).closed, _round(file).name) == (True, str(path))


def test_files_partly_iterated_or_gone_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_text("one\ntwo\n")
    with path.open() as file:
        next(file)
        with pytest.raises(NotHandedOnError, match="partly read"):
            dump(file, {})
    with path.open() as file:
        path.unlink()
        with pytest.raises(NotHandedOnError, match="open file"):
            dump(file, {})


def test_streams_contexts_and_handlers_are_the_ones_there() -> None:
    assert _round(sys.stdout) is sys.stdout
    assert _round(decimal.getcontext()) is decimal.getcontext()
    handler = logging.StreamHandler(io.StringIO())
    logger = logging.getLogger("kfx-test")
    logger.addHandler(handler)
    try:
        assert _round(handler) is handler
    finally:
        logger.removeHandler(handler)


def _grown(number: int) -> Any:
    """Return a set that has become what it is in one of the usual ways."""
    chance = random.Random(number)
    words = [f"{chance.randrange(10**6)}" for _ in range(chance.randrange(2, 90))]
    cut = chance.randrange(len(words))
    ways: list[Callable[[], Any]] = [
        lambda: set(words),
        lambda: {int(word) for word in words},
        lambda: frozenset(set(words)),
        lambda: frozenset(words[:cut]) | frozenset(words[cut:]),
        lambda: set(words[:cut]).union(words[cut:], ["x"]),
        lambda: {*words, "x"} & {*words, "y"},
        lambda: {frozenset(words[:cut]), frozenset(words[cut:]), (1, "a")},
    ]
    return ways[number % len(ways)]()


def test_sets_iterate_as_before() -> None:
    found = 0
    for number in range(700):
        there = _grown(number)
        how = insertion(there)
        if how is not None:
            found += 1
            again = filled(how)
            assert type(again) is type(there)
            assert list(again) == list(there)
    assert found > 680
    assert insertion({object(), object()}) is None
