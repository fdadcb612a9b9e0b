"""Generators of TensorFlow and Keras, which other generators do not move along with."""

from __future__ import annotations

import functools
import sys
from types import ModuleType
from typing import Any, Callable

__all__ = ["PROVIDERS", "Asked", "package"]

_EAGER = "tensorflow.python.eager.context"
_KERAS = "keras.src.random.seed_generator"
_TENSORFLOW = "tensorflow.random"
_OPERATIONS = "tensorflow.python.framework.random_seed"
"""The module whose `get_seed` all random operations call."""


class Asked:
    """Which of the generators the code of a step has used.

    Operations with a seed of their own use TensorFlow's without changing it.
    """

    def __init__(self) -> None:
        self._has_drawn = False

    def begin(self) -> None:
        """Listen to TensorFlow's operations if they are there."""
        if _OPERATIONS in sys.modules:
            self.imported(sys.modules[_OPERATIONS])

    def imported(self, module: ModuleType) -> None:
        """Listen to TensorFlow's operations once they are there."""
        if module.__name__ != _OPERATIONS:
            return
        original = vars(module)["get_seed"]

        @functools.wraps(original)
        def get_seed(op_seed: Any) -> Any:
            self._has_drawn = True
            return original(op_seed)

        vars(module)["get_seed"] = get_seed

    def keys(self, before: dict[str, Any]) -> list[str]:
        """Return the states that were used; `before` says how they were."""
        now = {k: get() for k, (m, get, _) in PROVIDERS.items() if m in sys.modules}
        return [
            key
            for key, state in now.items()
            if state != before.get(key, ()) or (key == _TENSORFLOW and self._has_drawn)
        ]


def package(key: str) -> str:
    """Return the package that has to be loaded for a state to be restored.

    It takes seconds to load, so nobody loads it for the state alone.
    """
    return PROVIDERS[key][0].partition(".")[0]


def _tensorflow() -> tuple:
    """Return the seed, and the state of what draws a seed for each operation.

    Nothing as long as no seed was set.
    """
    context = sys.modules[_EAGER].context_safe()
    if context is None or context._seed is None:
        return ()
    return context._seed, context._rng.getstate()


def _set_tensorflow(state: tuple) -> None:
    context = sys.modules[_EAGER].context()
    if not state:
        context._seed = None
        return
    seed, generator = state
    context._set_global_seed(seed)
    context._rng.setstate(generator)


def _keras() -> tuple:
    """Return the name and the numbers of the generator that all of Keras shares."""
    module = sys.modules[_KERAS]
    found = module.global_state.get_global_attribute(module.GLOBAL_SEED_GENERATOR)
    if found is None:
        return ()
    numbers = module.backend.convert_to_numpy(found.state).tolist()
    return (found.name, *numbers)


def _set_keras(state: tuple) -> None:
    module = sys.modules[_KERAS]
    generator = None
    if state:
        name, *numbers = state
        generator = module.SeedGenerator(0, name=name)
        generator.state.assign(numbers)
    module.global_state.set_global_attribute(module.GLOBAL_SEED_GENERATOR, generator)


PROVIDERS: dict[str, tuple[str, Callable[[], Any], Callable[[Any], Any]]] = {
    _TENSORFLOW: (_EAGER, _tensorflow, _set_tensorflow),
    "keras.random": (_KERAS, _keras, _set_keras),
}
"""The module of each state, and what gets and sets it."""
