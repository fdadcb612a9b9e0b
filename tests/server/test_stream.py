from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import FAILING, GOOD, document
from tests.server.conftest import Call, End, Start

Messages = list[dict[str, Any]]
Follow = Callable[..., Messages]

WAITING = (
    "import pathlib, time\nprint('first', flush=True)\n"
    "while not pathlib.Path({!r}).exists(): time.sleep(0.02)\nprint('second')"
)


@pytest.fixture
def follow(jp_ws_fetch: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Follow:
    """Give what follows a run until the server closes, or as long as it is told to."""

    def collect(
        run: str,
        *asked: dict[str, Any],
        until: Callable[[dict[str, Any]], bool] = lambda _message: False,
        **query: Any,
    ) -> Messages:
        async def talk() -> Messages:
            socket = await jp_ws_fetch(
                "jupyter-kfx", "runs", run, "stream", params=query
            )
            for message in asked:
                socket.write_message(json.dumps(message))
            found: Messages = []
            while (text := await socket.read_message()) is not None:
                found.append(json.loads(text))
                if until(found[-1]):
                    socket.close()
                    break
            else:
                assert socket.close_code == 1000
                socket.close()
            return found

        asyncio.set_event_loop(jp_asyncio_loop)
        return jp_asyncio_loop.run_until_complete(talk())

    return collect


def log_of(messages: Messages, step: str) -> str:
    return "".join(
        m["text"] for m in messages if m["type"] == "log" and m["step"] == step
    )


def events(messages: Messages) -> list[tuple[str, str | None]]:
    return [
        (m["event"]["kind"], m["event"]["step"])
        for m in messages
        if m["type"] == "event"
    ]


def test_a_run_is_followed_to_its_end(
    follow: Follow, start: Start, jp_root_dir: Path
) -> None:
    go = jp_root_dir / "go"
    run = start([(["step:slow"], WAITING.format(str(go))), (["step:b"], "print('b')")])

    def look(message: dict[str, Any]) -> bool:
        if message["type"] == "log" and "first" in message["text"]:
            go.touch()
        return False

    asked = [{"follow": "slow", "offset": 0}, {"follow": "b"}]
    messages = follow(run, *asked, until=look)
    assert messages[0]["type"] == "run"
    assert messages[0]["run"]["status"] == "running"
    assert messages[0]["run"]["notebook"] == "work.ipynb"
    assert log_of(messages, "slow") == "first\nsecond\n"
    assert log_of(messages, "b") == "b\n"
    assert events(messages)[-1] == ("run-finished", None)
    last = messages[-1]
    assert (last["type"], last["run"]["status"]) == ("run", "succeeded")
    states = [m["state"] for m in messages if m["type"] == "event" and m["state"]]
    assert states[-1] == last["run"]["steps"][-1]


def test_events_from_any_position_are_the_rest(
    follow: Follow, start: Start, end: End
) -> None:
    run = start(GOOD)
    end(run)
    every = [m for m in follow(run, position="0") if m["type"] == "event"]
    kinds = events(every)
    assert kinds[0] == ("run-started", None)
    assert ("step-finished", "total") in kinds
    assert kinds[-1] == ("run-finished", None)
    assert all(m["event"]["notebook"] == "work.ipynb" for m in every)
    for number, message in enumerate(every):
        rest = follow(run, position=str(message["position"]))
        assert [m for m in rest if m["type"] == "event"] == every[number + 1 :]
        assert rest[-1]["type"] == "run"


def test_a_lost_connection_is_taken_up_without_loss(
    follow: Follow, start: Start, jp_root_dir: Path
) -> None:
    go = jp_root_dir / "go"
    run = start([(["step:slow"], WAITING.format(str(go))), (["step:b"], "print('ö')")])
    before = follow(
        run, {"follow": "slow", "offset": 0}, until=lambda m: m["type"] == "log"
    )
    go.touch()
    position = max(m["position"] for m in before if "position" in m)
    after = follow(
        run,
        {"follow": "slow", "offset": before[-1]["next"]},
        {"follow": "b", "offset": 0},
        position=str(position),
    )
    assert log_of(before, "slow") + log_of(after, "slow") == "first\nsecond\n"
    assert log_of(after, "b") == "ö\n"
    whole = follow(run, position="0")
    assert events(whole)[-len(events(after)) :] == events(after)


def test_the_end_is_told_however_it_comes(
    follow: Follow, start: Start, call: Call
) -> None:
    messages = follow(start(FAILING))
    assert messages[-1]["run"]["status"] == "failed"
    assert messages[-2]["event"]["data"] == {"status": "failed"}
    (failed,) = (
        m["state"]
        for m in messages
        if m["type"] == "event"
        and m["event"]["kind"] == "step-finished"
        and m["event"]["data"]["status"] == "failed"
    )
    assert failed["error"]["ename"] == "ZeroDivisionError"
    run = start([(["step:long"], "import time\ntime.sleep(600)")])
    follow(run, until=lambda m: "step-cell" in json.dumps(m))
    assert call("POST", f"runs/{run}/cancel", {})[0] == 202
    last = follow(run)[-1]
    assert last["run"]["status"] == "cancelled"
    assert last["run"]["steps"][0]["status"] == "cancelled"


def test_a_killed_run_is_lost(follow: Follow, start: Start, tmp_path: Path) -> None:
    import os
    import signal

    run = start([(["step:long"], "import time\ntime.sleep(600)")])
    journal = tmp_path / "store" / "runs" / run / "events.jsonl"
    os.kill(json.loads(journal.read_text().splitlines()[0])["pid"], signal.SIGKILL)
    messages = follow(run)
    assert messages[-2]["event"]["kind"] == "run-finished"
    assert messages[-2]["event"]["data"] == {"status": "lost"}
    assert messages[-1]["run"]["status"] == "lost"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"follow": "none"}, "no step `none`"),
        ({"follow": "load", "offset": -1}, "no number of bytes"),
        ({"follow": "load", "offset": True}, "no number of bytes"),
        ({"follow": 3}, "only `follow`"),
        ({"unfollow": "load", "more": 1}, "only `follow`"),
        ([], "only `follow`"),
    ],
)
def test_wrong_requests_on_the_socket_are_told(
    follow: Follow, start: Start, asked: Any, said: str
) -> None:
    run = start(GOOD)
    (error,) = [m for m in follow(run, asked) if m["type"] == "error"]
    assert said in error["message"]
    assert error["cure"]


