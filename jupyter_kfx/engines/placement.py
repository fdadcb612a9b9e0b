"""Which settings the local engine applies, which it lists, and which it refuses."""

from __future__ import annotations

import os
from dataclasses import fields
from typing import TYPE_CHECKING

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["not_applied"]

APPLIED = frozenset(
    {
        *("after", "cache", "cpu", "env", "gpu", "guard", "memory", "retry"),
        *("secrets", "timeout", "when"),
    }
)
PLACEMENT = frozenset(
    {"image", "node", "tolerations", "volumes", "labels", "annotations"}
)
"""Where a pod is placed has no meaning on this machine."""

_CURES = {"foreach": "Write the loop into the cells of the step to run here."}


def not_applied(pipeline: Pipeline) -> list[str]:
    """Return a sentence for each setting that has no meaning on this machine.

    UsageError for a setting that would have a meaning and cannot be honoured, and for a
    secret whose variable is not there: secrets are looked for in the environment.
    """
    _check_secrets(pipeline)
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
                    cure=_CURES.get(item.name, "Take the setting away to run here."),
                )
    return [
        f"`{setting}` is not applied on this machine (set by {', '.join(steps)})."
        for setting, steps in lists.items()
    ]


def _is_default(name: str, value: object) -> bool:
    # The executed step is always kept.
    return name == "report" and value is not None


def _check_secrets(pipeline: Pipeline) -> None:
    for step in pipeline.steps:
        for secret in step.settings.secrets:
            if secret.env not in os.environ:
                message = (
                    f"step `{step.name}` needs the key `{secret.key}` of the secret "
                    f"`{secret.name}` as {secret.env}, which the environment does not have."
                )
                raise UsageError(
                    message,
                    notebook=pipeline.notebook,
                    cure=f"Set the environment variable {secret.env} before the run.",
                )
