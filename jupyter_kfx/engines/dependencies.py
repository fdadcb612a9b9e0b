"""What the result of an execution depends on, and what of it differs now."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines.fingerprint import fingerprint
from jupyter_kfx.engines.protocol import Group
from jupyter_kfx.engines.versions import ASKED_STATES, Definition, is_used_by_change
from jupyter_kfx.notebook.constants import constant
from jupyter_kfx.notebook.parameters import assignments
from jupyter_kfx.pipeline.model import SetupKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jupyter_kfx.engines.environment import Environment
    from jupyter_kfx.engines.protocol import Order
    from jupyter_kfx.engines.versions import Reading, Version, View
    from jupyter_kfx.pipeline.model import SetupStatement, Step

__all__ = ["Code", "Dependencies", "Facts"]

_ALWAYS = ("IPython", "ipykernel")
"""What shows the results of every cell."""


@dataclass(frozen=True)
class Code:
    """What of a step is known before it runs: its code, and what runs it."""

    cells: Sequence[tuple[str, bool]]
    """Fingerprint of each cell, and whether it may raise."""
    python: str
    runtime: str
    folder: str
    """Where the cells run."""
    settings: Mapping[str, Any]
    """Those that cells can see."""
    parameters: Mapping[str, str]
    """Values that are injected among the step's own cells."""

    @cached_property
    def key(self) -> str:
        """What results of the same code are found by."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()

    def differences(self, then: Mapping[str, Any]) -> Iterator[str]:
        """Say what is not as it was, given as JSON."""
        now = json.loads(json.dumps(asdict(self)))
        if now["python"] != then["python"]:
            yield f"Python is {now['python']} and was {then['python']}"
        if now["runtime"] != then["runtime"]:
            yield "jupyter_kfx itself has changed"
        if now["folder"] != then["folder"]:
            yield f"it runs in {now['folder']} and ran in {then['folder']}"
        yield from _changed("its setting", now["settings"], then["settings"])
        yield from _changed("parameter", now["parameters"], then["parameters"])


@dataclass(frozen=True)
class Dependencies:
    """What the result of an execution depends on beside its code, as plain data."""

    names: Mapping[str, str]
    """What stood for each name that it could use."""
    company: Mapping[str, Sequence[str]]
    """The names that each stored name shared objects with."""
    settings: Sequence[str]
    """The settings replayed above it, in order."""
    imports: Sequence[str]
    """The imports of packages replayed above it."""
    ambient: Mapping[str, Sequence[Any]]
    """Process state that steps above had left."""
    packages: Mapping[str, str]
    modules: Sequence[str] = ()
    """Names of packages that its code, and what it was given, can reach."""
    inert: Sequence[str] = ()
    """Files of the user's own modules that it imported and could not reach."""
    closed: bool = True
    """Whether it could use no other names."""
    random: Sequence[str] = ()
    """The generators that it drew from."""
    asked: Sequence[str] = ()
    """The states that it asked for, of those that do not always count."""
    files: Mapping[str, str] = field(default_factory=dict)
    """What stands for what it read, as `runtime.tokens` tells it, by path."""
    environ: Mapping[str, str | None] = field(default_factory=dict)
    """Digests of the environment variables that it read."""

    def to_json(self) -> dict[str, Any]:
        """Return plain data from which `Dependencies(**data)` makes them again."""
        return asdict(self)


