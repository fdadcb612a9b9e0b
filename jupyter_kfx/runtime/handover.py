"""What a step takes over from the steps above it and hands on to those below."""

from __future__ import annotations

import hashlib
import os
import pickle
from typing import Any

from .exits import NotLoadedError, NotStoredError
from .order import Order

__all__ = ["Handover"]


class Handover:
    """The step's namespace: filled from artifacts, and stored again."""

    def __init__(
        self, order: Order, namespace: dict[str, Any], hidden: frozenset[str]
    ) -> None:
        self._order = order
        self._namespace = namespace
        self._hidden = hidden
        self._loaded: frozenset[str] = frozenset()

    def load(self) -> None:
        """Bind the values that the step may read."""
        for group in self._order.groups:
            try:
                with open(self._path(group["digest"]), "rb") as file:
                    values = pickle.load(file)
                self._namespace.update({name: values[name] for name in group["names"]})
            except Exception as error:
                message = f"{', '.join(group['names'])} cannot be loaded: {error!r}"
                raise NotLoadedError(message) from error
        self._loaded = frozenset(self._namespace) - self._hidden

    def commit(self) -> dict[str, Any]:
        """Store the live names, all in one artifact, so that they share what they do."""
        setup = {name for item in self._order.own_setup for name in item.names}
        wanted = set(self._order.live)
        if self._order.live_all:
            wanted |= set(self._namespace) - self._hidden
        kept, unavailable = {}, {}
        for name in sorted(wanted - setup - set(self._order.definitions)):
            if name in self._namespace:
                try:
                    pickle.dumps(self._namespace[name], 5)
                except Exception as error:
                    unavailable[name] = {
                        "message": f"`{name}` cannot be pickled: {error}",
                        "cure": "Make it in the step that uses it.",
                    }
                else:
                    kept[name] = self._namespace[name]
        return {
            "stored": [self._stored(kept)] if kept else [],
            "changed": sorted({*kept, *unavailable}),
            "deleted": sorted(self._loaded - set(self._namespace)),
            "unavailable": unavailable,
        }

    def _stored(self, values: dict[str, Any]) -> dict[str, Any]:
        data = pickle.dumps(values, 5)
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(f"{path}.{os.getpid()}.part", "wb") as file:
                file.write(data)
            os.replace(file.name, path)
        except OSError as error:
            message = f"{', '.join(values)} cannot be stored: {error}"
            raise NotStoredError(message) from error
        return {
            "digest": digest,
            "size": len(data),
            "names": list(values),
            "content": {
                name: hashlib.sha256(pickle.dumps(value, 5)).hexdigest()
                for name, value in values.items()
            },
            "needs": [],
            "types": {
                name: f"{type(value).__module__}.{type(value).__qualname__}"
                for name, value in values.items()
            },
        }

    def _path(self, digest: str) -> str:
        return os.path.join(self._order.artifacts, digest[:2], digest)
