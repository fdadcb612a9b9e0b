"""From a notebook to its pipeline."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.cells import CodeReader
from jupyter_kfx.analysis.checks import Checks
from jupyter_kfx.analysis.diagnostics import Diagnostics
from jupyter_kfx.analysis.edges import edges_between, live_after, settle, sources
from jupyter_kfx.analysis.needs import needs
from jupyter_kfx.analysis.placement import Placement
from jupyter_kfx.analysis.settings import merged_settings, steps_before
from jupyter_kfx.notebook.tags import pipeline_settings
from jupyter_kfx.pipeline.model import Pipeline, Port, SetupKind, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jupyter_kfx.analysis.cells import CodeCell
    from jupyter_kfx.analysis.effects import Effects
    from jupyter_kfx.analysis.placement import StepCells
    from jupyter_kfx.notebook.reading import Notebook
    from jupyter_kfx.pipeline.model import SetupStatement
    from jupyter_kfx.pipeline.settings import StepSettings

__all__ = ["build"]


def build(notebook: Notebook, joined: Mapping[str, str] | None = None) -> Pipeline:
    """Return the pipeline that a notebook describes.

    Steps may be `joined` to others above them, by their names.

    What is wrong with the notebook is in the pipeline's diagnostics; nothing is raised.
    """
    with _uncollected():
        changing: frozenset[str] = frozenset()
        while True:
            pipeline, found = _built(notebook, changing, joined or {})
            if found <= changing:
                return pipeline
            # What code changes cannot be replayed: it is handed on as values are.
            changing |= found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking through what is being built.

    It would find nothing, and now and then take as long as the analysis itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _built(
    notebook: Notebook, changing: frozenset[str], joined: Mapping[str, str]
) -> tuple[Pipeline, set[str]]:
    """Return a pipeline, and the functions and classes that code changes."""
    settings, found = pipeline_settings(notebook)
    path = None if notebook.path is None else Path(notebook.path)
    folder = None if path is None else str(path.parent)
    reader = CodeReader(notebook, folder, changing)
    cells = reader.read()
    diagnostics = Diagnostics(notebook.path, [*reader.diagnostics, *found])
    placement = Placement(notebook, diagnostics, joined)
    placement.place(cells)
    checks = Checks(cells, placement, reader.skipped, diagnostics)
    checks.order()
    checks.later_tags()
    checks.history()
    checks.caches()
    placed = placement.steps
    effects = [step.effects for step in placed]
    _open(placement.loose, effects)
    _set(cells, placement.steps, effects)
    checks.names()
    own = [merged_settings(step, settings.defaults, diagnostics) for step in placed]
    place = {step.name: i for i, step in enumerate(placed)}
    after = [
        steps_before(step, _places(its.after, step.name, joined), place, diagnostics)
        for step, its in zip(placed, own, strict=True)
    ]
    live = live_after(effects)
    checks.setup(live)
    settle(effects, live)
    edges = edges_between([step.name for step in placed], effects, after)
    arriving = sources(edges)
    # Only where a step may be skipped does it matter who cannot do without it.
    wanted = (
        [needs(step, its) for step, its in zip(placed, effects, strict=True)]
        if any(step.head for step in placed)
        else [set()] * len(placed)
    )
    steps = tuple(
        _step(step, effects[i], live[i], own[i], arriving.get(step.name, {}), wanted[i])
        for i, step in enumerate(placed)
    )
    parameters_cell = placement.parameters_cell
    pipeline = Pipeline(
        name=settings.name or ("pipeline" if path is None else path.stem),
        notebook=notebook.path,
        kernel=notebook.kernel,
        parameters=placement.parameters,
        parameters_cell=None if parameters_cell is None else parameters_cell.cell,
        setup_cells=tuple(code.cell for code in placement.loose),
        setup=_setup(cells, diagnostics.step_of),
        steps=steps,
        edges=edges,
        diagnostics=diagnostics.in_order(),
        metrics=tuple(placement.metrics),
        settings=settings,
    )
    return pipeline, checks.changing | reader.redefined


def _places(after: Iterable[str], own: str, joined: Mapping[str, str]) -> list[str]:
    """Return the steps that one comes after, as they are joined."""
    found = ((name, joined.get(name, name)) for name in after)
    return [now for name, now in found if now != own or name == own]


def _open(loose: Sequence[CodeCell], effects: Sequence[Effects]) -> None:
    """Let steps whose names cannot be known read all there is."""
    bound: set[str] = set()
    for code in loose:
        bound |= code.effects.defines | code.effects.may_bind
    for own in effects:
        if own.opaque is not None:
            own.reads |= bound
        bound |= own.may_bind | own.defines | own.mutates.keys()


def _set(
    cells: Sequence[CodeCell], steps: Sequence[StepCells], effects: Sequence[Effects]
) -> None:
    """Let steps below a setting read what its functions use, whoever calls them."""
    set_ = [(c.cell.index, s) for c in cells for s in c.setup]
    set_ = [(at, s) for at, s in set_ if s.kind is SetupKind.SETTING and s.needs]
    if not set_:
        return
    defined = {n: s for c in cells for s in c.setup for n in s.names}
    data = {n for c in cells for n in c.effects.may_bind}
    for at, setting in set_:
        used: set[str] = set()
        todo = list(setting.needs)
        while todo:
            name = todo.pop()
            if name not in used:
                used.add(name)
                todo += defined[name].needs if name in defined else ()
        for step, own in zip(steps, effects, strict=True):
            if step.cells[0].cell.index > at:
                own.reads |= used & data


def _step(
    parts: StepCells,
    effects: Effects,
    live: frozenset[str],
    settings: StepSettings,
    arriving: dict[str, str],
    needed: set[str],
) -> Step:
    writes = effects.may_bind | effects.defines
    changed = effects.may_bind | effects.mutates.keys()
    if effects.writes_any:
        changed = set(live)
    types = {n: t for code in parts.cells for n, t in code.types.items()}
    return Step(
        name=parts.name,
        cells=tuple(code.cell for code in parts.cells),
        inputs=tuple(Port(n, "", arriving[n]) for n in sorted(arriving)),
        outputs=tuple(Port(n, types.get(n, "")) for n in sorted(changed & live)),
        reads=tuple(sorted(effects.reads)),
        needs=tuple(sorted(needed)),
        writes=tuple(sorted(writes)),
        mutates=tuple(sorted(effects.mutates)),
        deletes=tuple(sorted(effects.deletes)),
        live=tuple(sorted(live)),
        ambient=tuple(sorted({touch.key for touch in effects.touches})),
        opaque=effects.opaque is not None,
        settings=settings,
    )


def _setup(
    cells: Sequence[CodeCell], step_of: Mapping[str, str]
) -> tuple[SetupStatement, ...]:
    return tuple(
        replace(statement, step=step_of.get(code.cell.id))
        for code in cells
        for statement in code.setup
    )
