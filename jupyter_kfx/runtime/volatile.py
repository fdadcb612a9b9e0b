"""Whether code asks for what differs from run to run: the clock, entropy."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import os
import random
import re
import sys
import time
import types
from typing import Any, Iterable, Iterator

from .places import Places

__all__ = ["Entropy", "Reach"]

_CLOCK = frozenset(
    {
        "asctime", "clock_gettime", "clock_gettime_ns", "ctime", "default_timer", "gmtime",
        "localtime", "monotonic", "monotonic_ns", "now", "perf_counter", "perf_counter_ns",
        "process_time", "process_time_ns", "thread_time", "thread_time_ns", "time", "time_ns",
        "today", "utcnow", "uuid1",
    }
)  # fmt: skip
"""Attributes by which code asks for the time."""
_NOW = frozenset({"now", "today"})
_MOMENTS = frozenset(
    {"DatetimeIndex", "Period", "Timestamp", "datetime64", "to_datetime"}
)
"""What takes such a text for the time that it is."""
_FRESH = frozenset({"Random", "seed", "RandomState", "default_rng", "SeedSequence"})
"""What takes entropy when it is called without a seed."""
_SEEDS = frozenset({"seed", "manual_seed", "set_state", "setstate"})
_TIMING = re.compile(r"run_(?:line|cell)_magic\(\s*['\"](?:time|timeit|prun)\b")
_MOST_PARTS = 16
_BETWEEN = ("random", "uuid")
_NUMBERING = ("joblib", "sklearn.callback")
_NO_STEPS = frozenset({"CACHE", "PRECALL", "PUSH_NULL"})
"""Instructions between a function, its argument and the call."""


class Entropy:
    """Hears of entropy that Python code takes: `os.urandom`, `secrets`, `uuid4`, NumPy's."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.used = False
        self.active = False

    def start(self) -> None:
        """Listen from now on."""
        self.active = True
        # `random` keeps a reference of its own, for SystemRandom and thus `secrets`.
        for module, name in ((os, "urandom"), (random, "_urandom")):
            original = getattr(module, name)

            @functools.wraps(original)
            def urandom(size: int, original: Any = original) -> Any:
                if self.active and not self.used:
                    frame = sys._getframe(1)
                    self.used = not (self._is_import(frame) or _is_seeded(frame))
                return original(size)

            setattr(module, name, urandom)

    def _is_import(self, frame: types.FrameType | None) -> bool:
        """Tell whether an installed package asks while it is imported."""
        while frame is not None and frame.f_globals.get("__name__") != "__main__":
            code = frame.f_code
            if code.co_name == "<module>":
                return self._places.is_installed(os.path.realpath(code.co_filename))
            frame = frame.f_back
        return False


def _is_seeded(frame: types.FrameType | None) -> bool:
    """Tell whether entropy is taken for a `RandomState` that is given a seed.

    NumPy makes it from entropy and seeds it then, as scikit-learn has it do all the time.
    The numbers by which libraries know their own calls are nobody else's, too.
    """
    while frame is not None and frame.f_globals.get("__name__") in _BETWEEN:
        frame = frame.f_back
    if frame is None:
        return False
    module = str(frame.f_globals.get("__name__"))
    if any(f"{module}.".startswith(f"{library}.") for library in _NUMBERING):
        return True
    before = [i for i in _steps(frame.f_code) if i.offset < frame.f_lasti]
    if len(before) < 2 or before[-2].argval != "RandomState":
        return False
    seed = before[-1]
    if seed.opname == "LOAD_CONST":
        return seed.argval is not None
    if seed.opname not in ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL"):
        return False
    scopes = (frame.f_locals, frame.f_globals)
    return any(scope.get(seed.argval) is not None for scope in scopes)


@functools.lru_cache(maxsize=256)
def _steps(code: types.CodeType) -> list[dis.Instruction]:
    return [i for i in dis.get_instructions(code) if i.opname not in _NO_STEPS]


