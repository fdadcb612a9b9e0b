"""A verification in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_kfx.verification.report import CellDifference, Verification

__all__ = ["lines", "place"]

_VERDICTS = {
    "same": "The pipeline computes what the notebook computes.",
    "different": "The pipeline does not compute what the notebook computes.",
    "refused": "The pipeline refuses to run, and says why.",
    "failed": "The pipeline ended otherwise than the notebook.",
    "broken": "The notebook itself ends with an error, and so does the pipeline.",
}


def lines(found: Verification) -> Iterator[str]:
    """Give the report line by line, most important first."""
    yield _VERDICTS[found.status]
    if found.message is not None:
        where = "" if found.cell_index is None else f"cell {found.cell_index + 1}: "
        yield f"  {where}{found.message}"
    for difference in found.differences:
        yield f"  {place(difference)}: {difference.what}"
    yield (
        f"{found.steps} steps, {found.compared} values of variables compared; "
        f"notebook {found.notebook_seconds:.1f} s, "
        f"pipeline {found.pipeline_seconds:.1f} s"
    )
    yield from (f"warning: {text}" for text in found.warnings)
    if found.reruns:
        yield f"run again: {len(found.reruns)}, of which needlessly {found.needless}"
        yield from (f"  {text}" for text in found.reruns)
    if found.volatile:
        yield "already different between two runs of the notebook:"
        yield from (f"  {text}" for text in found.volatile)
    if found.unknown:
        yield "not compared:"
        yield from (f"  {text}" for text in found.unknown)


def place(difference: CellDifference) -> str:
    """Return where a difference is, in words."""
    words = []
    if difference.cell_index is not None:
        words.append(f"cell {difference.cell_index + 1}")
    if difference.step is not None:
        words.append(f"step {difference.step}")
    name = f" {difference.name}" if difference.name else ""
    return f"{', '.join(words) or 'after the run'}: {difference.kind}{name}"
