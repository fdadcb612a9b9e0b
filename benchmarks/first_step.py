"""From the click on Run to the first cell of the first step, cold and warm."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import Figure, report
from jupyter import Jupyter, document, serving

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 0.3
NOTEBOOK = document(
    ("imports", "import numpy as np\nimport pandas as pd"),
    ("step:load", "frame = pd.DataFrame({'x': np.arange(10)})"),
    ("step:total", "total = frame['x'].sum()"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=10)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work = {"notebook": NOTEBOOK, "path": "work.ipynb"}
        # Every run computes all of its steps.
        start = {**work, "options": {"cache": False}}
        with serving(folder, "--KfxExtension.max_warm=0") as server:
            latency(server, folder, start)
            cold = [latency(server, folder, start) for _ in range(repeat)]
        with serving(folder) as server:
            warm = []
            for _ in range(repeat):
                server.ask("warm", work)
                while not server.ask("health")["warm"]:
                    time.sleep(0.05)
                time.sleep(0.5)
                warm.append(latency(server, folder, start))
    report(
        Figure(
            "click to first step, warm", statistics.median(warm), "s", at_most=LIMIT
        ),
        Figure("the fastest of them", min(warm), "s"),
        Figure("click to first step, cold", statistics.median(cold), "s"),
        Figure("the fastest of them", min(cold), "s"),
    )


def latency(server: Jupyter, folder: Path, start: Mapping[str, Any]) -> float:
    """Return the seconds between the request and the begin of the first cell."""
    clicked = time.time()
    run = server.ask("runs", start)["run"]
    while server.ask(f"runs/{run}")["status"] == "running":
        time.sleep(0.05)
    journal = folder / "store" / "runs" / run / "events.jsonl"
    turns = map(json.loads, journal.read_text("utf-8").splitlines())
    began: float = next(turn["at"] for turn in turns if turn["kind"] == "step-cell")
    return began - clicked


if __name__ == "__main__":
    main()
