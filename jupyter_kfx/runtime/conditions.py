"""Process state on its way through the steps: restored, compared and stored again."""

from __future__ import annotations

import math
import os
import re
import sys
from contextlib import suppress
from types import ModuleType
from typing import Any

from . import ambient, artifacts, figures, seeds
from .alarm import Alarm
from .counters import COUNTER, Counters
from .draws import has_drawn
from .exits import NotLoadedError
from .libraries import LIBRARY, Libraries
from .order import Order
from .pickles import Pickle
from .pickling import NotHandedOnError, dump
from .registrations import REGISTRATIONS, Registrations
from .spoken import FIRST_IMPORT, Spoken
from .unpickling import load

__all__ = ["Conditions"]

_SEEDS = re.compile(r"seed|set_?state|manual_seed")

_GENERATORS = {"numpy.random": "numpy.random", "torch": "torch.random"}
"""Modules that cells may be the first to import, and what they bring."""
_NEVER_THERE = (*ambient.RANDOM, REGISTRATIONS, figures.KEY)
"""States that a module does not come with."""
_LIVE = frozenset({"logging", "shell", "signals", "warnings"})
"""States that hold objects which may change inside while they stay the same."""
_UNUSED = (623, 624)
"""Where a Mersenne Twister stands that has been seeded and not used."""


