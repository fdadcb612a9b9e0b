"""What functions and classes of the notebook consist of, to see whether it changed.

Setup defines them anew in each step, and instances are kept with the names of their
classes: whatever else a step has done to them would be lost.
"""

from __future__ import annotations

import enum
import functools
import re
import types
import weakref
from typing import Any

from .codes import parts_of
from .pickling import NotHandedOnError, dump

__all__ = ["state_of"]

_UNSAID = frozenset({
    "__dict__", "__weakref__", "__slotnames__", "__firstlineno__", "__static_attributes__", "_abc_impl",
    "_member_map_", "_value2member_map_", "_unhashable_values_", "_hashable_values_",
    "_iter_member_",
})  # fmt: skip
"""Attributes of classes that say nothing, or nothing that others do not say."""
_PLAIN_METACLASSES = ("builtins", "abc", "enum", "typing", "__main__")
_WEAK = (weakref.WeakKeyDictionary, weakref.WeakValueDictionary, weakref.WeakSet)
_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType)
_ADDRESS = re.compile(r"0x[0-9a-f]+")


def state_of(value: Any, main: dict[str, Any]) -> Any:
    """Return what a function or class is made of; equal for what is made alike.

    `main` is the namespace that it belongs to. Where its code comes from is no part.
    """
    return _State(main).of(value)


class _State:
    """Goes through what an object consists of, and stops where it has been."""

    def __init__(self, main: dict[str, Any]) -> None:
        self._main = main
        self._seen: dict[int, tuple[int, Any]] = {}

    def of(self, value: Any) -> Any:
        """Return the state of a value."""
        if isinstance(value, (types.FunctionType, type, dict, list)):
            if id(value) in self._seen:
                return "again", self._seen[id(value)][0]
            self._seen[id(value)] = len(self._seen), value
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, (classmethod, staticmethod)):
            return type(value).__name__, self.of(value.__func__)
        if isinstance(value, property):
            parts = (value.fget, value.fset, value.fdel)
            return "property", value.__doc__, [self.of(part) for part in parts]
        if isinstance(value, functools.cached_property):
            return "cached", value.attrname, self.of(value.func)
        if isinstance(value, functools.singledispatchmethod):
            return "dispatch", self.of(value.dispatcher)
        if isinstance(value, _DESCRIPTORS):
            return type(value).__name__, value.__name__
        if isinstance(value, enum.Enum):
            own = {k: v for k, v in vars(value).items() if k != "__objclass__"}
            return "member", self.of(own)
        if isinstance(value, (dict, types.MappingProxyType)):
            return "dict", [(self.of(k), self.of(v)) for k, v in value.items()]
        if isinstance(value, (list, tuple)):
            return type(value).__name__, [self.of(item) for item in value]
        if isinstance(value, types.CodeType):
            return parts_of(value)
        return self._other(value)

    def _function(self, function: types.FunctionType) -> Any:
        of_main = function.__module__ == "__main__"
        if not of_main and function.__globals__ is not self._main:
            return "function", function.__module__, function.__qualname__
        cells = function.__closure__ or ()
        is_own = function.__globals__ is self._main
        return (
            "function",
            parts_of(function.__code__),
            (function.__name__, function.__qualname__, function.__doc__),
            self.of(function.__defaults__),
            self.of(function.__kwdefaults__),
            self.of(function.__dict__),
            [self._cell(cell, is_own=is_own) for cell in cells],
        )

    def _cell(self, cell: Any, *, is_own: bool) -> Any:
        try:
            content = cell.cell_contents
        except ValueError:
            return "empty"
        if isinstance(content, _WEAK) and not is_own:
            return "cache"  # as `functools.singledispatch` has one
        return self.of(content)

    def _class(self, kind: type) -> Any:
        if kind.__module__ != "__main__":
            return "class", kind.__module__, kind.__qualname__
        own = {k: v for k, v in vars(kind).items() if k not in _UNSAID}
        if type(kind).__module__ not in _PLAIN_METACLASSES:
            # What the library that made the class keeps of it, ids and all.
            own = {
                k: v
                for k, v in own.items()
                if not k.startswith("__") or isinstance(v, types.FunctionType)
            }
        bases = [self.of(base) for base in kind.__bases__]
        return "class", kind.__qualname__, bases, self.of(own)

    def _other(self, value: Any) -> Any:
        if isinstance(value, _WEAK):
            return "weak", len(value)
        try:
            return dump(value, self._main, fast=True).digest()
        except NotHandedOnError:
            return type(value).__qualname__, _ADDRESS.sub("", repr(value))
