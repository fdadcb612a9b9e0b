"""`jupyter kfx why`."""

from __future__ import annotations

import json

import click

from jupyter_kfx.cli.completing import runs, steps
from jupyter_kfx.cli.terminal import plain

__all__ = ["command"]


@click.command("why")
@click.argument("run", default="latest", shell_complete=runs)
@click.argument("step", required=False, shell_complete=steps)
@click.option("--store", metavar="FOLDER", help="Store to use.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(run: str, step: str | None, store: str | None, as_json: bool) -> None:
    """Say why the steps of RUN ran or did not, or STEP alone."""
    from jupyter_kfx.project import reasons

    found = reasons(run, step, store=store)
    if as_json:
        click.echo(json.dumps([reason._asdict() for reason in found], indent=2))
        return
    for reason in found:
        click.echo(plain(str(reason)))
