"""What a shell offers for arguments: notebooks, runs, steps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

__all__ = ["notebooks", "runs", "steps"]


def notebooks(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the notebooks whose path starts with what was typed, and the folders."""
    from click.shell_completion import CompletionItem

    folder, slash, start = incomplete.rpartition("/")
    try:
        found = sorted(Path(f"{folder}{slash}" or ".").iterdir())
    except OSError:
        return []
    items = [
        CompletionItem(f"{folder}{slash}{path.name}")
        for path in found
        if path.suffix == ".ipynb" and path.name.startswith(start)
    ]
    # The shell itself goes into folders.
    return [*items, CompletionItem(incomplete, type="dir")]


def runs(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the ids of runs that start with what was typed."""
    from click.shell_completion import CompletionItem

    from jupyter_kfx.errors import KfxError
    from jupyter_kfx.project import open_store

    try:
        found = open_store(context.params.get("store")).runs(limit=100)
    except KfxError:
        return []
    return [
        CompletionItem(run.id, help=f"{run.pipeline} {run.status}")
        for run in found
        if run.id.startswith(incomplete)
    ]


def steps(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the steps of the run before them that start with what was typed."""
    from click.shell_completion import CompletionItem

    from jupyter_kfx.errors import KfxError
    from jupyter_kfx.project import open_store

    try:
        store = open_store(context.params.get("store"))
        run = store.run(context.params.get("run") or "latest")
        names = dict.fromkeys(each.step for each in store.executions(run.id))
    except KfxError:
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
