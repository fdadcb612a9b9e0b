"""What reaches all that another value does is not walked through again."""

from __future__ import annotations

import gc
import itertools
from typing import Any

import numpy as np
import pytest

from jupyter_kfx.runtime.pickles import Pickle
from jupyter_kfx.runtime.pickling import dump
from jupyter_kfx.runtime.reach import Reach, leading
from jupyter_kfx.runtime.sharing import partition


class _Part:
    def __init__(self, whole: _Whole, number: int) -> None:
        self.whole = whole
        self.number = number


class _Whole:
    def __init__(self, size: int = 3000) -> None:
        self.data = np.arange(4)
        self.free = np.arange(5)
        self.parts = [_Part(self, number) for number in range(size)]


def _own(number: int) -> int:
    return number


def _dumped(values: dict[str, Any]) -> dict[str, Pickle]:
    reach, found = Reach(), {}
    for name, value in leading(values).items():
        found[name] = dump(value, globals(), reach=reach)
        reach.add(value, found[name])
    return found


def test_a_part_that_knows_the_whole_refers_to_it() -> None:
    whole = _Whole()
    values = {"held": [whole.parts[0]], "whole": whole, "part": whole.parts[7]}
    found = _dumped(values)
    assert not found["whole"].met.within
    assert found["part"].met.within == found["held"].met.within == [found["whole"]]
    assert len(found["part"].file.getvalue()) < 100
    assert set(partition(found).values()) == {frozenset(values)}
    alone = dump(whole.parts[7], globals())
    assert set(alone.shared()) <= set(found["part"].shared())
    assert alone.held() == found["part"].held()
    assert {id(a) for a in alone.arrays()} == {id(a) for a in found["part"].arrays()}
    assert alone.met.definitions == found["part"].met.definitions


def test_lists_of_parts_refer_to_one_another() -> None:
    whole = _Whole()
    loop: list[Any] = [whole.parts[3], "text"]
    loop.append(loop)
    values = {"one": loop, "two": [{"a": (whole.parts[2], whole.parts[9])}]}
    found = _dumped(values)
    assert found["two"].met.within == [found["one"]]
    assert found["one"].met.within == []
    assert set(partition(found).values()) == {frozenset(values)}
    alone = dump(values["two"], globals())
    assert set(alone.shared()) <= set(found["two"].shared())


def test_it_gives_up_where_little_is_found() -> None:
    whole, looked, real = _Whole(), itertools.count(), gc.get_referents
    net: Any = [[[[]] for _ in range(50)] for _ in range(50)]
    many = [_Part(net, number) for number in range(1000)]
    whole.free = many  # type: ignore[assignment]

    def count(obj: Any) -> list[Any]:
        next(looked)
        return real(obj)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "get_referents", count)
        found = _dumped({"whole": whole, "many": many})
    assert not found["many"].met.within
    assert next(looked) < 300_000


def test_what_changes_anywhere_changes_the_part() -> None:
    whole = _Whole()
    values = {"whole": whole, "part": whole.parts[7]}
    before = _dumped(values)["part"].digest()
    assert _dumped(values)["part"].digest() == before
    assert _dumped({**values, "part": whole.parts[8]})["part"].digest() != before
    whole.parts[2000].number = -1
    assert _dumped(values)["part"].digest() != before


def test_what_knows_nothing_of_the_whole_stands_alone() -> None:
    whole = _Whole()
    found = _dumped(
        {"whole": whole, "data": whole.data, "text": "abc", "f": _own, "k": _Part}
    )
    assert not any(pickled.met.within for pickled in found.values())
    parts = partition(found)
    assert parts["data"] == {"whole", "data"}
    assert parts["text"] == {"text"}
    assert parts["f"] == {"f"}
    before = found["data"].digest()
    whole.free[0] = 9
    found = _dumped({"whole": whole, "data": whole.data})
    assert found["data"].digest() == before


def test_small_values_stand_alone() -> None:
    whole = _Whole(5)
    found = _dumped({"whole": whole, "part": whole.parts[1]})
    assert not found["part"].met.within