class Conditions:
    """The states that a step finds, and what it makes of them."""

    def __init__(
        self,
        order: Order,
        namespace: dict[str, Any],
        counters: Counters | None = None,
        spoken: Spoken | None = None,
        libraries: Libraries | None = None,
    ) -> None:
        """Take what listens to libraries from the start, if anything does."""
        self._order = order
        self._libraries = libraries or Libraries(order, (), namespace)
        self._counters = counters or Counters()
        self._spoken = spoken or Spoken()
        self._registrations = Registrations(self._spoken.is_import)
        self._counted: dict[str, int] = {}
        self._namespace = namespace
        self._pending = sorted(
            (state["after"], key, state["digest"])
            for key, state in order.ambient.items()
        )
        code = "\n".join(order.code + [s.source for s in order.sources])
        self._asked = [k for k, words in ambient.ASKED.items() if words.search(code)]
        self._alarm = Alarm()
        self._found: dict[str, Any] = {}
        self._tokens: dict[str, str] = {}
        self._drawn = seeds.Asked()
        self._late: dict[str, Any] = {}
        """States that are restored as soon as their packages are loaded."""
        self.held: set[int] = set()
        """The ids of objects that hold values, and are part of a state."""
        self._pickles: list[Pickle] = []
        self.has_files = False
        """Whether a state holds files that are open."""

    @property
    def tokens(self) -> dict[str, str]:
        """What stands for each state that the step found."""
        return self._tokens

    @property
    def asked(self) -> list[str]:
        """States that only some code sees, and that of this step has seen or may see."""
        warned = self._alarm.heard and "warnings" not in self._asked
        return [
            *self._asked,
            *(["warnings"] if warned else ()),
            *([figures.KEY] if figures.is_asked() else ()),
            *self._drawn.keys(self._found),
        ]

    def restore(self, above: float) -> None:
        """Bring back the states that steps with cells above that place left."""
        while self._pending and self._pending[0][0] < above:
            _, key, digest = self._pending.pop(0)
            if key == "matplotlib.backend" and key not in self._asked:
                continue
            try:
                data, buffers, _ = artifacts.read(self._order.artifacts, digest)
                self._put(key, load(data, buffers, holder=self._libraries.holder))
                os.environ.update(self._order.environ)
            except Exception as error:
                message = f"the state of `{key}` cannot be restored: {error!r}"
                raise NotLoadedError(message, artifact=digest) from error

        if above == math.inf:
            self._counted = self._counters.numbers()

    def _put(self, key: str, state: Any) -> None:
        if key.startswith(COUNTER):
            self._counters.restore(key, state)
        elif key == REGISTRATIONS:
            self._registrations.restore(state)
        elif key.startswith(LIBRARY):
            self._libraries.restore(key, state)
        elif key.startswith(FIRST_IMPORT):
            self._spoken.restore(key)
        elif key in seeds.PROVIDERS and seeds.package(key) not in sys.modules:
            self._late[key] = state
        else:
            ambient.restore(key, state)

    def begin(self) -> None:
        """Seed the generators that no step handed on, and remember every state."""
        self._counters.begin(self._counted)
        for key in [k for k in self._late if seeds.package(k) in sys.modules]:
            self._put(key, self._late.pop(key))
        self._drawn.begin()
        ambient.seed(self._order.seed, self._order.ambient)
        self._found = self._captured()
        for key, number in self._counters.numbers().items():
            self._tokens[key] = dump(number, self._namespace).digest()
        for key, state in self._found.items():
            pickled = self._dumped(state)
            if pickled is not None:
                self._tokens[key] = pickled.digest()
                self.has_files = self.has_files or pickled.met.files
        if "warnings" not in self._asked:
            self._alarm.listen()
        self._registrations.listen()
        figures.listen()

    def imported(self, module: ModuleType) -> None:
        """Remember how the state is that a module has when it is imported."""
        self._drawn.imported(module)
        for key in [k for k in self._late if seeds.package(k) == module.__name__]:
            state = self._found[key] = self._late.pop(key)
            self._put(key, state)
            self._tokens[key] = dump(state, self._namespace, fast=True).digest()
        generator = _GENERATORS.get(module.__name__)
        if generator is not None and generator not in self._found:
            others = {*ambient.RANDOM} - {generator}
            ambient.seed(self._order.seed, others | self._order.ambient.keys())
            self._found[generator] = ambient.capture()[generator]
        for key, state in ambient.capture(module.__name__).items():
            if key not in ambient.RANDOM:
                self._found.setdefault(key, state)

    def changed(self) -> tuple[dict[str, Any], list[str], list[str]]:
        """Return the states to store, the generators used, and warnings."""
        sources = "\n".join(self._order.code)
        seeds = bool(_SEEDS.search(sources))
        stored: dict[str, Any] = {}
        random, warnings = [], []
        spoken = self._spoken.changed() - self._order.ambient.keys()
        for key, once in {
            **self._counters.changed(),
            **dict.fromkeys(sorted(spoken), True),
        }.items():
            stored[key] = self._stored(key, dump(once, self._namespace))
        states = {**self._captured(), **self._registrations.changed()}
        for key, state in states.items():
            is_live = key in _LIVE and key in self._tokens
            if key in self._found and _equal(state, self._found[key]) and not is_live:
                continue
            if key not in self._found and key not in _NEVER_THERE:
                continue  # the module came with this step, and so did its state
            if key not in self._found and not seeds and _is_untouched(key, state):
                continue
            if key in ambient.RANDOM:
                random.append(key)
                if key not in self._order.ambient and not seeds:
                    found = self._found.get(key)
                    if found is None or has_drawn(key, found, state):
                        continue
            pickled = self._dumped(state)
            if pickled is None:
                warnings.append(
                    f"the state of `{key}` was changed in a way that cannot be handed "
                    "on: the steps below do not see it. Put what depends on it into "
                    "the same step."
                )
                continue
            if pickled.digest() != self._tokens.get(key):
                self._hold(state)
                stored[key] = self._stored(key, pickled)
        return stored, random, warnings

    def _hold(self, state: Any) -> None:
        """Remember what a state holds; a fast dump does not know its parts."""
        with suppress(NotHandedOnError):
            pickled = dump(state, self._namespace)
            self._pickles.append(pickled)  # ids are given away when objects go
            self.held |= pickled.held()

    def _stored(self, key: str, pickled: Pickle) -> dict[str, Any]:
        digest, size = artifacts.write(
            self._order.artifacts, pickled.file.getvalue(), pickled.buffers, key
        )
        needs = sorted(pickled.met.names())
        return {
            "digest": digest,
            "size": size,
            "token": pickled.digest(),
            "needs": needs,
        }

    def _captured(self) -> dict[str, Any]:
        """Return every state, but for variables that are settings of the step."""
        found = ambient.capture()
        for name in {*self._order.environ, *self._order.secrets}:
            found["environ"].pop(name, None)
        return found

    def _dumped(self, state: Any) -> Pickle | None:
        try:
            return dump(state, self._namespace, fast=True)
        except NotHandedOnError:
            pass
        try:
            return dump(state, self._namespace)
        except NotHandedOnError:
            return None


def _is_untouched(key: str, state: Any) -> bool:
    """Tell whether what came with its module is as it came.

    A generator was not drawn from then, and no figure is open.
    """
    if key == figures.KEY:
        return not state
    return key == "numpy.random" and state[2] in _UNUSED and not state[3]


def _equal(one: Any, other: Any) -> bool:
    numpy = sys.modules.get("numpy")
    both = isinstance(one, tuple) and isinstance(other, tuple)
    if numpy is not None and both and len(one) == len(other):
        return all(
            bool((a == b).all()) if isinstance(a, numpy.ndarray) else a == b
            for a, b in zip(one, other)
        )
    try:
        return bool(one == other)
    except ValueError:
        return False
