"""`jupyter kfx engines`."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("engines")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(as_json: bool) -> None:
    """List the engines."""
    from jupyter_kfx.cli.tables import table
    from jupyter_kfx.project import ENGINES

    if as_json:
        click.echo(json.dumps(ENGINES, indent=2))
    else:
        click.echo(table(("engine", "where steps run"), list(ENGINES.items())))
