"""What a run imports once, before any step."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.model import SetupKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_kfx.pipeline.model import Pipeline, SetupStatement

__all__ = ["preloadable"]

_SETS_THE_SCENE = (
    # What a module finds when it is imported decides what it does.
    "environ",
    "putenv",
    "%env",
    "%set_env",
    "sys.path",
    "site.addsitedir",
    "matplotlib.use",
    "mpl.use",
    "%pip",
    "%conda",
    "pip install",
    "conda install",
)
_NOT_FORKED = frozenset(
    # They start threads or devices that do not survive a fork.
    {"cupy", "jax", "polars", "pyspark", "ray", "tensorflow", "torch_xla"}
)

_NOWHERE = (sys.maxsize, 0)


def preloadable(pipeline: Pipeline, project: Path) -> dict[str, bool]:
    """Return the imports of setup that the fork server may run early, as statements.

    Each with whether it may draw random numbers meanwhile: nothing in the notebook but
    other early imports can have seeded the generator before. Modules of the project are
    left to the steps: they may change between two runs of a step. So is whatever comes
    after a statement that changes how imports behave.
    """
    if any(step.settings.env for step in pipeline.steps):
        return {}  # a library may look at its variables when it is imported
    scene = _first_scene(pipeline)
    act = _first_act(pipeline)
    found: dict[str, bool] = {}
    for statement in pipeline.setup:
        if (statement.index, statement.line) >= scene:
            break
        if statement.kind is SetupKind.IMPORT:
            imports = list(_imports(statement))
            early = [code for module, code in imports if _is_early(module, project)]
            if not imports or len(early) < len(imports):
                act = min(act, (statement.index, statement.line))
            for code in early:
                found.setdefault(code, (statement.index, statement.line) < act)
    return found


def _is_early(module: str, project: Path) -> bool:
    top = module.partition(".")[0]
    return top not in _NOT_FORKED and not _is_local(top, project)


def _first_scene(pipeline: Pipeline) -> tuple[int, int]:
    """Return the place of the first line of any cell that sets the scene for imports."""
    places = (
        (index, number)
        for index, number, line in _lines(pipeline)
        if any(mark in line for mark in _SETS_THE_SCENE)
    )
    return min(places, default=_NOWHERE)


def _first_act(pipeline: Pipeline) -> tuple[int, int]:
    """Return the place of the first line of any cell that is not setup."""
    setup = {
        (statement.index, line)
        for statement in pipeline.setup
        if "load_ext" not in statement.code
        for line in range(statement.line, statement.end_line + 1)
    }
    places = (
        (index, number)
        for index, number, line in _lines(pipeline)
        if line.strip() and not line.lstrip().startswith("#")
        # Something else may follow a setup statement on its line.
        if (index, number) not in setup or ";" in line
    )
    return min(places, default=_NOWHERE)


def _lines(pipeline: Pipeline) -> Iterator[tuple[int, int, str]]:
    cells = [cell for step in pipeline.steps for cell in step.cells]
    cells += pipeline.setup_cells
    if pipeline.parameters_cell is not None:
        cells.append(pipeline.parameters_cell)
    for step in pipeline.steps:
        for line in (step.settings.when or "").splitlines():
            yield step.cells[0].index, 0, line
    for cell in cells:
        for number, line in enumerate(cell.source.splitlines(), start=1):
            yield cell.index, number, line


def _imports(statement: SetupStatement) -> Iterator[tuple[str, str]]:
    """Return modules that are imported for sure, each with a statement that does so."""
    try:
        tree = ast.parse(statement.code)
    except SyntaxError:
        return
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, f"import {alias.name}") for alias in node.names)
        elif (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and node.module not in (None, "__future__")
        ):
            yield str(node.module), f"import {node.module}"
            names = ", ".join(alias.name for alias in node.names)
            if names != "*":  # some modules are loaded when their names are asked for
                yield str(node.module), f"from {node.module} import {names}"


def _is_local(top: str, project: Path) -> bool:
    return (project / top).is_dir() or any(project.glob(f"{top}.*"))
