"""Cells in an interpreter that has no IPython: plain Python, text outputs."""

from __future__ import annotations
import __future__ as future_features

import ast
import builtins
import inspect
import sys
import traceback
import types
from typing import Any

from . import sources
from .outputs import Recorder
from .raised import Raised

__all__ = ["PlainShell"]

_LAST_EXPRESSION = "single"


class PlainShell:
    """Runs cells of pure Python, with top-level await, and shows the last expression."""

    def __init__(self) -> None:
        self._module = types.ModuleType("__main__")
        self._module.__dict__["__builtins__"] = builtins
        sys.modules["__main__"] = self._module
        self._recorder: Recorder | None = None
        self._count = 0
        self._flags = 0
        sys.displayhook = self._display

    @property
    def namespace(self) -> dict[str, Any]:
        """The globals that cells run in."""
        return self._module.__dict__

    @property
    def hidden(self) -> frozenset[str]:
        """Names of the namespace that are no variables of the notebook."""
        return frozenset({"_", "In", "Out"})

    def warm(self) -> None:
        """Do nothing: a first cell takes no longer than others."""

    def attach(self, recorder: Recorder) -> None:
        """Send outputs to the recorder from now on."""
        self._recorder = recorder

    def register(self, source: str, count: int | None) -> str:
        """Make the source of a cell known under its file name, which is returned."""
        del count
        name = sources.filename(source)
        sources.remember(name, source)
        return name

    def translated(self, source: str) -> str:
        """Return a cell as plain Python, which it is."""
        return source

    def execute(
        self, code: str, filename: str, namespace: dict[str, Any] | None = None
    ) -> None:
        """Run a statement of pure Python in the namespace, or in another one."""
        there = self.namespace if namespace is None else namespace
        exec(self._compile(code, filename, "exec"), there)

    def holds(self, expression: str) -> bool | Raised:
        """Tell whether an expression is true in the namespace, or what it raised."""
        name = self.register(expression, None)
        try:
            return bool(eval(self._compile(expression, name, "eval"), self.namespace))  # noqa: S307  (it is the user's)
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            return self._show(error, "")

    async def run(self, source: str, count: int, cell: str) -> Raised | None:
        """Run a cell; return what it raised, if anything."""
        del cell
        self._count = count
        name = self.register(source, count)
        try:
            tree = ast.parse(source, name)
            body, last = tree.body, []
            if body and isinstance(body[-1], ast.Expr) and not _is_silenced(source):
                body, last = body[:-1], body[-1:]
            await self._execute(ast.Module(body, []), name, "exec")
            await self._execute(ast.Interactive(last), name, _LAST_EXPRESSION)
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            return self._show(error, name)
        return None

    async def _execute(self, tree: ast.AST, name: str, mode: str) -> None:
        code = self._compile(tree, name, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if code.co_flags & inspect.CO_COROUTINE:
            await eval(code, self.namespace)  # noqa: S307
        else:
            exec(code, self.namespace)

    def _compile(
        self, code: str | ast.AST, name: str, mode: str, flags: int = 0
    ) -> types.CodeType:
        compiled: types.CodeType = compile(
            code,  # type: ignore[arg-type]
            name,
            mode,
            flags=self._flags | flags,
            dont_inherit=True,
        )
        # `from __future__` holds for the cells to come as well.
        for feature in future_features.all_feature_names:
            flag = getattr(future_features, feature).compiler_flag
            self._flags |= compiled.co_flags & flag
        return compiled

    def _display(self, value: Any) -> None:
        if value is None:
            return
        builtins._ = value  # type: ignore[attr-defined]
        sys.stdout.flush()
        sys.stderr.flush()
        if self._recorder is not None:
            self._recorder.display({"text/plain": repr(value)}, {}, count=self._count)

    def _show(self, error: BaseException, name: str) -> Raised:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        lines = traceback.format_exception(type(error), error, trace)
        raised = Raised.of(error, lines, name)
        sys.stdout.flush()
        sys.stderr.flush()
        if self._recorder is not None:
            self._recorder.error(raised.ename, raised.evalue, raised.traceback)
        return raised


def _is_silenced(source: str) -> bool:
    line = source.rstrip().rsplit("\n", 1)[-1]
    return line.split("#", 1)[0].rstrip().endswith(";")
