"""`jupyter kfx runs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_kfx.cli.completing import runs
from jupyter_kfx.cli.terminal import plain
from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from jupyter_kfx.store import RunRecord

__all__ = ["command"]


@click.group("runs")
def command() -> None:
    """List, show, compare and delete runs."""


_store = click.option("--store", metavar="FOLDER", help="Store to use.")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@command.command("list")
@click.option("--limit", "-n", type=click.IntRange(1), help="At most this many.")
@_store
@_json
def list_runs(limit: int | None, store: str | None, as_json: bool) -> None:
    """List the runs, the newest first."""
    from jupyter_kfx.cli.tables import table
    from jupyter_kfx.project import open_store

    runs = open_store(store).runs(limit=limit)
    if as_json:
        click.echo(json.dumps([_document(run) for run in runs], indent=2))
        return
    rows = [
        (
            run.id,
            run.pipeline,
            run.status,
            _duration(run),
            ", ".join(f"{n}={v}" for n, v in run.parameters.items()),
        )
        for run in runs
    ]
    click.echo(table(("run", "pipeline", "status", "seconds", "parameters"), rows))


@command.command("show")
@click.argument("run", default="latest", shell_complete=runs)
@_store
@_json
def show_run(run: str, store: str | None, as_json: bool) -> None:
    """Show a RUN: an id, the start of one, or `latest`."""
    from jupyter_kfx.cli.tables import table
    from jupyter_kfx.cli.terminal import plain
    from jupyter_kfx.project import open_store

    opened = open_store(store)
    record = opened.run(run)
    executions = opened.executions(record.id)
    if as_json:
        from dataclasses import asdict

        document = _document(record)
        document["executions"] = [asdict(execution) for execution in executions]
        click.echo(json.dumps(document, indent=2, default=str))
        return
    click.echo(f"run {record.id}: {record.pipeline} {record.status} ({record.engine})")
    click.echo(f"notebook: {record.notebook}")
    click.echo(f"started: {record.started:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(f"files: {record.directory}")
    for name, value in record.parameters.items():
        click.echo(f"parameter {name} = {value!r}")
    for name, value in record.metrics.items():
        click.echo(f"metric {name} = {value}")
    click.echo()
    rows = [
        (
            e.step,
            str(e.attempt),
            e.status,
            f"{e.seconds:.2f}",
            ", ".join(n for a in e.inputs for n in a.names),
            ", ".join(n for a in e.outputs for n in a.names),
            e.reason,
        )
        for e in executions
    ]
    head = ("step", "attempt", "status", "seconds", "inputs", "outputs", "reason")
    click.echo(table(head, rows))
    for step in record.report.get("steps", ()):
        for text in step.get("observed", ()):
            click.echo(f"step {plain(step['name'])}: {plain(text)}")
    for text in record.report.get("warnings", ()):
        click.echo(f"warning: {plain(text)}")


@command.command("rm")
@click.argument("runs", nargs=-1, required=True, shell_complete=runs)
@_store
def remove_runs(runs: tuple[str, ...], store: str | None) -> None:
    """Delete RUNS, their files, and what no other run uses."""
    from jupyter_kfx.project import open_store

    for run in open_store(store).delete_runs(dict.fromkeys(runs)):
        click.echo(f"deleted {run.id}")


def _document(run: RunRecord) -> dict[str, Any]:
    return {
        **run.to_json(),
        "report": dict(run.report),
        "directory": str(run.directory),
    }


def _duration(run: RunRecord) -> str:
    if run.ended is None:
        return ""
    return f"{(run.ended - run.started).total_seconds():.1f}"


@command.command("compare")
@click.argument("run", shell_complete=runs)
@click.argument("other", default="latest", shell_complete=runs)
@click.option("--all", "everything", is_flag=True, help="Show what is the same too.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Relative difference at which two floats are still the same.",
)
@click.option("--html", metavar="FILE", help="Write a page.")
@_store
@_json
def compare_runs(
    run: str,
    other: str,
    everything: bool,
    tolerance: float,
    html: str | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Show how RUN and OTHER differ: parameters, code, values, metrics.

    Values are compared by what is in them. Exits with 1 if the runs differ.
    """
    from jupyter_kfx.cli.main import FAILED
    from jupyter_kfx.inspection.page import page
    from jupyter_kfx.inspection.text import lines
    from jupyter_kfx.project import compare

    found = compare(run, other, store=store, tolerance=tolerance)
    if html is not None:
        try:
            Path(html).write_text(page(found), "utf-8")
        except OSError as error:
            message = f"{html} cannot be written: {error.strerror}."
            raise UsageError(message, cure="Give another file.") from error
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif html is None:
        for line in lines(found, everything=everything):
            click.echo(plain(line))
    if not found["same"]:
        raise click.exceptions.Exit(FAILED)
