"""Which parts of imported modules code names: `lib.config`, `lib.config.size = 3`."""

from __future__ import annotations

import ast
import functools
import sys
import types
from typing import Any, Iterable, Iterator

from .order import SetupStatement

__all__ = ["Mentions", "is_library"]

_NOTHING = object()
_ELSEWHERE = frozenset({"matplotlib", "numpy", "pandas", "torch"})
"""Packages whose settings travel in other ways, and whose objects are values."""


class Mentions:
    """The dotted paths in code that begin at something imported."""

    def __init__(self, setup: Iterable[SetupStatement], code: Iterable[str]) -> None:
        """Take the setup with its imports, and other code that uses what they bind."""
        self._roots: dict[str, tuple[str, str]] = {}
        bodies = [_parsed(source).body for source in code]
        replayed: set[str] = set()
        for statement in setup:
            tree = _parsed(statement.code)
            if statement.kind == "import":
                for node in ast.walk(tree):
                    self._take(node, statement.names)
            elif statement.kind == "setting":
                replayed.update(map(ast.dump, tree.body))
            else:
                bodies.append(tree.body)
        self._paths: dict[tuple[str, ...], bool] = {(n,): False for n in self._roots}
        for node in (node for body in bodies for node in body):
            is_replayed = ast.dump(node) in replayed
            for path, is_stored in _paths(node):
                if path[0] in self._roots:
                    is_told = is_stored and not is_replayed
                    self._paths[path] = self._paths.get(path, False) or is_told

    def _take(self, node: ast.AST, names: list[str]) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                self._roots[name] = alias.name if alias.asname else name, ""
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                bound = names if alias.name == "*" else [alias.asname or alias.name]
                for name in bound:
                    own = name if alias.name == "*" else alias.name
                    self._roots[name] = node.module, own

    def objects(self) -> Iterator[tuple[str, str, Any]]:
        """Give the named things that modules hold: the module, the name, the thing."""
        for path in self._paths:
            found = self._resolved(path)
            if found is not None and found[1]:
                module, (name, *_) = found
                yield module, name, vars(sys.modules[module])[name]

    def modules(self) -> Iterator[types.ModuleType]:
        """Give the modules that are named, or that what is named lies in."""
        found = {}
        for path in self._paths:
            place = self._resolved(path)
            if place is not None:
                found[place[0]] = sys.modules[place[0]]
        yield from found.values()

    def stores(self, *, lazy: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Give what code sets by name: the module and the path in it.

        Modules that import only what they are asked for are asked if `lazy`.
        """
        for path, is_stored in self._paths.items():
            found = self._resolved(path[:-1], lazy=lazy) if is_stored else None
            if found is not None:
                yield found[0], (*found[1], path[-1])

    def _resolved(
        self, path: tuple[str, ...], *, lazy: bool = False
    ) -> tuple[str, tuple[str, ...]] | None:
        """Return the last module on a path and what follows; none if it leads nowhere."""
        if not path:
            return None
        module, name = self._roots[path[0]]
        rest = (*([name] if name else ()), *path[1:])
        while rest and module in sys.modules:
            there = sys.modules[module]
            value = vars(there).get(rest[0], _NOTHING)
            if value is _NOTHING and lazy:
                value = getattr(there, rest[0], _NOTHING)
            if value is _NOTHING:
                return None
            if not isinstance(value, types.ModuleType):
                return module, rest
            module, rest = value.__name__, rest[1:]
        return (module, rest) if module in sys.modules else None


def is_library(module: Any) -> bool:
    """Tell whether a module is installed, and its settings travel in no other way."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or "-packages" not in file:
        return False
    return module.__name__.partition(".")[0] not in _ELSEWHERE


@functools.lru_cache(maxsize=None)
def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return ast.Module([], [])  # magics among the setup name nothing


def _paths(statement: ast.stmt) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Give the dotted paths in a statement, and whether each is assigned to."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.Attribute):
            continue
        parts: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            path = (inner.id, *reversed(parts))
            yield path, not isinstance(node.ctx, ast.Load)
