"""`jupyter kfx verify`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from jupyter_kfx.cli.completing import notebooks
from jupyter_kfx.cli.joining import no_join
from jupyter_kfx.cli.terminal import plain

__all__ = ["command"]


@click.command("verify")
@click.argument("notebook", shell_complete=notebooks)
@click.option(
    "--cut",
    metavar="WHERE",
    help="Cut an untagged notebook into steps: cell, heading, or a number of cells.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Relative difference at which two floats are still the same.",
)
@click.option("--timeout", type=click.FloatRange(0), help="Seconds a cell may take.")
@click.option("--kernel", "-k", help="Kernel to use instead of the notebook's.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1), help="Steps at once; default: the cores."
)
@click.option(
    "--once",
    is_flag=True,
    help="Run the notebook a second time only if the pipeline differs from the first.",
)
@no_join
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the report to this file, too, as a page.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    notebook: str,
    cut: str | None,
    tolerance: float,
    timeout: float | None,
    kernel: str | None,
    jobs: int | None,
    once: bool,
    join: bool,
    html: Path | None,
    as_json: bool,
) -> None:
    """Tell whether NOTEBOOK computes the same as a notebook and as a pipeline.

    It is run twice in a kernel and once as a pipeline, in copies of its folder. What
    cells show, what variables are where a step ends, and the files left are compared.
    """
    from jupyter_kfx import project
    from jupyter_kfx.cli.main import FAILED, REFUSED
    from jupyter_kfx.cli.tables import print_warnings
    from jupyter_kfx.errors import UsageError

    loaded = project.load(notebook, cut=cut)
    loaded.check()
    print_warnings(loaded.pipeline)

    def stage(text: str) -> None:
        click.echo(f"{text} ...", err=True)

    found = project.verify(
        loaded,
        tolerance=tolerance,
        timeout=timeout,
        kernel=kernel,
        jobs=jobs,
        once=once,
        join=join,
        stage=stage,
    )
    if html is not None:
        from jupyter_kfx.verification.page import page

        try:
            html.write_text(page(found), "utf-8")
        except OSError as error:
            message = f"{html} cannot be written: {error.strerror}."
            raise UsageError(message, cure="Name another file.") from None
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=2))
    else:
        from jupyter_kfx.verification.text import lines

        for line in lines(found):
            click.echo(plain(line))
    codes = {"same": 0, "refused": REFUSED}
    raise click.exceptions.Exit(codes.get(found.status, FAILED))
