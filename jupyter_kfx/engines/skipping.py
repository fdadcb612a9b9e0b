"""Which steps are skipped because steps above them were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_kfx.engines.progress import Progress
    from jupyter_kfx.engines.protocol import Failure
    from jupyter_kfx.engines.versions import View
    from jupyter_kfx.pipeline.model import Step

__all__ = [
    "acted",
    "because_missing",
    "because_of",
    "is_false",
    "missing",
    "skipped_among",
]


def is_false(step: Step) -> str:
    """Return why a step whose condition is false is skipped."""
    return f"its condition `{step.settings.when}` is false"


def skipped_among(steps: Iterable[Progress]) -> Iterator[Step]:
    """Give the steps that are skipped, as far as is known."""
    for progress in steps:
        seen = progress.observation
        if seen is not None and seen.status == "skipped":
            yield progress.step


def because_missing(step: Step, view: View, skipped: Iterable[Step]) -> str | None:
    """Return why a step cannot begin on a view, or none if nothing that it needs is missing.

    `skipped` are the steps above that are, in notebook order.
    """
    if not step.needs:  # as where no step has a condition
        return None
    above = [*skipped]
    for name in step.needs:
        why = because_of(name, view, above)
        if why is not None:
            return why
    return None


def because_of(name: str, view: View, skipped: Iterable[Step]) -> str | None:
    """Return why a name that a step needs has no value, if a skipped step is the cause."""
    if name in view.names:
        return None
    binding = [step.name for step in skipped if name in step.writes]
    if not binding:
        return None
    return f"it needs `{name}`, and step `{binding[-1]}`, which binds it, is skipped"


def missing(failure: Failure | None) -> str | None:
    """Return the name for whose lack an execution ended, if it did."""
    if failure is None or failure.kind != "error" or failure.ename != "NameError":
        return None
    return failure.name


def acted(failure: Failure, lack: str) -> Failure:
    """Return the error of a step that would have been skipped, had it not acted."""
    return replace(
        failure,
        evalue=f"{failure.evalue}: {lack}. The step had already written files, used the "
        "network or started a process, so it cannot be skipped. Give it the tag "
        f"`when:{failure.name!r} in globals()`, or use `{failure.name}` before that.",
    )
