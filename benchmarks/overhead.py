"""Example notebooks as pipelines beside papermill: whole processes, start included."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from commands import OURS, Figure, environment, report, seconds, times

from jupyter_kfx import project
from jupyter_kfx.pipeline.topology import layers

EXAMPLES = Path(__file__).resolve().parent.parent / "example_notebooks"
JOBS = 2
CHAIN, FASTER = 1 / 1.3, 1.0
"""How many times faster than papermill a pipeline must be: a chain need not be."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("notebooks", nargs="*", help="instead of the examples")
    given = parser.parse_args()
    paths = [Path(name) for name in given.notebooks]
    figures = [
        _figure(path.resolve(), given.repeat)
        for path in paths or sorted(EXAMPLES.glob("*.ipynb"))
    ]
    report(*figures)


def _figure(path: Path, repeat: int) -> Figure:
    depth = layers(project.load(path).pipeline)
    longest = max(depth.values(), default=0) + 1
    is_chain = longest == len(depth)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(path, folder)
        env = environment(JUPYTER_KFX_STORE=str(folder / "store"))
        run = partial(seconds, folder=folder, env=env)
        limits = [] if len(depth) < JOBS else ["--jobs", str(JOBS)]
        ours, theirs = times(
            repeat,
            # Nothing may be taken from the round before.
            partial(
                run, [*OURS, "run", path.name, "-o", "o.ipynb", "--no-cache", *limits]
            ),
            partial(run, [sys.executable, "-m", "papermill", path.name, "p.ipynb"]),
        )
    shape = (
        f"a chain of {longest}" if is_chain else f"{len(depth)} steps, {longest} deep"
    )
    least = CHAIN if is_chain else FASTER
    return Figure(f"{path.stem} ({shape})", ours, "s", "papermill", theirs, least)


if __name__ == "__main__":
    main()
