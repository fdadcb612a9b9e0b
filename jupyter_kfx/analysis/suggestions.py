"""Steps proposed for a notebook that has none, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.analysis.build import build
from jupyter_kfx.analysis.cells import CodeReader
from jupyter_kfx.analysis.grouping import Group, groups, joined
from jupyter_kfx.analysis.naming import names
from jupyter_kfx.analysis.reasons import reason
from jupyter_kfx.errors import DiagnosticsError, UsageError
from jupyter_kfx.notebook.headings import headings, title
from jupyter_kfx.notebook.reading import from_json
from jupyter_kfx.notebook.tagging import tagged
from jupyter_kfx.notebook.tags import parse
from jupyter_kfx.pipeline.model import SetupKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_kfx.analysis.cells import CodeCell
    from jupyter_kfx.notebook.headings import Heading
    from jupyter_kfx.notebook.reading import Notebook
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["Suggested", "Suggestion", "suggest"]

_NO_WORK = re.compile(
    r"(?i)(table of )?contents|references?|bibliography|authors?|licen[sc]e|acknowledge?ments?"
)
_STEP = ("step:", "block:")


@dataclass(frozen=True)
class Suggested:
    """A step that is proposed."""

    name: str
    cells: tuple[int, ...]
    """Positions of its cells among all cells of the notebook."""
    starts_at: int
    """Position of the cell that gets its tag."""
    why: str


@dataclass(frozen=True)
class Suggestion:
    """The steps that are proposed for a notebook, and the tags that make them."""

    steps: tuple[Suggested, ...]
    setup: tuple[int, ...]
    """Positions of the cells that only import and define: they are no steps."""
    tags: dict[int, tuple[str, ...]]
    """The tags to add to a cell, by its position."""

    def to_json(self) -> dict[str, Any]:
        """Return the suggestion as the command line and the server tell it in JSON."""
        return {
            "steps": [
                {"name": step.name, "cells": list(step.cells), "why": step.why}
                for step in self.steps
            ],
            "setup": list(self.setup),
            "tags": [
                {"cell": index, "add": list(more)} for index, more in self.tags.items()
            ],
        }


def suggest(notebook: Notebook) -> Suggestion:
    """Return the steps that a notebook could have; nothing of it is run.

    For one that has just these steps there are no tags to add. UsageError if it has
    others, or nothing to make one of; DiagnosticsError if it could not run as it is.
    """
    given = {cell.index: parse(cell).step for cell in notebook.cells}
    given = {index: step for index, step in given.items() if step is not None}
    if not given:
        return _proposed(notebook)
    found = _proposed(_untagged(notebook))
    if given != {step.starts_at: step.name for step in found.steps}:
        message = "the notebook has steps of its own."
        cure = "Take its `step:` tags off to get a suggestion."
        raise UsageError(message, cure=cure, notebook=notebook.path)
    more = {i: tags for i, tags in found.tags.items() if i not in given}
    return replace(found, tags=more)


def _untagged(notebook: Notebook) -> Notebook:
    cells = tuple(
        replace(cell, tags=tuple(t for t in cell.tags if not t.startswith(_STEP)))
        for cell in notebook.cells
    )
    raw = [
        {**old, "metadata": {**cell.metadata, "tags": list(cell.tags)}}
        for old, cell in zip(notebook.raw["cells"], cells, strict=True)
    ]
    return from_json({**notebook.raw, "cells": raw}, notebook.path)


def _proposed(notebook: Notebook) -> Suggestion:
    errors = build(notebook).errors
    if errors:
        raise DiagnosticsError(errors, notebook=notebook.path)
    folder = None if notebook.path is None else str(Path(notebook.path).parent)
    own, setup = _parted(CodeReader(notebook, folder).read())
    if not own:
        message = "no cell does more than import and define: there is nothing to run."
        cure = "Add a cell that computes something."
        raise UsageError(message, cure=cure, notebook=notebook.path)
    starts = _starts(notebook, own)
    bound_to = frozenset(c.cell.index for c in own if c.tags.role is not None)
    found = groups(own, starts, bound_to)
    while True:
        tags = _tags(found, setup)
        pipeline = build(tagged(notebook, tags))
        if not pipeline.errors or len(found) == 1:
            break
        found = _mended(found, pipeline)
    step_of = {cell.id: step for step in pipeline.steps for cell in step.cells}
    steps = []
    for group in found:
        step = step_of[group.cells[0].cell.id]
        cells = tuple(cell.index for cell in step.cells)
        why = reason(step, group, pipeline)
        steps.append(Suggested(step.name, cells, group.cells[0].cell.index, why))
    loose = tuple(cell.index for cell in pipeline.setup_cells)
    return Suggestion(tuple(steps), loose, tags)


def _parted(cells: Iterable[CodeCell]) -> tuple[list[CodeCell], list[CodeCell]]:
    """Return the cells that steps are made of, and those that are setup alone."""
    own: list[CodeCell] = []
    setup: list[CodeCell] = []
    for code in cells:
        if code.is_setup and code.tags.role in (None, "setup"):
            setup.append(code)
        elif code.tags.role != "parameters" and code.cell.source.strip():
            own.append(code)
    while own and own[0].tags.role is not None:
        del own[0]  # a step of its own, which its tag does not let us name
    return own, setup


def _starts(notebook: Notebook, own: Sequence[CodeCell]) -> dict[int, Heading]:
    """Return the headings that stand above a cell, nearest first, by its position."""
    every = headings(notebook)
    top = [heading for heading in every if heading.level == 1]
    if every and top == [every[0]]:
        every = every[1:]  # the title of the whole
    found: dict[int, Heading] = {}
    above = -1
    for code in own:
        index = code.cell.index
        nearest = [h for h in every if above < h.index < index]
        nearest = [h for h in nearest if not _NO_WORK.fullmatch(title(h.text))]
        if nearest and title(nearest[-1].text):
            found[index] = nearest[-1]
        above = index
    return found


def _mended(found: list[Group], pipeline: Pipeline) -> list[Group]:
    """Return the groups without the cuts that errors of the pipeline come from."""
    last = len(found) - 1
    cuts = set()
    for error in pipeline.errors:
        index = -1 if error.cell_index is None else error.cell_index
        ends = (
            i for i, group in enumerate(found) if index <= group.cells[-1].cell.index
        )
        at = next(ends, last)
        is_from_above = error.code in ("output-history", "reordered") or at == last
        cuts.add(at - 1 if is_from_above and at > 0 else at)
    mended = found[:1]
    for at, group in enumerate(found[1:]):
        if at in cuts:
            mended[-1] = joined(mended[-1], group)
        else:
            mended.append(group)
    return mended


def _tags(
    found: Sequence[Group], setup: Sequence[CodeCell]
) -> dict[int, tuple[str, ...]]:
    tags = {
        group.cells[0].cell.index: (f"step:{name}",)
        for name, group in zip(names(found), found, strict=True)
    }
    spans = [(g.cells[0].cell.index, g.cells[-1].cell.index) for g in found]
    for code in setup:
        index = code.cell.index
        # Above the first step it is setup anyway, and within a step it is a part of it.
        is_apart = index > spans[0][0] and not any(a < index < b for a, b in spans)
        if is_apart and code.tags.role is None:
            kinds = {statement.kind for statement in code.setup}
            word = "functions" if SetupKind.DEFINITION in kinds else "imports"
            tags[index] = (word,)
    return dict(sorted(tags.items()))
