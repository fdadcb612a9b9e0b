"""Tables and reports on standard output."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from jupyter_kfx.cli.terminal import coloured, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.engines.report import RunReport, StepReport
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["print_failure", "print_reasons", "print_report", "print_warnings", "table"]

_TAIL = 12
_MARKS = {"succeeded": "✓", "failed": "✗"}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns as wide as their widest entry."""
    cells = [list(head), *([_one_line(c) for c in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


def print_report(report: RunReport) -> None:
    """Print how a run ended: steps, metrics, and where things are."""
    rows = [_row(step, report.directory) for step in report.steps]
    head = ("", "step", "status", "seconds", "inputs", "outputs", "executed step")
    click.echo(table(head, rows))
    if report.metrics:
        click.echo()
        metrics = [(name, f"{value}") for name, value in report.metrics.items()]
        click.echo(table(("metric", "value"), metrics))
    click.echo()
    for step in report.steps:
        if step.passed_over:
            click.echo(f"step {plain(step.name)} is skipped: {plain(step.reason)}")
        for reason in step.reruns:
            click.echo(f"step {plain(step.name)} ran again: {plain(reason)}")
    click.echo(f"run {report.id} {report.status} in {report.seconds:.1f} s")
    if report.output is not None:
        click.echo(f"executed notebook: {report.output}")
    click.echo(f"executed steps: in {report.directory}")


def print_reasons(report: RunReport) -> None:
    """Print why each step ran or did not, on standard error."""
    from jupyter_kfx.engines.report import reasons_of

    for reason in reasons_of(report.to_json()):
        click.echo(plain(str(reason)), err=True)


def print_warnings(pipeline: Pipeline) -> None:
    """Print what the analysis warns of, on standard error."""
    from jupyter_kfx.pipeline.model import Severity

    for diagnostic in pipeline.diagnostics:
        if diagnostic.severity is Severity.WARNING:
            click.echo(plain(str(diagnostic)), err=True)


def print_failure(step: StepReport, notebook: str) -> None:
    """Print the error that ended a run: place, sentence, and the traceback's tail."""
    error = step.error
    if error is None:
        return
    place = plain(os.path.relpath(notebook))
    if error.cell_index is not None:
        place += f", cell {error.cell_index + 1}"
    if error.line is not None:
        place += f", line {error.line}"
    click.echo(err=True)
    lines = coloured("\n".join(error.traceback)).splitlines()
    for line in lines[-_TAIL:]:
        click.echo(
            f"    {line}", err=True
        )  # click drops colours for what is no terminal
    said = f"{plain(error.ename)}: {plain(error.message)}".strip(": ")
    click.echo(f"Error: {place}: step `{plain(step.name)}` failed: {said}", err=True)
    if step.notebook is not None:
        click.echo(f"The executed step is {os.path.relpath(step.notebook)}", err=True)


def _row(step: StepReport, directory: str | None) -> tuple[str, ...]:
    return (
        _MARKS.get(step.status, "-"),
        step.name,
        "cached" if step.cached and not step.passed_over else step.status,
        f"{step.seconds:.2f}" if step.attempts else "",
        _short(step.inputs),
        _short(step.outputs),
        "" if step.notebook is None else os.path.relpath(step.notebook, directory),
    )


def _short(names: Sequence[str], most: int = 5) -> str:
    more = f" +{len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more
