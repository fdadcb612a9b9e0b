"""What our commands and our import cost above an empty Python."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from commands import Figure, environment, report, seconds, times
from peers import KALE, PAPERMILL, script

LIMIT = 0.15
OURS = f"""#!{sys.executable}
import sys
from jupyter_kfx.cli import main
sys.exit(main())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = folder / "jupyter-kfx"  # as an installer would write it
        ours.write_text(OURS, encoding="utf-8")
        ours.chmod(0o755)
        path = os.pathsep.join((name, os.environ["PATH"]))
        run = partial(seconds, folder=folder, env=environment(PATH=path))
        jupyter = str(Path(sys.executable).with_name("jupyter"))
        python = sys.executable
        empty, command, both, imported, papermill, kale = times(
            repeat,
            partial(run, [python, "-c", "pass"]),
            partial(run, [str(ours), "--help"]),
            partial(run, [jupyter, "kfx", "--help"]),
            partial(run, [python, "-c", "import jupyter_kfx"]),
            partial(run, [script(PAPERMILL, "papermill"), "--help"]),
            partial(run, [script(KALE, "kale"), "--help"]),
        )
    report(
        Figure("an empty Python", empty, "s"),
        Figure(
            "jupyter-kfx --help, above it",
            command - empty,
            "s",
            "papermill --help",
            papermill - empty,
            at_most=LIMIT,
        ),
        Figure(
            "jupyter kfx --help, above it",
            both - empty,
            "s",
            "kale --help",
            kale - empty,
            at_most=LIMIT,
        ),
        Figure("import jupyter_kfx, above it", imported - empty, "s", at_most=LIMIT),
    )


if __name__ == "__main__":
    main()
