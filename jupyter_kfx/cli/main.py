"""The group of commands, and how errors end."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from jupyter_kfx.cli.terminal import plain
from jupyter_kfx.errors import KfxError, NotebookError, RunError

__all__ = ["CANCELLED", "FAILED", "REFUSED", "commands", "main"]

FAILED, USAGE, REFUSED, CANCELLED, PIPE = 1, 2, 3, 130, 141
_COMMANDS = {
    "show": "Draw the pipeline that a notebook describes.",
    "check": "List what is wrong with a notebook.",
    "suggest": "Propose steps for an untagged notebook.",
    "run": "Run a notebook as a pipeline.",
    "verify": "Compare the pipeline with its notebook.",
    "runs": "List, show, compare and delete runs.",
    "debug": "Open a session where a step of a run began.",
    "store": "Look after the store: room, limits, damages.",
    "logs": "Print what the steps of a run printed.",
    "why": "Say why steps ran, or did not.",
    "engines": "List the engines.",
    "completion": "Print the code for completion in a shell.",
}


class _Group(click.Group):
    """Imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"jupyter_kfx.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever read the output has seen enough; what is left is for nobody.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(PIPE) from None

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"jupyter_kfx {version('jupyter_kfx')}")
        ctx.exit()


@click.group(
    cls=_Group,
    name="jupyter kfx",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 the run failed, 2 usage, 3 the notebook was refused, "
    "130 cancelled.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the version.",
)
def commands() -> None:
    """Run notebooks as pipelines that compute what the notebook computes."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = commands.main(given, prog_name="jupyter kfx", standalone_mode=False)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except KfxError as error:
        _say(error, as_json="--json" in given)
        code = _code(error)
    except (KeyboardInterrupt, click.Abort):
        click.echo("Cancelled.", err=True)
        code = CANCELLED
    sys.exit(code if isinstance(code, int) else 0)


def _say(error: KfxError, *, as_json: bool) -> None:
    """Print an error for a reader, and as the one document where JSON was asked for."""
    click.echo(f"Error: {plain(str(error))}", err=True)
    if as_json:
        import json

        click.echo(json.dumps({"error": error.to_json()}, indent=2))


def _code(error: KfxError) -> int:
    if isinstance(error, NotebookError):
        return REFUSED
    return FAILED if isinstance(error, RunError) else USAGE
