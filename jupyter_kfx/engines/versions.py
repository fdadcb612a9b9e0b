"""Which version of each name a step sees, and whether what it saw still holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_kfx.engines.protocol import AmbientState, Group, Observation, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_kfx.pipeline.model import SetupStatement

__all__ = ["Definition", "Reading", "Version", "View", "current", "resolve"]

RANDOM_STATES = frozenset({"random", "numpy.random", "torch.random"})
"""Ambient states whose use always changes them, so one left alone was not read."""


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
        for name in names:
            self.names[name] = Definition(statement)

    def apply(self, observation: Observation) -> None:
        """Take over what an execution changed."""
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


@dataclass(frozen=True)
class Reading:
    """What an execution was given: the versions and the company they came in."""

    versions: Mapping[str, Version | None]
    """Each name it may read, with its version at the start; none if it had none."""
    members: Mapping[str, frozenset[str]]
    """For a name from a group: the names that the group stood for."""
    ambient: Mapping[str, AmbientState]

    @property
    def groups(self) -> tuple[tuple[Group, frozenset[str]], ...]:
        """The groups to load, each with the names to bind from it."""
        found: dict[Group, frozenset[str]] = {}
        for name, version in self.versions.items():
            if isinstance(version, Group):
                found[version] = self.members[name]
        return tuple(found.items())

    def holds(self, view: View, observation: Observation) -> bool:
        """Tell whether the execution would do the same on this view.

        Contents and sharing of what it loaded must be as they were, and what it stored
        must come from the very versions that are current, or it would undo another
        step's change.
        """
        stored = {name for group in observation.stored for name in group.names}
        stored |= observation.changed | observation.deleted
        return self._names_hold(view, stored) and self._ambient_holds(view, observation)

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

    def _names_hold(self, view: View, stored: set[str]) -> bool:
        loaded = {n for n, v in self.versions.items() if isinstance(v, Group)}
        for name, then in self.versions.items():
            now = view.names.get(name)
            if not isinstance(then, Group):
                if now != then:
                    return False
                continue
            if not isinstance(now, Group):
                return False
            if now.content.get(name) != then.content.get(name):
                return False
            company, today = self.members[name], view.members(now)
            if now is then and company == today:
                continue
            if company & loaded != today & loaded or stored & (company | today):
                return False
        return True

    def _ambient_holds(self, view: View, observation: Observation) -> bool:
        used = set(observation.ambient) | set(observation.observed.get("random", ()))
        for key in {*view.ambient, *self.ambient}:
            now = view.ambient.get(key)
            if now == self.ambient.get(key):
                continue
            if now is not None and now.token == observation.conditions.get(key):
                continue  # its own settings made it the same
            if key not in RANDOM_STATES or key in used:
                return False
        return True


def resolve(
    view: View, reads: Iterable[str], setup: Sequence[SetupStatement]
) -> Reading:
    """Return everything that reading those names brings along.

    A definition brings the globals that its code uses; a group brings its members and
    the globals that the functions stored in it use.
    """
    versions: dict[str, Version | None] = {}
    members: dict[str, frozenset[str]] = {}
    todo = list(reads)
    while todo:
        name = todo.pop()
        if name in versions:
            continue
        version = versions[name] = view.names.get(name)
        if isinstance(version, Definition):
            todo += setup[version.statement].needs
        elif isinstance(version, Group):
            members[name] = view.members(version)
            todo += members[name]
            todo += version.needs
    return Reading(versions, members, dict(view.ambient))


def current(view: View) -> dict[str, int]:
    """Return the names that stand for a setup statement, with its position."""
    return {
        name: version.statement
        for name, version in view.names.items()
        if isinstance(version, Definition)
    }
