"""Attributes of imported things that code assigns to, as `conf.max_lines = n`."""

from __future__ import annotations

import importlib
from typing import Any

from .mentions import Mentions

__all__ = ["ASSIGNED", "Assignments"]

ASSIGNED = "set "
"""How the states of attributes are called: this, the module, a colon, and the path."""
_ABSENT, _UNSEEN = object(), object()
_PLAIN = (str, bytes, int, float, complex, bool, type(None))


class Assignments:
    """The attributes as the cells find them, to be set again where they are others.

    Some keep what is assigned to them elsewhere than in their object.
    """

    def __init__(self, mentions: Mentions) -> None:
        self._mentions = mentions
        self._before: dict[str, Any] = {}

    def restore(self, key: str, value: Any) -> None:
        """Set an attribute to what steps above have set it to."""
        owner, name = _owner(key)
        if getattr(owner, name, _ABSENT) != value:
            setattr(owner, name, value)

    def look(self) -> None:
        """Remember what the attributes are that were not there before."""
        for module, path in self._mentions.stores(lazy=False):
            key = f"{ASSIGNED}{module}:{'.'.join(path)}"
            if key not in self._before:
                self._before[key] = _value(key)

    def changed(self) -> dict[str, Any]:
        """Return those that are others now; what is no plain value is no state."""
        found = {}
        for module, path in self._mentions.stores(lazy=True):
            self._before.setdefault(f"{ASSIGNED}{module}:{'.'.join(path)}", _UNSEEN)
        for key, before in self._before.items():
            now = _value(key)
            if now is not before and _is_plain(now) and not _is_equal(now, before):
                found[key] = now
        return found


def _owner(key: str) -> tuple[Any, str]:
    module, _, path = key[len(ASSIGNED) :].partition(":")
    *inner, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for part in inner:
        owner = getattr(owner, part)
    return owner, name


def _value(key: str) -> Any:
    try:
        owner, name = _owner(key)
    except AttributeError:
        return _ABSENT
    return getattr(owner, name, _ABSENT)


def _is_plain(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_is_plain, value))
    return isinstance(value, _PLAIN)


def _is_equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
