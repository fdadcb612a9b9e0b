"""Defaults that objects of a library share are the library's own once more."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from jupyter_kfx.runtime.pickling import dump
from jupyter_kfx.runtime.sharing import partition
from jupyter_kfx.runtime.unpickling import load

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = """
class Model:
    kinds = ['a']
    def __init__(self, names=['x'], *, options={}):
        self.names, self.options = names, options
"""


@pytest.fixture
def library() -> Iterator[Any]:
    module: Any = types.ModuleType("kfx_defaults")
    exec(SOURCE, vars(module))
    sys.modules["kfx_defaults"] = module
    yield module
    del sys.modules["kfx_defaults"]


def _again(value: Any) -> Any:
    pickled = dump(value, {})
    return load(pickled.file.getvalue(), pickled.buffers)


def test_a_default_is_the_same_object(library: Any) -> None:
    model = _again(library.Model())
    assert model.names is library.Model().names
    assert model.options is library.Model().options


def test_a_default_that_was_changed_is_changed_where_it_is_loaded(library: Any) -> None:
    model = library.Model()
    model.names.append("y")
    model.options["a"] = 1
    pickled = dump(model, {})
    model.names.remove("y")
    model.options.clear()
    load(pickled.file.getvalue(), pickled.buffers)
    assert (library.Model().names, library.Model().options) == (["x", "y"], {"a": 1})


def test_what_was_given_is_of_the_object_alone(library: Any) -> None:
    given = ["x"]
    model = _again(library.Model(given))
    assert model.names == given
    assert model.names is not library.Model().names


def test_an_attribute_of_the_class_is_the_same_object(library: Any) -> None:
    model = library.Model()
    model.own = model.kinds
    model.kinds.append("b")
    pickled = dump(model, {})
    model.kinds.remove("b")
    loaded = load(pickled.file.getvalue(), pickled.buffers)
    assert loaded.own is library.Model.kinds
    assert library.Model.kinds == ["a", "b"]


def test_frames_of_their_own_share_nothing() -> None:
    pickles = {name: dump(pd.DataFrame({"a": [1]}), {}) for name in "ab"}
    assert partition(pickles) == {name: frozenset(name) for name in "ab"}
