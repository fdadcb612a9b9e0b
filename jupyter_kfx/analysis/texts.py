"""Texts that are code or name variables."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import methods
from jupyter_kfx.analysis.values import NOTHING, Value, contents

if TYPE_CHECKING:
    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.statements import Statements
    from jupyter_kfx.analysis.unknown import Unknown
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Texts"]

_WORD = re.compile(r"[^\W\d]\w*")


class Texts:
    """Walks what texts in calls stand for."""

    def __init__(self, walk: Walk, expressions: Expressions, unknown: Unknown) -> None:
        self._walk = walk
        self._expressions = expressions
        self._unknown = unknown
        self.statements: Statements

    def evaluate(self, node: ast.Call, path: str, given: list[Value]) -> Value:
        """Run `exec` and `eval` of a constant text as the code that it is."""
        walk = self._walk
        text = node.args[0] if node.args else None
        is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
        if path == "__import__" and is_text:
            return Value(type_="module", path=str(text.value))  # type: ignore[union-attr]
        if path in ("exec", "eval") and is_text and len(node.args) == 1:
            try:
                body = ast.parse(str(text.value).strip()).body  # type: ignore[union-attr]
            except (SyntaxError, ValueError):
                return NOTHING
            line = walk.line
            walk.depth += 1
            if path == "eval" and body and isinstance(body[0], ast.Expr):
                result = self._expressions.used(body[0].value)
            else:
                result = NOTHING
                self.statements.run(body)
            walk.depth -= 1
            walk.line = line
            return result
        walk.opaque(path, writes=path != "eval")
        walk.find(
            "opaque-names",
            f"which names `{path}` uses cannot be known.",
            "The step waits for all steps above it; write the code itself.",
        )
        return self._unknown.call(given)

    def names(self, node: ast.Call, name: str) -> None:
        """Read the names that a query, a formula or an expression mentions."""
        if name not in methods.TEXT_WITH_NAMES:
            return
        walk = self._walk
        for argument in (*node.args, *(k.value for k in node.keywords)):
            for part in ast.walk(argument):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    for word in _WORD.findall(part.value):
                        if word in walk.known and walk.key(word) is None:
                            value = walk.read(word)
                            if any(t.is_code for t in contents(value.things)):
                                self._unknown.escape(value, ())
