"""`jupyter kfx check`."""

from __future__ import annotations

import json

import click

from jupyter_kfx.cli.completing import notebooks
from jupyter_kfx.cli.terminal import plain

__all__ = ["command"]


@click.command("check")
@click.argument("notebook", shell_complete=notebooks)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(notebook: str, as_json: bool) -> None:
    """List what is wrong with NOTEBOOK, with the place and the cure.

    Exits with 3 if it would be refused.
    """
    from jupyter_kfx.cli.main import REFUSED
    from jupyter_kfx.pipeline.codec import to_json
    from jupyter_kfx.pipeline.model import Severity
    from jupyter_kfx.project import load

    pipeline = load(notebook).pipeline
    if as_json:
        found = to_json(pipeline)["diagnostics"]
        click.echo(
            json.dumps(
                {
                    "notebook": notebook,
                    "refused": bool(pipeline.errors),
                    "diagnostics": found,
                },
                indent=2,
            )
        )
    else:
        for diagnostic in pipeline.diagnostics:
            click.echo(plain(str(diagnostic)))
        warnings = sum(d.severity is Severity.WARNING for d in pipeline.diagnostics)
        counts = (
            (len(pipeline.steps), "step"),
            (len(pipeline.errors), "error"),
            (warnings, "warning"),
        )
        click.echo(
            ", ".join(f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in counts)
        )
    if pipeline.errors:
        raise click.exceptions.Exit(REFUSED)
