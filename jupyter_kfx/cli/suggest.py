"""`jupyter kfx suggest`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jupyter_kfx.cli.completing import notebooks
from jupyter_kfx.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["command"]


@click.command("suggest")
@click.argument("notebook", shell_complete=notebooks)
@click.option("--write", is_flag=True, help="Add the tags to the notebook.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(notebook: str, write: bool, as_json: bool) -> None:
    """Propose steps for the untagged NOTEBOOK, from its headings and its data flow.

    Nothing is run. Each step is told with its cells, counted from 1, and with a reason.
    """
    from jupyter_kfx import project

    propose = project.write_suggestion if write else project.suggest
    found = propose(notebook)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
        return
    for step in found.steps:
        click.echo(plain(f"{step.name} ({_cells(step.cells)})\n    {step.why}"))
    if found.setup:
        click.echo(f"({_cells(found.setup)}: imports and definitions, no step)")
    if not found.tags:
        click.echo("The notebook is tagged so already.", err=True)
    elif write:
        click.echo("The tags are in the notebook.", err=True)
    else:
        click.echo("Add these tags to the notebook with `--write`.", err=True)


def _cells(indices: Sequence[int]) -> str:
    """Return positions as a person counts them: `cells 2-4, 7`."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    texts = [
        f"{run[0] + 1}-{run[-1] + 1}" if len(run) > 1 else f"{run[0] + 1}"
        for run in runs
    ]
    return f"cell{'s' if len(indices) > 1 else ''} {', '.join(texts)}"
