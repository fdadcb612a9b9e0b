"""`jupyter kfx store`."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from jupyter_kfx.cli.sizes import parsed, size
from jupyter_kfx.cli.terminal import plain

if TYPE_CHECKING:
    from jupyter_kfx.store import Health, Store

__all__ = ["command"]


@click.group("store")
def command() -> None:
    """Look after the folder in which values and runs are kept."""


_store = click.option("--store", metavar="FOLDER", help="Store to use.")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@command.command("gc")
@click.option(
    "--max-size",
    type=parsed,
    metavar="SIZE",
    help="Delete values of runs too, those first that were not used for longest, until "
    "the rest takes no more than this (10GB, 512MiB); default: the store's limit.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@_store
@_json
def collect(
    max_size: int | None, dry_run: bool, store: str | None, as_json: bool
) -> None:
    """Delete what no run refers to.

    What a run that still goes on has written or used stays, whatever the limit.
    """
    with closing(_opened(store)) as opened:
        limit = opened.limit if max_size is None else max_size
        swept = opened.collect(limit=limit, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps({**swept.to_json(), "limit": limit}, indent=2))
        return
    would = "would be " if dry_run else ""
    click.echo(
        f"{swept.deleted} files that no run needs and {swept.evicted} values of runs "
        f"{would}deleted, {size(swept.freed)}; {size(swept.left)} left"
    )
    if swept.folders:
        click.echo(f"{swept.folders} folders of no run {would}deleted")
    if swept.running:
        click.echo(f"left alone what these runs use: {', '.join(swept.running)}")
    if limit is not None and swept.left > limit:
        click.echo(
            f"warning: more than the limit of {size(limit)} is in use by runs that go "
            "on. Collect again when they have ended.",
            err=True,
        )


@command.command("du")
@click.option("--limit", "-n", type=click.IntRange(1), help="At most this many runs.")
@_store
@_json
def usage(limit: int | None, store: str | None, as_json: bool) -> None:
    """Show what takes up how much room.

    For each run: its values, those that no other run has (what deleting it would free),
    and its executed steps and logs.
    """
    from jupyter_kfx.cli.tables import table

    with closing(_opened(store)) as opened:
        found, root, most = opened.usage(), opened.root, opened.limit
    runs = found.runs[:limit]
    if as_json:
        document = found.to_json()
        document["runs"] = document["runs"][:limit]
        document.update(store=str(root), limit=most)
        click.echo(json.dumps(document, indent=2))
        return
    rows = [
        (u.run, u.pipeline, u.status, size(u.values), size(u.own), size(u.files))
        for u in runs
    ]
    head = ("run", "pipeline", "status", "values", "its own", "files")
    click.echo(table(head, rows))
    click.echo()
    click.echo(f"store: {root}")
    at_most = "" if most is None else f" of at most {size(most)}"
    click.echo(f"values: {size(found.values)}{at_most} in {found.artifacts} artifacts")
    click.echo(f"needed by no run: {size(found.waste)} (`jupyter kfx store gc`)")
    click.echo(f"deleted to make room: {found.evicted} artifacts")
    click.echo(f"executed steps and logs: {size(found.files)}")
    click.echo(f"database and runtime: {size(found.other)}")


@command.command("check")
@click.option("--remove", is_flag=True, help="Remove what is found, without asking.")
@_store
@_json
def check(remove: bool, store: str | None, as_json: bool) -> None:
    """Read every value, and tell which are not what they were.

    What is removed is computed again when a run needs it. Exits with 1 if something is
    wrong and stays.
    """
    from jupyter_kfx.cli.main import FAILED

    with closing(_opened(store)) as opened:
        health = opened.check()
        digests = [fault.digest for fault in health.faults]
        if not as_json:
            _tell(health)
            if digests and not remove and sys.stdin.isatty():
                remove = click.confirm(f"Remove {len(digests)} of them?", err=True)
        if remove:
            opened.discard(digests)
    if as_json:
        removed = digests if remove else []
        click.echo(json.dumps({**health.to_json(), "removed": removed}, indent=2))
    elif remove and digests:
        click.echo(f"removed {len(digests)}")
    elif digests:
        click.echo("`jupyter kfx store check --remove` removes them.", err=True)
    if health.database or (digests and not remove):
        raise click.exceptions.Exit(FAILED)


@command.command("limit")
@click.argument("limit", metavar="[SIZE|none]", required=False)
@_store
@_json
def set_limit(limit: str | None, store: str | None, as_json: bool) -> None:
    """Show or set how much room values may take.

    Each run keeps to it when it ends: it deletes the values that were not used for
    longest. `none` takes the limit away.
    """
    with closing(_opened(store)) as opened:
        if limit is not None:
            none = limit.lower() == "none"
            opened.set_limit(None if none else parsed(limit))
        now = opened.limit
    if as_json:
        click.echo(json.dumps({"limit": now}, indent=2))
    else:
        click.echo("no limit" if now is None else size(now))


def _tell(health: Health) -> None:
    for fault in health.faults:
        click.echo(plain(str(fault)))
    for line in health.database:
        click.echo(f"the database: {plain(line)}")
    state = "all are what they were" if health.is_good else "not all is well"
    click.echo(f"{health.artifacts} values, {size(health.bytes)}: {state}")


def _opened(store: str | None) -> Store:
    from jupyter_kfx.project import open_store

    return open_store(store)
