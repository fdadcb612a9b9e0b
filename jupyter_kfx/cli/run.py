"""`jupyter kfx run`."""

from __future__ import annotations

import json
from typing import Any, Literal

import click

from jupyter_kfx.cli.completing import notebooks
from jupyter_kfx.cli.joining import no_join
from jupyter_kfx.cli.terminal import plain
from jupyter_kfx.cli.values import joined, values

__all__ = ["command"]


class _Command(click.Command):
    """Takes papermill's `-p name value` beside `-p name=value`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, joined(args))


@click.command("run", cls=_Command)
@click.argument("notebook", shell_complete=notebooks)
@click.option("--output", "-o", type=click.Path(), help="Write the executed notebook.")
@click.option(
    "--parameters",
    "-p",
    "typed",
    multiple=True,
    metavar="NAME VALUE",
    help="Set a parameter; also NAME=VALUE.",
)
@click.option(
    "--parameters_raw",
    "-r",
    "raw",
    multiple=True,
    metavar="NAME VALUE",
    help="Set a parameter to a text as it is.",
)
@click.option(
    "--parameters_yaml",
    "-y",
    "texts",
    multiple=True,
    metavar="YAML",
    help="Set parameters from a YAML text.",
)
@click.option(
    "--parameters_file",
    "-f",
    "files",
    multiple=True,
    type=click.Path(),
    help="Set parameters from a YAML file.",
)
@click.option(
    "--parameters_base64",
    "-b",
    "encoded",
    multiple=True,
    metavar="TEXT",
    help="Set parameters from a YAML text in base64.",
)
@click.option("--kernel", "-k", help="Kernel to use instead of the notebook's.")
@click.option("--cwd", type=click.Path(), help="Folder in which the cells run.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1), help="Steps at once; default: the cores."
)
@click.option(
    "--isolation",
    type=click.Choice(["fork", "spawn"]),
    default="fork",
    show_default=True,
    help="How step processes start.",
)
@click.option("--engine", default="local", show_default=True, help="Where it runs.")
@click.option(
    "--no-cache", "cache", flag_value=False, default=True, help="Run every step anew."
)
@click.option("--resume", metavar="RUN", help="Keep what a run had finished.")
@click.option(
    "--from", "from_step", metavar="STEP", help="Run STEP and what depends on it anew."
)
@click.option("--only", metavar="STEP", help="Run STEP anew, and nothing else.")
@click.option("--until", metavar="STEP", help="Run no step below STEP.")
@click.option(
    "--stale", is_flag=True, help="Take last results even where code has changed since."
)
@click.option(
    "--guard",
    type=click.Choice(["rerun", "stop", "warn"]),
    default="rerun",
    show_default=True,
    help="What to do where a step changed what its code does not show; a step's own "
    "setting goes before.",
)
@no_join
@click.option("--explain", is_flag=True, help="Say why each step ran, or did not.")
@click.option("--store", metavar="FOLDER", help="Store to use.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    notebook: str,
    output: str | None,
    typed: tuple[str, ...],
    raw: tuple[str, ...],
    texts: tuple[str, ...],
    files: tuple[str, ...],
    encoded: tuple[str, ...],
    kernel: str | None,
    cwd: str | None,
    jobs: int | None,
    isolation: Literal["fork", "spawn"],
    engine: str,
    cache: bool,
    resume: str | None,
    from_step: str | None,
    only: str | None,
    until: str | None,
    stale: bool,
    guard: Literal["rerun", "stop", "warn"],
    join: bool,
    explain: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Run NOTEBOOK as a pipeline.

    Steps run as soon as what they need is there. A step whose code, inputs and
    surroundings are as in an earlier run takes its result from there. With -o the whole executed notebook
    is written, as papermill would leave it.
    """
    from jupyter_kfx import project
    from jupyter_kfx.cli.main import CANCELLED, FAILED
    from jupyter_kfx.cli.progress import progress
    from jupyter_kfx.cli.tables import print_warnings

    loaded = project.load(notebook)
    loaded.check()
    given = values(
        loaded.pipeline.parameters,
        typed=typed,
        raw=raw,
        texts=texts,
        files=files,
        encoded=encoded,
    )
    print_warnings(loaded.pipeline)
    with progress(loaded.pipeline) as listener:
        report = project.run(
            loaded,
            parameters=given,
            engine=engine,
            jobs=jobs,
            isolation=isolation,
            cwd=cwd,
            kernel=kernel,
            output=output,
            store=store,
            cache=cache,
            resume=resume,
            from_step=from_step,
            only=only,
            until=until,
            stale=stale,
            guard=guard,
            join=join,
            listener=listener,
        )
    for warning in report.warnings:
        click.echo(f"warning: {plain(warning)}", err=True)
    if as_json:
        click.echo(json.dumps(_relative(report.to_json()), indent=2, default=repr))
    else:
        from jupyter_kfx.cli.tables import print_report

        print_report(report)
    if explain:
        from jupyter_kfx.cli.tables import print_reasons

        print_reasons(report)
    if report.failed is not None:
        from jupyter_kfx.cli.tables import print_failure

        print_failure(report.failed, notebook)
    codes = {"failed": FAILED, "cancelled": CANCELLED}
    if report.status in codes:
        raise click.exceptions.Exit(codes[report.status])


def _relative(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with notebooks relative to the working directory."""
    import os

    for step in document["steps"]:
        if step["notebook"] is not None:
            step["notebook"] = os.path.relpath(step["notebook"])
    return document