class Facts:
    """What is so now: tells what an execution will depend on, and what differs."""

    def __init__(
        self,
        setup: Sequence[SetupStatement],
        parameters: Mapping[str, Any],
        environment: Environment,
    ) -> None:
        self._setup = setup
        self._environment = environment
        self._parameters = parameters
        self._binders: dict[str, list[int]] = {}
        for k, statement in enumerate(setup):
            for name in statement.names:
                self._binders.setdefault(name, []).append(k)
        self._defaults = [_defaults(statement) for statement in setup]

    def dependencies(self, order: Order, reading: Reading, view: View) -> Dependencies:
        """Return what can be told before an execution starts."""
        names = self._names(order.step, reading, view)
        return Dependencies(
            names=names,
            modules=sorted(self._reached(order, reading, names)),
            company=_company(reading),
            settings=self._settings(order.setup),
            imports=self._imports(order.setup),
            ambient=_ambient(order.ambient, order.setup),
            packages=self.packages(order),
            closed=not order.step.opaque,
        )

    def packages(
        self, order: Order, more: Iterable[str] = (), loaded: Iterable[str] = ()
    ) -> dict[str, str]:
        """Return the versions of the packages that an execution depends on.

        Beside those that its code names: those of more modules, and of what they can do
        without where that is loaded.
        """
        modules = self._modules(order.step, order.setup)
        return {
            **self._environment.versions([*_ALWAYS]),
            **self._environment.versions(sorted({*modules, *more}), loaded),
        }

    def differences(
        self, then: Dependencies, now: Dependencies, view: View
    ) -> Iterator[str]:
        """Say what is not as it was when an execution ran, files and variables apart."""
        for name in sorted(then.names.keys() | (set() if then.closed else view.names)):
            before = then.names.get(name, "nothing")
            token = self._token(name, view.names.get(name))
            if token != before:
                yield _why_name(name, before, token)
            elif name in then.company:
                company = _members(name, view) & then.names.keys()
                if sorted(company & _loaded(then)) != [*then.company[name]]:
                    yield f"`{name}` shares objects with other names than before"
        if [*then.settings] != [*now.settings]:
            yield "the settings above it have changed (`%...`, options, styles)"
        if [*then.imports] != [*now.imports]:
            yield "the imports above it have changed"
        for key in sorted(then.ambient.keys() | now.ambient.keys()):
            if (is_used_by_change(key) or key in ASKED_STATES) and not (
                key in then.random or key in then.asked
            ):
                continue
            if [*then.ambient.get(key, ())] != [*now.ambient.get(key, ())]:
                yield f"the state of `{key}` is another one"
        # Which of them are used by modules of the user's own is only known afterwards.
        there = {name: self._environment.version(name) for name in then.packages}
        installed = {name: version for name, version in there.items() if version}
        yield from _changed("package", installed | {**now.packages}, then.packages)

    def _names(self, step: Step, reading: Reading, view: View) -> dict[str, str]:
        words = {w for code in step.code for w in fingerprint(code).words}
        todo = [*reading.versions, *self._defined(words, view)]
        found: dict[str, str] = {}
        while todo:
            name = todo.pop()
            if name in found:
                continue
            version = reading.versions.get(name, view.names.get(name))
            found[name] = self._token(name, version)
            if isinstance(version, Definition):
                statement = self._setup[version.statement]
                todo += statement.needs
                todo += self._defined(fingerprint(statement.code).words, view)
        return found

    def _reached(
        self, order: Order, reading: Reading, names: Iterable[str]
    ) -> set[str]:
        """Return the names of packages, and of much else, that code can reach."""
        used = [fingerprint(code) for code in order.step.code]
        # Whatever binds such a name above may be what is used.
        for name in names:
            used += [
                fingerprint(self._setup[k].code)
                for k in self._binders.get(name, ())
                if k in order.setup
            ]
        used += [
            fingerprint(statement.code)
            for statement in order.setup.values()
            if statement.kind is SetupKind.SETTING
        ]
        found = {name for each in used for name in each.words | each.modules}
        for version in reading.versions.values():
            if isinstance(version, Group):
                found |= {name.partition(".")[0] for name in version.modules}
        return found

    def _defined(self, words: Iterable[str], view: View) -> list[str]:
        """Return those that stand for setup: code may name them inside of a text."""
        return [w for w in words if isinstance(view.names.get(w), Definition)]

    def _token(self, name: str, version: Version | None) -> str:
        match version:
            case None:
                return "nothing"
            case Definition(statement):
                return self._definition(statement, name)
            case Group():
                return f"value {version.content.get(name, version.digest)}"
            case _:
                return f"unavailable {version.message}"

    def _definition(self, k: int, name: str) -> str:
        statement = self._setup[k]
        if statement.kind is SetupKind.PARAMETER:
            if name in self._parameters:
                return f"parameter {self._parameters[name]!r}"
            if name in self._defaults[k]:
                return f"parameter {self._defaults[k][name]}"
        code = fingerprint(statement.code)
        return f"{statement.kind.value} {code.imports.get(name, code.digest)}"

    def _settings(self, setup: Mapping[int, SetupStatement]) -> list[str]:
        return [
            " ".join(sorted(self._closure(k, setup)))
            for k, statement in sorted(setup.items())
            if statement.kind is SetupKind.SETTING
        ]

    def _closure(self, k: int, setup: Mapping[int, SetupStatement]) -> set[str]:
        """Return what stands for a statement and all setup that it may use."""
        todo, seen, found = [k], {k}, {fingerprint(self._setup[k].code).digest}
        while todo:
            statement = self._setup[todo.pop()]
            for name in {*statement.needs, *fingerprint(statement.code).words}:
                for other in self._binders.get(name, ()):
                    found.add(self._definition(other, name))
                    if other not in seen and other in setup:
                        seen.add(other)
                        todo.append(other)
        return found

    def _imports(self, setup: Mapping[int, SetupStatement]) -> list[str]:
        """Return the imports that may do more than bind a name."""
        found = set()
        for statement in setup.values():
            code = fingerprint(statement.code)
            outside = code.modules - sys.stdlib_module_names
            if statement.kind is SetupKind.IMPORT and outside:
                # One by one, however they are put together on lines.
                found |= set(filter(_is_outside, code.imports.values())) or {
                    code.digest
                }
        return sorted(found)

    def _modules(self, step: Step, setup: Mapping[int, SetupStatement]) -> set[str]:
        modules: set[str] = set()
        for code in step.code:
            modules |= fingerprint(code).modules
        for statement in setup.values():
            modules |= fingerprint(statement.code).modules
        return modules


