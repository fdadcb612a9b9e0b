"""What a library notes of an object elsewhere goes along with it."""

from __future__ import annotations

import itertools
import sys
import types
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from jupyter_kfx.runtime.pickling import dump
from jupyter_kfx.runtime.unpickling import load

if TYPE_CHECKING:
    from collections.abc import Iterator


class Model:
    """As mesa's, whose agents are numbered."""


class Agent:
    """As mesa's, which keeps how far the numbers of each model are."""

    _ids: ClassVar[Any] = defaultdict(partial(itertools.count, 1))


@pytest.fixture(autouse=True)
def _mesa() -> Iterator[None]:
    for name, kind in (("mesa.model", Model), ("mesa.agent", Agent)):
        sys.modules[name] = module = types.ModuleType(name)
        setattr(module, kind.__name__, kind)
    yield
    for name in ("mesa.model", "mesa.agent"):
        del sys.modules[name]


def _again(model: Any) -> Any:
    pickled = dump(model, {})
    return load(pickled.file.getvalue(), pickled.buffers)


def test_agents_are_numbered_on() -> None:
    model: Any = Model()
    model.width = 3
    assert [next(Agent._ids[model]) for _ in range(2)] == [1, 2]
    again = _again(model)
    assert (again.width, next(Agent._ids[again])) == (3, 3)


def test_a_model_without_agents_begins_at_one() -> None:
    assert next(Agent._ids[_again(Model())]) == 1
