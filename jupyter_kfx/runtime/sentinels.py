"""Objects of libraries that mean something by being that very object."""

from __future__ import annotations

import sys
from typing import Any, Iterable

__all__ = ["place_of", "texts"]

_TEXTS = (("argparse", "SUPPRESS"), ("optparse", "SUPPRESS_HELP"))
"""Strings that a library asks for with `is`."""
_BARE = 32
"""Bytes that an object has whose class adds nothing but a dictionary, at most."""


def texts() -> dict[int, tuple[str, str]]:
    """Return where such strings are, by their ids."""
    return {
        id(vars(sys.modules[module])[name]): (module, name)
        for module, name in _TEXTS
        if module in sys.modules
    }


def place_of(obj: Any) -> tuple[str, str] | None:
    """Return the module and the name of an object without any state of its own."""
    kind = type(obj)
    if kind is object:
        return _found(obj, list(sys.modules))
    if kind.__module__ == "__main__" or kind.__basicsize__ > _BARE:
        return None
    if getattr(obj, "__dict__", None) or isinstance(obj, (list, dict, set)):
        return None
    return _found(obj, [kind.__module__])


def _found(obj: Any, modules: Iterable[str]) -> tuple[str, str] | None:
    for module in modules:
        if module in ("__main__", "builtins"):
            continue
        for name, value in list(vars(sys.modules.get(module, sys)).items()):
            if value is obj:
                return module, name
    return None
