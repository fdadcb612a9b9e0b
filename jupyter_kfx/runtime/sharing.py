"""Which values share objects that may change, so that they have to stay together."""

from __future__ import annotations

import copyreg
import enum
import pickle
import types
from typing import TYPE_CHECKING, Any, Iterator

from .frames import is_dtype
from .storages import overlapping

if TYPE_CHECKING:
    from .pickles import Pickle

__all__ = ["is_shared", "partition"]

_ATOMS = (
    str, bytes, int, float, complex, bool, type(None), type, tuple, frozenset, range,
    slice, types.FunctionType, types.BuiltinFunctionType, types.ModuleType,
    types.CodeType, enum.Enum, pickle.PickleBuffer, types.MappingProxyType,
    property, classmethod, staticmethod,
)  # fmt: skip


def partition(pickles: dict[str, Pickle]) -> dict[str, frozenset[str]]:
    """Return, for each name, the names that it shares mutable objects with."""
    parent = {name: name for name in pickles}

    def top(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for name, other in _pairs(pickles):
        parent[top(name)] = top(other)
    groups: dict[str, set[str]] = {}
    for name in pickles:
        groups.setdefault(top(name), set()).add(name)
    return {name: frozenset(groups[top(name)]) for name in pickles}


def _pairs(pickles: dict[str, Pickle]) -> Iterator[tuple[str, str]]:
    owner: dict[int, str] = {}
    for name, pickled in pickles.items():
        for identity in pickled.shared():
            yield name, owner.setdefault(identity, name)
    for name, pickled in pickles.items():
        for identity in pickled.lent():
            if identity in owner:
                yield name, owner[identity]
    yield from overlapping(pickles)


def is_shared(obj: Any) -> bool:
    """Tell whether two values that refer to an object share what may change."""
    is_atom = isinstance(obj, _ATOMS) or _is_atom(obj) or is_dtype(obj)
    return not (is_atom or _is_named(obj))


def _is_atom(obj: Any) -> bool:
    module, name = type(obj).__module__ or "", type(obj).__name__
    if module in ("datetime", "decimal", "fractions", "re", "pathlib", "uuid"):
        return True
    if module.startswith("pandas._libs."):
        return name in ("NAType", "NaTType")
    return module.startswith("numpy") and name.endswith(("DType", "dtype"))


def _is_named(obj: Any) -> bool:
    """Tell whether pickle only names an object, as functions of Cython and NumPy."""
    if not callable(obj):
        return False
    kind = type(obj)
    own = getattr(obj, "__dict__", None)
    if "__qualname__" not in (own if type(own) is dict else ()):
        if not {"__qualname__", "__name__"} & vars(kind).keys():
            return False
    reducer: Any = copyreg.dispatch_table.get(kind)
    return isinstance(reducer(obj) if reducer else obj.__reduce_ex__(5), str)
