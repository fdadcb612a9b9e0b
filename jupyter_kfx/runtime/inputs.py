"""The values that a step was given, and which of them are what they were."""

from __future__ import annotations

from typing import Any

from .compare import Comparison
from .groups import Groups
from .pickles import Pickle
from .sharing import partition

__all__ = ["Inputs"]


class Inputs:
    """The values that a step may read, as they were when its cells began."""

    def __init__(self, namespace: dict[str, Any], groups: Groups) -> None:
        self._namespace = namespace
        self._groups = groups
        self.bound: dict[str, Any] = {}
        """What the names stood for."""
        self.origin: dict[str, str] = {}
        """The digests of the groups that the values are from."""
        self._before: dict[str, str] = {}
        self._together: dict[str, frozenset[str]] = {}
        self._as_loaded: dict[str, str] = {}

    def bind(self, group: dict[str, Any]) -> None:
        """Load a group, and let its names stand for its values."""
        for name, value in self._groups.load(group).items():
            self._namespace[name] = self.bound[name] = value
            self.origin[name] = group["digest"]
            if name in group["content"]:
                self._as_loaded[name] = group["content"][name]

    def remember(self, pickles: dict[str, Pickle]) -> None:
        """Remember how the values are."""
        self._before = self._groups.digests(pickles)
        self._together = partition(pickles)

    def partners(self, name: str) -> frozenset[str]:
        """Return the names, its own among them, that the value shared objects with."""
        return self._together.get(name, frozenset((name,)))

    def content(self, name: str, other: str) -> str:
        """Return what stood for the content of a value where it was stored, or another."""
        return self._as_loaded.get(name, other)

    def changed(
        self,
        looked: dict[str, Any],
        pickles: dict[str, Pickle],
        content: dict[str, str],
        together: dict[str, frozenset[str]],
    ) -> set[str]:
        """Return the names that stand for something else, or for what has changed."""
        rebound = {
            n for n in looked if n not in self.bound or self.bound[n] is not looked[n]
        }
        doubtful = {
            n for n in pickles if n not in rebound and content[n] != self._before.get(n)
        }
        return rebound | self._changed(doubtful, pickles, together)

    def _changed(
        self,
        names: set[str],
        pickles: dict[str, Pickle],
        together: dict[str, frozenset[str]],
    ) -> set[str]:
        """Return those of the names whose values are not what they were on loading.

        Pickles differ too where a value only looks up what it knows, or where equal
        strings are one object here and two there; a second loading tells.
        """
        found = names - set(self.origin)
        for digest in sorted({self.origin[name] for name in names - found}):
            try:
                loaded = self._groups.load_again(digest)
            except Exception:  # what cannot be loaded twice cannot be compared
                found |= {name for name in names if self.origin.get(name) == digest}
                continue
            here = [
                name
                for name in sorted(pickles)
                if self.origin.get(name) == digest
                and name in self.bound
                and self.bound[name] is self._namespace[name]
            ]
            doubtful = names.intersection(here)
            if self._differs(loaded, here):
                changed = self._changed_parts(loaded, doubtful, together)
                # Each may be as it was, but not what they share.
                found |= changed or doubtful
        return found

    def _changed_parts(
        self,
        loaded: dict[str, Any],
        names: set[str],
        together: dict[str, frozenset[str]],
    ) -> set[str]:
        """Return the names whose values differ, or share with others that do."""
        parts = {together[name] & names for name in names}
        if len(parts) == 1:
            return names
        return {
            n for part in parts if self._differs(loaded, sorted(part)) for n in part
        }

    def _differs(self, loaded: dict[str, Any], names: list[str]) -> bool:
        comparison = Comparison(self._groups.token)
        return any(
            comparison.difference(loaded[name], self._namespace[name]) is not None
            for name in names
        )
