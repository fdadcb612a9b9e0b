"""The widget: what it shows, and what it does when it is clicked."""

from __future__ import annotations

import html
import threading
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anywidget import AnyWidget
from traitlets import Bool, Instance, List, Unicode

from jupyter_kfx import project
from jupyter_kfx.background.options import checked_options, engines
from jupyter_kfx.errors import KfxError, UsageError
from jupyter_kfx.notebook.current import current
from jupyter_kfx.pipeline.codec import to_json
from jupyter_kfx.pipeline.drawing import drawing
from jupyter_kfx.pipeline.svg import svg
from jupyter_kfx.pipeline.text import text
from jupyter_kfx.widget.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_kfx.pipeline.model import Pipeline
    from jupyter_kfx.project import Project

__all__ = ["PipelineWidget"]

_STATIC = Path(__file__).parents[1] / "static"
"""What `npm run build` makes of `labextension/src/widget`."""
_VIEW = "application/vnd.jupyter.widget-view+json"
_PAUSE = 0.3
"""Seconds between two looks at the notebook and its run."""


class PipelineWidget(AnyWidget):
    """The pipeline of a notebook's file, live, with what starts and ends its runs.

    Without a path it is that of the notebook that the kernel runs for. It is drawn anew
    whenever the file is saved. `selected` is the step that was clicked last and `run` how
    the last run stands, a document as `GET runs/ID` of the server gives it. Both may be
    observed; observers are called in a thread of the widget, so that they hear of a run
    while a cell is running.
    """

    _esm = _STATIC / "widget.js"
    _css = _STATIC / "widget.css"

    path = Unicode(read_only=True).tag(sync=True)
    engines: List[Any] = List(read_only=True).tag(sync=True)
    analysis = Instance(dict, allow_none=True, read_only=True).tag(sync=True)
    problem = Unicode(read_only=True).tag(sync=True)
    """Why the file cannot be analysed, or what was asked for was refused."""
    starting = Bool(read_only=True).tag(sync=True)
    run = Instance(dict, allow_none=True, read_only=True).tag(sync=True)
    selected = Unicode(None, allow_none=True).tag(sync=True)

    def __init__(
        self, path: str | Path | None = None, *, store: str | None = None
    ) -> None:
        super().__init__()
        place = Path(current() if path is None else path).resolve()
        self._project: Project | None = None
        self._seen: tuple[int, int] | None = None
        self._runs = Runs(str(place), store)
        self._closed = threading.Event()
        self.set_trait("path", str(place))
        self.set_trait("engines", engines(project.ENGINES))
        # Whoever asks for a notebook that is not there is told at once.
        self._read(project.load(place))
        self._seen = _version(place)
        self._attempt(self._find)
        self.on_msg(self._asked)
        threading.Thread(target=self._follow, daemon=True).start()

    def start(self, parameters: Mapping[str, Any] | None = None, **options: Any) -> str:
        """Start a run of the notebook as it is saved, and return its id.

        The run is a process of its own: it does not hold the kernel up and outlives it.
        Options are `engine` and those that it takes. DiagnosticsError if the notebook is refused,
        UsageError for a wrong parameter or option.
        """
        wanted = checked_options(options, project.ENGINES)
        self.set_trait("starting", True)
        self.set_trait("problem", "")
        try:
            opened = project.load(self.path)
            run = self._runs.start(opened, parameters or {}, wanted)
            self.set_trait("run", self._runs.look(run))
        finally:
            self.set_trait("starting", False)
        return run

    def cancel(self) -> None:
        """End the run; UsageError if there is none."""
        if self.run is None:
            message = "there is no run of this notebook."
            raise UsageError(message, cure="Start one.")
        self._runs.cancel(self.run["run"])

    def close(self) -> None:
        """Take the widget away and look at its file no more; a run goes on."""
        self._closed.set()
        super().close()

    def _ipython_display_(self) -> None:
        """Display the widget, and a picture that it hides where it is alive.

        In one bundle, the picture would be lost where a notebook was saved with the state
        of its widgets: nbconvert takes that for a widget that it can show.
        """
        from IPython.display import display

        bundle = super()._repr_mimebundle_()
        if bundle is not None:
            data, metadata = bundle
            # Where there are no widgets, nothing at all is shown for it.
            view = {_VIEW: data[_VIEW], "text/html": ""}
            display(view, metadata=metadata, raw=True)
        if self._project is not None:
            display(_picture(self._project.pipeline), raw=True)

    def _follow(self) -> None:
        while not self._closed.wait(_PAUSE):
            self._attempt(self._look)

    def _look(self) -> None:
        version = _version(Path(self.path))
        if version != self._seen:
            self._seen = version
            self._read(project.load(self.path))
        if self.run is not None and self.run["status"] == "running":
            self.set_trait("run", self._runs.look(self.run["run"]))

    def _find(self) -> None:
        """Find the last run of the notebook, which may be running still."""
        last = self._runs.last()
        if last is not None:
            self.set_trait("run", self._runs.look(last))

    def _read(self, opened: Project) -> None:
        self._project = opened
        pipeline = opened.pipeline
        found = {"pipeline": to_json(pipeline), "drawing": drawing(pipeline)}
        self.set_trait("analysis", found)
        self.set_trait("problem", "")

    def _asked(self, _widget: Any, asked: Any, _buffers: Any) -> None:
        """Do what a click asks for."""
        match asked:
            case {"kind": "start", "parameters": dict(given), "options": dict(options)}:
                # A notebook may take seconds to start, and the kernel has other work.
                start = threading.Thread(
                    target=self._attempt, args=(lambda: self.start(given, **options),)
                )
                start.start()
            case {"kind": "cancel"}:
                self._attempt(self.cancel)
            case {"kind": "log", "run": str(run), "step": str(step), "offset": int(at)}:
                self._attempt(
                    lambda: self.send({**asked, **self._runs.log(run, step, at)})
                )
            case {"kind": "plots", "run": str(run), "step": str(step)}:
                self._attempt(
                    lambda: self.send({**asked, **self._runs.plots(run, step)})
                )

    def _attempt(self, act: Callable[[], object]) -> None:
        """Do something; what a user can mend is shown in the widget."""
        try:
            act()
        except KfxError as error:
            self.set_trait("problem", str(error))


def _picture(pipeline: Pipeline) -> dict[str, str]:
    """Return a picture of a pipeline, and what it says in words."""
    drawn, said = svg(pipeline), text(pipeline)
    source = b64encode(drawn.encode()).decode()
    alt = html.escape(said.partition("\n")[0])
    image = f'<img src="data:image/svg+xml;base64,{source}" alt="{alt}">'
    return {
        "text/html": f'<div class="jp-kfx-Picture">{image}</div>',
        "image/svg+xml": drawn,
        "text/plain": said,
    }


def _version(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is saved; none if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
