"""What code says, whatever its comments, blank lines and place."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from jupyter_kfx.notebook.magics import translate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Fingerprint", "fingerprint"]

_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Fingerprint:
    """A piece of code: equal for code that does and shows the same."""

    digest: str
    words: frozenset[str]
    """Identifiers inside of its texts, which may name globals: `df.query("x > @limit")`."""
    modules: frozenset[str]
    """Top-level packages that it imports by name."""
    imports: Mapping[str, str] = field(default_factory=dict)
    """Where it only imports: what stands for each name that it binds."""


@lru_cache(maxsize=4096)
def fingerprint(source: str) -> Fingerprint:
    """Return the fingerprint of a cell or a statement, IPython syntax and all."""
    translation = translate(source)
    code = translation.code if translation.body is None else translation.body.code
    head = translation.cell_magic if translation.body is not None else None
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
        return Fingerprint(digest, frozenset(_WORD.findall(source)), frozenset())
    text = f"{head!r}\0{_is_quiet(code, tree)}\0{ast.dump(tree)}"
    words = frozenset(_words(tree)) | frozenset(_WORD.findall(" ".join(head or ())))
    return Fingerprint(
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        words,
        frozenset(_modules(tree)),
        _imports(tree),
    )


def _is_quiet(code: str, tree: ast.Module) -> bool:
    """Tell whether a semicolon keeps IPython from showing the last value."""
    if not tree.body:
        return False
    last = tree.body[-1]
    lines = code.encode("utf-8", "surrogatepass").split(b"\n")
    row, column = last.end_lineno or 1, last.end_col_offset or 0
    return lines[row - 1][column:].lstrip().startswith(b";")


def _words(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _WORD.findall(node.value)


def _modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]


def _imports(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            return {}
        for alias in node.names:
            alone: ast.stmt = ast.Import([alias])
            name = alias.asname or alias.name.partition(".")[0]
            if isinstance(node, ast.ImportFrom):
                alone = ast.ImportFrom(node.module, [alias], node.level)
                name = alias.asname or alias.name
            # `import a.b, a.c` binds `a` with both in it.
            before = found.get(name)
            text = ast.unparse(alone)
            found[name] = text if before is None else f"{before}; {text}"
    return found
