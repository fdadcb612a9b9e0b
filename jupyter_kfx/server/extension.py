"""The extension that Jupyter Server loads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_server.extension.application import ExtensionApp
from traitlets import Enum, Float, Integer, List, Unicode

from jupyter_kfx.background.spares import Spares
from jupyter_kfx.project import ENGINES
from jupyter_kfx.server import handlers
from jupyter_kfx.server.announcer import SCHEMA, Announcer, schema_file
from jupyter_kfx.server.service import Service

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

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
    allowed_engines = List(
        Enum(list(ENGINES)),
        default_value=list(ENGINES),
        config=True,
        help="Engines that runs may use; the first is used unless another is asked for.",
    )
    max_runs = Integer(
        0,
        min=0,
        config=True,
        help="Runs that may be running at once; 0 for as many as are started.",
    )

    max_warm = Integer(
        2,
        min=0,
        config=True,
        help="Processes that are ready for the next run of a notebook; 0 for none.",
    )
    warm_seconds = Float(
        600.0,
        min=0.0,
        config=True,
        help="Seconds after which such a process ends if no run has come.",
    )
    warm_memory = Integer(
        2 << 30,
        min=0,
        config=True,
        help="Bytes of memory that such processes may hold together.",
    )

    def initialize_handlers(self) -> None:
        """Add the routes."""
        assert self.serverapp is not None
        # Where notebooks are, which need not be where the server was started.
        contents = getattr(self.serverapp.contents_manager, "root_dir", None)
        self._service = Service(
            contents or self.serverapp.root_dir,
            self.store,
            allowed=self.allowed_engines,
            most=self.max_runs,
            spares=Spares(self.max_warm, self.warm_seconds, self.warm_memory),
        )
        logger = self.serverapp.event_logger
        assert logger is not None
        logger.register_event_schema(schema_file())
        self._announcer = Announcer(
            self._service.records,
            lambda event: logger.emit(schema_id=SCHEMA, data=dict(event)),
        )
        given = {
            "service": self._service,
            "announcer": self._announcer,
            "turn": asyncio.Lock(),
        }
        self.handlers.extend(
            (rf"/jupyter-kfx/{pattern}", handler, given)
            for pattern, handler in handlers.ROUTES
        )

    async def _start_jupyter_server_extension(self, _serverapp: ServerApp) -> None:
        await self._announcer.find()

    async def stop_extension(self) -> None:
        """End what waits for a run; runs go on."""
        self._announcer.close()
        self._service.close()
