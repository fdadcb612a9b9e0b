"""The shell that a step's cells run in: a notebook kernel's, without the kernel."""

from __future__ import annotations

import asyncio
import builtins
import codecs
import os
import re
import sys
import types
from typing import Any, Protocol

from . import sources
from .environment import INLINE
from .outputs import Recorder
from .plain import PlainShell
from .raised import Raised

__all__ = ["Shell", "around", "hidden_names", "open_shell"]


class Shell(Protocol):
    """Runs cells in a fresh `__main__`."""

    @property
    def namespace(self) -> dict[str, Any]:
        """The globals that cells run in."""

    @property
    def hidden(self) -> frozenset[str]:
        """Names of the namespace that are no variables of the notebook."""

    def warm(self) -> None:
        """Do what a first cell would take longer for."""

    def attach(self, recorder: Recorder) -> None:
        """Send outputs to the recorder from now on."""

    def register(self, source: str, count: int | None) -> str:
        """Make the source of a cell known under its file name, which is returned."""

    def translated(self, source: str) -> str:
        """Return a cell as plain Python."""

    def execute(
        self, code: str, filename: str, namespace: dict[str, Any] | None = None
    ) -> None:
        """Run a statement, IPython syntax and all, in the namespace or another one."""

    def holds(self, expression: str) -> bool | Raised:
        """Tell whether an expression is true in the namespace, or what it raised."""

    async def run(self, source: str, count: int, cell: str) -> Raised | None:
        """Run a cell; return what it raised, if anything."""


def open_shell() -> Shell:
    """Return the best shell that this interpreter has."""
    try:
        import IPython  # noqa: F401
    except ImportError:
        return PlainShell()
    return _NotebookShell()


_BLANKS = re.compile(r"(?m)^[ \t]+$")
"""Lines that IPython empties, in texts too."""
_HISTORY = ("In", "Out")
_PYLAB = (
    *("numpy", "matplotlib", "pylab", "mlab", "pyplot", "np", "plt"),
    *("display", "figsize", "getfigs"),
)
"""What `%pylab` binds beside the names of the module."""
_DOC = "Automatically created module for IPython interactive environment"
"""What a kernel's `__main__` says of itself, and scripts print as their own."""


def hidden_names(shell: Any) -> frozenset[str]:
    """Return the names in the namespace that are IPython's own.

    One that the notebook has bound to something else is a variable, and so is what
    `%pylab` binds.
    """
    pylab: Any = sys.modules.get("matplotlib.pylab")
    bound = {*vars(pylab), *_PYLAB} if pylab is not None else set()
    return frozenset(
        name
        for name, value in shell.user_ns_hidden.items()
        if name.startswith("_")
        or name in _HISTORY
        or (name not in bound and shell.user_ns.get(name) is value)
    )


def around(shell: Any) -> Shell:
    """Return an IPython shell that runs already, as one that a step is brought to."""
    return _NotebookShell(shell)


