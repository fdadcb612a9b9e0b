"""The expressions in conditions and loops of steps; nothing here evaluates them."""

from __future__ import annotations

import ast
import warnings
from keyword import iskeyword

__all__ = ["FLOW", "loop", "loop_problem", "parsed", "problem"]

FLOW = {"when": "condition", "foreach": "loop"}
"""Settings that say whether and how often a step runs, and what they are."""


def problem(text: str) -> str | None:
    """Return why a text cannot be the condition of a step, or none if it can be."""
    try:
        _check(text)
    except SyntaxError as error:
        return error.msg.rstrip(".") or "invalid syntax"
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return str(error).rstrip(".") or "it is nested too deeply"
    return None


def parsed(text: str) -> ast.expr:
    """Return the expression that a condition is; it must be without a problem."""
    return ast.parse(text, "<when>", "eval").body


def loop_problem(text: str) -> str | None:
    """Return why a text cannot be the loop of a step, or none if it can be."""
    try:
        _, source = _parts(text)
    except SyntaxError as error:
        return error.msg.rstrip(".")
    return problem(source)


def loop(text: str) -> tuple[str, ast.expr]:
    """Return the name that a loop binds, and what it goes through."""
    name, source = _parts(text)
    return name, parsed(source)


def _parts(text: str) -> tuple[str, str]:
    name, word, source = text.strip().partition(" in ")
    if not word or not name.strip().isidentifier() or iskeyword(name.strip()):
        message = "it is not `NAME in EXPRESSION`"
        raise SyntaxError(message)
    return name.strip(), source.strip()


def _check(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The compiler knows of errors that the parser does not: `await`, `yield`.
        compile(text, "<when>", "eval", dont_inherit=True)
