"""The reference of the command line; run as a module, it prints docs/cli.md."""

from __future__ import annotations

from inspect import cleandoc

import click

from jupyter_kfx.cli.main import commands

__all__ = ["reference"]

_HEAD = """\
# Command line

`jupyter kfx` and `jupyter-kfx` are one program. This page is written from its code:
`python -m jupyter_kfx.cli.reference > docs/cli.md`.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | the run failed |
| 2 | the call is off: an unknown option, parameter or run, a store that cannot be used |
| 3 | the notebook was refused; the diagnostics say where and what to do |
| 130 | cancelled with Ctrl-C; every process of the run has ended |

With `--json`, standard output holds one JSON document, `{"error": ...}` if there was an
error, and everything else goes to standard error.
"""


def reference() -> str:
    """Return the page: every command with its arguments and options."""
    context = click.Context(commands, info_name="jupyter kfx")
    parts = [_HEAD, *_sections(commands, context)]
    return "\n".join(parts)


def _sections(command: click.Command, context: click.Context) -> list[str]:
    found = []
    if context.parent is not None:
        found.append(_section(command, context))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            below = click.Context(inner, info_name=name, parent=context)
            found += _sections(inner, below)
    return found


def _section(command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"## `{context.command_path}`", ""]
    lines += [f"    {context.command_path} {usage}", ""]
    lines += [cleandoc(command.help or ""), ""]
    records = [
        record
        for option in command.get_params(context)
        if isinstance(option, click.Option)
        and "--help" not in option.opts
        and (record := option.get_help_record(context))
    ]
    if records:
        lines += ["| option | |", "| --- | --- |"]
        lines += [f"| `{_cell(name)}` | {_cell(said)} |" for name, said in records]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    click.echo(reference(), nl=False)