class _NotebookShell:
    """IPython's shell as ipykernel has it, or as close as IPython alone comes."""

    def __init__(self, shell: Any = None) -> None:
        if shell is not None:
            self._shell, self._module = shell, shell.user_module
            return
        from .interactive import shell_class

        # As a kernel does: figures are drawn into the notebook by default.
        os.environ.setdefault("MPLBACKEND", INLINE)
        self._module = types.ModuleType("__main__", doc=_DOC)
        self._module.__dict__["__builtin__"] = builtins
        self._module.__dict__["__builtins__"] = builtins
        self._shell = shell_class().instance(user_module=self._module)

    @property
    def namespace(self) -> dict[str, Any]:
        """The globals that cells run in."""
        return self._module.__dict__

    @property
    def hidden(self) -> frozenset[str]:
        """Names of the namespace that are no variables of the notebook."""
        return hidden_names(self._shell)

    def warm(self) -> None:
        """Do what a first cell would take longer for."""
        self._shell.transform_cell("0")
        self._shell.logger  # noqa: B018  (it is imported when it is asked for)
        import bdb  # noqa: F401  (IPython imports it for the first cell)

        codecs.lookup("ascii")
        sources.filename("0")

    def attach(self, recorder: Recorder) -> None:
        """Send outputs to the recorder from now on."""
        from IPython.core.interactiveshell import ExecutionResult

        self._shell.recorder = recorder
        # `%xdel` forgets the last result, and expects that there is one.
        self._shell.last_execution_result = ExecutionResult(None)
        self._shell.user_ns["_dh"][:] = [os.getcwd()]

    def register(self, source: str, count: int | None) -> str:
        """Make the source of a cell known under its file name, which is returned."""
        name = sources.filename(source)
        sources.remember(name, source)
        if count is not None:
            # What makes IPython write "Cell In[3], line 1" in tracebacks.
            self._shell.compile._filename_map[name] = count
        return name

    def translated(self, source: str) -> str:
        """Return a cell as plain Python."""
        try:
            return str(self._shell.transform_cell(source))
        except SyntaxError:
            return source

    def execute(
        self, code: str, filename: str, namespace: dict[str, Any] | None = None
    ) -> None:
        """Run a statement, IPython syntax and all, in the namespace or another one."""
        shell = self._shell
        lines = code.lstrip("\n")
        above = "\n" * (len(code) - len(lines))
        if _BLANKS.search(lines):
            code = above + self.translated(lines)
        try:
            tree = shell.compile.ast_parse(code, filename)
        except SyntaxError:
            tree = shell.compile.ast_parse(
                above + shell.transform_cell(lines), filename
            )
        # The shell's compiler remembers `from __future__` for the cells to come.
        compiled = shell.compile(tree, filename, "exec")
        with shell.builtin_trap:
            exec(compiled, self.namespace if namespace is None else namespace)

    def holds(self, expression: str) -> bool | Raised:
        """Tell whether an expression is true in the namespace, or what it raised."""
        shell = self._shell
        filename = self.register(expression, None)
        shell.last_lines = None
        try:
            code = shell.compile(expression, filename, "eval")
            with shell.builtin_trap:
                return bool(eval(code, self.namespace))  # noqa: S307  (it is the user's)
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            shell.showtraceback(tb_offset=1)
            lines = shell.last_lines or [f"{type(error).__name__}: {error}"]
            return Raised.of(error, lines, "")

    async def run(self, source: str, count: int, cell: str) -> Raised | None:
        """Run a cell; return what it raised, if anything."""
        shell = self._shell
        self._number(count)
        shell.last_lines = None
        transformed, problem = source, None
        try:
            transformed = shell.transform_cell(source)
        except Exception:
            problem = sys.exc_info()
        if shell.should_run_async(
            source, transformed_cell=transformed, preprocessing_exc_tuple=problem
        ):
            result = None
            task = asyncio.ensure_future(
                shell.run_cell_async(
                    source,
                    store_history=True,
                    transformed_cell=transformed,
                    preprocessing_exc_tuple=problem,
                    **shell.cell_id(cell),
                )
            )
            try:
                result = await task
            finally:
                shell.events.trigger("post_execute")
                shell.events.trigger("post_run_cell", result)
        else:
            result = shell.run_cell(source, store_history=True, **shell.cell_id(cell))
        error = result.error_before_exec or result.error_in_exec
        if error is None:
            return None
        lines = shell.last_lines or [f"{type(error).__name__}: {error}"]
        return Raised.of(error, lines, sources.filename(source))

    def _number(self, count: int) -> None:
        shell = self._shell
        shell.execution_count = shell.recorded_count = count
        history = shell.history_manager
        for inputs in (history.input_hist_parsed, history.input_hist_raw):
            # `In[n]` is the n-th input of the notebook; those above are not here.
            inputs.extend([""] * (count - len(inputs)))
