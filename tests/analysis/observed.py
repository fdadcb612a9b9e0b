"""Runs cells in one namespace and tells what each really reads, binds and changes."""

from __future__ import annotations

import contextlib
import io
import sys
import types
from dataclasses import dataclass, field
from typing import Any

_CALLS = 2_000


class TooLongError(BaseException):
    """Raised in a program that calls without end; nothing in it may catch this."""


def _stop_after(calls: int) -> Any:
    left = calls

    def count(frame: Any, event: str, arg: Any) -> None:
        nonlocal left
        if frame.f_code.co_filename not in ("cell", "<string>"):
            return  # not the program's: a callback of the garbage collector, say
        left -= 1
        if left < 0:
            raise TooLongError

    return count


class _Namespace(dict[str, Any]):
    """Records which of the names that were there at the start of a step are read."""

    def __init__(self, base: dict[str, Any]) -> None:
        super().__init__(base)
        self.begin()

    def begin(self) -> None:
        self.entry = dict(self)
        self.read: set[str] = set()
        self.stored: set[str] = set()

    def __setitem__(self, name: str, value: Any) -> None:
        self.stored.add(name)
        dict.__setitem__(self, name, value)

    def __getitem__(self, name: str) -> Any:
        value = dict.__getitem__(self, name)
        is_old = name in self.entry and self.entry[name] is value
        if is_old and name not in self.stored:
            self.read.add(name)
        return value


@dataclass
class Observed:
    """What one step did."""

    reads: set[str]
    binds: set[str]
    """Names that stand for another object than before."""
    deletes: set[str]
    changes: set[str]
    """Names whose objects changed in place."""
    failed: bool
    bound: set[str] = field(default_factory=set)
    """All names at the end."""


def shape(value: Any, seen: dict[int, int] | None = None) -> Any:
    """Return a value's contents and sharing as something that can be compared."""
    seen = {} if seen is None else seen
    if id(value) in seen:
        return ("again", seen[id(value)])
    if isinstance(value, (list, dict, set, tuple)) or _has_state(value):
        seen[id(value)] = len(seen)
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, [shape(item, seen) for item in value])
    if isinstance(value, dict):
        return ("dict", [(repr(k), shape(v, seen)) for k, v in value.items()])
    if isinstance(value, set):
        return ("set", sorted(map(repr, value)))
    if isinstance(value, types.FunctionType):
        return ("function", value.__code__, shape(value.__defaults__, seen))
    if isinstance(value, type):
        plain = {k: v for k, v in vars(value).items() if not k.startswith("__")}
        return ("class", value.__name__, shape(plain, seen))
    if _has_state(value):
        return (type(value).__name__, shape(vars(value), seen))
    if isinstance(value, (int, float, str, bytes, bool, type(None))):
        return repr(value)
    return type(value).__name__


def _has_state(value: Any) -> bool:
    return hasattr(value, "__dict__") and not isinstance(
        value, (type, types.ModuleType, types.FunctionType)
    )


def observe(cells: list[str], base: dict[str, Any] | None = None) -> list[Observed]:
    """Run cells one after the other, up to the first that fails."""
    namespace = _Namespace(base or {})
    namespace["__builtins__"] = __builtins__
    namespace["__name__"] = "__main__"
    found = []
    tracer = sys.gettrace()  # coverage's, which must go on afterwards
    for source in cells:
        before = {name: shape(value) for name, value in namespace.items()}
        namespace.begin()
        failed = False
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                sys.settrace(_stop_after(_CALLS))
                exec(compile(source, "cell", "exec"), namespace)
        except Exception:
            failed = True
        except TooLongError:
            break
        finally:
            sys.settrace(tracer)
        entry = namespace.entry
        found.append(
            Observed(
                reads=namespace.read - {"__builtins__", "__name__"},
                binds={
                    name
                    for name, value in namespace.items()
                    if name not in entry
                    or entry[name] is not value
                    or name in namespace.stored
                },
                deletes=entry.keys() - namespace.keys(),
                changes={
                    name
                    for name, value in namespace.items()
                    if name in entry
                    and entry[name] is value
                    and name != "__builtins__"
                    and shape(value) != before[name]
                },
                failed=failed,
                bound=set(namespace),
            )
        )
        if failed:
            break
    return found
