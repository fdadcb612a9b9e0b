from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp

from jupyter_kfx.server.announcer import SCHEMA, Announcer
from jupyter_kfx.server.service import Service
from tests.cli.conftest import FAILING
from tests.server.conftest import Start

Heard = list[dict[str, Any]]


@pytest.fixture
def heard(jp_serverapp: ServerApp) -> Iterator[Heard]:
    """Give the events that Jupyter's event logger has taken, so valid ones alone."""
    found: Heard = []

    async def hear(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        found.append(data)

    logger = jp_serverapp.event_logger
    assert logger is not None
    logger.add_listener(schema_id=SCHEMA, listener=hear)
    yield found
    logger.remove_listener(listener=hear)


@pytest.fixture
def until(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Callable[..., None]:
    """Give what lets the server go on until something is so."""

    def wait(condition: Callable[[], bool]) -> None:
        async def look() -> None:
            while not condition():
                await asyncio.sleep(0.05)

        jp_asyncio_loop.run_until_complete(look())

    return wait


def kinds(heard: Heard) -> list[tuple[str, str | None]]:
    return [(event["kind"], event["step"]) for event in heard]


def test_events_of_a_run_are_announced(
    heard: Heard, start: Start, until: Callable[..., None]
) -> None:
    run = start(FAILING)
    until(lambda: ("run-finished", None) in kinds(heard))
    assert {event["run"] for event in heard} == {run}
    assert {event["notebook"] for event in heard} == {"work.ipynb"}
    told = kinds(heard)
    assert told[0] == ("run-started", None)
    assert told.index(("step-started", "first")) < told.index(
        ("step-finished", "first")
    )
    finished = {e["step"]: e["data"] for e in heard if e["kind"] == "step-finished"}
    assert finished["second"]["status"] == "failed"
    assert finished["second"]["error"]["ename"] == "ZeroDivisionError"
    assert heard[-1]["data"] == {"status": "failed"}
    assert len(told) == len(set(told))


def test_steps_that_run_as_one_are_announced(
    heard: Heard, start: Start, until: Callable[..., None]
) -> None:
    begun = "g = (i for i in range(9))\nnext(g)"
    start([(["step:a"], begun), (["step:b"], "print(next(g))")])
    until(lambda: ("run-finished", None) in kinds(heard))
    joined = {e["step"]: e["data"] for e in heard if e["kind"] == "step-joined"}
    assert joined.keys() == {"a", "b"}
    assert {data["first"] for data in joined.values()} == {"a"}
    ended = {e["step"]: e["data"] for e in heard if e["kind"] == "step-finished"}
    assert {data["status"] for data in ended.values()} == {"succeeded"}


def test_runs_are_found_again_after_a_restart(
    start: Start,
    jp_root_dir: Path,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    until: Callable[..., None],
) -> None:
    go = jp_root_dir / "go"
    source = f"import pathlib\nwhile not pathlib.Path({str(go)!r}).exists(): pass"
    run = start([(["step:a"], source)])
    heard: Heard = []
    again = Announcer(Service(str(jp_root_dir)).records, heard.append)  # type: ignore[arg-type]
    jp_asyncio_loop.run_until_complete(again.find())
    go.touch()
    until(lambda: ("run-finished", None) in kinds(heard))
    assert ("run-started", None) not in kinds(heard)
    assert heard[-1]["run"] == run
    assert heard[-1]["data"] == {"status": "succeeded"}
