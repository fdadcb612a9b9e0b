"""What is refused, or warned of, once every cell has its step."""

from __future__ import annotations

import ast
import re
from itertools import count
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.scopes import BUILTINS
from jupyter_kfx.notebook.tags import role_tags, step_tag, step_tags
from jupyter_kfx.pipeline.model import SetupKind, Severity, TagEdit

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from jupyter_kfx.analysis.cells import CodeCell
    from jupyter_kfx.analysis.diagnostics import Diagnostics
    from jupyter_kfx.analysis.placement import Placement, StepCells
    from jupyter_kfx.notebook.reading import NotebookCell

__all__ = ["Checks"]

_LAST_RESULT = re.compile(r"_{1,3}")
_CACHES = frozenset({"cache", "lru_cache", "functools.cache", "functools.lru_cache"})
_OLD_RESULT = re.compile(r"_\d+|_i+\d*|_[iod]h|In|Out")


class Checks:
    """Each looks for one thing that would make the pipeline differ from the notebook.

    `skipped` are the names that cells bind which do not take part.
    """

    def __init__(
        self,
        cells: Sequence[CodeCell],
        placement: Placement,
        skipped: Mapping[str, NotebookCell],
        diagnostics: Diagnostics,
    ) -> None:
        self._cells = cells
        self._steps = placement.steps
        self._loose = placement.loose
        self._skipped = skipped
        self._diagnostics = diagnostics
        self.changing: set[str] = set()
        """Functions and classes that are changed where they are not defined."""

    def order(self) -> None:
        """Refuse a step that goes on below another where that would change results."""
        all_cells = [(code, step) for step in self._steps for code in step.cells]
        all_cells.sort(key=lambda pair: pair[0].cell.index)
        position = {step.name: i for i, step in enumerate(self._steps)}
        highest = -1
        for k, (code, step) in enumerate(all_cells):
            if position[step.name] >= highest:
                highest = position[step.name]
                continue
            for other, between in all_cells[:k]:
                if position[between.name] <= position[step.name]:
                    continue
                why = other.effects.conflict(code.effects)
                if why:
                    self._diagnostics.report(
                        "reordered",
                        Severity.ERROR,
                        f"step `{step.name}` goes on here below step "
                        f"`{between.name}`, and both use {why}: running this cell with "
                        "the rest of its step would change the result.",
                        "Give this cell a step name of its own.",
                        code,
                        edit=TagEdit(
                            code.cell.id,
                            code.cell.index,
                            step_tags(code.tags.written),
                            (step_tag(_unused(step.name, position)),),
                        ),
                    )
                    break

    def later_tags(self) -> None:
        """Refuse tags that cannot be run yet."""
        for code in self._cells:
            for tag in code.tags.later:
                self._diagnostics.report(
                    "not-yet-supported",
                    Severity.ERROR,
                    f"the tag `{tag}` is understood but cannot be run yet.",
                    "Take it off.",
                    code,
                    edit=TagEdit(code.cell.id, code.cell.index, (tag,)),
                )

    def history(self) -> None:
        """Refuse uses of the kernel's output history from other steps."""
        bound: set[str] = set()
        for step in self._steps:
            for k, code in enumerate(step.cells):
                for name in sorted(code.effects.reads - bound):
                    last = _LAST_RESULT.fullmatch(name) and k == 0
                    old = _OLD_RESULT.fullmatch(name) and len(self._steps) > 1
                    if last or old:
                        self._diagnostics.report(
                            "output-history",
                            Severity.ERROR,
                            f"`{name}` is the result of an earlier cell, and the "
                            "kernel's history is not handed from step to step.",
                            "Give the value a name where it is made.",
                            code,
                        )
                bound |= code.effects.may_bind | code.effects.defines

    def caches(self) -> None:
        """Refuse what asks for the counts of a cache: each step has one of its own."""
        defined: dict[str, int] = {}
        for i, step in enumerate(self._steps):
            for code in step.cells:
                for name in sorted(_asked_for_counts(code) & defined.keys()):
                    above = self._steps[defined[name] : i]
                    if any(name in _mentioned(other) for other in above):
                        self._diagnostics.report(
                            "cache-counts",
                            Severity.ERROR,
                            f"`{name}` is called above, and each step has a cache of "
                            "its own: its counts are not handed from step to step.",
                            "Ask for them in the step that calls it.",
                            code,
                            line=_line_of(name, code),
                        )
                defined.update(dict.fromkeys(_defined(code), i))
        self._cached_globals()

    def _cached_globals(self) -> None:
        """Refuse a cache that would still hold what was computed with another global."""
        for i, step in enumerate(self._steps):
            for code in step.cells:
                for name, uses in _cached(code).items():
                    self._cached_global(i, name, uses, code)

    def _cached_global(
        self, i: int, name: str, uses: frozenset[str], code: CodeCell
    ) -> None:
        called = [k for k, s in enumerate(self._steps[i:], i) if name in _mentioned(s)]
        for k, step in enumerate(self._steps[i:], i):
            for other in step.cells:
                own = other.effects
                changed = uses & (own.may_bind | own.mutates.keys())
                if other is code or not (changed and called and called[-1] >= k):
                    continue
                if called[0] < k or (k > i and called[0] == k):
                    self._diagnostics.report(
                        "cached-global",
                        Severity.ERROR,
                        f"`{name}` keeps its results, and uses `{min(changed)}`, which "
                        "is another one from here on: each step has a cache of its own, "
                        "and would compute anew what the notebook remembers.",
                        f"Hand `{min(changed)}` to `{name}` as an argument.",
                        other,
                        line=_line_of(min(changed), other),
                    )
                    return

    def names(self) -> None:
        """Report names that nothing above binds."""
        bound: set[str] = set()
        for code in self._cells:
            own = code.effects
            if own.writes_any:
                return  # from here on any name may be bound
            unbound = own.reads - bound - own.may_bind - own.defines
            for name in sorted(unbound - BUILTINS - own.deletes):
                if not (_LAST_RESULT.fullmatch(name) or _OLD_RESULT.fullmatch(name)):
                    self._unbound(name, code)
            bound |= own.may_bind | own.defines

    def _unbound(self, name: str, code: CodeCell) -> None:
        line = _line_of(name, code)
        if name in self._skipped:
            skipped = self._skipped[name]
            self._diagnostics.report(
                "skipped-name",
                Severity.ERROR,
                f"only cell {skipped.index + 1}, which is tagged `skip`, binds `{name}`.",
                "Take the tag off, or bind the name elsewhere.",
                code,
                line=line,
                edit=TagEdit(
                    skipped.id, skipped.index, role_tags(skipped.tags, "skip")
                ),
            )
            return
        below = [
            c.cell.index + 1
            for c in self._cells
            if c.cell.index > code.cell.index
            and name in c.effects.may_bind | c.effects.defines
        ]
        who = f"only cell {below[0]} below binds" if below else "no cell binds"
        self._diagnostics.report(
            "undefined-name",
            Severity.WARNING,
            f"{who} `{name}`.",
            "Bind it above.",
            code,
            line=line,
        )

    def setup(self, live: list[frozenset[str]]) -> None:
        """Refuse changes of what is replayed as code: they would not reach others."""
        current: dict[str, SetupKind] = {}
        for code in self._loose:
            current.update(_defined(code))
        for i, step in enumerate(self._steps):
            data: set[str] = set()
            for code in step.cells:
                # What is defined anew as a value cannot be replayed as it was before.
                self.changing |= {
                    node.name
                    for node in code.body
                    if isinstance(node, ast.ClassDef)
                    and node.name in current
                    and node.name in code.effects.may_bind
                }
                current.update(_defined(code))
                data |= code.effects.may_bind
                if i + 1 < len(self._steps):
                    self._changed_modules(code)
                changed = [
                    name
                    for name, possible in code.effects.mutates.items()
                    if not possible and name in current
                ]
                for name in sorted(set(changed) - data):
                    if current[name] is SetupKind.DEFINITION:
                        self.changing.add(name)
                    if name not in live[i]:
                        continue
                    what = current[name].value
                    self._diagnostics.report(
                        "changed-definition",
                        Severity.ERROR,
                        f"`{name}` is changed here and used further down, but it is "
                        f"handed on as code (kind: {what}).",
                        "Keep the changing value in a variable of its own.",
                        code,
                        line=_line_of(name, code),
                    )
            for name in data:
                current.pop(name, None)

    def _changed_modules(self, code: CodeCell) -> None:
        touches = [t for t in code.effects.touches if t.key == "modules" and t.writes]
        for name in sorted({touch.detail or "" for touch in touches}):
            if name:
                message = (
                    f"`{name}` is imported, and is changed here: the steps below import "
                    "it as it was, and would not see it."
                )
                cure = (
                    f"Change a copy, as of `{name} = copy.deepcopy({name})`, or put the "
                    "cells below into this step."
                )
            else:
                message = (
                    "an attribute of an imported module or class is set here, to what is "
                    "known only when the step runs: the steps below would not see it."
                )
                cure = (
                    "Set it to a constant or to a function of the notebook, in a "
                    "statement of its own, or put the cells below into this step."
                )
            self._diagnostics.report(
                "changed-module",
                Severity.ERROR,
                message,
                cure,
                code,
                line=_line_of(name, code) if name else None,
            )


