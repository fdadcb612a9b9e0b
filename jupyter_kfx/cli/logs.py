"""`jupyter kfx logs`."""

from __future__ import annotations

import json
from typing import Any

import click

from jupyter_kfx.cli.completing import runs, steps
from jupyter_kfx.cli.terminal import plain

__all__ = ["command"]


@click.command("logs")
@click.argument("run", default="latest", shell_complete=runs)
@click.argument("step", required=False, shell_complete=steps)
@click.option("--store", metavar="FOLDER", help="Store to use.")
def command(run: str, step: str | None, store: str | None) -> None:
    """Print what the steps of RUN printed, or STEP alone."""
    from jupyter_kfx.errors import UsageError
    from jupyter_kfx.project import open_store

    opened = open_store(store)
    record = opened.run(run)
    executions = opened.executions(record.id)
    names = {execution.step for execution in executions}
    if step is not None and step not in names:
        message = f"run {record.id} has no step `{step}`."
        raise UsageError(message, cure=f"It has: {', '.join(sorted(names))}.")
    for execution in executions:
        if step not in (None, execution.step):
            continue
        path = record.directory / execution.id / "step.ipynb"
        if not path.exists():
            continue
        for text in _texts(json.loads(path.read_text("utf-8"))):
            for line in plain(text).splitlines():
                click.echo(f"{execution.step}: {line}" if step is None else line)


def _texts(document: dict[str, Any]) -> list[str]:
    found = []
    for cell in document["cells"]:
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                found.append(_text(output["text"]))
            elif output["output_type"] == "error":
                found.append("\n".join(output["traceback"]))
            elif "text/plain" in output.get("data", {}):
                found.append(_text(output["data"]["text/plain"]))
    return found


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
