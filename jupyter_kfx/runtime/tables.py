"""What libraries note of an object in a table of their own, by the object itself."""

from __future__ import annotations

import itertools
import sys
from typing import Any

__all__ = ["OWNERS", "with_notes"]

_TABLES = {
    # A model's agents are numbered: the owner's class, and where the table is.
    ("mesa.model", "Model"): ("mesa.agent", "Agent", "_ids"),
}
OWNERS = tuple(_TABLES)
"""The modules and names of the classes of such objects."""


def with_notes(obj: Any) -> tuple | None:
    """Return how such an object is made again with what is noted; none if it is none."""
    for (module, name), place in _TABLES.items():
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(obj, kind):
            made, given, state, *rest = (*obj.__reduce_ex__(4), None, None, None)[:5]
            table = _table(place)
            number = repr(table[obj])[len("count(") : -1] if obj in table else None
            return made, given, (state, place, number), *rest, _filled
    return None


def _table(place: tuple[str, str, str]) -> Any:
    module, name, attribute = place
    return getattr(getattr(sys.modules[module], name), attribute)


def _filled(obj: Any, noted: tuple[Any, tuple[str, str, str], str | None]) -> None:
    state, place, number = noted
    if hasattr(obj, "__setstate__"):
        obj.__setstate__(state)
    elif state:
        obj.__dict__.update(state)
    if number is not None:
        _table(place)[obj] = itertools.count(int(number))
