"""What a step takes over from the steps above it and hands on to those below."""

from __future__ import annotations

import json
import sys
import types
from typing import Any

from . import artifacts
from .compare import Comparison
from .exits import NotLoadedError
from .mappings import Mappings
from .modules import Modules
from .order import Order
from .pickling import Dumper, NotHandedOnError, dump, load

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
        hidden: frozenset[str],
        modules: Modules,
    ) -> None:
        self._modules = modules
        self._order = order
        self._namespace = namespace
        self._hidden = hidden
        self._mappings = Mappings()
        self._bound: dict[str, Any] = {}
        self._origin: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._classes: dict[str, str] = {}
        self._defined: dict[str, Any] = {}
        self._together: dict[str, frozenset[str]] = {}
        self._content_as_loaded: dict[str, str] = {}
        self._anchors: dict[int, tuple[str, str]] = {}
        self.has_files = False
        """Whether the step takes over files that are open."""

    def load(self) -> None:
        """Bind the values that the step may read, and remember how they are."""
        for group in self._order.groups:
            try:
                data, buffers, mapping = artifacts.read(
                    self._order.artifacts, group["digest"]
                )
                self._mappings.add(group["digest"], mapping)
                values = load(data, buffers)
                self._namespace.update({name: values[name] for name in group["names"]})
            except Exception as error:
                message = f"{', '.join(group['names'])} cannot be loaded: {error!r}"
                raise NotLoadedError(message) from error
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
        dumpers = self._dumped(self._bound, {})
        if any(d.modules & _FIGURES for d in dumpers.values()):
            _choose_backend()
        self._before = {
            name: d.digest(self._mappings.token) for name, d in dumpers.items()
        }
        self._together = _partition(dumpers)
        self.has_files = any(dumper.files for dumper in dumpers.values())
        self._content_as_loaded = {
            name: group["content"][name]
            for group in self._order.groups
            for name in group["names"]
            if name in group["content"]
        }
        self._defined = {
            name: self._namespace.get(name) for name in self._order.definitions
        }
        for name in self._order.definitions:
            self._classes[name] = _class_state(self._namespace.get(name))

    def commit(self) -> dict[str, Any]:
        """Store what the step changed and a later step may need."""
        if self._order.step == SETUP:
            return {"stored": [], "changed": [], "deleted": [], "unavailable": {}}
        now = {n: v for n, v in self._namespace.items() if n not in self._hidden}
        own = self._own_setup(now)
        live = set(now) if self._order.live_all else set(self._order.live)
        unavailable: dict[str, Any] = {}
        for name, value in now.items():
            if name in live and self._is_changed_class(name, value):
                unavailable[name] = {
                    "message": f"`{name}` got other attributes than its definition "
                    "gives it, and that cannot be handed on.",
                    "cure": _CURE,
                }
        standing = own | {
            name
            for name in self._order.definitions
            if name not in self._bound
            and name in now
            and now[name] is self._defined[name]
            and self._is_as_defined(now[name])
        }
        looked = {
            n: v
            for n, v in now.items()
            if n not in standing
            and n not in unavailable
            and (n in live or n in self._bound)
        }
        refused: dict[str, str] = {}
        dumpers = self._dumped(looked, refused)
        content = {
            name: dumper.digest(self._mappings.token)
            for name, dumper in dumpers.items()
        }
        together = _partition(dumpers)
        rebound = {
            n for n in looked if n not in self._bound or self._bound[n] is not now[n]
        }
        doubtful = {
            n for n in dumpers if n not in rebound and content[n] != self._before.get(n)
        }
        changed = rebound | set(refused) | self._changed(doubtful, dumpers)
        for name in dumpers.keys() - changed:
            content[name] = self._content_as_loaded.get(name, content[name])
        for name, why in refused.items():
            if name in live:
                unavailable[name] = {
                    "message": f"`{name}` cannot be handed on: {why}.",
                    "cure": _CURE,
                }
        unavailable.update(self._left_behind(now, live, dumpers))
        stored = []
        for part in {together[name] for name in dumpers if name in live}:
            kept = part & live - set(unavailable)
            if not kept:
                continue
            before = {self._together.get(n, frozenset((n,))) & live for n in kept}
            if not (kept & changed) and before == {kept}:
                continue
            stored.append(self._stored(kept, dumpers, content))
            changed |= kept
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
            "warnings": [
                f"a set in `{name}` may iterate in another order in the steps below; "
                "sort it where the order matters."
                for name in sorted(live & dumpers.keys() & changed)
                if dumpers[name].reorders
            ]
            + [
                f"the traceback of the error in `{name}` is not handed on to the steps "
                "below; format it in the cell that caught the error."
                for name in sorted(live & dumpers.keys() & changed)
                if dumpers[name].tracebacks
            ],
        }

    def _left_behind(
        self, now: dict[str, Any], live: set[str], dumpers: dict[str, Dumper]
    ) -> dict[str, Any]:
        """Return what cannot be used below, because what it relies on stays here."""
        sources = [source.source for source in self._order.sources]
        sources += [cell.source for cell in self._order.cells]
        changed = self._modules.changed("\n".join(sources))
        found: dict[str, Any] = {}
        for name, value in now.items():
            if name not in live:
                continue
            module = self._modules.is_from(value, changed, dumpers.get(name))
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

    def _changed(self, names: set[str], dumpers: dict[str, Dumper]) -> set[str]:
        """Return those of the names whose values are not what they were on loading.

        Pickles differ too where a value only looks up what it knows, or where equal
        strings are one object here and two there; a second loading tells.
        """
        found = names - set(self._origin)
        for digest in sorted({self._origin[name] for name in names - found}):
            try:
                data, buffers, mapping = artifacts.read(self._order.artifacts, digest)
                self._mappings.add(digest, mapping)
                loaded = load(data, buffers, apart=True)
            except Exception:  # what cannot be loaded twice cannot be compared
                found |= {name for name in names if self._origin[name] == digest}
                continue
            here = [
                name
                for name in sorted(dumpers)
                if self._origin.get(name) == digest
                and self._bound[name] is self._namespace[name]
            ]
            doubtful = names.intersection(here)
            changed = {n for n in doubtful if self._differs(loaded, [n])}
            if not changed and self._differs(loaded, here):
                changed = doubtful  # each is as it was, but not what they share
            found |= changed
        return found

    def _differs(self, loaded: dict[str, Any], names: list[str]) -> bool:
        comparison = Comparison(self._mappings.token)
        return any(
            comparison.difference(loaded[name], self._namespace[name]) is not None
            for name in names
        )

    def _rebound(self, names: set[str]) -> set[str]:
        """Return the names that the step bound and nobody below needs."""
        return {n for n in names if n.isidentifier()}

    def _own_setup(self, now: dict[str, Any]) -> set[str]:
        """Return the names that are just what the step's own setup defines."""
        found = set()
        for statement in self._order.own_setup:
            for name in statement.names:
                value = now.get(name)
                inner = getattr(value, "__wrapped__", value)
                if (
                    isinstance(inner, types.FunctionType)
                    and inner.__module__ == "__main__"
                ):
                    is_same = inner.__code__.co_name == name and not _extra(inner)
                    if is_same and inner.__code__.co_firstlineno == statement.line:
                        found.add(name)
                elif statement.kind == "parameter":
                    continue
                elif isinstance(value, type) and value.__module__ == "__main__":
                    if value.__qualname__ == name:
                        found.add(name)
                elif name in now and self._is_as_defined(value):
                    found.add(name)
        return found

    def _is_as_defined(self, value: Any) -> bool:
        if isinstance(value, types.FunctionType):
            return not (value.__module__ == "__main__" and _extra(value))
        kinds = (type, types.ModuleType, types.BuiltinFunctionType)
        return isinstance(value, kinds) or callable(value) or value is None

    def _is_changed_class(self, name: str, value: Any) -> bool:
        state = self._classes.get(name)
        return bool(state) and isinstance(value, type) and _class_state(value) != state

    def _dumped(
        self, values: dict[str, Any], refused: dict[str, str]
    ) -> dict[str, Dumper]:
        found = {}
        self._anchors = self._modules.anchors()
        for name, value in values.items():
            try:
                dumper = dump(value, self._namespace, anchors=self._anchors)
                if dumper.files and self._sets_newlines():
                    refused[name] = "an open file, which does not tell its `newline`"
                else:
                    found[name] = dumper
            except NotHandedOnError as error:
                refused[name] = str(error)
        return found

    def _sets_newlines(self) -> bool:
        above = any("newline" in source.source for source in self._order.sources)
        return above or any("newline" in cell.source for cell in self._order.cells)

    def _stored(
        self, names: frozenset[str], dumpers: dict[str, Dumper], content: dict[str, str]
    ) -> dict[str, Any]:
        values = {name: self._namespace[name] for name in sorted(names)}
        roots = [i for name in names for i in dumpers[name].shared()]
        dumper = dump(values, self._namespace, frozenset(roots), anchors=self._anchors)
        digest, size = artifacts.write(
            self._order.artifacts,
            dumper.file.getvalue(),
            dumper.buffers,
            ", ".join(sorted(names)),
        )
        return {
            "digest": digest,
            "size": size,
            "names": sorted(names),
            "content": {name: content[name] for name in names},
            "needs": sorted(dumper.needs),
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
                    json.dumps(value, allow_nan=False)  # browsers read no NaN
                except (TypeError, ValueError):
                    value = repr(value)
                found[name] = value
        return found


def _choose_backend() -> None:
    """Let figures be shown as where they were made: pyplot chose a backend there."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.switch_backend(pyplot.get_backend())


def _partition(dumpers: dict[str, Dumper]) -> dict[str, frozenset[str]]:
    """Return, for each name, the names that it shares mutable objects with."""
    owner: dict[int, str] = {}
    parent = {name: name for name in dumpers}

    def top(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for name, dumper in dumpers.items():
        for identity in dumper.shared():
            other = owner.setdefault(identity, name)
            parent[top(name)] = top(other)
    groups: dict[str, set[str]] = {}
    for name in dumpers:
        groups.setdefault(top(name), set()).add(name)
    return {name: frozenset(groups[top(name)]) for name in dumpers}


def _extra(function: Any) -> bool:
    """Tell whether a function has state of its own."""
    return bool({k for k in function.__dict__ if k != "__wrapped__"})


def _class_state(value: Any) -> str:
    if not isinstance(value, type) or value.__module__ != "__main__":
        return ""
    plain = {}
    for name, item in vars(value).items():
        if name in ("__dict__", "__weakref__", "__doc__", "__annotations__"):
            continue
        if name.startswith(("_abc", "__abstract", "__static", "__firstlineno")):
            continue
        plain[name] = f"{type(item).__name__}" if callable(item) else repr(item)
    return repr(sorted(plain.items()))
