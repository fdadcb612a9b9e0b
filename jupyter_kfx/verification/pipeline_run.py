"""A notebook run as a pipeline: what its cells showed, its steps held and it left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.engines.report import RunReport, StepReport
    from jupyter_kfx.notebook import Notebook

__all__ = ["PipelineRun"]

_ADDED = frozenset({"injected-parameters", "papermill-error-cell-tag"})
"""Tags of cells that papermill, and we, add to an executed notebook."""


@dataclass(frozen=True)
class PipelineRun:
    """What came of a run as a pipeline."""

    report: RunReport
    shown: Mapping[int, list[dict[str, Any]]]
    """What cells showed, by their positions."""
    checks: Mapping[str, dict[str, Any]]
    """How the steps' variables compare."""
    skipped: frozenset[str]
    """Steps whose conditions were false."""
    files: Mapping[str, str]
    """What it left in its folder, with digests."""
    needless: int
    """How many steps ran again and came to the same."""

    @classmethod
    def of(
        cls,
        report: RunReport,
        notebook: Notebook,
        executed: Path,
        files: Mapping[str, str],
    ) -> PipelineRun:
        """Return the run that a report and an executed notebook are of."""
        checks, skipped = _results(report)
        needless = sum(
            _same_again(report, step) for step in report.steps if step.reruns
        )
        shown = _shown(notebook, executed)
        return cls(report, shown, checks, frozenset(skipped), files, needless)


def _shown(notebook: Notebook, executed: Path) -> dict[int, list[dict[str, Any]]]:
    document = json.loads(executed.read_text("utf-8"))
    # Below nbformat 4.5 cells are known by their places alone.
    kept = [c for c in document["cells"] if not _is_added(c)]
    places = [c.index for c in notebook.cells if _ADDED.isdisjoint(c.tags)]
    return {
        place: cell.get("outputs", []) for place, cell in zip(places, kept, strict=True)
    }


def _is_added(cell: Mapping[str, Any]) -> bool:
    return not _ADDED.isdisjoint(cell.get("metadata", {}).get("tags", ()))


def _results(report: RunReport) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Return how variables compare, by step, and which steps' conditions were false."""
    checks, skipped = {}, set()
    for step in report.steps:
        if step.notebook is None or step.joined:
            continue
        if step.status not in ("succeeded", "skipped"):
            continue
        path = Path(step.notebook).with_name("result.json")
        result = json.loads(path.read_text("utf-8"))
        if result["status"] == step.status:
            checks[step.name] = result["compared"]
            skipped |= {step.name} if step.status == "skipped" else set()
    return checks, skipped


def _same_again(report: RunReport, step: StepReport) -> bool:
    """Tell whether the last two attempts at a step came to the same."""
    if report.directory is None or step.notebook is None:
        return False
    results = []
    for attempt in sorted(
        Path(report.directory).glob("*/result.json"), key=lambda p: p.stat().st_mtime
    ):
        order = json.loads(attempt.with_name("order.json").read_text("utf-8"))
        if order["step"] == step.name:
            result = json.loads(attempt.read_text("utf-8"))
            document = json.loads(attempt.with_name("step.ipynb").read_text("utf-8"))
            stored = [(g["digest"], g["names"]) for g in result.get("stored", ())]
            shown = [cell.get("outputs", []) for cell in document["cells"]]
            results.append((result["status"], stored, shown))
    return len(results) > 1 and results[-1] == results[-2]
