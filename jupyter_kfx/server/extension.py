"""The extension that Jupyter Server loads."""

from __future__ import annotations

from jupyter_server.extension.application import ExtensionApp
from traitlets import Unicode

from jupyter_kfx.server import handlers
from jupyter_kfx.server.service import Service

__all__ = ["KfxExtension"]


class KfxExtension(ExtensionApp):
    """Analyses and runs notebooks as pipelines for JupyterLab and Notebook."""

    name = "jupyter_kfx"
    extension_url = "/jupyter-kfx/health"
    load_other_extensions = True

    store = Unicode(
        None,
        allow_none=True,
        config=True,
        help="Folder of the store; JUPYTER_KFX_STORE or Jupyter's data folder if none.",
    )

    def initialize_handlers(self) -> None:
        """Add the routes."""
        assert self.serverapp is not None
        given = {"service": Service(self.serverapp.root_dir, self.store)}
        self.handlers.extend(
            (rf"/jupyter-kfx/{pattern}", handler, given)
            for pattern, handler in handlers.ROUTES
        )
