"""Finds results of earlier executions that hold for a step as it is now."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines import results
from jupyter_kfx.engines.dependencies import Dependencies
from jupyter_kfx.engines.fingerprint import fingerprint
from jupyter_kfx.engines.modules import imported, is_inert, mattering
from jupyter_kfx.engines.processes import End
from jupyter_kfx.runtime.environment import ALL, SECRET, told
from jupyter_kfx.runtime.tokens import ABSENT, stamp
from jupyter_kfx.store import ArtifactRecord, CacheEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jupyter_kfx.engines.contents import Contents
    from jupyter_kfx.engines.dependencies import Code, Facts
    from jupyter_kfx.engines.protocol import Observation, Order
    from jupyter_kfx.engines.versions import Reading, View
    from jupyter_kfx.pipeline.model import Cell
    from jupyter_kfx.store import Store

__all__ = ["Cache", "Look", "Rule", "Use"]


_LOOKED_AT = 8
"""Earlier results whose code is looked at to say what has changed."""


class Use(Enum):
    """Which earlier results a step may take."""

    NONE = "none"
    STEADY = "steady"
    """Those that would come out the same again."""
    RUN = "run"
    """Those of one run."""
    ANY = "any"
    """Also those that used the network, the clock or chance."""
    STALE = "stale"
    """The last one, whatever has changed since."""


@dataclass(frozen=True)
class Rule:
    """Which earlier results one step may take, and why no others."""

    use: Use
    reason: str = ""
    """Said where none may be taken."""
    run: str | None = None
    """A run whose results may all be taken."""


@dataclass(frozen=True)
class Look:
    """What came of looking for an earlier result."""

    code: Code
    dependencies: Dependencies
    entry: CacheEntry | None
    """The result to take; none if the step has to run."""
    reason: str
    """Why, as part of a sentence."""


class Cache:
    """Results of earlier executions, of one pipeline and of steps with the same code.

    Results are found by the code of a step, and hold if everything else that they
    depend on is as it was. Several may be known of the same code, one for each set of
    parameters and inputs.
    """

    def __init__(
        self,
        store: Store,
        facts: Facts,
        codes: Mapping[str, Code],
        contents: Contents,
        *,
        pipeline: str,
        project: Path,
        environ: Mapping[str, str],
        rules: Mapping[str, Rule],
    ) -> None:
        self._store = store
        self._facts = facts
        self._codes = codes
        self._contents = contents
        self._pipeline = pipeline
        self._project = os.path.realpath(project)
        self._environ = environ
        self._rules = rules
        self._boot = _boot()
        self._last = store.last_result()

    def look(self, order: Order, reading: Reading, view: View) -> Look:
        """Return the newest earlier result that holds for a step that could start now."""
        name = order.step.name
        code, rule = self._codes[name], self._rules[name]
        now = self._facts.dependencies(order, reading, view)
        if rule.use is Use.NONE:
            return Look(code, now, None, rule.reason)
        why = ""
        for entry in self._store.results_of_code(code.key, self._last):
            obstacle = next(self._obstacles(entry, rule, now, order, view), None)
            if obstacle is None:
                return self._hit(code, now, entry)
            why = why or obstacle
        if not why:
            why = self._code_changed(order.step.name, code, order.step.cells)
        if rule.use is Use.STALE:
            for entry in self._results(name):
                if next(self._losses(entry, order), None) is None:
                    return self._hit(code, now, entry, f"as it was, though {why}")
        return Look(code, now, None, why)

    def observation(self, entry: CacheEntry, order: Order) -> Observation:
        """Return what an earlier execution did, as one of a step at its place now."""
        found = results.observation(
            self._directory(entry),
            End(code=0),
            because=None,
            running=None,
            after=order.step.cells[-1].index,
        )
        # Files are looked at again when the step commits, as they are stamped now.
        files = Dependencies(**entry.dependencies).files
        seen = {path: stamp(path) for path in files if path not in entry.written}
        return replace(found, observed={**found.observed, "files_seen": seen})

    def changed(self) -> dict[str, str]:
        """Return the steps that have a result in the run to resume, but other code now."""
        found = {}
        for name, rule in self._rules.items():
            # A step that was joined with others has results with and without them.
            known = [e for e in self._results(name) if e.run == rule.run]
            now = self._codes[name]
            if known and all(entry.key != now.key for entry in known):
                told = now.differences(known[0].code)
                found[name] = next(told, "its code has changed")
        return found

    def restore(self, entry: CacheEntry) -> None:
        """Leave the files in the project that an execution had left."""
        self._contents.restore(entry.written)

    def entry(
        self, look: Look, order: Order, observation: Observation
    ) -> tuple[CacheEntry, list[ArtifactRecord]]:
        """Return the result of an execution as it may be used again, and its files."""
        if look.entry is not None:
            taken = replace(
                look.entry, execution=order.execution, pipeline=self._pipeline
            )
            taken = replace(taken, step=order.step.name, boot=self._boot)
            return taken, _records(taken.written)
        seen = observation.observed
        written = self._contents.keep(seen.get("files_written", ()))
        volatile = self._volatile(order, observation, written)
        modules: dict[str, str] = seen["modules"]
        reached = mattering(modules, Path(self._project), look.dependencies.modules)
        inert = {
            path
            for path, token in modules.items()
            if token != ABSENT and path not in reached and is_inert(path)
        }
        dependencies = replace(
            look.dependencies,
            random=sorted({*observation.ambient, *seen.get("random", ())}),
            asked=sorted(seen.get("asked", ())),
            files={
                **seen["files_digest"],
                **{path: t for path, t in modules.items() if path not in inert},
            },
            inert=sorted(inert),
            environ=dict(seen["environ_read"]),
            packages=self._facts.packages(
                order,
                {*seen["imported"], *(n for path in reached for n in imported(path))},
                seen["loaded"],
            ),
        )
        entry = CacheEntry(
            key=look.code.key,
            execution=order.execution,
            run="",
            pipeline=self._pipeline,
            step=order.step.name,
            volatile=volatile,
            code=asdict(look.code),
            dependencies=dependencies.to_json(),
            written=written or {},
            boot=self._boot,
        )
        return entry, _records(entry.written)

    def _hit(
        self, code: Code, now: Dependencies, entry: CacheEntry, how: str = ""
    ) -> Look:
        how = how or "nothing that it depends on has changed"
        return Look(code, now, entry, f"taken from run {entry.run}: {how}")

    def _obstacles(
        self,
        entry: CacheEntry,
        rule: Rule,
        now: Dependencies,
        order: Order,
        view: View,
    ) -> Iterator[str]:
        """Say why a result of the same code does not hold."""
        if entry.run != rule.run:
            steady = not entry.volatile or order.step.settings.cache == "enabled"
            if rule.use is Use.RUN:
                yield rule.reason
            elif rule.use is Use.STEADY and not steady:
                yield entry.volatile
        then = Dependencies(**entry.dependencies)
        yield from self._facts.differences(then, now, view)
        for path, content in then.files.items():
            if not self._contents.are(path, content):
                yield f"the file {self._shown(path)} has changed"
        for path in then.inert:
            if not is_inert(path):
                yield f"the module {self._shown(path)} has changed"
        # What steps above have left of the environment is compared as a whole.
        variables = {} if "environ" in now.ambient else then.environ
        environ = {**self._environ, **order.step.settings.env} if variables else {}
        for name, value in variables.items():
            if value == SECRET:
                yield f"it uses the secret in {name}, which is kept nowhere"
            now_told = told(environ, name)
            if name == ALL:
                yield from _changed_list(value or "", now_told or "")
            elif now_told != value:
                yield f"the environment variable {name} has changed"
        yield from self._losses(entry, order)

    def _losses(self, entry: CacheEntry, order: Order) -> Iterator[str]:
        """Say what of a result is not there, or not there any more."""
        try:
            text = (self._directory(entry) / "result.json").read_bytes()
        except OSError:
            yield "its earlier result was deleted"
            return
        result = json.loads(text)
        stored = {name for group in result["stored"] for name in group["names"]}
        lost = order.live & set(result["changed"])
        lost -= stored | set(result["deleted"]) | set(result["unavailable"])
        for name in sorted(lost):
            yield f"a later step now uses `{name}`, which had not been kept"
        parts = [*result["stored"], *result.get("ambient", {}).values()]
        for part in parts:
            if not self._is_whole(part["digest"], part["size"], entry.boot):
                yield "its earlier result was deleted or damaged"
        if not self._contents.can_restore(entry.written):
            yield "a file that it wrote has changed"

    def _is_whole(self, digest: str, size: int, boot: str) -> bool:
        path = self._store.files.path(digest)
        if not self._store.files.use(digest) or path.stat().st_size != size:
            return False
        if boot == self._boot:
            return True
        # The machine has started anew since: it may have lost what it had not written.
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest

    def _results(self, step: str) -> Iterator[CacheEntry]:
        """Yield the results of a step from before this run, whatever its code was."""
        return self._store.results_of_step(self._pipeline, step, self._last)

    def _directory(self, entry: CacheEntry) -> Path:
        return self._store.root / "runs" / entry.run / entry.execution

    def _code_changed(self, name: str, code: Code, cells: Sequence[Cell]) -> str:
        """Say what of a step's code is another than when it ran last."""
        known = next(self._results(name), None)
        if known is None:
            return "it has no earlier result"
        for difference in code.differences(known.code):
            return difference
        # One that was taken though its code had changed has the cells of that time.
        for before in islice(self._results(name), _LOOKED_AT):
            place = _first_change(self._directory(before), cells)
            if place:
                return f"its code has changed{place}"
        return "its code has changed"

    def _volatile(
        self,
        order: Order,
        observation: Observation,
        written: Mapping[str, Any] | None,
    ) -> str:
        """Say why a result may come out in another way when nothing has changed."""
        seen = observation.observed
        if seen.get("network"):
            return "it uses the network"
        if seen.get("children"):
            return "it starts other programs"
        if seen.get("clock"):
            return "it looks at the clock"
        drawn = set(seen.get("random", ())) - {*order.ambient, *observation.ambient}
        if drawn or seen.get("entropy"):
            return "it draws random numbers that nothing has seeded"
        if written is None or not all(map(self._is_inside, written)):
            return "it writes to places that cannot be kept"
        return ""

    def _is_inside(self, path: str) -> bool:
        return path == self._project or path.startswith(self._project + os.sep)

    def _shown(self, path: str) -> str:
        return os.path.relpath(path, self._project) if self._is_inside(path) else path