def _defined(code: CodeCell) -> dict[str, SetupKind]:
    """Return the names that a cell's imports and definitions bind."""
    kinds = (SetupKind.IMPORT, SetupKind.DEFINITION)
    return {
        name: statement.kind
        for statement in code.setup
        if statement.kind in kinds
        for name in statement.names
    }


def _cached(code: CodeCell) -> dict[str, frozenset[str]]:
    """Return the cached functions that a cell defines, and the globals they use."""
    if "cache" not in code.cell.source:
        return {}
    used = {name: s.needs for s in code.setup for name in s.names}
    found = {}
    for node in code.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        # Those of others, as `memory.cache` of joblib, keep results for all steps.
        words = {
            ast.unparse(part.func if isinstance(part, ast.Call) else part)
            for part in node.decorator_list
        }
        if words & _CACHES:
            found[node.name] = frozenset(used.get(node.name, ())) - {node.name}
    return found


def _asked_for_counts(code: CodeCell) -> set[str]:
    """Return the names of functions whose `cache_info` a cell asks for."""
    if "cache_info" not in code.cell.source:
        return set()  # every cell is asked, at every key
    return {
        part.value.id
        for node in (*code.body, *code.inner)
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        and part.attr == "cache_info"
        and isinstance(part.value, ast.Name)
    }


def _mentioned(step: StepCells) -> set[str]:
    """Return the global names that a step reads, also those it binds itself."""
    found: set[str] = set()
    for code in step.cells:
        found |= code.effects.reads
        defined = [n for n in code.body if isinstance(n, ast.FunctionDef)]
        found |= {
            part.id
            for node in code.body
            if node not in defined
            for part in ast.walk(node)
            if isinstance(part, ast.Name)
        }
    return found


def _unused(name: str, taken: Container[str]) -> str:
    """Return the name of a step that there is none of, after that of another."""
    return next(new for n in count(2) if (new := f"{name} {n}") not in taken)


def _line_of(name: str, code: CodeCell) -> int | None:
    """Return the first line of a cell that mentions a name."""
    lines = [
        part.lineno
        for node in (*code.body, *code.inner)
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and part.id == name
    ]
    return min(lines, default=None)