def _is_outside(imported: str) -> bool:
    """Tell whether an import is one of more than the standard library."""
    top = imported.split()[1].partition(".")[0]
    return top not in sys.stdlib_module_names


def _defaults(statement: SetupStatement) -> dict[str, str]:
    if statement.kind is not SetupKind.PARAMETER:
        return {}
    return {
        name: repr(constant(node))
        for assignment in assignments(ast.parse(statement.code).body)
        for name, node in assignment.values.items()
    }


def _company(reading: Reading) -> dict[str, list[str]]:
    loaded = {n for n, v in reading.versions.items() if isinstance(v, Group)}
    return {n: sorted(reading.members[n] & loaded) for n in sorted(loaded)}


def _members(name: str, view: View) -> frozenset[str]:
    version = view.names.get(name)
    return view.members(version) if isinstance(version, Group) else frozenset()


def _loaded(then: Dependencies) -> set[str]:
    return set(then.company)


def _ambient(
    states: Mapping[str, Any], setup: Mapping[int, SetupStatement]
) -> dict[str, list[Any]]:
    settings = [s.index for s in setup.values() if s.kind is SetupKind.SETTING]
    return {
        key: [state.token, sum(index <= state.after for index in settings)]
        for key, state in states.items()
    }


def _why_name(name: str, before: str, now: str) -> str:
    kind, _, then = before.partition(" ")
    what, _, value = now.partition(" ")
    if kind == what == "parameter":
        return f"parameter `{name}` is {value:.80} and was {then:.80}"
    if kind == what == "value":
        return f"its input `{name}` has changed"
    if kind == what == "definition":
        return f"`{name}`, which it uses, is defined in another way"
    if kind == what:
        return f"the {what} of `{name}` has changed"
    if what == "nothing":
        return f"there is no `{name}` above it any more"
    if kind == "nothing":
        return f"there is a `{name}` above it now"
    return f"`{name}` comes from elsewhere than before"


def _changed(
    what: str, now: Mapping[str, Any], then: Mapping[str, Any]
) -> Iterator[str]:
    for name in sorted(now.keys() | then.keys()):
        if name not in then:
            yield f"{what} {name} is new ({now[name]})"
        elif name not in now:
            yield f"{what} {name} is gone"
        elif now[name] != then[name]:
            yield f"{what} {name} is {now[name]} and was {then[name]}"
