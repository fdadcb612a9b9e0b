"""What a verification comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.verification.report import Status, Verification

if TYPE_CHECKING:
    from jupyter_kfx.verification.comparison import Comparison

__all__ = ["verdict"]


def verdict(notebook: str, steps: int, comparison: Comparison) -> Verification:
    """Return what is said of a notebook whose pipeline has so many steps."""
    first, piped = comparison.first, comparison.piped
    report, checks = piped.report, piped.checks.values()
    differences, missing = comparison.differences, comparison.missing
    alike = comparison.ends_alike
    status: Status = "different" if differences else "same"
    message = index = None
    error = None if report.failed is None else report.failed.error
    if error is not None:
        refused = error.kind == "unavailable"
        message, index = f"{error.ename}: {error.message}", error.cell_index
        if alike:
            status = "different" if differences else "broken"
        elif not differences:
            status = "refused" if refused else "failed"
            message = error.message if refused else message
    elif not alike and not differences:
        status = "failed"
        message = "The notebook ends with an error, and the pipeline does not."
    unknown = {
        f"{name}: {why}" for found in checks for name, why in found["unknown"].items()
    }
    return Verification(
        status,
        notebook,
        steps=steps,
        differences=tuple(differences),
        message=message,
        cell_index=index,
        notebook_error=None if first.error is None else ": ".join(first.error[1:]),
        volatile=comparison.volatility.names,
        unknown=(*(() if missing is None else (missing,)), *sorted(unknown)),
        compared=sum(len(found["same"]) for found in checks),
        warnings=report.warnings,
        reruns=tuple(
            f"{step.name}: {reason}" for step in report.steps for reason in step.reruns
        ),
        needless=piped.needless,
        joined=tuple(step.name for step in report.steps if step.joined),
        notebook_seconds=first.seconds,
        pipeline_seconds=report.seconds,
    )
