"""Everything that listens while the code of a step runs."""

from __future__ import annotations

import os
from typing import Any, Callable, Iterable

from .environment import Environment, given
from .guard import Guard
from .imports import Imports, loaded
from .natives import Natives
from .order import Order
from .spoken import Spoken
from .volatile import Entropy, Reach

__all__ = ["Watch"]


class Watch:
    """Files, acts, modules, environment variables and entropy, together."""

    def __init__(self, order: Order, permission: Callable[[str], None]) -> None:
        self.guard = Guard(
            permission,
            project=order.project,
            own=(order.directory, order.artifacts),
            alone=order.alone,
        )
        self.spoken = Spoken()
        self.imports = Imports(self.guard.places, self.spoken)
        self._natives = Natives(self.guard.native)
        self._environment = Environment(
            {**(given() or os.environ), **order.environ}, frozenset(order.secrets)
        )
        self._entropy = Entropy(self.guard.places)
        self._seeded = frozenset(order.ambient)
        self._loaded: frozenset[str] = frozenset()

    def setup(self) -> None:
        """Remember what is replayed and loaded: it asks for nothing."""
        self.imports.start()
        self._natives.start()
        self.imports.tell(self._natives.imported)
        self.guard.listen()
        self._environment.start()

    def cells(self) -> None:
        """Watch the cells."""
        self._loaded = loaded()
        self._entropy.start()
        self.spoken.listening = True
        self.guard.start()
        self._environment.start()

    def rest(self) -> None:
        """Watch no more."""
        self.guard.stop()
        self.spoken.listening = False
        self._environment.stop()
        self._entropy.active = False

    def observed(
        self, namespace: dict[str, Any], sources: Iterable[str], drawn: list[str]
    ) -> dict[str, Any]:
        """Return what was seen; `drawn` names the global generators that were used."""
        reach = Reach(namespace, self.guard.places)
        for source in sources:
            reach.follow(source)
        unseeded = not reach.seeds and bool(set(drawn) - self._seeded)
        return {
            **self.guard.observed(),
            "modules": self.imports.observed(),
            "imported": sorted(loaded() - self._loaded),
            "loaded": sorted(loaded()),
            "environ_read": self._environment.observed(),
            "clock": reach.clock,
            "entropy": self._entropy.used or reach.fresh or unseeded,
            "random": drawn,
        }
