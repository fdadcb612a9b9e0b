"""A frame of a gigabyte handed from one step to two others, beside files by hand."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from commands import OURS, Figure, environment, report
from memory import Watch
from notebooks import handover, write
from peers import HANDOVER, python

ROW = 10 * 8

# What a person would write: one process makes the frame and dumps it, two that are
# started and warm load it. Only the dump and the loads count, no start-up.
PEER = """
import sys, time
import numpy as np
import pandas as pd
role, method, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
if method == "pickle":
    import pickle
    def dump(frame):
        with open("frame", "wb") as file:
            pickle.dump(frame, file, protocol=5)
    def load():
        with open("frame", "rb") as file:
            return pickle.load(file)
elif method == "joblib":
    import joblib
    dump = lambda frame: joblib.dump(frame, "frame")
    load = lambda: joblib.load("frame")
else:
    dump = lambda frame: frame.rename(columns=str).to_parquet("frame")
    load = lambda: pd.read_parquet("frame")
if role == "make":
    frame = pd.DataFrame(np.random.default_rng(0).random((rows, 10)))
    start = time.time()
    dump(frame)
    print(start)
else:
    print("warm", flush=True)
    sys.stdin.readline()
    frame = load()
    done = time.time()
    print(frame.iloc[-1, -1], file=sys.stderr)
    print(done)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    rows = int(parser.parse_args().gigabytes * 1e9 / ROW)
    frame = rows * ROW / 1e9
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, our_peak = _ours(folder, rows)
        for method in ("pickle", "joblib", "parquet"):
            theirs, their_peak = _peer(folder, method, rows)
            figures += [
                Figure(f"hand {frame:.2g} GB to two steps", ours, "s", method, theirs),
                Figure("  peak memory", our_peak, "GB", method, their_peak),
            ]
    report(*figures)


def _ours(folder: Path, rows: int) -> tuple[float, float]:
    """Return the seconds from the end of one cell to the start of two, and the peak."""
    write(folder / "handover.ipynb", handover(rows))
    env = environment(JUPYTER_KFX_STORE=str(folder / "store"))
    command = [*OURS, "run", "handover.ipynb", "-o", "executed.ipynb", "--no-cache"]
    run = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    with Watch(run.pid) as watch:
        said, _ = run.communicate()
    if run.returncode != 0:
        sys.exit(f"the run failed:\n{said.decode()}")
    document = json.loads((folder / "executed.ipynb").read_text("utf-8"))
    printed = [
        float("".join(cell["outputs"][0]["text"]).split()[0])
        for cell in document["cells"]
        if cell["cell_type"] == "code"
    ]
    made, *taken = printed
    return max(taken) - made, watch.peak


def _peer(folder: Path, method: str, rows: int) -> tuple[float, float]:
    """Return the seconds from the start of a dump to the end of two loads, and peak."""

    def start(role: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [python(HANDOVER), "-c", PEER, role, method, str(rows)],
            cwd=folder,
            env=os.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    readers = [start("take") for _ in range(2)]
    for reader in readers:
        assert reader.stdout is not None
        if reader.stdout.readline() != "warm\n":
            sys.exit(f"{method} could not start")
    with Watch(os.getpid()) as watch:
        made, _ = start("make").communicate()
        for reader in readers:
            assert reader.stdin is not None
            reader.stdin.write("go\n")
            reader.stdin.flush()
        taken = [reader.communicate()[0] for reader in readers]
    return max(map(float, taken)) - float(made), watch.peak


if __name__ == "__main__":
    main()
