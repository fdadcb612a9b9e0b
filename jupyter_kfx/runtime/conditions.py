"""Process state on its way through the steps: restored, compared and stored again."""

from __future__ import annotations

import re
import sys
from typing import Any

from . import ambient, artifacts
from .exits import NotLoadedError
from .order import Order
from .pickling import Dumper, NotHandedOnError, dump, load

__all__ = ["Conditions"]

_SEEDS = re.compile(r"seed|set_?state|manual_seed")


class Conditions:
    """The states that a step finds, and what it makes of them."""

    def __init__(self, order: Order, namespace: dict[str, Any]) -> None:
        self._order = order
        self._namespace = namespace
        self._pending = sorted(
            (state["after"], key, state["digest"])
            for key, state in order.ambient.items()
        )
        self._found: dict[str, Any] = {}
        self._tokens: dict[str, str] = {}
        self.has_files = False
        """Whether a state holds files that are open."""

    @property
    def tokens(self) -> dict[str, str]:
        """What stands for each state that the step found."""
        return self._tokens

    def restore(self, above: float) -> None:
        """Bring back the states that steps with cells above that place left."""
        while self._pending and self._pending[0][0] < above:
            _, key, digest = self._pending.pop(0)
            try:
                data, buffers, _ = artifacts.read(self._order.artifacts, digest)
                ambient.restore(key, load(data, buffers))
            except Exception as error:
                message = f"the state of `{key}` cannot be restored: {error!r}"
                raise NotLoadedError(message) from error

    def begin(self) -> None:
        """Seed the generators that no step handed on, and remember every state."""
        ambient.seed(self._order.seed, self._order.ambient)
        self._found = ambient.capture()
        for key, state in self._found.items():
            dumper = self._dumped(state)
            if dumper is not None:
                self._tokens[key] = dumper.digest()
                self.has_files = self.has_files or dumper.files

    def changed(self) -> tuple[dict[str, Any], list[str], list[str]]:
        """Return the states to store, the generators used, and warnings."""
        sources = "\n".join(cell.source for cell in self._order.cells)
        seeds = bool(_SEEDS.search(sources))
        stored: dict[str, Any] = {}
        random, warnings = [], []
        for key, state in ambient.capture().items():
            if key in self._found and _equal(state, self._found[key]):
                continue
            if key not in self._found and key not in ambient.RANDOM:
                continue  # the module came with this step, and so did its state
            if key in ambient.RANDOM:
                random.append(key)
                if key not in self._order.ambient and not seeds:
                    continue
            dumper = self._dumped(state)
            if dumper is None:
                warnings.append(
                    f"the state of `{key}` was changed in a way that cannot be handed "
                    "on: the steps below do not see it. Put what depends on it into "
                    "the same step."
                )
                continue
            token = dumper.digest()
            if token == self._tokens.get(key):
                continue
            digest, size = artifacts.write(
                self._order.artifacts, dumper.file.getvalue(), dumper.buffers, key
            )
            stored[key] = {"digest": digest, "size": size, "token": token}
        return stored, random, warnings

    def _dumped(self, state: Any) -> Dumper | None:
        try:
            return dump(state, self._namespace, fast=True)
        except NotHandedOnError:
            pass
        try:
            return dump(state, self._namespace)
        except NotHandedOnError:
            return None


def _equal(one: Any, other: Any) -> bool:
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(one, tuple) and len(one) == len(other):
        return all(
            bool((a == b).all()) if isinstance(a, numpy.ndarray) else a == b
            for a, b in zip(one, other)
        )
    try:
        return bool(one == other)
    except ValueError:
        return False
