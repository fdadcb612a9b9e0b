"""What a step takes over from the steps above it and hands on to those below."""

from __future__ import annotations

import hashlib
import os
import pickle
from typing import Any

from .order import Order

__all__ = ["Handover"]


class Handover:
    """The step's namespace: filled from artifacts, compared, and stored again."""

    def __init__(
        self, order: Order, namespace: dict[str, Any], hidden: frozenset[str]
    ) -> None:
        self.order = order
        self.namespace = namespace
        self.hidden = hidden

    def load(self) -> None:
        """Bind the values that the step may read."""
        for group in self.order.groups:
            path = os.path.join(
                self.order.artifacts, group["digest"][:2], group["digest"]
            )
            with open(path, "rb") as file:
                values = pickle.load(file)
            self.namespace.update({n: values[n] for n in group["names"]})
        self._before = set(self.namespace)

    def commit(self) -> dict[str, Any]:
        """Store what the step changed."""
        stored: list[dict[str, Any]] = []
        for name in self.order.live:
            if name in self.namespace:
                data = pickle.dumps({name: self.namespace[name]})
                digest = hashlib.sha256(data).hexdigest()
                folder = os.path.join(self.order.artifacts, digest[:2])
                os.makedirs(folder, exist_ok=True)
                with open(os.path.join(folder, digest), "wb") as file:
                    file.write(data)
                stored.append(
                    {
                        "digest": digest,
                        "size": len(data),
                        "names": [name],
                        "content": {name: digest},
                        "needs": [],
                        "types": {},
                    }
                )
        return {"stored": stored, "changed": [s["names"][0] for s in stored]}
