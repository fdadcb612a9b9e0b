"""The OpenAPI document of the routes."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jupyter_kfx._version import __version__

__all__ = ["openapi"]


def openapi(base_url: str) -> dict[str, Any]:
    """Return the document for a server whose pages begin with a URL."""
    import yaml

    text = files("jupyter_kfx.server").joinpath("openapi.yaml").read_text("utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    document["info"]["version"] = __version__
    document["servers"] = [{"url": f"{base_url.rstrip('/')}/jupyter-kfx"}]
    return document
