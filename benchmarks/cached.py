"""What a run costs that has been done before, whole or but for its last step."""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
from functools import partial
from pathlib import Path

from commands import OURS, Figure, environment, report, seconds, times
from notebooks import chain, write
from peers import PAPERMILL, python

STEPS, SLOW_STEPS = 100, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="of the slow notebook, asleep"
    )
    given = parser.parse_args()
    pause = given.seconds / SLOW_STEPS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "long.ipynb", chain(STEPS))
        cached, theirs = times(
            given.repeat,
            partial(_ours, folder, "long.ipynb"),
            partial(_papermill, folder, "long.ipynb"),
        )
        slow = chain(SLOW_STEPS, f"import time\ntime.sleep({pause})\n")
        write(folder / "slow.ipynb", slow)
        _ours(folder, "slow.ipynb")
        edits = (f"{slow}last = {number}\n" for number in itertools.count())
        taken = []
        for edited in itertools.islice(edits, given.repeat):
            write(folder / "slow.ipynb", edited)
            taken.append(_ours(folder, "slow.ipynb"))
        again = statistics.median(taken)
        theirs_again = _papermill(folder, "slow.ipynb")
    report(
        Figure(f"{STEPS} steps, all done before", cached, "s", at_most=0.5),
        Figure("  beside papermill", cached, "s", "papermill", theirs),
        Figure(
            f"the last of {SLOW_STEPS} steps changed, {given.seconds:g} s in all",
            *(again, "s", "papermill", theirs_again),
        ),
    )


def _ours(folder: Path, notebook: str) -> float:
    env = environment(JUPYTER_KFX_STORE=str(folder / "store"))
    return seconds([*OURS, "run", notebook], folder, env)


def _papermill(folder: Path, notebook: str) -> float:
    # The kernel must be that of the environment, whichever others there are.
    env = {**os.environ, "JUPYTER_PATH": "", "JUPYTER_PREFER_ENV_PATH": "1"}
    command = [python(PAPERMILL), "-m", "papermill", notebook, os.devnull]
    return seconds([*command, "--no-progress-bar"], folder, env)


if __name__ == "__main__":
    main()
