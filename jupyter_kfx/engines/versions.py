"""Which version of each name a step sees, and whether what it saw still holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_kfx.engines.protocol import AmbientState, Group, Observation, Unavailable
from jupyter_kfx.runtime.counters import COUNTER
from jupyter_kfx.runtime.figures import KEY as FIGURES
from jupyter_kfx.runtime.spoken import FIRST_IMPORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_kfx.pipeline.model import SetupStatement, Step

__all__ = [
    "Definition",
    "Reading",
    "Version",
    "View",
    "current",
    "is_used_by_change",
    "resolve",
]

RANDOM_STATES = frozenset({"random", "numpy.random", "torch.random"})
"""Ambient states whose use always changes them, so one left alone was not read."""
ONCE_STATES = (COUNTER, FIRST_IMPORT)
"""How the names of ambient states begin that count for what changes them alone."""
ASKED_STATES = frozenset(
    {"matplotlib.backend", FIGURES, "tensorflow.random", "keras.random"}
)
"""Ambient states that count only where the observation says that they were asked for."""


def is_used_by_change(key: str) -> bool:
    """Tell whether an ambient state matters to no step that leaves it as it is."""
    return key in RANDOM_STATES or key == "warnings" or key.startswith(ONCE_STATES)


@dataclass(frozen=True)
class Definition:
    """A name that stands for a setup statement, by its position in the setup."""

    statement: int


Version = Definition | Group | Unavailable


@dataclass
class View:
    """The versions that are current at one place of the notebook."""

    names: dict[str, Version] = field(default_factory=dict)
    ambient: dict[str, AmbientState] = field(default_factory=dict)

    def copy(self) -> View:
        """Return a view that can be changed without changing this one."""
        return View(dict(self.names), dict(self.ambient))

    def members(self, group: Group) -> frozenset[str]:
        """Return the names that a group still stands for.

        A name bound anew since the group was stored belongs to another version.
        """
        return frozenset(n for n in group.names if self.names.get(n) is group)

    def define(self, statement: int, names: Iterable[str]) -> None:
        """Let names stand for a setup statement."""
        definition = Definition(statement)
        self._orphan({n for n in names if self.names.get(n) != definition})
        self.names.update(dict.fromkeys(names, definition))

    def leave_out(self, step: Step) -> None:
        """Let nothing below use what a step would have changed that does not run."""
        for name in {*step.writes, *step.mutates, *step.deletes}:
            self.names[name] = Unavailable(
                f"`{name}` may be changed by step `{step.name}`, which is not part of "
                "this run.",
                f"Run step `{step.name}` too.",
            )

    def apply(self, observation: Observation) -> None:
        """Take over what an execution changed."""
        self._orphan(observation.changed | observation.deleted)
        for name in observation.deleted:
            self.names.pop(name, None)
        kept = {name for group in observation.stored for name in group.names}
        for name in observation.changed - kept - observation.deleted:
            self.names[name] = Unavailable(
                f"`{name}` was changed by a step whose result was not kept, because no "
                "later step was seen to use it.",
                f"Mention `{name}` in the code of the step that uses it.",
            )
        self.names.update(observation.unavailable)
        for group in observation.stored:
            self.names.update(dict.fromkeys(group.names, group))
        self.ambient.update(observation.ambient)

    def _orphan(self, definitions: Iterable[str]) -> None:
        """Let nothing below use what refers to definitions that hold no longer.

        Instances are stored with the names of their classes.
        """
        gone = frozenset(definitions) & self.names.keys()
        for name, version in list(self.names.items()):
            if isinstance(version, Group) and (old := version.definitions & gone):
                kind = min(old)
                self.names[name] = Unavailable(
                    f"`{name}` is kept with something that refers to `{kind}`, and "
                    f"`{kind}` has become something else since.",
                    f"Leave `{kind}` as it is defined, or put the cells into one step.",
                )


@dataclass(frozen=True)
class Reading:
    """What an execution was given: the versions and the company they came in."""

    versions: Mapping[str, Version | None]
    """Each name it may read, with its version at the start; none if it had none."""
    members: Mapping[str, frozenset[str]]
    """For a name from a group: the names that the group stood for."""
    ambient: Mapping[str, AmbientState]
    beside: frozenset[str] = frozenset()
    """Names that it was given only because they share a group with one that it reads."""

    @property
    def groups(self) -> tuple[tuple[Group, frozenset[str]], ...]:
        """The groups to load, each with the names to bind from it."""
        found: dict[Group, frozenset[str]] = {}
        for name, version in self.versions.items():
            if isinstance(version, Group):
                found[version] = self.members[name]
        return tuple(found.items())

    def broken(self, view: View, observation: Observation) -> str | None:
        """Return what would be another thing on this view, or none.

        Contents and sharing of what it loaded must be as they were, and what it stored
        must come from the very versions that are current, or it would undo another
        step's change.
        """
        stored = {name for group in observation.stored for name in group.names}
        stored |= observation.changed | observation.deleted
        return self._broken_name(view, stored) or self._broken_state(view, observation)

    def is_current(self, view: View) -> bool:
        """Tell whether the view gives the very same versions as at the start."""
        return (
            all(view.names.get(n) == v for n, v in self.versions.items())
            and all(
                view.members(v) == self.members[n]
                for n, v in self.versions.items()
                if isinstance(v, Group)
            )
            and dict(self.ambient) == view.ambient
        )

    def _broken_name(self, view: View, stored: set[str]) -> str | None:
        loaded = {n for n, v in self.versions.items() if isinstance(v, Group)}
        for name, then in self.versions.items():
            if name in self.beside and name not in stored:
                continue  # nothing can have come of what it holds
            if not self._name_holds(name, then, view, loaded, stored):
                return name
        return None

    def _name_holds(
        self,
        name: str,
        then: Version | None,
        view: View,
        loaded: set[str],
        stored: set[str],
    ) -> bool:
        now = view.names.get(name)
        if not isinstance(then, Group):
            return now == then
        if not isinstance(now, Group):
            return False
        if now.content.get(name) != then.content.get(name):
            return False
        company, today = self.members[name], view.members(now)
        if now is then and company == today:
            return True
        return company & loaded == today & loaded and not stored & (company | today)

    def _broken_state(self, view: View, observation: Observation) -> str | None:
        seen = observation.observed
        used = {k for k in observation.ambient if is_used_by_change(k)}
        used |= {*seen.get("random", ()), *seen.get("asked", ())}
        for key in sorted({*view.ambient, *self.ambient}):
            now = view.ambient.get(key)
            if now == self.ambient.get(key):
                continue
            if now is not None and now.token == observation.conditions.get(key):
                continue  # its own settings made it the same
            if key in used or not (is_used_by_change(key) or key in ASKED_STATES):
                return key
        return None


def resolve(
    view: View, reads: Iterable[str], setup: Sequence[SetupStatement]
) -> Reading:
    """Return everything that reading those names brings along.

    A definition brings the globals that its code uses; a group brings its members and
    the globals that the functions stored in it use.
    """
    versions: dict[str, Version | None] = {}
    members: dict[str, frozenset[str]] = {}
    beside: list[str] = []

    def follow(todo: list[str]) -> None:
        while todo:
            name = todo.pop()
            if name in versions:
                continue
            version = versions[name] = view.names.get(name)
            if isinstance(version, Definition):
                todo += setup[version.statement].needs
            elif isinstance(version, Group):
                members[name] = view.members(version)
                beside.extend(members[name])
                todo += version.needs

    follow(list(reads))
    read = set(versions)
    while beside:
        follow([beside.pop()])
    return Reading(versions, members, dict(view.ambient), frozenset(versions) - read)


def current(view: View) -> dict[str, int]:
    """Return the names that stand for a setup statement, with its position."""
    return {
        name: version.statement
        for name, version in view.names.items()
        if isinstance(version, Definition)
    }
