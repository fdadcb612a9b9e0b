"""A process of its own for one run, so that the run outlives tab and server.

It reads requests from standard input, a line of JSON each. One that is to be ready
before there is a run gets `{"warm": ..., "idle": seconds}` first, and says so with a
line; who hangs up or leaves it idle ends it. To the request of a run it answers with one
line as soon as the run has an id or is refused, and goes on detached from whoever
started it.
"""

from __future__ import annotations

import json
import os
import select
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

from jupyter_kfx import project
from jupyter_kfx.background.journal import Journal
from jupyter_kfx.errors import KfxError

if TYPE_CHECKING:
    from jupyter_kfx.engines.warm import WarmServer

__all__ = ["main"]

_INPUT, _OUTPUT = 0, 1


def main() -> None:
    """Run what standard input asks for."""
    request = _request()
    os.setsid()
    if os.fork():
        # The one who waits for this process gets it back; the run belongs to nobody.
        os._exit(0)
    if "warm" not in request:
        if request:
            _run(request, None)
        return
    try:
        warm = _warm(request["warm"])
    except KfxError:
        return  # the run itself will say it better
    try:
        _say({"ready": [os.getpid(), warm.pid]})
        if select.select([_INPUT], [], [], request["idle"])[0] and (run := _request()):
            _run(run, warm)
    except BrokenPipeError:
        pass  # nobody waits for it any more
    finally:
        warm.close()


def _warm(request: dict[str, Any]) -> WarmServer:
    opened = project.load_json(request["notebook"], request["path"])
    return project.warm_up(
        opened, kernel=request["options"].get("kernel"), store=request["store"]
    )


def _request() -> dict[str, Any]:
    """Return the next request, an empty one at the end."""
    parts = []
    # Nobody sends the next one before this one is answered.
    while part := os.read(_INPUT, 1 << 20):
        parts.append(part)
        if part.endswith(b"\n"):
            break
    found: dict[str, Any] = json.loads(b"".join(parts) or b"{}")
    return found


def _say(document: dict[str, Any]) -> None:
    os.write(_OUTPUT, json.dumps(document).encode() + b"\n")


def _run(request: dict[str, Any], warm: WarmServer | None) -> None:
    said = False

    def say(document: dict[str, Any]) -> None:
        nonlocal said
        if not said:
            said = True
            _say(document)
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)

    journal: Journal | None = None
    try:
        opened = project.load_json(request["notebook"], request["path"])
        opened.check()
        with closing(project.open_store(request["store"])) as store:
            journal = Journal(
                lambda run: store.run(run).directory,
                [step.name for step in opened.pipeline.steps],
                request,
                lambda run: say({"run": run}),
            )
            try:
                project.run(
                    opened,
                    parameters=request["parameters"],
                    store=request["store"],
                    listener=journal.hear,
                    warm=warm,
                    **request["options"],
                )
            except KfxError as error:
                journal.note("run-error", error=error.to_json())
                raise
            finally:
                if journal.run is not None:
                    ended = store.run(journal.run).status
                    journal.note("run-finished", status=ended)
    except KfxError as error:
        say({"error": error.to_json()})
        sys.exit(1)
    finally:
        if journal is not None:
            journal.close()


if __name__ == "__main__":
    main()
