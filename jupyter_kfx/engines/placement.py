"""Which settings the local engine applies, which it lists, and which it refuses."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["not_applied"]

APPLIED = frozenset({"after", "cpu", "memory", "gpu", "retry", "timeout"})
PLACEMENT = frozenset(
    {"image", "node", "tolerations", "volumes", "labels", "annotations"}
)
"""Where a pod is placed has no meaning on this machine."""


def not_applied(pipeline: Pipeline) -> list[str]:
    """Return a sentence for each setting that has no meaning on this machine.

    UsageError for a setting that would have a meaning and cannot be honoured.
    """
    lists: dict[str, list[str]] = {}
    for step in pipeline.steps:
        for item in fields(step.settings):
            value = getattr(step.settings, item.name)
            if item.name in APPLIED or not value:
                continue
            if item.name in PLACEMENT:
                lists.setdefault(item.name, []).append(step.name)
            elif not _is_default(item.name, value):
                message = (
                    f"step `{step.name}` sets `{item.name}`, "
                    "which the local engine cannot honour."
                )
                raise UsageError(
                    message,
                    notebook=pipeline.notebook,
                    cure="Take the setting away to run here.",
                )
    return [
        f"`{setting}` is not applied on this machine (set by {', '.join(steps)})."
        for setting, steps in lists.items()
    ]


def _is_default(name: str, value: object) -> bool:
    if name == "cache":
        return value in ("auto", "disabled")  # nothing is cached here
    if name == "report":
        return True  # the executed step is always kept
    return name == "guard" and value == "rerun"