class Reach:
    """The code that some cells can call, as far as names lead to it.

    Code of installed packages does not count: what they do for themselves is theirs.
    """

    def __init__(self, namespace: dict[str, Any], places: Places) -> None:
        self._namespace = namespace
        self._places = places
        self.clock = False
        self.fresh = False
        """Whether a generator is made or seeded from entropy."""
        self.seeds = False
        """Whether a generator is given a seed or a state."""
        self._known: set[int] = set()

    def follow(self, source: str) -> None:
        """Look at a cell that IPython's syntax has been taken out of."""
        if _TIMING.search(source):
            self.clock = True
        try:
            tree = ast.parse(source)
            code = compile(tree, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except (SyntaxError, ValueError):
            return  # it did not run
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and not node.keywords:
                function = node.func
                name = getattr(function, "attr", getattr(function, "id", None))
                nothing = all(
                    isinstance(a, ast.Constant) and a.value is None for a in node.args
                )
                self.fresh = self.fresh or (name in _FRESH and nothing)
        self._code(code, self._namespace)

    def _code(self, code: types.CodeType, scope: dict[str, Any]) -> None:
        todo = [(code, scope)]
        while todo:
            code, scope = todo.pop()
            if id(code) in self._known:
                continue
            self._known.add(id(code))
            for found, inside in self._parts(code, scope):
                todo.append((found, inside))

    def _parts(
        self, code: types.CodeType, scope: dict[str, Any]
    ) -> Iterator[tuple[types.CodeType, dict[str, Any]]]:
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                # What has a name is looked at where the name is used.
                if not _is_of(constant, scope.get(constant.co_name)):
                    yield constant, scope
        texts = {text for text in code.co_consts if isinstance(text, str)}
        if texts & _NOW and _MOMENTS.intersection(code.co_names):
            self.clock = True
        value: Any = None
        for instruction in dis.get_instructions(code):
            name = instruction.argval
            if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                self.clock = self.clock or name in _CLOCK
                # Of a date, it would be a text that is always the same.
                self.clock = self.clock or (name == "strftime" and value is time)
                self.seeds = self.seeds or name in _SEEDS
            elif instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                value = scope.get(name, getattr(builtins, str(name), None))
                yield from self._value(value)
            elif instruction.opname == "IMPORT_FROM":
                self.clock = self.clock or name in _CLOCK
                self.seeds = self.seeds or name in _SEEDS

    def _value(
        self, value: Any, depth: int = 0
    ) -> Iterator[tuple[types.CodeType, dict[str, Any]]]:
        if isinstance(value, (types.BuiltinFunctionType, types.BuiltinMethodType)):
            owner = getattr(value, "__self__", None)
            is_clock = getattr(owner, "__name__", "") in ("time", "datetime", "date")
            self.clock = self.clock or (is_clock and value.__name__ in _CLOCK)
            return
        value = getattr(value, "__func__", value)
        value = getattr(value, "__wrapped__", value)
        if isinstance(value, types.FunctionType):
            if self._is_own(value.__globals__):
                yield value.__code__, value.__globals__
        elif isinstance(value, types.ModuleType):
            if depth == 0 and self._is_own(vars(value)):
                for part in list(vars(value).values()):
                    yield from self._value(part, depth + 1)
        elif isinstance(value, type):
            module = sys.modules.get(value.__module__)
            if value.__module__ == "__main__" or self._is_own(vars(module or object)):
                for part in _members(value):
                    yield from self._value(part, depth + 1)
        elif depth < 2 and isinstance(value, (list, tuple, set, dict)):
            parts: Iterable[Any] = value.values() if isinstance(value, dict) else value
            for part, _ in zip(parts, range(_MOST_PARTS)):
                yield from self._value(part, depth + 1)
        elif type(value).__module__ not in ("builtins", "numpy"):
            yield from self._value(type(value), depth + 1)

    def _is_own(self, scope: Any) -> bool:
        if scope is self._namespace:
            return True
        path = scope.get("__file__")
        return isinstance(path, str) and not self._places.is_installed(
            os.path.realpath(path)
        )


def _is_of(code: types.CodeType, value: Any) -> bool:
    """Tell whether code is the body of a class or a function."""
    if isinstance(value, type):
        return True
    made = getattr(value, "__code__", None)
    # The shell compiles statement by statement, which changes some instructions.
    return isinstance(made, types.CodeType) and (
        (made.co_firstlineno, made.co_varnames)
        == (code.co_firstlineno, code.co_varnames)
    )


def _members(kind: type) -> Iterator[Any]:
    for base in kind.__mro__:
        for part in vars(base).values():
            if isinstance(part, property):
                yield from (part.fget, part.fset)
            elif isinstance(part, (types.FunctionType, staticmethod, classmethod)):
                yield part
