"""What cells make of the modules that they use, on its way through the steps."""

from __future__ import annotations

import types
from typing import Any, Callable, Iterable

from . import artifacts
from .additions import ADDED, Additions
from .assignments import ASSIGNED, Assignments
from .beside import BESIDE, Beside
from .counters import Counters
from .fixtures import FIXTURE, Fixtures
from .mentions import Mentions
from .order import Order
from .pickles import Pickle
from .pickling import NotHandedOnError, dump

__all__ = ["LIBRARY", "Libraries"]

LIBRARY = (FIXTURE, ADDED, ASSIGNED, BESIDE)
"""How the names of such states begin."""


class Libraries:
    """Objects of libraries, attributes that are set, names that modules have gained.

    And what modules of the user's own hold.
    """

    def __init__(
        self,
        order: Order,
        sources: Iterable[str],
        namespace: dict[str, Any],
        is_import: Callable[[], bool] = lambda: False,
        counters: Counters | None = None,
        local: Callable[[], list[types.ModuleType]] = list,
    ) -> None:
        """Take the step's own code without IPython's syntax.

        `is_import` tells whether a module is being imported, and `local` gives the
        modules beside the notebook.
        """
        self._is_import = is_import
        self._counters = counters or Counters()
        mentions = Mentions([*order.setup, *order.own_setup], sources)
        self._order = order
        self._namespace = namespace
        self._fixtures = Fixtures(mentions, namespace)
        self._additions = Additions()
        self._assignments = Assignments(mentions)
        self._beside = Beside(local, namespace, self._shared)
        self.left_behind: dict[str, str] = {}
        """Modules beside the notebook that the steps below cannot use, and why."""
        self._restored: dict[str, Any] = {}
        self._begun: dict[str, str | None] = {}
        self._lost: dict[str, str] = {}

    @property
    def anchors(self) -> dict[int, tuple[str, Any]]:
        """Where objects are found that stand for the same ones in every step."""
        return {**self._shared(), **self._beside.anchors}

    def _shared(self) -> dict[int, tuple[str, str]]:
        return {**self._counters.anchors, **self._fixtures.anchors}

    def holder(self, module: str, path: tuple) -> Any:
        """Return what the import of a module has made."""
        return self._beside.holder(module, path)

    def lost(self) -> str | None:
        """Return which module of the notebook's own the step cannot use, and why."""
        return self._beside.lost(self._order)

    def restore(self, key: str, state: Any) -> None:
        """Bring back what steps above have left."""
        if key == BESIDE:
            self._beside.restore(state)
            return
        parts = (self._fixtures, self._additions, self._assignments)
        for prefix, part in zip(LIBRARY, parts):
            if key.startswith(prefix):
                part.restore(key, state)  # type: ignore[attr-defined]
                self._restored[key] = state

    def look(self) -> None:
        """Remember how all is that was not there before."""
        self._fixtures.look()
        self._additions.look()
        self._assignments.look()
        self._beside.look()
        for key, state in self._restored.items():
            self._begun[key] = self._token(state, _classes(state))
        self._restored.clear()

    def imported(self, _module: types.ModuleType) -> None:
        """Remember how modules are once all that one imports has been imported."""
        if not self._is_import():
            self.look()

    def take(self) -> None:
        """Take what modules hold now for what the cells have left."""
        self._beside.take()

    def commit(self, pickles: dict[str, Pickle]) -> dict[str, dict[str, Any]]:
        """Store what is another than when the cells began, and return the states.

        What it shares with the values of names could not be shared below.
        """
        self._fixtures.look()
        roots = {i: name for name, d in pickles.items() for i in d.shared()}
        fixtures, lost = self._fixtures.changed(roots)
        for key, why in lost.items():
            self._lose(key, why)
        found = {}
        additions = self._additions.changed()
        states = {**fixtures, **additions, **self._assignments.changed()}
        made = _classes(*additions.values())
        for key, state in states.items():
            try:
                pickled = dump(state, self._namespace, anchors=self.anchors, made=made)
            except NotHandedOnError as error:
                self._lose(key, f"it was changed, and cannot be stored: {error}")
                continue
            now = self._token(state, made) or pickled.digest()
            if now == self._begun.get(key):
                continue
            common = sorted({roots[i] for i in pickled.shared() if i in roots})
            if common:
                self._lose(key, f"it has come to hold what is `{common[0]}`'s")
                continue
            found[key] = self._stored(key, pickled, now)
        held, self.left_behind = self._beside.changed(roots)
        if held is not None:
            pickled = dump(held, self._namespace, anchors=self.anchors)
            found[BESIDE] = self._stored(BESIDE, pickled, pickled.digest())
        return found

    def _stored(self, key: str, pickled: Pickle, token: str) -> dict[str, Any]:
        digest, size = artifacts.write(
            self._order.artifacts, pickled.file.getvalue(), pickled.buffers, key
        )
        needs = sorted(pickled.met.names())
        return {"digest": digest, "size": size, "token": token, "needs": needs}

    def _token(self, state: Any, made: frozenset) -> str | None:
        """Return a digest that does not say which objects are the same, if possible."""
        try:
            options: dict[str, Any] = {"anchors": self.anchors, "made": made}
            return dump(state, self._namespace, fast=True, **options).digest()
        except NotHandedOnError:
            return None

    def _lose(self, key: str, why: str) -> None:
        prefix = next(p for p in LIBRARY if key.startswith(p))
        module, _, name = key[len(prefix) :].partition(":")
        what = f"`{module}.{name}`" if name else f"the module `{module}`"
        self._lost.setdefault(
            module.partition(".")[0], f"{what} is not handed on: {why}"
        )

    def unavailable(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return which of the names use what cannot be handed on, and why."""
        found = {}
        for name in names:
            package = _package(self._namespace.get(name))
            if package in self._lost:
                found[name] = {
                    "message": f"{self._lost[package]}, and `{name}` may use it.",
                    "cure": "Put the cells that use it into one step.",
                }
        return found


def _classes(*states: Any) -> frozenset:
    """Return the ids of the classes in states, which are made again from their parts."""
    found = (v for state in states if isinstance(state, dict) for v in state.values())
    return frozenset(id(value) for value in found if isinstance(value, type))


def _package(value: Any) -> str:
    if isinstance(value, types.ModuleType):
        home: Any = value.__name__
    elif isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        home = value.__module__
    else:
        home = type(value).__module__
    return str(home or "").partition(".")[0]
