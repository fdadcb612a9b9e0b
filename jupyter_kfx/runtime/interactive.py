"""IPython's shell with its displays and errors led to a recorder."""

from __future__ import annotations

import inspect
import sys
from typing import Any

from . import sources
from .kernel import StepKernel

__all__ = ["shell_class"]

# IPython's classes carry no types that hold for every version we meet.
# mypy: disable-error-code="misc,no-untyped-call,no-untyped-def"


class ExitRequestedError(Exception):
    """A cell called `exit()` or `quit()`."""


def shell_class() -> Any:
    """Return the shell's class: ipykernel's where it can be imported."""
    from IPython.core.compilerop import CachingCompiler
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from traitlets import Any as AnyTrait
    from traitlets import Type
    from traitlets.config import Config

    try:
        # A kernel puts its own comms into `comm` when this module is loaded.
        from ipykernel.ipkernel import ZMQInteractiveShell as Base
    except ImportError:
        from IPython.core.interactiveshell import InteractiveShell as Base

    class Compiler(CachingCompiler):
        def get_code_name(self, raw_code, transformed_code, number):
            return sources.filename(raw_code)

    class Publisher(DisplayPublisher):
        def publish(
            self, data, metadata=None, source=None, *, transient=None, **options
        ):
            self._validate_data(data, metadata)
            _flush()
            recorder = self.shell.recorder
            display_id = (transient or {}).get("display_id")
            if recorder is None:
                return
            if options.get("update") and display_id is not None:
                recorder.update(data, metadata, display_id)
            elif not options.get("update"):
                recorder.display(data, metadata, display_id)

        def clear_output(self, wait=False):
            _flush()
            if self.shell.recorder is not None:
                self.shell.recorder.clear(wait=wait)

    class Hook(DisplayHook):
        @property
        def prompt_count(self):
            return self.shell.recorded_count

        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            _flush()
            if self.shell.recorder is not None:
                self.shell.recorder.display(
                    format_dict, md_dict, count=self.prompt_count
                )

        def finish_displayhook(self):
            _flush()
            self._is_active = False

    class NotebookShell(Base):
        display_pub_class = Type(Publisher)
        displayhook_class = Type(Hook)
        compiler_class = Type(Compiler)
        recorder = AnyTrait(None, allow_none=True)
        recorded_count = AnyTrait(0)
        last_lines = AnyTrait(None, allow_none=True)

        def __init__(self, **options):
            config = Config()
            # Libraries look for this key to tell a notebook from a terminal.
            config.IPKernelApp.connection_file = ""
            config.HistoryManager.enabled = False
            super().__init__(config=config, **options)
            accepted = inspect.signature(super().run_cell).parameters
            self._takes_cell_id = "cell_id" in accepted
            self.kernel = StepKernel(self)

        def cell_id(self, cell):
            return {"cell_id": cell} if self._takes_cell_id else {}

        def _showtraceback(self, etype, evalue, stb):
            _flush()
            self.last_lines = list(stb)
            if self.recorder is not None:
                self.recorder.error(etype.__name__, str(evalue), self.last_lines)

        def enable_gui(self, gui=None):
            # No window is ever shown, so there is no event loop to keep turning.
            self.active_eventloop = gui

        def ask_exit(self):
            message = (
                "exit() would end the kernel, and with it the notebook. Raise an error "
                "to end the run, or tag the cells that are not to run `skip`."
            )
            raise ExitRequestedError(message)

    # Libraries ask for the name to tell a notebook from a terminal.
    NotebookShell.__name__ = NotebookShell.__qualname__ = Base.__name__
    return NotebookShell


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
