"""`python runtime.pyz serve FD`, `... step ORDER.json` or `... compare REQUEST.json`."""

from __future__ import annotations

import os
import socket
import sys

__all__ = ["main"]

_USAGE = "usage: runtime (serve FD | step ORDER.json | compare REQUEST.json)"


def main(arguments: list[str]) -> int:
    """Run a command; return the exit code."""
    if len(arguments) != 2 or arguments[0] not in ("serve", "step", "compare"):
        print(_USAGE, file=sys.stderr)
        return 2
    _arrange_path()
    command, argument = arguments

    from .shell import open_shell
    from .streams import Streams

    streams = Streams()
    if command == "step":
        from .children import finish
        from .counters import Counters
        from .step import run_step

        finish(run_step(argument, open_shell(), streams, Counters()))
    if command == "compare":
        from .matching import compare

        return compare(argument, open_shell())
    control = socket.socket(fileno=int(argument))
    control.set_inheritable(False)

    from .fresh import Readings
    from .server import Server

    readings = Readings()
    Server(control, open_shell(), streams, readings).serve()
    return 0


def _arrange_path() -> None:
    """Give cells the `sys.path` that a kernel has: not us, but the working directory.

    Like a kernel's, it comes after the standard library.
    """
    archive = os.path.abspath(sys.argv[0])
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != archive]
    packages = ("site-packages", "dist-packages")
    place = next(
        (n for n, entry in enumerate(sys.path) if entry.rstrip("/").endswith(packages)),
        len(sys.path),
    )
    if "" not in sys.path:
        sys.path.insert(place, "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
