"""`jupyter kfx completion`."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the code that completes `jupyter-kfx` in SHELL.

    Put it where the shell reads it, such as `eval "$(jupyter kfx completion bash)"`.
    """
    from click.shell_completion import get_completion_class

    from jupyter_kfx.cli.main import commands

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(commands, {}, "jupyter-kfx", "_JUPYTER_KFX_COMPLETE").source())
