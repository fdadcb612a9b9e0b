"""Many watchers of one run that prints much: what they get, and how the server fares."""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

from commands import Figure, report
from jupyter import Jupyter, document, serving
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

LIMIT = 0.1
PROCESSES = 2
PRINTING = """\
import time
for number in range({lines}):
    print(f"line {{number}} " + "x" * 40)
    if number % 1000 == 999:
        time.sleep({seconds} / ({lines} / 1000))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=50)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    source = PRINTING.format(lines=given.lines, seconds=given.seconds)
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as server:
        before, idle = memory(server.pid), []
        for _ in range(100):
            idle.append(delay(server))
            time.sleep(0.02)
        used = cpu(server.pid)
        start = {"notebook": document(("step:print", source)), "path": "work.ipynb"}
        run = server.ask("runs", start)["run"]
        queue: Queue[int] = multiprocessing.Queue()
        watching = [
            multiprocessing.Process(
                target=watch,
                args=(server, run, given.watchers // PROCESSES, given.lines, queue),
            )
            for _ in range(PROCESSES)
        ]
        for process in watching:
            process.start()
        delays, most, whole = [], before, 0
        while any(process.is_alive() for process in watching):
            delays.append(delay(server))
            most = max(most, memory(server.pid))
            time.sleep(0.02)
        used = cpu(server.pid) - used
        for process in watching:
            process.join()
        try:
            while True:
                whole += queue.get(timeout=1)
        except Empty:
            pass
    delays.sort()
    idle.sort()
    share = whole / (given.watchers // PROCESSES * PROCESSES)
    report(
        Figure("watchers that missed a line", 1 - share, "of all", at_most=0.0),
        Figure(
            "health, 95th percentile",
            delays[len(delays) * 95 // 100],
            "s",
            at_most=LIMIT,
        ),
        Figure("health, median", delays[len(delays) // 2], "s"),
        Figure("health before the run, 95th percentile", idle[95], "s"),
        Figure("processor time of the server", used, "s"),
        Figure("memory of the server, above idle", most - before, "MB", at_most=200),
    )


def watch(
    server: Jupyter, run: str, watchers: int, lines: int, queue: Queue[int]
) -> None:
    """Follow a run as so many browsers, and tell how many of them got every line."""

    async def one() -> bool:
        url, headers = server.stream(run)
        socket = await websocket_connect(HTTPRequest(url, headers=headers))
        await socket.write_message(json.dumps({"follow": "print", "offset": 0}))
        expected, rest = 0, ""
        while (message := await socket.read_message()) is not None:
            found = json.loads(message)
            if found["type"] == "log":
                *whole, rest = (rest + found["text"]).split("\n")
                for line in whole:
                    if line.startswith(f"line {expected} "):
                        expected += 1
        socket.close()
        return expected == lines

    async def all_of_them() -> int:
        return sum(await asyncio.gather(*(one() for _ in range(watchers))))

    queue.put(asyncio.run(all_of_them()))


def delay(server: Jupyter) -> float:
    """Return the seconds that the server takes to say how it is."""
    asked = time.perf_counter()
    server.ask("health")
    return time.perf_counter() - asked


def cpu(pid: int) -> float:
    """Return the seconds that a process has used its processors."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Return the MB of memory that a process holds for itself."""
    text = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(text.partition("RssAnon:")[2].split()[0]) / 1024


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("This benchmark needs Linux.")
    main()
