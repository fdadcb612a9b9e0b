"""`jupyter kfx show`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from jupyter_kfx.cli.completing import notebooks
from jupyter_kfx.cli.terminal import plain

__all__ = ["command"]

FORMATS = ("text", "json", "mermaid", "dot", "svg")


@click.command("show")
@click.argument("notebook", shell_complete=notebooks)
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How to draw it.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", "-o", type=click.Path(), help="Write to a file.")
def command(notebook: str, form: str, as_json: bool, output: str | None) -> None:
    """Draw the pipeline that NOTEBOOK describes.

    Solid edges carry data, dashed ones possibly do, dotted ones are order alone.
    """
    from jupyter_kfx.errors import UsageError
    from jupyter_kfx.project import load

    pipeline = load(notebook).pipeline
    if as_json or form == "json":
        from jupyter_kfx.pipeline.codec import to_json

        drawn = json.dumps(to_json(pipeline), indent=2, ensure_ascii=False)
    else:
        from importlib import import_module

        draw = getattr(import_module(f"jupyter_kfx.pipeline.{form}"), form)
        drawn = draw(pipeline)
    if output is None:
        click.echo(drawn)
    else:
        try:
            Path(output).write_text(f"{drawn}\n", "utf-8")
        except OSError as error:
            message = f"`{output}` cannot be written: {error.strerror}."
            raise UsageError(message, cure="Give another path with `-o`.") from error
    for diagnostic in pipeline.diagnostics:
        click.echo(plain(str(diagnostic)), err=True)
    if pipeline.errors:
        from jupyter_kfx.cli.main import REFUSED

        raise click.exceptions.Exit(REFUSED)
