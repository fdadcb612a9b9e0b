"""What a step takes over from the steps above it and hands on to those below."""

from __future__ import annotations

import sys
from typing import Any, Callable, Container, Iterable

from . import figures
from .arrays import sealed
from .definitions import Definitions
from .exits import CURE, NotLoadedError
from .groups import Groups
from .inputs import Inputs
from .libraries import Libraries
from .lingering import Lingering
from .metrics import metrics
from .modules import Modules
from .order import Order
from .pickles import Pickle
from .pickling import NotHandedOnError
from .purity import names_used
from .questions import unanswered
from .sharing import partition
from .standing import names_of_setup

__all__ = ["SETUP", "Handover"]

SETUP = "(setup)"
"""Name of the execution of the cells that are setup alone: it hands nothing on."""


class Handover:
    """The step's namespace: filled from artifacts, compared, and stored again."""

    def __init__(
        self,
        order: Order,
        namespace: dict[str, Any],
        hidden: Callable[[], frozenset[str]],
        modules: Modules,
        libraries: Libraries,
        rebound: set[str],
        execute: Callable[[str, str, dict[str, Any]], None],
        compared: Container[str] = (),
    ) -> None:
        """Take over a namespace; the cells bind `rebound` by more than setup.

        `execute` runs code, which has a file name, in a namespace. The cells ask of those
        that are `compared` which object they are.
        """
        self._compared = compared
        self._execute = execute
        self._rebound_anew = rebound
        self._modules = modules
        self._libraries = libraries
        self._order = order
        self._namespace = namespace
        self._hidden = hidden
        self._definitions = Definitions(order, namespace, libraries)
        self._groups = Groups(order, namespace, libraries, self._definitions.names)
        self._inputs = Inputs(namespace, self._groups)
        self.has_files = False
        """Whether the step takes over files that are open."""
        self.databases: set[str] = set()
        """Files of databases to which the step takes over connections."""

    def load(self) -> None:
        """Bind the values that the step may read, and remember how they are."""
        self._libraries.look()
        lost = self._libraries.lost()
        if lost is not None:
            raise NotLoadedError(f"{lost}.", cure=CURE)
        for group in self._order.groups:
            self._inputs.bind(group)
        bound = self._inputs.bound
        parameters = {
            name
            for statement in self._order.setup
            if statement.kind == "parameter"
            for name in statement.names
        }
        for name in parameters & set(self._order.definitions):
            if name in self._namespace:
                bound.setdefault(name, self._namespace[name])
        pickles = self._groups.pickled(bound, {})
        figures.choose_backend(each.met.modules for each in pickles.values())
        self._inputs.remember(pickles)
        asked = unanswered(self._order, bound, pickles, self._compared)
        if asked is not None:
            name, why, cure = asked
            origin = self._inputs.origin.get(name)
            raise NotLoadedError(why, cure=cure or CURE, artifact=origin)
        self.has_files = any(each.met.files for each in pickles.values())
        self.databases = {
            path for each in pickles.values() for path in each.met.databases if path
        }
        self._definitions.remember()
        self._libraries.look()  # values may have brought modules along
        # A step that uses what only came along must be seen to do so.
        for name in self._order.beside:
            self._namespace.pop(name, None)

    def commit(
        self,
        lingering: Lingering,
        held: set[int] | None = None,
        needs: Iterable[str] = (),
    ) -> dict[str, Any]:
        """Store what the step changed and a later step may need.

        `held` are the ids of objects that are part of the process's state too, and
        `needs` the names that functions in that state use.
        """
        if self._order.step == SETUP:
            return {"stored": [], "changed": [], "deleted": [], "unavailable": {}}
        self._put_back()
        # Before setup is executed once more to be compared with, which may register it.
        self._libraries.take()
        hidden = self._hidden()
        now = {n: v for n, v in self._namespace.items() if n not in hidden}
        live = set(now) if self._order.live_all else set(self._order.live)
        live |= names_used(needs, now)
        standing = self._standing(now)
        unavailable = self._definitions.unavailable(now, live, standing, {})
        looked = {
            n: v
            for n, v in now.items()
            if n not in standing
            and n not in unavailable
            and (n in live or n in self._inputs.bound)
        }
        refused: dict[str, str] = {}
        others = standing | unavailable.keys()
        pickles = self._pickled(looked, now, live, others, refused)
        content = self._groups.digests(pickles)
        together = partition(pickles)
        changed = self._inputs.changed(looked, pickles, content, together)
        changed |= refused.keys()
        changed |= {
            n for n in pickles.keys() - live if together[n] != self._inputs.partners(n)
        }
        for name in pickles.keys() - changed:
            content[name] = self._inputs.content(name, content[name])
        for name, why in refused.items():
            if name in live:
                unavailable[name] = _not_handed_on(name, why)
        unavailable.update(self._definitions.unavailable(now, live, standing, pickles))
        ambient = self._libraries.commit(
            {n: pickled for n, pickled in pickles.items() if n in live}
        )
        unavailable.update(self._left_behind(now, live, pickles))
        unavailable.update(lingering.unavailable(live))
        for name in live & pickles.keys():
            if held and held & pickles[name].held():
                why = "it is also used by a setting of the process, as handlers of logs"
                unavailable[name] = _not_handed_on(name, why)
        unavailable.update(self._libraries.unavailable(live & now.keys()))
        stored = []
        for part in {together[name] for name in pickles if name in live}:
            kept = part & live - set(unavailable)
            if not kept:
                continue
            before = {self._inputs.partners(n) & live for n in kept}
            if not (kept & changed) and before == {kept}:
                continue
            changed |= part  # what is not kept shares no more with what is
            try:
                stored.append(self._groups.store(kept, pickles, content))
            except NotHandedOnError as error:
                unavailable.update({n: _not_handed_on(n, str(error)) for n in kept})
        # What the step bound and nobody below needs.
        anew = now.keys() - looked.keys() - standing - unavailable.keys()
        above = set(self._inputs.bound) | set(self._order.definitions)
        told = {n: pickles[n] for n in sorted(live & pickles.keys() & changed)}
        return {
            "stored": stored,
            "changed": sorted(
                {*changed, *unavailable, *(n for n in anew if n.isidentifier())}
            ),
            "deleted": sorted(above - set(now)),
            "unavailable": unavailable,
            "metrics": metrics(self._order.metrics, self._namespace),
            "ambient": ambient,
            "warnings": [*_warnings(told)],
        }

    def _pickled(
        self,
        looked: dict[str, Any],
        now: dict[str, Any],
        live: set[str],
        others: set[str],
        refused: dict[str, str],
    ) -> dict[str, Pickle]:
        """Return the pickles of the values that are looked at, and of what they use.

        That is then live, and looked at, unless it is among the `others`.
        """
        pickles = self._groups.pickled(looked, refused)
        todo = live & pickles.keys()
        while todo:
            # What functions use from inside of values, nobody has seen in the code.
            used = {name for each in todo for name in pickles[each].met.names()}
            todo = used & now.keys() - live - others
            live |= todo
            fresh = {name: now[name] for name in todo - looked.keys()}
            looked.update(fresh)
            pickles.update(self._groups.pickled(fresh, refused))
            todo &= pickles.keys()
        if "numpy" in sys.modules:
            arrays: dict[str, Iterable[Any]] = {
                n: pickled.arrays() for n, pickled in pickles.items()
            }
            for name, why in sealed(arrays).items():
                refused[name] = why
                del pickles[name]
        return pickles

    def untouched(self) -> set[str]:
        """Return the names that stand for what setup above defines."""
        return self._definitions.untouched()

    def _put_back(self) -> None:
        """Bind what came along once more, unless the cells have bound the names anew."""
        bound = self._inputs.bound
        for name in self._order.beside:
            if name in self._namespace:
                bound.pop(name, None)
            elif name in bound:
                self._namespace[name] = bound[name]

    def _standing(self, now: dict[str, Any]) -> set[str]:
        """Return the names that are just what setup, above and here, defines."""
        found = names_of_setup(
            self._order.own_setup,
            now,
            self._rebound_anew,
            self._namespace,
            self._execute,
            self._libraries.anchors,
        )
        return found | self._definitions.standing(now, self._inputs.bound)

    def _left_behind(
        self, now: dict[str, Any], live: set[str], pickles: dict[str, Pickle]
    ) -> dict[str, Any]:
        """Return what cannot be used below, because what it relies on stays here."""
        changed = {**self._libraries.left_behind, **self._modules.changed()}
        found: dict[str, Any] = {}
        for name, value in now.items():
            if name not in live:
                continue
            module = self._modules.is_from(value, changed, pickles.get(name))
            if module is not None:
                found[name] = {
                    "message": f"the module `{module}`, which `{name}` uses, "
                    f"{changed[module]}, and that is not handed on.",
                    "cure": "Keep what changes in a variable of the notebook, or put "
                    "the cells into one step.",
                }
        for name in self._modules.called() & live:
            found[name] = {
                "message": f"`{name}` has cached results, and does more than compute "
                "them: it would do so again in the steps below.",
                "cure": "Call it in one step, or do without its cache.",
            }
        return found


def _warnings(pickles: dict[str, Pickle]) -> Iterable[str]:
    """Give what those of the steps below should know who use such values."""
    for name, pickled in pickles.items():
        if pickled.met.reorders:
            yield (
                f"a set in `{name}` may iterate in another order in the steps below; "
                "sort it where the order matters."
            )
    for name, pickled in pickles.items():
        if pickled.met.tracebacks:
            yield (
                f"the traceback of the error in `{name}` is not handed on to the steps "
                "below; format it in the cell that caught the error."
            )


def _not_handed_on(name: str, why: str) -> dict[str, str]:
    return {"message": f"`{name}` cannot be handed on: {why}.", "cure": CURE}
