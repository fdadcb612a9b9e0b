"""The steps of a run as they were executed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_kfx.store import RunRecord, Store

__all__ = ["executed", "images"]

_WITH = ("text/plain",)
"""What is said of an image."""


def executed(store: Store, run: RunRecord, step: str) -> dict[str, Any] | None:
    """Return the last attempt at a step as a notebook; none if it has left none."""
    for execution in reversed(store.executions(run.id)):
        path = run.directory / execution.id / "step.ipynb"
        if execution.step == step and path.exists():
            found: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return found
    return None


def images(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return as much of an executed notebook as its images take, with their texts."""
    outputs = [
        {
            "data": {
                kind: data[kind] for kind in data if kind in _WITH or _is_image(kind)
            }
        }
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if any(map(_is_image, data := output.get("data", {})))
    ]
    return {"cells": [{"outputs": outputs}]}


def _is_image(kind: str) -> bool:
    return kind.startswith("image/")
