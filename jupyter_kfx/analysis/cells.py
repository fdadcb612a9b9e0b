"""Code cells as the analysis sees them: parsed, tagged, with their effects."""

from __future__ import annotations

import ast
import functools
import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import setup
from jupyter_kfx.analysis.conditions import Condition, conditions_of
from jupyter_kfx.analysis.effects import Effects, then
from jupyter_kfx.analysis.stars import StarImports
from jupyter_kfx.analysis.walker import Walker
from jupyter_kfx.notebook.expressions import FLOW
from jupyter_kfx.notebook.magics import Translation, translate
from jupyter_kfx.notebook.parameters import assignments
from jupyter_kfx.notebook.tags import CellTags, key_tags, parse
from jupyter_kfx.pipeline.model import (
    Cell,
    Diagnostic,
    SetupKind,
    SetupStatement,
    Severity,
    TagEdit,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.notebook.reading import Notebook, NotebookCell

__all__ = ["CodeCell", "CodeReader"]

_ENDS = re.compile(r"\b(?:__del__|weakref)\b")
"""Code that may show when an object goes."""
_NAME = re.compile(r"[^\W\d]\w*")
_FUNCTION = re.compile(r"\b(?:def|class|lambda)\b|%%(?:time|prun|capture)")


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
    inner: list[ast.stmt] = field(default_factory=list)
    """Statements that a cell magic runs."""
    head: tuple[ast.stmt, ...] = ()
    """What is done before the cells of its step, if that has a condition or a loop."""
    may_raise: bool = False
    """Whether the notebook goes on when it raises."""
    is_measured: bool = False
    """Whether it is `%%timeit`, which keeps what its body binds to itself."""
    types: dict[str, str] = field(default_factory=dict)
    """Types of the names it binds, as far as they are known."""


class CodeReader:
    """Reads the code cells of a notebook in order."""

    def __init__(
        self,
        notebook: Notebook,
        folder: str | None,
        changing: frozenset[str] = frozenset(),
    ) -> None:
        """Take the names of functions and classes that code changes, too."""
        self._notebook = notebook
        self._stars = StarImports(folder)
        self._walker = Walker(self._stars, changing)
        self._count = 0
        self._has_step = False
        self._gone: list[str] = []
        self._inside: str | None = None
        self.diagnostics: list[Diagnostic] = []
        self.skipped: dict[str, NotebookCell] = {}
        """Names that skipped cells bind."""

    def read(self) -> list[CodeCell]:
        """Return the code cells that take part, with their effects."""
        found = []
        tagged = [
            (cell, parse(cell, self._notebook.path))
            for cell in self._notebook.cells
            if cell.type == "code"
        ]
        conditions = conditions_of(tagged)
        sources = [cell.source for cell, _ in tagged]
        self._walker.walk.are_missed = any(map(_ENDS.search, sources))
        gone = _last_mentions(tagged)
        for cell, tags in tagged:
            self._gone += gone.get(cell.index, ())
            self.diagnostics += tags.diagnostics
            if tags.role == "skip":
                self._skip(cell)
                continue
            if tags.role == "injected":
                continue
            self._count += 1
            self._has_step = self._has_step or tags.step is not None
            test = conditions.get(cell.index)
            for key in (
                sorted(FLOW.keys() & tags.settings.keys()) if test is None else ()
            ):
                self._stray(cell, tags, key)
            found.append(self._cell(cell, tags, test))
        return found

    @property
    def redefined(self) -> set[str]:
        """Names of classes that are defined anew while instances are in use."""
        return self._walker.redefined

    def _skip(self, cell: NotebookCell) -> None:
        try:
            body = _statements(translate(cell.source).code)
        except (SyntaxError, ValueError):
            return
        for node in body:
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    self.skipped.setdefault(part.id, cell)
            for name in setup.bound_names(node):
                self.skipped.setdefault(name, cell)

    def _stray(self, cell: NotebookCell, tags: CellTags, key: str) -> None:
        place = (self._notebook.path, cell.id, cell.index)
        edit = TagEdit(cell.id, cell.index, key_tags(tags.written, key))
        what = FLOW[key]
        self.diagnostics.append(
            Diagnostic(
                f"misplaced-{what}",
                Severity.ERROR,
                f"the cell has a {what} and stands above all steps.",
                "Tag it `step:` and a name.",
                *place,
                edit=edit if edit.remove else None,
            )
        )

    def _enter(self, cell: NotebookCell, test: Condition | None) -> Effects:
        """Come to a cell in or outside of a conditional step; return what testing does."""
        name = None if test is None else test.step
        if name == self._inside:
            return Effects()
        self._walker.meet()
        self._inside = name
        if test is None:
            return Effects()
        self._walker.begin()
        if test.is_first:
            try:
                self._walker.run(test.head)
            except RecursionError:
                self._too_deep(cell)
        effects = self._walker.end()
        self._walker.part()
        return effects

    def _cell(
        self, cell: NotebookCell, tags: CellTags, test: Condition | None
    ) -> CodeCell:
        plain = Cell(cell.id, cell.index, cell.source, self._count)
        code = CodeCell(plain, tags)
        code.may_raise = "raises-exception" in cell.tags
        code.head = () if test is None else test.head
        testing = self._enter(cell, test)
        translation = translate(cell.source)
        magic = translation.cell_magic
        code.is_measured = magic is not None and magic[0] == "timeit"
        bodies = self._parsed(translation, cell)
        self._walker.begin(self._gone)
        self._gone = []
        if bodies is not None:
            try:
                self._walk(code, *bodies)
            except RecursionError:
                self._too_deep(cell)
        code.effects = then(testing, self._walker.end())
        code.types = {n: self._walker.type_of(n) for n in code.effects.may_bind}
        for finding in code.effects.findings:
            self._report(
                finding.code,
                Severity.ERROR if finding.is_error else Severity.WARNING,
                finding.message,
                finding.cure,
                cell,
                line=None if finding in testing.findings else finding.line,
            )
        return code

    def _parsed(
        self, translation: Translation, cell: NotebookCell
    ) -> tuple[list[ast.stmt], list[ast.stmt]] | None:
        """Return the statements, and those that a cell magic runs."""
        if "\0" in cell.source:
            line = cell.source[: cell.source.find("\0")].count("\n") + 1
            self._report(
                "null-byte",
                Severity.ERROR,
                "the cell holds a null byte, which Python cannot read.",
                "Type the line again.",
                cell,
                line=line,
            )
            return None
        try:
            body = _statements(translation.code)
            inner: list[ast.stmt] = []
            part = translation.body
            while part is not None:
                inner += _statements(part.code)
                part = part.body
        except SyntaxError as error:
            text = error.msg if error.msg.endswith(".") else f"{error.msg}."
            self._report(
                "syntax-error",
                Severity.ERROR,
                f"this is not Python: {text}",
                "Mend the line.",
                cell,
                line=error.lineno,
            )
            return None
        except (RecursionError, MemoryError, ValueError):
            self._too_deep(cell)
            return None
        return body, inner

    def _too_deep(self, cell: NotebookCell) -> None:
        self._report(
            "too-deep",
            Severity.ERROR,
            "the cell is nested too deeply to be read.",
            "Split the expression.",
            cell,
            line=None,
        )

    def _walk(
        self, code: CodeCell, body: list[ast.stmt], inner: list[ast.stmt]
    ) -> None:
        is_parameters = code.tags.role == "parameters"
        parameters = {id(a.node): a for a in assignments(body)} if is_parameters else {}
        is_setup = not inner
        code.body = body
        for node in body:
            if id(node) in parameters:
                names: tuple[str, ...] = tuple(parameters[id(node)].values)
                kind: SetupKind | None = SetupKind.PARAMETER
            elif code.head:
                # Whether it runs is only known then: it is no setup.
                kind, names = None, ()
            else:
                stars = self._star_names(node)
                kind = setup.kind_of(node, self._walker.walk)
                if stars is None:
                    kind = None
                names = setup.bound_names(node, stars or ())
            if kind is None:
                self._warn_of_setting(code, node)
                self._walker.run([node])
                is_setup = is_setup and _is_text(node)
                continue
            self._walker.define(names, node)
            if kind is SetupKind.PARAMETER:
                # A list may be changed in place: only what cannot be is like setup.
                values = self._walker.walk.state.values
                self._walker.walk.setup -= {n for n in names if values[n].things}
            code.setup.append(_statement(code.cell, node, kind, names))
        code.inner = inner
        if code.is_measured:
            self._walker.run_apart(inner)
        else:
            self._walker.run(inner)
        code.is_setup = is_setup and bool(code.cell.source.strip())

    def _warn_of_setting(self, code: CodeCell, node: ast.stmt) -> None:
        name = setup.stays_behind(node, self._walker.walk)
        if name is not None:
            self._report(
                "setting-stays-behind",
                Severity.WARNING,
                f"what `{name}` sets is not handed on to the steps below: it is only "
                "known at run time.",
                "Give it constants in a step that runs in any case, or put the cells "
                "that need it into one step.",
                code.cell,
                line=node.lineno,
            )

    def _star_names(self, node: ast.stmt) -> list[str] | None:
        """Return the names of a star import; none if they cannot be known."""
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            names = self._stars.names("." * node.level + (node.module or ""))
            return None if names is None else sorted(names)
        return []

    def _report(
        self,
        code: str,
        severity: Severity,
        message: str,
        cure: str,
        cell: NotebookCell | Cell,
        *,
        line: int | None,
    ) -> None:
        place = (self._notebook.path, cell.id, cell.index, line)
        self.diagnostics.append(Diagnostic(code, severity, message, cure, *place))


@functools.lru_cache(maxsize=1024)
def _statements(code: str) -> list[ast.stmt]:
    """Return the statements of a cell: while a notebook is edited most stay the same."""
    return ast.parse(code).body


@functools.lru_cache(maxsize=1024)
def _mentions(source: str) -> tuple[tuple[str, ...], bool]:
    """Return the names in a cell, and whether a function there may need them later."""
    found = dict.fromkeys(_NAME.findall(source))
    return tuple(found), _FUNCTION.search(source) is not None


def _last_mentions(
    cells: Sequence[tuple[NotebookCell, CellTags]],
) -> dict[int, list[str]]:
    """Return, for each cell, the names that are mentioned in no cell from there on.

    What a function mentions may be needed wherever the function is.
    """
    last: dict[str, int] = {}
    kept: set[str] = set()
    for cell, tags in cells:
        around = [
            tags.settings[key] for key in sorted(FLOW.keys() & tags.settings.keys())
        ]
        for text in (*around, cell.source):
            names, may_defer = _mentions(text)
            last.update(dict.fromkeys(names, cell.index))
            if may_defer:
                kept.update(names)
    following = {
        cell.index: after.index for (cell, _), (after, _) in itertools.pairwise(cells)
    }
    gone: dict[int, list[str]] = {}
    for name, index in last.items():
        if name not in kept and index in following:
            gone.setdefault(following[index], []).append(name)
    return gone


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
) -> SetupStatement:
    line, end, code, needed = _text_of(node, cell.source)
    return SetupStatement(cell.id, cell.index, line, end, code, kind, names, needed)


@functools.lru_cache(maxsize=1024)
def _text_of(node: ast.stmt, source: str) -> tuple[int, int, str, tuple[str, ...]]:
    """Return the first and last line of a statement, its code and what that needs."""
    decorators = getattr(node, "decorator_list", [])
    line = min([node.lineno, *(d.lineno for d in decorators)])
    end = node.end_lineno or node.lineno
    lines = source.split("\n")[line - 1 : end]
    code = "\n".join(lines)
    if lines[0][:1].isspace():
        code = ast.unparse(node)
    elif not decorators:  # other statements may share its lines
        code = ast.get_source_segment(source, node) or code
    return line, end, code, setup.needs(node, code)
