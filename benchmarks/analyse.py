"""From a notebook to its pipeline, whole process: `show --format json`, `kale --nb`."""

from __future__ import annotations

import argparse
import os
import tempfile
from functools import partial
from pathlib import Path

from commands import OURS, Figure, environment, report, seconds, times
from notebooks import chain, eight_steps, write
from peers import KALE, script

MAGIC = "%matplotlib inline"
GROWTH = (250, 500, 1000, 2000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "eight.ipynb", eight_steps(MAGIC))
        write(folder / "plain.ipynb", eight_steps(""))
        for length in (1, 200, *GROWTH):
            write(folder / f"chain{length}.ipynb", chain(length))
        ours, kale = partial(_ours, folder), partial(_kale, folder)
        eight, theirs = times(repeat, partial(ours, "eight"), partial(kale, "plain"))
        long, theirs_long = times(
            max(1, repeat // 2), partial(ours, "chain200"), partial(kale, "chain200")
        )
        one, *grown = times(
            repeat, *(partial(ours, f"chain{length}") for length in (1, *GROWTH))
        )
    half, whole = (taken - one for taken in grown[-2:])
    report(
        Figure("8 steps, one with a magic", eight, "s", "kale", theirs, 8),
        Figure("chain of 200 steps", long, "s", "kale", theirs_long, 25),
        *(
            Figure(f"chain of {length} steps", taken, "s")
            for length, taken in zip(GROWTH, grown, strict=True)
        ),
        # 2 is linear growth, 4 is quadratic; one step alone is taken off both.
        Figure("2000 steps beside 1000", whole / half, "times", at_most=2.5),
    )


def _ours(folder: Path, name: str) -> float:
    command = [*OURS, "show", f"{name}.ipynb", "--format", "json"]
    return seconds(command, folder, environment())


def _kale(folder: Path, name: str) -> float:
    # With a host name Kale would look for a cluster first.
    env = {key: value for key, value in os.environ.items() if key != "HOSTNAME"}
    return seconds([script(KALE, "kale"), "--nb", f"{name}.ipynb"], folder, env)


if __name__ == "__main__":
    main()