@pytest.mark.parametrize(
    ("name", "position", "status"),
    [("none", "0", 404), ("latest", "3", 400), ("latest", "x", 400)],
)
def test_no_such_run_or_position(
    call: Call, start: Start, name: str, position: str, status: int
) -> None:
    start(GOOD)
    answered, answer = call("GET", f"runs/{name}/stream", position=position)
    assert answered == status
    assert answer["message"]


def test_a_run_of_a_terminal_is_followed_by_its_record(follow: Follow) -> None:
    from jupyter_kfx import project

    ran = project.run(project.load_json(document(GOOD)))
    first, event, last = follow(ran.id)
    assert first["run"]["steps"][0]["status"] == "succeeded"
    assert event["event"]["kind"] == "run-finished"
    assert last["run"]["status"] == "succeeded"


def test_many_watchers_miss_no_line(
    jp_ws_fetch: Any,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    call: Call,
    start: Start,
) -> None:
    lines = 20_000
    source = f"for number in range({lines}): print('line', number)"
    run = start([(["step:print"], source)])

    async def one(number: int) -> list[str]:
        socket = await jp_ws_fetch("jupyter-kfx", "runs", run, "stream")
        socket.write_message(json.dumps({"follow": "print"}))
        text = ""
        while (message := await socket.read_message()) is not None:
            found = json.loads(message)
            if found["type"] == "log":
                text += found["text"]
                if number % 4 == 0:  # some read slowly
                    await asyncio.sleep(0.05)
        socket.close()
        return text.splitlines()

    async def all_of_them() -> list[list[str]]:
        return await asyncio.gather(*map(one, range(12)))

    asyncio.set_event_loop(jp_asyncio_loop)
    expected = [f"line {number}" for number in range(lines)]
    for got in jp_asyncio_loop.run_until_complete(all_of_them()):
        assert got == expected
