"""Verifies notebooks of other projects, cut at every cell: `make corpus`."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import click

from tests.corpus.environment import environment, home
from tests.corpus.projects import Case, projects
from tests.corpus.table import line, summary
from tests.corpus.verifying import Result, kept, verified


@click.command()
@click.option("--only", multiple=True, metavar="NAME", help="Run these again.")
@click.option("--failed", is_flag=True, help="Run again what was not SAME.")
@click.option("--again", is_flag=True, help="Run all again.")
@click.option("--table", is_flag=True, help="Print what there is and run nothing.")
@click.option("--at-most", type=int, help="How many to run this time.")
@click.option("--small-first", is_flag=True, help="Begin with the shortest notebooks.")
@click.option("--jobs", "-j", type=int, default=1, show_default=True)
@click.option(
    "--limit",
    type=float,
    default=20,
    show_default=True,
    help="Seconds that a notebook may take by itself.",
)
def main(
    only: tuple[str, ...],
    failed: bool,
    again: bool,
    table: bool,
    at_most: int | None,
    small_first: bool,
    jobs: int,
    limit: float,
) -> None:
    """Tell for each notebook whether its pipeline computes the same.

    Results are kept: what has one is run again only if it is asked for.
    """
    cases = _mixed([project.cases(home() / "notebooks") for project in projects()])
    results = {case.id: kept(case) for case in cases}
    wanted = [
        case
        for case in cases
        if again or _is_wanted(case, results[case.id], only, failed=failed)
    ]
    if small_first:
        wanted.sort(key=lambda case: case.path.stat().st_size)
    if not table:
        with suppress(KeyboardInterrupt):
            asyncio.run(_verify(wanted[:at_most], results, jobs, limit))
    for row in summary([result for result in results.values() if result]):
        click.echo(row)


def _mixed(groups: list[list[Case]]) -> list[Case]:
    """Return the cases in an order in which every project has its share early."""
    ranked = [
        ((at + 0.5) / len(group), case)
        for group in groups
        for at, case in enumerate(group)
    ]
    return [case for _, case in sorted(ranked, key=lambda pair: pair[0])]


def _is_wanted(
    case: Case, result: Result | None, only: tuple[str, ...], *, failed: bool
) -> bool:
    if only:
        return any(word in (case.id, case.name, case.project) for word in only)
    if failed:
        return result is not None and result.verdict not in ("SAME", "left out")
    return result is None


async def _verify(
    cases: list[Case], results: dict[str, Result | None], jobs: int, limit: float
) -> None:
    env = environment()
    slots = asyncio.Semaphore(jobs)

    async def one(case: Case) -> None:
        async with slots:
            results[case.id] = found = await verified(case, env, limit)
            click.echo(line(found))

    async with asyncio.TaskGroup() as group:
        for case in cases:
            group.create_task(one(case))


if __name__ == "__main__":
    main()
