"""The folder that the server serves, and the names of notebooks in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_kfx.errors import UsageError

__all__ = ["Folder"]


class Folder:
    """Takes names of notebooks below a root, and no others."""

    def __init__(self, root: str) -> None:
        self.root = Path(root).expanduser().resolve()

    def place(self, path: Any) -> Path:
        """Return the place of a notebook; UsageError outside of the folder."""
        if not isinstance(path, str):
            message = "the request names no notebook."
            raise UsageError(message, cure="Give its path as `path`.")
        if "\0" in path:
            raise UsageError("a path has no null bytes.", cure="Give another path.")
        try:
            place = (self.root / path.strip("/")).resolve()
            inside = place.is_relative_to(self.root) and place.parent.is_dir()
        except (OSError, RuntimeError, ValueError):  # too long, or links in a circle
            inside, place = False, self.root
        if not inside or place == self.root:
            message = f"`{path:.200}` is not below the server's folder."
            raise UsageError(message, cure="Open a notebook that the server serves.")
        return place

    def name(self, place: str) -> str:
        """Return how the server names a notebook; as it is if that is outside."""
        inside = Path(place).is_relative_to(self.root)
        return str(Path(place).relative_to(self.root)) if inside else place

    def relative(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document of a run with its notebook as the server names it."""
        notebook = document["notebook"]
        return {**document, "notebook": notebook and self.name(notebook)}
