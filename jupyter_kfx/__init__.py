"""Turns a tagged notebook into a pipeline that computes what the notebook computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_kfx.errors import KfxError
    from jupyter_kfx.project import (
        Project,
        compare,
        load,
        open_run,
        open_store,
        run,
        suggest,
        verify,
    )

__all__ = [
    "KfxError",
    "Project",
    "_jupyter_server_extension_points",
    "compare",
    "load",
    "load_ipython_extension",
    "open_run",
    "open_store",
    "run",
    "suggest",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Return a public name from where it is, which is imported now."""
    if name.startswith("_") or name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    if name == "KfxError":
        from jupyter_kfx.errors import KfxError

        return KfxError
    from jupyter_kfx import project

    return getattr(project, name)


def __dir__() -> list[str]:
    """Return the public names too."""
    return sorted({*globals(), *__all__})


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Return what Jupyter Server loads."""
    from jupyter_kfx.server.extension import KfxExtension

    return [{"module": "jupyter_kfx.server.extension", "app": KfxExtension}]


def load_ipython_extension(shell: Any) -> None:
    """Add `%kfx` to a notebook: what `%load_ext jupyter_kfx` calls."""
    from jupyter_kfx import magics

    magics.load_ipython_extension(shell)
