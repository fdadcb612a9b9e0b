"""What an execution was seen to do, in words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from jupyter_kfx.engines.protocol import Observation
    from jupyter_kfx.pipeline.model import Step

__all__ = ["observed"]

_MOST = 5


def observed(step: Step, observation: Observation, project: str) -> tuple[str, ...]:
    """Return what a step did beside computing names, a sentence each."""
    seen = observation.observed
    predicted = {*step.writes, *step.mutates, *step.deletes}
    stored = {name for group in observation.stored for name in group.names}
    surprising = stored & observation.changed - predicted
    found = [
        _sentence("changed {}, which its code does not show", _quoted(surprising)),
        _sentence("left the state of {} changed", _quoted(observation.ambient)),
        _sentence("drew from {}", _quoted(seen.get("random", ()))),
        _sentence("read {}", _files(seen.get("files_read", ()), project)),
        _sentence("wrote {}", _files(seen.get("files_written", ()), project)),
        "used the network" if seen.get("network") else "",
        "started other programs" if seen.get("children") else "",
        _sentence("ended with {} still at work", [*seen.get("left", ())]),
    ]
    return tuple(f"it {text}" for text in found if text)


def _sentence(form: str, things: list[str]) -> str:
    shown = ", ".join(things[:_MOST])
    if len(things) > _MOST:
        shown += f" and {len(things) - _MOST} more"
    return form.format(shown) if things else ""


def _quoted(names: Collection[Any]) -> list[str]:
    return [f"`{name}`" for name in sorted(names)]


def _files(paths: Collection[str], project: str) -> list[str]:
    inside = project.rstrip(os.sep) + os.sep
    return [path.removeprefix(inside) for path in sorted(paths)]
