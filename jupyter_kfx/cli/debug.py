"""`jupyter kfx debug`."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

import click

from jupyter_kfx.cli.completing import runs, steps

if TYPE_CHECKING:
    from jupyter_kfx.inspection.debugging import Debugging

__all__ = ["command"]


@click.command("debug")
@click.argument("run", shell_complete=runs)
@click.argument("step", shell_complete=steps)
@click.option(
    "--rerun/--no-rerun",
    default=None,
    help="Run the step's cells, up to the one that failed; default: if one did.",
)
@click.option(
    "--kernel",
    "as_kernel",
    is_flag=True,
    help="Start a kernel that front ends can attach to, and wait until it ends.",
)
@click.option("--store", metavar="FOLDER", help="Store to use.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON document: what a session needs, with --kernel also the "
    "connection file. No terminal session is opened.",
)
def command(
    run: str,
    step: str,
    rerun: bool | None,
    as_kernel: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Open a session where STEP of RUN began, in the notebook's kernel.

    Its inputs are loaded and its setup has run; `%step` shows its cells. If the step
    failed, its cells are run up to the failing line, and a debugger is opened there.
    Cells that are run again do again what they do to files and elsewhere.
    """
    from jupyter_kfx.project import debug

    found = debug(run, step, store=store)
    again = found.error is not None if rerun is None else rerun
    if as_kernel:
        _serve(found, rerun=again, as_json=as_json)
    elif as_json:
        click.echo(json.dumps(found.to_json(), indent=2))
    else:
        arguments, environment = found.terminal(rerun=again)
        os.chdir(found.cwd)
        os.execvpe(arguments[0], arguments, environment)  # noqa: S606


def _serve(found: Debugging, *, rerun: bool, as_json: bool) -> None:
    with found.kernel_at_step(rerun=rerun) as manager:
        file = manager.connection_file
        if as_json:
            document = {**found.to_json(), "connection_file": file}
            click.echo(json.dumps(document, indent=2))
        else:
            click.echo(f"connection file: {file}")
            click.echo(f"attach with: jupyter console --existing {file}")
            if rerun and found.error is not None:
                click.echo("then `%debug` looks at the failing line")
            click.echo("Ctrl-C ends the kernel.", err=True)
        pause = threading.Event()
        while manager.is_alive():
            pause.wait(0.5)
