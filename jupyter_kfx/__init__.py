"""Turns a tagged notebook into a pipeline that computes what the notebook computes."""

from __future__ import annotations

from typing import Any

__all__ = ["_jupyter_server_extension_points"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Return what Jupyter Server loads."""
    from jupyter_kfx.server.extension import KfxExtension

    return [{"module": "jupyter_kfx.server.extension", "app": KfxExtension}]
