"""Kills runs of the example notebooks at random moments, and resumes them.

    python -m tests.engines.kills --kills 200 --seed 1

prints what came of each, and ends with 1 unless every resumed run gave what an undisturbed
one gives, computed nothing twice that was finished, and left a whole store and no process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_kfx import project
from jupyter_kfx.verification.outputs import difference

__all__ = ["Killing", "kill_and_resume"]

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "example_notebooks").glob("*.ipynb"))
VICTIMS = ("scheduler", "fork server", "step")


@dataclass(frozen=True)
class Killing:
    """What came of one kill."""

    notebook: str
    victim: str
    after: float
    """Seconds."""
    hit: bool
    """Whether there was such a process at that moment or after it."""
    faults: tuple[str, ...]


class Victim:
    """A notebook in a folder of its own, that is run and disturbed."""

    def __init__(self, notebook: Path, folder: Path) -> None:
        self._folder = folder
        self._store = folder / "store"
        shutil.copy(notebook, folder / "nb.ipynb")

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "jupyter_kfx.cli", "run", "nb.ipynb", *more]
        log = (self._folder / "log").open("ab")
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with log:
            return subprocess.Popen(
                [*command, "-o", "out.ipynb", "--store", str(self._store)],
                cwd=self._folder,
                env=env,
                stdout=log,
                stderr=log,
            )

    def outputs(self) -> list[list[dict[str, Any]]]:
        document = json.loads((self._folder / "out.ipynb").read_text("utf-8"))
        return [c["outputs"] for c in document["cells"] if c["cell_type"] == "code"]

    def finished(self) -> tuple[str | None, set[str]]:
        """Return the last run, and the steps that it has finished."""
        opened = project.open_store(str(self._store))
        try:
            runs = opened.runs(limit=1)
            if not runs:
                return None, set()
            done = opened.executions(runs[0].id)
            return runs[0].id, {e.step for e in done if e.status == "succeeded"}
        finally:
            opened.close()

    def computed(self) -> set[str]:
        """Return the steps that the last run has computed itself."""
        opened = project.open_store(str(self._store))
        try:
            (run,) = opened.runs(limit=1)
            return {e.step for e in opened.executions(run.id) if not e.cached_from}
        finally:
            opened.close()

    def check(self) -> Iterator[str]:
        """Say what the store holds that it should not, and who is still there."""
        checked = subprocess.run(
            [
                *(sys.executable, "-m", "jupyter_kfx.cli", "store", "check"),
                *("--store", str(self._store)),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        if checked.returncode:
            yield f"store check: {checked.stdout} {checked.stderr}"
        deadline = time.monotonic() + 10
        while left := [*_processes(str(self._store))]:
            if time.monotonic() > deadline:
                yield f"processes left: {left}"
                return
            time.sleep(0.1)


@cache
def undisturbed(notebook: Path) -> list[list[dict[str, Any]]]:
    """Return what a run of a notebook shows that nobody kills."""
    with tempfile.TemporaryDirectory(prefix="kfx-kills-") as name:
        victim = Victim(notebook, Path(name))
        assert victim.start().wait() == 0
        return victim.outputs()


def kill_and_resume(notebook: Path, victim: str, after: float) -> Killing:
    """Run a notebook, kill a part of it after so many seconds, and resume the run.

    Where there is no such process then, the next one that comes is killed.
    """
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="kfx-kills-") as name:
        hurt = Path(name)
        wanted = undisturbed(notebook)
        disturbed = Victim(notebook, hurt)
        process = disturbed.start()
        time.sleep(after)
        hit = False
        while not hit and process.poll() is None:
            hit = _kill(process, victim, str(hurt / "store"))
        process.wait()
        run, finished = disturbed.finished()
        again = disturbed.start(*(() if run is None else ("--resume", run)))
        if again.wait():
            faults.append((hurt / "log").read_text("utf-8")[-2000:])
        else:
            twice = disturbed.computed() & finished
            if twice:
                faults.append(f"computed twice: {sorted(twice)}")
            for place, got in enumerate(disturbed.outputs()):
                what = difference(got, wanted[place])
                if what is not None:
                    faults.append(f"cell {place}: {what}")
        faults += disturbed.check()
    return Killing(notebook.stem, victim, after, hit, tuple(faults))


def _kill(process: subprocess.Popen[bytes], victim: str, store: str) -> bool:
    if victim == "scheduler":
        process.kill()
        return process.poll() is None
    servers = {
        pid: parent for pid, parent in _processes(store) if parent == process.pid
    }
    if victim == "step":
        servers = {pid: at for pid, at in _processes(store) if at in servers}
    for pid in list(servers)[:1]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True
    return False


def _processes(store: str) -> Iterator[tuple[int, int]]:
    """Give the processes of the runtime in a store, each with its parent's number."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        runtime = [part for part in command if part.endswith(b".pyz")]
        if runtime and runtime[0].startswith(store.encode()) and stat[0] != "Z":
            yield int(folder.name), int(stat[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5.0, help="the latest moment")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    counts: Counter[str] = Counter()
    for number in range(given.kills):
        killing = kill_and_resume(
            chance.choice(EXAMPLES),
            chance.choice(VICTIMS),
            round(chance.uniform(0, given.seconds), 3),
        )
        verdict = "; ".join(killing.faults) or "same"
        counts["faulty" if killing.faults else "same"] += 1
        counts[f"{killing.victim} hit"] += killing.hit
        print(
            f"{number + 1}: {killing.notebook}, {killing.victim} after "
            f"{killing.after} s{'' if killing.hit else ' (gone)'}: {verdict}",
            flush=True,
        )
    print(dict(counts))
    sys.exit(1 if counts["faulty"] else 0)


if __name__ == "__main__":
    main()
