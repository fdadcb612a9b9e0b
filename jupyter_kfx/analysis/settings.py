"""What the tags of a step's cells say together."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_kfx.notebook.tags import order_tags
from jupyter_kfx.pipeline.model import Severity, TagEdit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.analysis.diagnostics import Diagnostics
    from jupyter_kfx.analysis.placement import StepCells
    from jupyter_kfx.pipeline.settings import StepSettings

__all__ = ["merged_settings", "steps_before"]


def merged_settings(
    parts: StepCells, defaults: StepSettings, diagnostics: Diagnostics
) -> StepSettings:
    """Return the settings of a step: those of its cells over the notebook's."""
    merged: dict[str, Any] = {}
    for code in parts.cells:
        for name, value in code.tags.settings.items():
            old = merged.get(name)
            if isinstance(value, dict):
                merged[name] = {**(old or {}), **value}
            elif isinstance(value, tuple):
                merged[name] = tuple(dict.fromkeys((*(old or ()), *value)))
            elif old is not None and old != value:
                diagnostics.report(
                    "two-values",
                    Severity.ERROR,
                    f"step `{parts.name}` sets `{name}` to {old!r} and to {value!r}.",
                    "Set it on one of its cells.",
                    code,
                )
            else:
                merged[name] = value
    return replace(defaults, **merged) if merged else defaults


def steps_before(
    step: StepCells,
    wanted: Sequence[str],
    place: Mapping[str, int],
    diagnostics: Diagnostics,
) -> list[str]:
    """Return the steps above that a step is said to come after.

    `place` is that of each step in the notebook, by its name.
    """
    found: list[str] = []
    own = place[step.name]
    for name in wanted:
        if place.get(name, own) < own:
            found.append(name)
        else:
            message, cure, better = _why_not(name, own, place)
            code = next(
                (each for each in step.cells if order_tags(each.tags.written, name)),
                step.cells[0],
            )
            tagged = order_tags(code.tags.written, name)
            add = (f"after:{better}",) if better else ()
            edit = TagEdit(code.cell.id, code.cell.index, tagged, add)
            diagnostics.report(
                "unknown-step",
                Severity.ERROR,
                message,
                cure,
                code,
                edit=edit if tagged else None,
            )
    return found


def _why_not(
    name: str, own: int, place: Mapping[str, int]
) -> tuple[str, str, str | None]:
    """Return why a step cannot come after another, what to do, and the step meant."""
    if place.get(name) == own:
        return "the step cannot come after itself.", "Take the tag off.", None
    if name in place:
        return f"step `{name}` is further down.", "Name a step above this one.", None
    above = [other for other, i in place.items() if i < own]
    near = difflib.get_close_matches(name, above, 1)
    cure = f"Did you mean `{near[0]}`?" if near else "Name a step above this one."
    return f"there is no step `{name}`.", cure, near[0] if near else None
