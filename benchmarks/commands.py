"""Commands as a user types them: ours, how long one takes, what a figure must be."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["OURS", "Figure", "environment", "report", "seconds", "times"]

OURS = (sys.executable, "-m", "jupyter_kfx.cli")
"""Our command from this checkout."""


@dataclass(frozen=True)
class Figure:
    """A measured figure, beside that of a peer and what it must be."""

    name: str
    ours: float
    unit: str
    peer: str = ""
    theirs: float | None = None
    at_least: float | None = None
    """How many times better than the peer it must be."""
    at_most: float | None = None
    """What it must not exceed, in its unit."""

    @property
    def ratio(self) -> float | None:
        """Return how many times better than the peer it is."""
        return None if self.theirs is None else self.theirs / self.ours

    @property
    def verdict(self) -> str:
        """Return whether it is what it must be, if it must be anything."""
        if self.at_least is not None and self.ratio is not None:
            met, target = self.ratio >= self.at_least, f">= {self.at_least:g}x"
        elif self.at_most is not None:
            met, target = self.ours <= self.at_most, f"<= {self.at_most:g} {self.unit}"
        else:
            return ""
        return f"{target}: {'met' if met else 'MISSED'}"


def environment(**more: str) -> Mapping[str, str]:
    """Return the environment for our commands, which finds this checkout.

    Its modules are compiled once, as those of an installed package are.
    """
    checkout = str(Path(__file__).resolve().parent.parent)
    paths = [checkout, os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **more}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env


def seconds(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> float:
    """Return how long a command takes, from its start to its end."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    taken = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return taken


def times(repeat: int, *measures: Callable[[], float]) -> list[float]:
    """Return the medians of measures that are taken in turn, after a first one each.

    In turn, so that a slow moment of the machine strikes all of them.
    """
    for measure in measures:
        measure()
    rounds = [[measure() for measure in measures] for _ in range(repeat)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def report(*figures: Figure) -> None:
    """Print the figures as a table; exit with 1 if one is not what it must be."""
    rows = [("figure", "ours", "peer", "", "ratio", "target")]
    rows += [
        (
            figure.name,
            f"{figure.ours:.3g} {figure.unit}",
            "" if figure.theirs is None else f"{figure.theirs:.3g} {figure.unit}",
            figure.peer,
            "" if figure.ratio is None else f"{figure.ratio:.1f}x",
            figure.verdict,
        )
        for figure in figures
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    if any("MISSED" in figure.verdict for figure in figures):
        sys.exit(1)
