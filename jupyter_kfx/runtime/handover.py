"""What a step takes over from the steps above it and hands on to those below."""

from __future__ import annotations

import functools
import sys
import types
from json import dumps  # cells may patch the module
from typing import Any, Callable, Container, Iterable

from . import artifacts, drawing
from .arrays import sealed
from .compare import Comparison
from .databases import UNTOLD
from .exits import NotLoadedError, VersionMismatchError
from .libraries import Libraries
from .lingering import Lingering
from .mappings import Mappings
from .modules import Modules
from .opened import NotRecreatedError
from .order import Order
from .pickles import Pickle
from .pickling import NotHandedOnError, dump
from .purity import names_used
from .questions import unanswered
from .raised import missing
from .reach import Reach, leading
from .sharing import partition
from .standing import names_of_setup
from .states import state_of
from .unpickling import load

__all__ = ["SETUP", "Handover"]

SETUP = "(setup)"
"""Name of the execution of the cells that are setup alone: it hands nothing on."""
_FIGURES = frozenset({"matplotlib.figure", "matplotlib.axes._axes"})
_CURE = "Make it in the step that uses it, or put both cells into one step."


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
        self._mappings = Mappings()
        self._bound: dict[str, Any] = {}
        self._origin: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._states: dict[str, Any] = {}
        self._defined: dict[str, Any] = {}
        self._replayed = {name for each in order.own_setup for name in each.names}
        self._replayed |= order.definitions.keys()
        self._together: dict[str, frozenset[str]] = {}
        self._content_as_loaded: dict[str, str] = {}
        self._anchors: dict[int, tuple[str, str]] = {}
        self.has_files = False
        """Whether the step takes over files that are open."""
        self.databases: set[str] = set()
        """Files of databases to which the step takes over connections."""

    def load(self) -> None:
        """Bind the values that the step may read, and remember how they are."""
        self._libraries.look()
        lost = self._libraries.lost()
        if lost is not None:
            raise NotLoadedError(f"{lost}.", cure=_CURE)
        for group in self._order.groups:
            try:
                data, buffers, mapping = artifacts.read(
                    self._order.artifacts, group["digest"], strict=True
                )
                self._mappings.add(group["digest"], mapping)
                values = load(data, buffers, holder=self._libraries.holder)
                self._namespace.update({name: values[name] for name in group["names"]})
            except VersionMismatchError as error:
                message = f"{', '.join(group['names'])} cannot be loaded: {error}. "
                message += "Run the step that made it again, in this environment."
                raise VersionMismatchError(message) from None
            except Exception as error:
                names = ", ".join(f"`{name}`" for name in group["names"])
                if not artifacts.is_whole(self._order.artifacts, group["digest"]):
                    message = f"the stored value of {names} is damaged. "
                    message += "`jupyter kfx store check --remove` removes it; the "
                    message += "next run computes it anew."
                    raise NotLoadedError(message) from None
                if isinstance(error, NotRecreatedError):
                    raise NotLoadedError(
                        f"{names} cannot be handed on: {error}.",
                        cure=_CURE,
                        artifact=group["digest"],
                    ) from None
                message = (
                    f"{names} cannot be handed on, for it cannot be loaded again: "
                )
                raise NotLoadedError(
                    f"{message}{error!r}.",
                    missing(error),
                    cure=_CURE,
                    artifact=group["digest"],
                ) from error
            for name in group["names"]:
                self._bound[name] = self._namespace[name]
                self._origin[name] = group["digest"]
        parameters = {
            name
            for statement in self._order.setup
            if statement.kind == "parameter"
            for name in statement.names
        }
        for name in parameters & set(self._order.definitions):
            if name in self._namespace:
                self._bound.setdefault(name, self._namespace[name])
        pickles = self._dumped(self._bound, {})
        if any(d.met.modules & _FIGURES for d in pickles.values()):
            _choose_backend()
        self._before = {
            name: d.digest(self._mappings.token) for name, d in pickles.items()
        }
        self._together = partition(pickles)
        asked = unanswered(self._order, self._bound, pickles, self._compared)
        if asked is not None:
            name, why, cure = asked
            raise NotLoadedError(
                why, cure=cure or _CURE, artifact=self._origin.get(name)
            )
        self.has_files = any(pickled.met.files for pickled in pickles.values())
        self.databases = {
            path for d in pickles.values() for path in d.met.databases if path
        }
        self._content_as_loaded = {
            name: group["content"][name]
            for group in self._order.groups
            for name in group["names"]
            if name in group["content"]
        }
        self._defined = {
            name: self._namespace.get(name) for name in self._order.definitions
        }
        self._states = {
            name: state_of(value, self._namespace)
            for name, value in self._defined.items()
            if isinstance(value, (types.FunctionType, type))
        }
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
        standing = names_of_setup(
            self._order.own_setup,
            now,
            self._rebound_anew,
            self._namespace,
            self._execute,
            self._libraries.anchors,
        )
        standing |= {n for n in self._order.definitions if self._is_as_defined(n, now)}
        unavailable = self._unlike_setup(now, live, standing, {})
        looked = {
            n: v
            for n, v in now.items()
            if n not in standing
            and n not in unavailable
            and (n in live or n in self._bound)
        }
        refused: dict[str, str] = {}
        pickles = self._dumped(looked, refused)
        todo = live & pickles.keys()
        while todo:
            # What functions use from inside of values, nobody has seen in the code.
            used = {
                name
                for each in todo
                for name in pickles[each].met.needs | pickles[each].met.definitions
            }
            todo = used & now.keys() - live - standing - unavailable.keys()
            live |= todo
            fresh = {name: now[name] for name in todo - looked.keys()}
            looked.update(fresh)
            pickles.update(self._dumped(fresh, refused))
            todo &= pickles.keys()
        if "numpy" in sys.modules:
            for name, why in sealed(
                {n: d.arrays() for n, d in pickles.items()}
            ).items():
                refused[name] = why
                del pickles[name]
        content = {
            name: pickled.digest(self._mappings.token)
            for name, pickled in pickles.items()
        }
        together = partition(pickles)
        rebound = {
            n for n in looked if n not in self._bound or self._bound[n] is not now[n]
        }
        doubtful = {
            n for n in pickles if n not in rebound and content[n] != self._before.get(n)
        }
        changed = rebound | set(refused) | self._changed(doubtful, pickles, together)
        changed |= {
            n
            for n in pickles.keys() - live
            if together[n] != self._together.get(n, frozenset((n,)))
        }
        for name in pickles.keys() - changed:
            content[name] = self._content_as_loaded.get(name, content[name])
        for name, why in refused.items():
            if name in live:
                unavailable[name] = _not_handed_on(name, why)
        unavailable.update(self._unlike_setup(now, live, standing, pickles))
        ambient = self._libraries.commit(
            {n: d for n, d in pickles.items() if n in live}
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
            before = {self._together.get(n, frozenset((n,))) & live for n in kept}
            if not (kept & changed) and before == {kept}:
                continue
            changed |= part  # what is not kept shares no more with what is
            try:
                stored.append(self._stored(kept, pickles, content))
            except NotHandedOnError as error:
                unavailable.update({n: _not_handed_on(n, str(error)) for n in kept})
        anew = {
            n for n, v in now.items() if n not in looked and n not in standing
        } - set(unavailable)
        return {
            "stored": stored,
            "changed": sorted(changed | set(unavailable) | self._rebound(anew)),
            "deleted": sorted(
                (set(self._bound) | set(self._order.definitions)) - set(now)
            ),
            "unavailable": unavailable,
            "metrics": self._metrics(),
            "ambient": ambient,
            "warnings": [
                f"a set in `{name}` may iterate in another order in the steps below; "
                "sort it where the order matters."
                for name in sorted(live & pickles.keys() & changed)
                if pickles[name].met.reorders
            ]
            + [
                f"the traceback of the error in `{name}` is not handed on to the steps "
                "below; format it in the cell that caught the error."
                for name in sorted(live & pickles.keys() & changed)
                if pickles[name].met.tracebacks
            ],
        }

    def _put_back(self) -> None:
        """Bind what came along once more, unless the cells have bound the names anew."""
        for name in self._order.beside:
            if name in self._namespace:
                self._bound.pop(name, None)
            elif name in self._bound:
                self._namespace[name] = self._bound[name]

    def untouched(self) -> set[str]:
        """Return the names that stand for what setup above defines."""
        there = self._namespace
        return {n for n, value in self._defined.items() if there.get(n) is value}

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

    def _changed(
        self,
        names: set[str],
        pickles: dict[str, Pickle],
        together: dict[str, frozenset[str]],
    ) -> set[str]:
        """Return those of the names whose values are not what they were on loading.

        Pickles differ too where a value only looks up what it knows, or where equal
        strings are one object here and two there; a second loading tells.
        """
        found = names - set(self._origin)
        for digest in sorted({self._origin[name] for name in names - found}):
            try:
                data, buffers, mapping = artifacts.read(self._order.artifacts, digest)
                self._mappings.add(digest, mapping)
                holder = self._libraries.holder
                loaded = load(data, buffers, apart=True, holder=holder)
            except Exception:  # what cannot be loaded twice cannot be compared
                found |= {name for name in names if self._origin[name] == digest}
                continue
            here = [
                name
                for name in sorted(pickles)
                if self._origin.get(name) == digest
                and name in self._bound
                and self._bound[name] is self._namespace[name]
            ]
            doubtful = names.intersection(here)
            if self._differs(loaded, here):
                changed = self._changed_parts(loaded, doubtful, together)
                # Each may be as it was, but not what they share.
                found |= changed or doubtful
        return found

    def _changed_parts(
        self,
        loaded: dict[str, Any],
        names: set[str],
        together: dict[str, frozenset[str]],
    ) -> set[str]:
        """Return the names whose values differ, or share with others that do."""
        parts = {together[name] & names for name in names}
        if len(parts) == 1:
            return names
        return {
            n for part in parts if self._differs(loaded, sorted(part)) for n in part
        }

    def _differs(self, loaded: dict[str, Any], names: list[str]) -> bool:
        comparison = Comparison(self._mappings.token)
        return any(
            comparison.difference(loaded[name], self._namespace[name]) is not None
            for name in names
        )

    def _rebound(self, names: set[str]) -> set[str]:
        """Return the names that the step bound and nobody below needs."""
        return {n for n in names if n.isidentifier()}

    def _unlike_setup(
        self,
        now: dict[str, Any],
        live: set[str],
        standing: set[str],
        pickles: dict[str, Pickle],
    ) -> dict[str, Any]:
        """Return what later steps cannot define, or not find defined, as it is here."""
        setup = self._replayed
        found = {}
        for name in sorted(setup & now.keys() - standing):
            value = now[name]
            if not isinstance(value, type) or value.__module__ != "__main__":
                continue
            if value.__qualname__ == name:  # under another it is kept by its own
                found[name] = f"{_why(name, setup)}, and cannot be handed on."
        for name in sorted(pickles.keys() & live):
            for other in sorted(pickles[name].met.definitions - standing)[:1]:
                found[name] = f"`{name}` cannot be handed on: {_why(other, setup)}."
        return {name: {"message": why, "cure": _CURE} for name, why in found.items()}

    def _is_as_defined(self, name: str, now: dict[str, Any]) -> bool:
        """Tell whether a name is what setup above defines, and nothing more."""
        if name in self._bound or name not in now:
            return False
        value = now[name]
        kinds = (types.FunctionType, type)
        if value is not self._defined[name]:
            return False
        if isinstance(value, kinds) and value.__module__ == "__main__":
            return bool(state_of(value, self._namespace) == self._states[name])
        if id(value) in self._libraries.anchors:
            return True
        is_code = isinstance(value, types.ModuleType) or callable(value)
        return is_code or value is None or type(value).__module__ == "typing"

    def _dumped(
        self, values: dict[str, Any], refused: dict[str, str]
    ) -> dict[str, Pickle]:
        found = {}
        self._anchors = {**_process(), **self._libraries.anchors}
        reach = Reach()
        for name, value in leading(values).items():
            try:
                pickled = dump(
                    value,
                    self._namespace,
                    anchors=self._anchors,
                    replayed=self._replayed,
                    reach=reach,
                )
                reach.add(value, pickled)
                if pickled.met.files and self._says("newline"):
                    refused[name] = "an open file, which does not tell its `newline`"
                elif pickled.met.databases and (word := self._says(*UNTOLD)):
                    refused[name] = f"a connection, which does not tell its `{word}`"
                else:
                    found[name] = pickled
            except NotHandedOnError as error:
                refused[name] = str(error)
        return found

    def _says(self, *words: str) -> str:
        """Return the first of some words that the code uses up to here, or nothing."""
        codes = [*(source.source for source in self._order.sources), *self._order.code]
        return next((w for w in words if any(w in code for code in codes)), "")

    def _stored(
        self, names: frozenset[str], pickles: dict[str, Pickle], content: dict[str, str]
    ) -> dict[str, Any]:
        values = {name: self._namespace[name] for name in sorted(names)}
        parts = [pickles[name] for name in names]
        roots = [i for each in parts for i in (*each.shared(), *each.lent())]
        memory = [s for name in sorted(names) for s in pickles[name].met.storages]
        together = functools.partial(
            dump,
            values,
            self._namespace,
            frozenset(roots),
            anchors=self._anchors,
            memory=tuple(memory),
            replayed=self._replayed,
        )
        pickled = together()
        used = pickled.attributes.used()
        if used:
            pickled = together(attributes=used)
        digest, size = artifacts.write(
            self._order.artifacts,
            pickled.file.getvalue(),
            pickled.buffers,
            ", ".join(sorted(names)),
            pickled.met.modules,
        )
        return {
            "digest": digest,
            "size": size,
            "names": sorted(names),
            "content": {name: content[name] for name in names},
            "needs": sorted(pickled.met.names()),
            "definitions": sorted(pickled.met.definitions),
            "modules": sorted(pickled.met.modules),
            "types": {
                name: f"{type(value).__module__}.{type(value).__qualname__}"
                for name, value in values.items()
            },
        }

    def _metrics(self) -> dict[str, Any]:
        found = {}
        for name in self._order.metrics:
            if name in self._namespace:
                value = self._namespace[name]
                value = value.item() if hasattr(value, "item") else value
                try:
                    dumps(value, allow_nan=False)  # browsers read no NaN
                except (TypeError, ValueError):
                    value = repr(value)
                found[name] = value
        return found


def _why(name: str, setup: set[str]) -> str:
    if name in setup:
        return f"`{name}` is no longer what its definition makes of it"
    return f"`{name}` is defined with values that only this step has"


def _process() -> dict[int, tuple[str, str]]:
    """Return where that is found which a process has one of, by its ids."""
    places = (
        *(("os", "environ"), ("sys", "path"), ("sys", "argv"), ("sys", "modules")),
        ("warnings", "filters"),
    )
    maps = {id(each): ("matplotlib.cm", n) for n, each in drawing.colormaps().items()}
    return {**maps, **{id(getattr(sys.modules[m], n)): (m, n) for m, n in places}}


def _choose_backend() -> None:
    """Let figures be shown as where they were made: pyplot chose a backend there."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.switch_backend(pyplot.get_backend())


def _not_handed_on(name: str, why: str) -> dict[str, str]:
    return {"message": f"`{name}` cannot be handed on: {why}.", "cure": _CURE}
