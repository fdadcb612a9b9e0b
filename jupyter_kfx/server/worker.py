"""A process of its own for one run, so that the run outlives tab and server.

It reads a request from standard input, answers with one line of JSON as soon as the
run has an id or is refused, and goes on detached from whoever started it.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from typing import Any

from jupyter_kfx import project
from jupyter_kfx.errors import KfxError
from jupyter_kfx.server.journal import Journal

__all__ = ["main"]


def main() -> None:
    """Run what standard input asks for."""
    request = json.load(sys.stdin)
    os.setsid()
    if os.fork():
        # The one who waits for this process gets it back; the run belongs to nobody.
        os._exit(0)
    said = False

    def say(document: dict[str, Any]) -> None:
        nonlocal said
        if not said:
            said = True
            os.write(sys.stdout.fileno(), json.dumps(document).encode() + b"\n")
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
                lambda run: say({"run": run}),
            )
            project.run(
                opened,
                parameters=request["parameters"],
                store=request["store"],
                listener=journal.hear,
                **request["options"],
            )
    except KfxError as error:
        if journal is not None:
            journal.note("run-error", error=error.to_json())
        say({"error": error.to_json()})
        sys.exit(1)
    finally:
        if journal is not None:
            journal.close()


if __name__ == "__main__":
    main()
