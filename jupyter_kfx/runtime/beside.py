"""Modules of the user's own, and what cells make of what they hold.

Each step imports them afresh. Whatever the import has made stays the same object, as
functions and classes know it; what it holds travels.
"""

from __future__ import annotations

import functools
import importlib
import re
import types
from typing import Any, Callable, Iterator

from .holders import PLAIN, contents, is_code, is_leaf, put, remove, walk
from .order import Order
from .pickling import NotHandedOnError, dump
from .purity import is_pure

__all__ = ["BESIDE", "Beside"]

BESIDE = "your own modules"
"""How the state is called that all of them have together."""
_STORED = frozenset({"plain", "place", "pickle"})
"""Tokens of what can be stored."""
_NEW, _GONE, _CODE = ("new",), ("gone",), ("code",)


class Beside:
    """What the modules hold when the cells begin, and what becomes of it."""

    def __init__(
        self,
        modules: Callable[[], list[types.ModuleType]],
        namespace: dict[str, Any],
        others: Callable[[], dict[int, Any]] = dict,
    ) -> None:
        """Take what gives the modules, and other objects that are found by names."""
        self._modules = modules
        self._namespace = namespace
        self._others = others
        self._known: dict[int, Any] = {}
        self._holders: dict[str, dict[tuple, Any]] = {}
        self._parts: dict[tuple[str, tuple], set] = {}
        self._before: dict[str, dict[Any, Any]] = {}
        self._given: dict[str, Any] = {"lost": {}, "modules": ()}
        self._now: dict[str, dict[Any, Any]] = {}
        self._left: dict[str, list] = {}
        self._gone: list[tuple] = []
        self._is_changed = False
        self.anchors: dict[int, tuple[str, tuple]] = {}
        """Where that is found which the imports have made, by its ids."""

    def holder(self, module: str, path: tuple) -> Any:
        """Return what an import has made, wherever cells may have put it since."""
        self._note(importlib.import_module(module))
        return self._holders[module][path]

    def restore(self, state: dict[str, Any]) -> None:
        """Bring the modules to where steps above have left them."""
        self._given = state
        for name in state["modules"]:
            self._note(importlib.import_module(name))
        for name, path, parts in state["parts"]:
            holder = self._holders[name][path]
            for part, value in parts.items():
                put(holder, part, value)
        for name, path, part in state["gone"]:
            remove(self._holders[name][path], part)

    def lost(self, order: Order) -> str | None:
        """Return why a step cannot import a module that it names, if it cannot."""
        used = [
            statement.code
            for statement in order.setup
            if statement.kind != "import" and {*statement.names} & {*order.definitions}
        ]
        for name, why in self._given["lost"].items():
            word = re.compile(rf"\b{re.escape(name)}\b")
            if any(word.search(code) for code in (*order.code, *used)):
                return f"the module `{name}` {why}, and that is not handed on"
        return None

    def look(self) -> None:
        """Remember what those modules hold that were not there before."""
        for module in self._modules():
            self._note(module)
        self._known = {**self._others(), **self.anchors}
        for name in self._holders.keys() - self._before.keys():
            self._before[name] = self._tokens(name)

    def _note(self, module: types.ModuleType) -> None:
        name = module.__name__
        if name in self._holders:
            return
        self._holders[name] = dict(walk(module))
        for path, holder in self._holders[name].items():
            self._parts[name, path] = set(contents(holder))
            if not is_code(holder):
                self.anchors.setdefault(id(holder), (name, path))

    def take(self) -> None:
        """Take what the modules hold now for what the cells have left."""
        self._known = {**self._others(), **self.anchors}
        self._now = {name: self._tokens(name) for name in self._before}
        different = {n for n, tokens in self._now.items() if tokens != self._before[n]}
        self._is_changed = bool(different)
        for name in sorted({*different, *self._given["modules"]}):
            self._left[name] = list(self._told(name, self._now[name]))
            for path, holder in self._holders[name].items():
                left = self._parts[name, path] - contents(holder).keys()
                self._gone += [(name, path, part) for part in left]

    def changed(self, roots: dict[int, str]) -> tuple[Any, dict[str, str]]:
        """Return what the modules held then, if it had changed, and what is lost of it.

        `roots` are the ids of what variables of the notebook hold, with their names.
        """
        lost: dict[str, str] = dict(self._given["lost"])
        for name, parts in self._left.items():
            why = _unlike(self._before[name], self._now[name])
            why = why or self._unfit(parts, roots)
            if why is not None:
                lost.setdefault(name, why)
        if not self._is_changed and lost == self._given["lost"]:
            return None, lost
        kept = self._left.keys() - lost.keys()
        return {
            "modules": sorted(self._left),
            "parts": [each for name in sorted(kept) for each in self._left[name]],
            "gone": [each for each in self._gone if each[0] in kept],
            "lost": lost,
        }, lost

    def _tokens(self, module: str) -> dict[Any, tuple]:
        found: dict[Any, tuple] = {}
        for path, holder in self._holders[module].items():
            if isinstance(holder, functools._lru_cache_wrapper):
                there = vars(importlib.import_module(module))
                if not is_pure(holder, there):
                    found[path, None] = "counts", holder.cache_info()
            elif is_leaf(holder):
                place = self._known.pop(id(holder))  # else it would stand for itself
                found[path, None] = "leaf", self._token(holder)
                self._known[id(holder)] = place
            else:
                for part, value in contents(holder).items():
                    found[path, part] = self._token(value)
        return found

    def _token(self, value: Any) -> tuple:
        if is_code(value):
            return "code", id(value)
        if isinstance(value, PLAIN):
            return "plain", type(value), value
        if id(value) in self._known:
            return "place", self._known[id(value)]
        for fast in (True, False):
            try:
                pickled = dump(value, self._namespace, anchors=self._known, fast=fast)
                return "pickle", pickled.digest()
            except NotHandedOnError:
                continue
        return "opaque", id(value), _ids(value)

    def _told(self, module: str, tokens: dict[Any, tuple]) -> Iterator[tuple]:
        """Give what the holders of a module hold, as far as it can be stored."""
        for path, holder in self._holders[module].items():
            parts = {
                part: value
                for part, value in contents(holder).items()
                if tokens.get((path, part), _CODE)[0] in _STORED
            }
            if parts:
                yield module, path, parts

    def _unfit(self, parts: list, roots: dict[int, str]) -> str | None:
        """Return why what a module holds cannot be handed on, if it cannot."""
        try:
            pickled = dump(parts, self._namespace, anchors=self._known)
        except NotHandedOnError as error:
            return f"holds now what cannot be stored ({error})"
        used = pickled.met.names()
        used |= {
            obj.__name__
            for _, obj in pickled.objects()
            if isinstance(obj, types.FunctionType) and obj.__module__ == "__main__"
        }
        if used:
            return f"holds now what uses `{min(used)}` of the notebook"
        ids = [i for i in pickled.shared() if i in roots and i not in self._known]
        return f"holds now what is `{roots[ids[0]]}`'s" if ids else None


def _unlike(before: dict[Any, tuple], now: dict[Any, tuple]) -> str | None:
    """Return which change cannot be made again elsewhere, if any."""
    for path, part in now.keys() | before.keys():
        was, has = before.get((path, part), _NEW), now.get((path, part), _GONE)
        if was == has or (has[0] in _STORED and part is not None):
            continue
        if has == _GONE and was[0] in _STORED:
            continue
        names = [str(name) for _, name in (*path, *([part] if part else ())) if name]
        return f"was changed in place, in its `{'.'.join(names)}`"
    return None


def _ids(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [id(part) for item in value.items() for part in item]
    return [*map(id, value)] if isinstance(value, (list, tuple, set)) else []
