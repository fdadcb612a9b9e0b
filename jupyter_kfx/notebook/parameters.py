"""The parameters of a notebook: names, defaults, JSON Schemas and help."""

from __future__ import annotations

import ast
import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook.constants import NotConstantError, constant
from jupyter_kfx.notebook.magics import translate
from jupyter_kfx.notebook.schemas import accepts, as_json, describe, is_json, schema_of
from jupyter_kfx.pipeline.model import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jupyter_kfx.notebook.reading import Notebook, NotebookCell

__all__ = ["Assignment", "assignments", "injected", "parse", "resolve", "value_of_text"]

_SHOWN = 80


@dataclass(frozen=True)
class Assignment:
    """A statement of a parameters cell that gives constants to names."""

    node: ast.stmt
    values: Mapping[str, ast.expr]
    annotation: ast.expr | None = None


def assignments(body: Iterable[ast.stmt]) -> list[Assignment]:
    """Return the statements that only give constants to names."""
    found = []
    for node in body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pairs = {name: value}
            case ast.Assign(targets=targets, value=value):
                pairs = _pairs(targets, value)
            case _:
                continue
        if pairs and all(map(_is_constant, pairs.values())):
            found.append(Assignment(node, pairs, getattr(node, "annotation", None)))
    return found


def parse(cell: NotebookCell) -> tuple[Parameter, ...]:
    """Return the parameters that a parameters cell assigns; the last one counts.

    A cell that is no Python has none; the analysis reports it.
    """
    code = translate(cell.source).code
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    lines = code.split("\n")
    found: dict[str, Parameter] = {}
    for assignment in assignments(body):
        comment, annotation = _comment(lines, assignment.node)
        for name, node in assignment.values.items():
            value = constant(node)
            found[name] = Parameter(
                name=name,
                default=as_json(value),
                source=_source(lines, node),
                schema=schema_of(value, assignment.annotation or annotation),
                help=comment,
                cell=cell.id,
                line=assignment.node.lineno,
            )
    return tuple(found.values())


def _pairs(targets: list[ast.expr], value: ast.expr) -> dict[str, ast.expr]:
    """Return name -> expression for `k = l = 3` and `m, n = 1, 2`; {} for the rest."""
    pairs: dict[str, ast.expr] = {}
    for target in targets:
        match target, value:
            case ast.Name(id=name), _:
                pairs[name] = value
            case (ast.Tuple(elts=names), ast.Tuple(elts=values)) | (
                ast.List(elts=names),
                ast.List(elts=values),
            ) if len(names) == len(values):
                for element, part in zip(names, values, strict=True):
                    if not isinstance(element, ast.Name):
                        return {}
                    pairs[element.id] = part
            case _:
                return {}
    return pairs


def _is_constant(node: ast.expr) -> bool:
    try:
        constant(node)
    except NotConstantError:
        return False
    return True


_TYPE_COMMENT = re.compile(r"type:\s*(\w[\w.]*(?:\[.*\])?)\s*(.*)", re.DOTALL)


def _comment(lines: list[str], node: ast.stmt) -> tuple[str, ast.expr | None]:
    """Return the comment on a statement, and the type that it starts with, if any.

    It stands behind the statement, or on the lines directly above it.
    """
    text = _behind(lines, node) or _above(lines, node)
    found = _TYPE_COMMENT.fullmatch(text)
    if found is None:
        return text, None
    try:
        return found[2], ast.parse(found[1], mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text, None


def _behind(lines: list[str], node: ast.stmt) -> str:
    last = lines[(node.end_lineno or node.lineno) - 1].encode()
    tail = last[node.end_col_offset or 0 :].decode("utf-8", "ignore")
    found = re.match(r"\s*;?\s*#+\s*(.*)", tail)
    return found[1].strip() if found else ""


def _above(lines: list[str], node: ast.stmt) -> str:
    found: list[str] = []
    for line in reversed(lines[: node.lineno - 1]):
        text = line.strip()
        if not text.startswith("#"):
            break
        found.insert(0, text.lstrip("#").strip())
    return "\n".join(found).strip()


def _source(lines: list[str], node: ast.expr) -> str:
    """Return the source of an expression, as the notebook spells it."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    part = [line.encode() for line in lines[first : last + 1]]
    part[-1] = part[-1][: node.end_col_offset]
    part[0] = part[0][node.col_offset :]
    return b"\n".join(part).decode("utf-8", "replace")


# Values from a caller


def injected(notebook: Notebook) -> dict[str, Any]:
    """Return what the cell holds that papermill has put into the notebook.

    Without other values these are the ones that the notebook runs with. UsageError if
    the cell holds anything but constants that JSON can carry.
    """
    found: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.type != "code" or "injected-parameters" not in cell.tags:
            continue
        try:
            body = ast.parse(translate(cell.source).code).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            body = [ast.Pass()]
        given = assignments(body)
        values = {n: constant(e) for a in given for n, e in a.values.items()}
        if len(given) != len(body) or not all(map(is_json, values.values())):
            message = "the cell with parameters of an earlier run holds something else."
            cure = "Take the cell out, or give the parameters anew."
            raise UsageError(message, notebook=notebook.path, cell=cell.id, cure=cure)
        found |= values
    return found


def resolve(
    parameters: Sequence[Parameter], overrides: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values to inject, checked against the parameters' schemas.

    UsageError for an unknown name or a value of the wrong type; it lists what is right.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values = {}
    for name, value in overrides.items():
        if name not in known:
            raise _unknown(name, known)
        schema = known[name].schema
        if not accepts(schema, value):
            message = f"`{name}` takes {describe(schema)}, not {_shown(value)}."
            raise UsageError(message, cure=f"Its default is {known[name].source}.")
        values[name] = value
    return values


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _unknown(name: str, known: Mapping[str, Parameter]) -> UsageError:
    if not known:
        message = f"there is no parameter `{name}`: the notebook has none."
        return UsageError(message, cure="Tag a cell `parameters`.")
    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean `{near[0]}`? " if near else ""
    listed = ", ".join(f"{p.name} ({describe(p.schema)})" for p in known.values())
    message = f"there is no parameter `{name}`."
    return UsageError(message, cure=f"{hint}There are: {listed}.")


def value_of_text(parameter: Parameter | None, text: str) -> Any:
    """Return what a text on a command line means for a parameter.

    `01234` stays text for a text parameter; numbers, `true`, `null`, lists and mappings
    (JSON or Python) are read for the others. What cannot be read is returned as text,
    for `resolve` to refuse.
    """
    schema = {} if parameter is None else parameter.schema
    if accepts(schema, text) and "type" in schema:
        return text
    for value in _readings(text):
        if accepts(schema, value):
            return value
    return text


_WORDS = {"true": True, "false": False, "null": None, "none": None}


def _readings(text: str) -> Iterator[Any]:
    """Yield what a text may mean, the likeliest first, and itself last."""
    word = text.strip()
    if word.lower() in _WORDS:
        yield _WORDS[word.lower()]
    for number in (int, float):
        try:
            yield number(word)
        except ValueError:
            continue
    if word[:1] in tuple("[{("):
        yield from _containers(word)
    yield text


def _containers(text: str) -> Iterator[Any]:
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = constant(ast.parse(text, mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        yield as_json(value) if isinstance(value, tuple | set) else value
