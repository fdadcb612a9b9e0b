"""A notebook of 300 cells analysed after each of many edits, in one process."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import Figure, report
from notebooks import eight_steps, write

from jupyter_kfx import project
from jupyter_kfx.pipeline.codec import to_json
from jupyter_kfx.pipeline.drawing import drawing

if TYPE_CHECKING:
    from collections.abc import Callable

CELLS = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=200)
    edits = parser.parse_args().edits
    document = _document()
    analysis = _taken(edits, document, _analyse)
    answer = _taken(edits, document, _answer)
    report(
        Figure("analysis, median", statistics.median(analysis), "ms"),
        Figure("analysis, p95", _p95(analysis), "ms", at_most=50),
        Figure("with the drawing and as JSON, p95", _p95(answer), "ms"),
    )


def _document() -> dict[str, Any]:
    """Return the notebook of eight steps, written one below the other until it is long."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "n.ipynb"
        write(path, eight_steps("%matplotlib inline"))
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    cells, document["cells"] = document["cells"], []
    head, steps = cells[:2], cells[2:]
    for number in range(CELLS - len(head)):
        copy, at = divmod(number, len(steps))
        cell = json.loads(json.dumps(steps[at]))
        cell["id"] = f"cell-{number}"
        cell["metadata"]["tags"] = [f"{tag}-{copy}" for tag in cell["metadata"]["tags"]]
        document["cells"].append(cell)
    document["cells"][:0] = head
    return document


def _taken(
    edits: int, document: dict[str, Any], work: Callable[[dict[str, Any]], None]
) -> list[float]:
    """Return the milliseconds that each edit takes; one cell grows by a character."""
    found = []
    for number in range(edits + 1):
        cell = document["cells"][2 + (number // 10 * 37) % (CELLS - 2)]
        cell["source"] += "\nlater = 1" if number % 10 == 0 else "0"
        clock = time.perf_counter()
        work(document)
        found.append((time.perf_counter() - clock) * 1000)
    return found[1:]


def _analyse(document: dict[str, Any]) -> None:
    assert len(project.load_json(document).pipeline.steps) > CELLS - 10


def _answer(document: dict[str, Any]) -> None:
    pipeline = project.load_json(document).pipeline
    json.dumps({"pipeline": to_json(pipeline), "drawing": drawing(pipeline)})


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
