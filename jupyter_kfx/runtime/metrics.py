"""The numbers that a step is measured by."""

from __future__ import annotations

from json import dumps  # cells may patch the module
from typing import Any, Iterable

__all__ = ["metrics"]


def metrics(names: Iterable[str], namespace: dict[str, Any]) -> dict[str, Any]:
    """Return the values of those of the names that there are, as JSON can say them."""
    found = {}
    for name in names:
        if name in namespace:
            value = namespace[name]
            value = value.item() if hasattr(value, "item") else value
            try:
                dumps(value, allow_nan=False)  # browsers read no NaN
            except (TypeError, ValueError):
                value = repr(value)
            found[name] = value
    return found
