"""What one more trivial step costs a local run, and papermill one more notebook."""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from functools import partial
from pathlib import Path

from commands import OURS, Figure, environment, report, seconds, times
from notebooks import chain, write
from peers import PAPERMILL, python

LONG, SHORT = 100, 10

NOTEBOOKS = 5
PAPERMILL_LOOP = """
import logging, sys, time
import papermill
logging.disable(logging.CRITICAL)
run = lambda: papermill.execute_notebook(sys.argv[1], None, progress_bar=False)
run()
start = time.perf_counter()
for _ in range(int(sys.argv[2])):
    run()
print(time.perf_counter() - start)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for length in (1, SHORT, LONG):
            write(folder / f"chain{length}.ipynb", chain(length))
        long, short, fresh_long, fresh_short, theirs = times(
            repeat,
            partial(_ours, folder, LONG, "fork"),
            partial(_ours, folder, SHORT, "fork"),
            partial(_ours, folder, LONG, "spawn"),
            partial(_ours, folder, SHORT, "spawn"),
            partial(_papermill, folder),
        )
    step = 1000 * (long - short) / (LONG - SHORT)
    fresh = 1000 * (fresh_long - fresh_short) / (LONG - SHORT)
    notebook = 1000 * theirs / NOTEBOOKS
    report(
        Figure(f"one more step of {LONG}", step, "ms", at_most=50),
        Figure("  beside one more notebook", step, "ms", "papermill", notebook),
        Figure("one more step, spawned", fresh, "ms", "papermill", notebook),
        Figure(f"run of {SHORT} steps, whole process", short, "s"),
        Figure(f"run of {LONG} steps, whole process", long, "s"),
    )


def _ours(folder: Path, length: int, isolation: str) -> float:
    command = [*OURS, "run", f"chain{length}.ipynb", "--isolation", isolation]
    command.append("--no-cache")
    env = environment(JUPYTER_KFX_STORE=str(folder / "store"))
    return seconds(command, folder, env)


def _papermill(folder: Path) -> float:
    """Return how long notebooks of one cell take, imports and a first one aside."""
    command = [python(PAPERMILL), "-c", PAPERMILL_LOOP, "chain1.ipynb", str(NOTEBOOKS)]
    # The kernel must be that of the environment, whichever others there are.
    env = {**os.environ, "JUPYTER_PATH": "", "JUPYTER_PREFER_ENV_PATH": "1"}
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


if __name__ == "__main__":
    main()
