"""Numbers that libraries count up are found, told and brought back."""

from __future__ import annotations

import itertools
import os
import random
import sys
import types
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from jupyter_kfx.runtime.counters import Counters

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "counter kfx_made:System._idCounter"
OTHER = "counter kfx_made:next_number"


def _library(path: str = "/x/site-packages/kfx_made.py") -> Any:
    module: Any = types.ModuleType("kfx_made")
    module.__file__ = path
    system: Any = type("System", (), {"_idCounter": 0, "size": 7})
    system.__module__ = "kfx_made"
    module.System = system
    module.next_number = itertools.count(3)
    module.MAX_COUNT = 5
    return module


@pytest.fixture
def library() -> Iterator[Any]:
    sys.modules["kfx_made"] = module = _library()
    yield module
    del sys.modules["kfx_made"]


def test_what_the_cells_count_is_told(library: Any) -> None:
    counters = Counters()
    counters.look()
    before = counters.numbers()
    assert (before[KEY], before[OTHER]) == (0, 3)
    assert not any("MAX_COUNT" in key or "size" in key for key in before)
    library.System._idCounter += 1  # as loading a value may do
    counters.begin(before)
    assert counters.changed() == {}
    library.System._idCounter += 2
    next(library.next_number)
    assert counters.changed() == {KEY: 2, OTHER: 4}


def test_what_steps_above_counted_waits_for_the_import() -> None:
    counters = Counters()
    counters.restore(KEY, 9)
    counters.restore(OTHER, 6)
    module = _library()
    counters.imported(module)
    assert module.System._idCounter == 9
    assert next(module.next_number) == 6
    assert counters.changed() == {OTHER: 7}


def test_what_goes_round_is_told_and_brought_back() -> None:
    library = _library()
    library.turns = itertools.cycle("abc")
    library.system = library.System()
    library.system.turns = itertools.cycle([1, 2])
    keys = "counter kfx_made:turns", "counter kfx_made:system.turns"
    counters = Counters()
    counters.imported(library)
    counters.begin(dict.fromkeys(keys, 0))
    assert [next(library.turns) for _ in range(4)] == ["a", "b", "c", "a"]
    assert [next(library.system.turns) for _ in range(2)] == [1, 2]
    assert counters.changed() == {keys[0]: 4, keys[1]: 2}
    counters.begin(dict.fromkeys(keys, 1))
    assert (next(library.turns), next(library.system.turns)) == ("b", 2)
    later = Counters()  # as in a process that is forked from one that has looked
    later.imported(library)
    later.restore(keys[0], 8)
    assert next(library.turns) == "c"


def test_generators_of_a_library_are_told_and_brought_back() -> None:
    library = _library()
    library.rng, library.bits = random.Random(1), np.random.default_rng(1)
    library.others = random._inst, np.random.mtrand._rand
    library.odd = type("Odd", (), {"__module__": property(str)})()
    library.shared = random._inst
    counters = Counters()
    counters.imported(library)
    before = counters.numbers()
    counters.begin(before)
    first = library.rng.random(), library.bits.random()
    assert {*counters.changed()} == {"counter kfx_made:rng", "counter kfx_made:bits"}
    counters.begin(before)
    assert (library.rng.random(), library.bits.random()) == first
    assert {*counters.anchors.values()} == {("kfx_made", "rng"), ("kfx_made", "bits")}


def test_ids_that_objects_keep_are_of_their_process() -> None:
    module: Any = types.ModuleType("pulp.pulp")
    module.__file__ = "/x/site-packages/pulp/pulp.py"
    Counters().imported(module)
    one, other = object(), object()
    assert module.id(one) == module.id(one) != module.id(other)
    assert module.id(one) - id(one) == os.getpid() << 48


def test_counters_of_objects_that_a_module_holds_are_told() -> None:
    library = _library()
    library.ids = library.System()
    library.ids.count = 3
    counters = Counters()
    counters.imported(library)
    counters.begin({"counter kfx_made:ids.count": 3})
    library.ids.count += 1
    assert counters.changed() == {"counter kfx_made:ids.count": 4}
    counters.restore("counter kfx_made:ids.count", 9)
    assert library.ids.count == 9


def test_modules_of_the_user_are_left_alone() -> None:
    counters = Counters()
    counters.imported(_library("/home/me/kfx_made.py"))
    assert counters.numbers() == {}


class _Answers:
    """Has what it is asked for, as the functions of numba's library."""

    __slots__ = ()

    def __getattr__(self, name: str) -> _Answers:
        return self


def test_an_object_that_answers_for_any_name_holds_nothing(library: Any) -> None:
    _Answers.__module__ = "kfx_made"
    library.answers = _Answers()
    counters = Counters()
    counters.look()
    assert KEY in counters.numbers()
