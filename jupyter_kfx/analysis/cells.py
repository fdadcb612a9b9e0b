"""Code cells as the analysis sees them: parsed, tagged, with their effects."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import setup
from jupyter_kfx.analysis.effects import Effects
from jupyter_kfx.analysis.stars import StarImports
from jupyter_kfx.analysis.state import State
from jupyter_kfx.analysis.walker import Walker
from jupyter_kfx.notebook.magics import Translation, translate
from jupyter_kfx.notebook.parameters import assignments
from jupyter_kfx.notebook.tags import CellTags, parse
from jupyter_kfx.pipeline.model import (
    Cell,
    Diagnostic,
    SetupKind,
    SetupStatement,
    Severity,
)

if TYPE_CHECKING:
    from jupyter_kfx.notebook.reading import Notebook, NotebookCell

__all__ = ["CodeCell", "CodeReader"]


@dataclass
class CodeCell:
    """A code cell that takes part in the pipeline."""

    cell: Cell
    tags: CellTags
    effects: Effects = field(default_factory=Effects)
    setup: list[SetupStatement] = field(default_factory=list)
    is_setup: bool = False
    """Whether every statement is setup."""
    body: list[ast.stmt] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    """Types of the names it binds, as far as they are known."""


class CodeReader:
    """Reads the code cells of a notebook in order."""

    def __init__(self, notebook: Notebook, folder: str | None) -> None:
        self._notebook = notebook
        self._stars = StarImports(folder)
        self.state = State()
        self._walker = Walker(self.state, self._stars)
        self._count = 0
        self._has_step = False
        self.diagnostics: list[Diagnostic] = []
        self.skipped: dict[str, NotebookCell] = {}
        """Names that skipped cells bind."""

    def read(self) -> list[CodeCell]:
        """Return the code cells that take part, with their effects."""
        found = []
        for cell in self._notebook.cells:
            if cell.type != "code":
                continue
            tags = parse(cell, self._notebook.path)
            self.diagnostics += tags.diagnostics
            if tags.role == "skip":
                self._skip(cell)
                continue
            if tags.role == "injected":
                continue
            self._count += 1
            self._has_step = self._has_step or tags.step is not None
            found.append(self._cell(cell, tags))
        return found

    def _skip(self, cell: NotebookCell) -> None:
        try:
            body = ast.parse(translate(cell.source).code).body
        except (SyntaxError, ValueError):
            return
        for node in body:
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    self.skipped.setdefault(part.id, cell)
            for name in setup.bound_names(node):
                self.skipped.setdefault(name, cell)

    def _cell(self, cell: NotebookCell, tags: CellTags) -> CodeCell:
        plain = Cell(cell.id, cell.index, cell.source, self._count)
        code = CodeCell(plain, tags)
        translation = translate(cell.source)
        bodies = self._parsed(translation, cell)
        self._walker.begin()
        if bodies is not None:
            self._walk(code, *bodies)
        code.effects = self._walker.end()
        code.types = {
            name: self.state.types[name]
            for name in code.effects.may_bind
            if name in self.state.types
        }
        for finding in code.effects.findings:
            self._report(
                finding.code,
                Severity.ERROR if finding.is_error else Severity.WARNING,
                finding.message,
                finding.cure,
                cell,
                finding.line,
            )
        return code

    def _parsed(
        self, translation: Translation, cell: NotebookCell
    ) -> tuple[list[ast.stmt], list[ast.stmt]] | None:
        """Return the statements, and those that a cell magic runs."""
        try:
            body = ast.parse(translation.code).body
            inner: list[ast.stmt] = []
            part = translation.body
            while part is not None:
                inner += ast.parse(part.code).body
                part = part.body
        except SyntaxError as error:
            text = error.msg if error.msg.endswith(".") else f"{error.msg}."
            self._report(
                "syntax-error",
                Severity.ERROR,
                f"this is not Python: {text}",
                "Mend the line.",
                cell,
                error.lineno,
            )
            return None
        except ValueError:
            line = cell.source[: cell.source.find("\0")].count("\n") + 1
            self._report(
                "null-byte",
                Severity.ERROR,
                "the cell holds a null byte, which Python cannot read.",
                "Type the line again.",
                cell,
                line,
            )
            return None
        except (RecursionError, MemoryError):
            self._report(
                "too-deep",
                Severity.ERROR,
                "the cell is nested too deeply to be read.",
                "Split the expression.",
                cell,
                None,
            )
            return None
        return body, inner

    def _walk(
        self, code: CodeCell, body: list[ast.stmt], inner: list[ast.stmt]
    ) -> None:
        is_parameters = code.tags.role == "parameters"
        parameters = {id(a.node): a for a in assignments(body)} if is_parameters else {}
        loose = code.tags.role in ("setup", "parameters") or not self._has_step
        is_setup = not inner
        code.body = body
        for node in body:
            if id(node) in parameters:
                names: tuple[str, ...] = tuple(parameters[id(node)].values)
                kind: SetupKind | None = SetupKind.PARAMETER
            else:
                kind = setup.kind_of(node, self.state, loose=loose)
                names = setup.bound_names(node, self._star_names(node))
            if kind is None:
                self._walker.run([node])
                is_setup = is_setup and _is_text(node)
                continue
            needed = setup.needs(node)
            self._walker.define(names, node)
            if kind is SetupKind.PARAMETER:
                # A list may be changed in place: only what cannot be is like setup.
                self.state.setup -= {
                    name for name in names if not self.state.value(name).is_immutable
                }
            code.setup.append(_statement(code.cell, node, kind, names, needed))
        self._walker.run(inner)
        code.is_setup = is_setup and bool(code.cell.source.strip())

    def _star_names(self, node: ast.stmt) -> list[str]:
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            module = "." * node.level + (node.module or "")
            return sorted(self._stars.names(module) or ())
        return []

    def _report(  # noqa: PLR0913  (the fields of a diagnostic)
        self,
        code: str,
        severity: Severity,
        message: str,
        cure: str,
        cell: NotebookCell,
        line: int | None,
    ) -> None:
        place = (self._notebook.path, cell.id, cell.index, line)
        self.diagnostics.append(Diagnostic(code, severity, message, cure, *place))


def _is_text(node: ast.stmt) -> bool:
    """Tell whether a statement is a text that does nothing but stand there.

    As the last one it would be an output; a cell of one text alone is a step's.
    """
    return isinstance(node, ast.Pass)


def _statement(
    cell: Cell,
    node: ast.stmt,
    kind: SetupKind,
    names: tuple[str, ...],
    needed: tuple[str, ...],
) -> SetupStatement:
    decorators = getattr(node, "decorator_list", [])
    line = min([node.lineno, *(d.lineno for d in decorators)])
    end = node.end_lineno or node.lineno
    lines = cell.source.split("\n")[line - 1 : end]
    code = "\n".join(lines)
    if re.search(r";\s*\S", code) or lines[0][:1].isspace():
        code = ast.unparse(node)  # other statements share its lines
    return SetupStatement(cell.id, cell.index, line, end, code, kind, names, needed)
