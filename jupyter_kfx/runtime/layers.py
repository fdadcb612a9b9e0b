"""Models, layers and optimisers of Keras, with all they have and share."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["TRACKED", "taken_apart"]

_COMPILED = ("train_function", "test_function", "predict_function")
"""What is made of a model where it runs, and made again where it is missing."""
TRACKED: dict[str, tuple[Any, Any]] = {
    "TrackedList": (list, list.extend),
    "TrackedDict": (dict, dict.update),
    "TrackedSet": (set, set.update),
}
"""What tells a tracker of all that is put into it, which may not be there yet."""


class _StoredIds(dict):
    """The ids of what a tracker has stored, asked for once all of it is there."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(dict.fromkeys(config))
        self._config = config

    def __getitem__(self, name: str) -> set[int]:
        if super().__getitem__(name) is None:
            self[name] = {id(value) for value in self._config[name][1]}
        found: set[int] = super().__getitem__(name)
        return found


def taken_apart(obj: Any) -> tuple | None:
    """Return how such an object is made again; none if it is none.

    Keras itself would store each apart from the others, without what cells add to it.
    """
    kind = type(obj)
    if kind.__module__ == "keras.src.utils.tracking" and kind.__name__ in TRACKED:
        base, _ = TRACKED[kind.__name__]
        return base.__new__, (kind,), (base(obj), vars(obj)), None, None, _fill_tracked
    if kind.__module__ == "keras.src.utils.tracking" and kind.__name__ == "Tracker":
        state = {k: v for k, v in vars(obj).items() if k != "stored_ids"}
        return object.__new__, (kind,), state, None, None, _fill_tracker
    saveables = sys.modules.get("keras.src.saving.keras_saveable")
    if saveables is None or not isinstance(obj, saveables.KerasSaveable):
        return None
    state = {k: None if k in _COMPILED else v for k, v in vars(obj).items()}
    state.pop("_trainable_variables_indices", None)
    if "_loss_ids" in state:
        state["_loss_ids"] = set()  # those of one call
    if "_nodes_by_depth" in state:
        nodes = [node for level in obj._nodes_by_depth.values() for node in level]
        places = [(n.operation, n.operation._inbound_nodes.index(n)) for n in nodes]
        state["_nodes"] = [p for p in places if _key(*p) in obj._nodes]
    return object.__new__, (kind,), state, None, None, _fill


def _fill_tracked(obj: Any, state: tuple[Any, dict[str, Any]]) -> None:
    items, attributes = state
    obj.__dict__.update(attributes)
    TRACKED[type(obj).__name__][1](obj, items)


def _fill_tracker(obj: Any, state: dict[str, Any]) -> None:
    obj.__dict__.update(state)
    obj.stored_ids = _StoredIds(obj.config)


def _fill(obj: Any, state: dict[str, Any]) -> None:
    if "_nodes_by_depth" in state:
        state["_nodes"] = {_key(*place) for place in state["_nodes"]}
    obj.__dict__.update(state)
    if hasattr(type(obj), "_get_variable_index"):
        variables = enumerate(obj._trainable_variables if obj.built else ())
        obj._trainable_variables_indices = {id(v): i for i, v in variables}


def _key(operation: Any, index: int) -> str:
    return f"{id(operation)}_ib-{index}"
