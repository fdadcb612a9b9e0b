"""Generators of random numbers that are objects, and where each stands."""

from __future__ import annotations

import pickle
import random
import sys
from typing import Any

__all__ = ["is_generator", "set_state", "state_of"]


def is_generator(value: Any) -> bool:
    """Tell whether it is a generator of random numbers, but not one of all libraries."""
    kind = type(value)
    if kind is random.Random:
        return value is not getattr(random, "_inst", None)
    # Some classes make a property of their module's name.
    if str(kind.__module__).partition(".")[0] != "numpy":
        return False
    if kind.__name__ == "RandomState":
        mtrand = sys.modules.get("numpy.random.mtrand")
        return value is not getattr(mtrand, "_rand", None)
    return kind.__name__ == "Generator"


def state_of(generator: Any) -> Any:
    """Return what says which numbers come next."""
    if type(generator) is random.Random:
        return generator.getstate()
    source = generator if hasattr(generator, "get_state") else generator.bit_generator
    return pickle.dumps(source.__getstate__())


def set_state(generator: Any, state: Any) -> None:
    """Let those numbers come next that the state says."""
    if type(generator) is random.Random:
        generator.setstate(state)
    else:
        is_old = hasattr(generator, "set_state")
        (generator if is_old else generator.bit_generator).__setstate__(
            pickle.loads(state)
        )
