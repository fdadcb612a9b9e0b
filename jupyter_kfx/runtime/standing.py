"""Whether names still stand for what setup defines."""

from __future__ import annotations

import types
from contextlib import suppress
from typing import Any, Callable, Container

from .states import state_of

__all__ = ["names_of_setup"]


def names_of_setup(
    setup: list,
    now: dict[str, Any],
    rebound: set[str],
    namespace: dict[str, Any],
    execute: Callable[[str, str, dict[str, Any]], None],
    fixtures: Container[int],
) -> set[str]:
    """Return the names that are just what those statements of setup define.

    Cells bind `rebound` by more than setup. Functions and classes are defined once more
    to be compared, by `execute`: what is setup is the same whenever it is defined.
    Objects of libraries that stand for themselves are `fixtures`, by their ids.
    """
    found = set()
    scratch = dict(namespace)
    for statement in setup:
        if statement.kind == "import" and not now.keys() >= set(statement.names):
            execute(statement.code, "<setup>", scratch)  # the cells have deleted it
        doubtful = set()
        for name in statement.names:
            if name not in now:
                continue
            value, anew = now[name], name in rebound
            inner = value if anew else getattr(value, "__wrapped__", value)
            if isinstance(inner, types.FunctionType) and inner.__module__ == "__main__":
                code = inner.__code__
                if code.co_name == name and code.co_firstlineno == statement.line:
                    doubtful.add(name)
            elif statement.kind == "parameter" or anew:
                continue
            elif isinstance(value, type) and value.__module__ == "__main__":
                if value.__qualname__ == name:
                    doubtful.add(name)
            elif (
                callable(value)
                or isinstance(value, types.ModuleType)
                or value is None
                or type(value).__module__ == "typing"  # as `TypeVar`
                or id(value) in fixtures
            ):
                found.add(name)
        if doubtful:
            made = {n: v for n, v in scratch.items() if n not in doubtful}
            # What it is made with may be gone: then nobody can tell whether it stands.
            with suppress(Exception):
                execute(statement.code, "<setup>", made)
            found |= {
                name
                for name in doubtful & made.keys()
                if state_of(now[name], namespace) == state_of(made[name], made)
            }
    return found