def _records(written: Mapping[str, Any]) -> list[ArtifactRecord]:
    return [
        ArtifactRecord(state["content"], [path], state["size"])
        for path, state in written.items()
        if "size" in state
    ]


def _changed_list(then: str, now: str) -> Iterator[str]:
    """Say which environment variables are new or gone, where all were looked at."""
    before, after = set(then.splitlines()), set(now.splitlines())
    for name in sorted(after - before):
        yield f"the environment variable {name} is new"
    for name in sorted(before - after):
        yield f"the environment variable {name} is gone"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _first_change(directory: Path, cells: Sequence[Cell]) -> str:
    """Return the place of the first statement that is not as it was, in words."""
    try:
        before = json.loads((directory / "order.json").read_bytes())["cells"]
    except (OSError, ValueError):
        return ""
    for i, cell in enumerate(cells):
        if i >= len(before):
            return f" (cell {cell.index + 1} is new)"
        then = before[i]["source"]
        if fingerprint(cell.source).digest != fingerprint(then).digest:
            line = _first_line(cell.source, then)
            return f" (cell {cell.index + 1}, line {line})"
    return " (a cell is gone)" if len(before) > len(cells) else ""


def _first_line(now: str, then: str) -> int:
    try:
        parts, before = ast.parse(now).body, ast.parse(then).body
    except (SyntaxError, ValueError):
        lines, old = now.splitlines(), then.splitlines()
        same = next(
            (
                i
                for i, pair in enumerate(zip(lines, old, strict=False))
                if len({*pair}) > 1
            ),
            min(len(lines), len(old)),
        )
        return same + 1
    for part, old_part in zip(parts, before, strict=False):
        if ast.dump(part) != ast.dump(old_part):
            return part.lineno
    return (
        parts[len(before)].lineno if len(parts) > len(before) else len(now.splitlines())
    )
