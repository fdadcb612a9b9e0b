"""The parameters of a notebook: names, defaults, JSON Schemas and help."""

from __future__ import annotations

import ast
import difflib
import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook.constants import NotConstantError, constant
from jupyter_kfx.notebook.magics import translate
from jupyter_kfx.pipeline.model import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_kfx.notebook.reading import NotebookCell

__all__ = ["Assignment", "assignments", "parse", "resolve", "value_of_text"]

_SCALARS = {"int": "integer", "float": "number", "str": "string", "bool": "boolean"}
_ARRAYS = frozenset({"list", "List", "tuple", "Tuple", "set", "Set", "Sequence"})
_OBJECTS = frozenset({"dict", "Dict", "Mapping"})


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
    try:
        body = ast.parse(translate(cell.source).code).body
    except (SyntaxError, ValueError):
        return ()
    lines = cell.source.split("\n")
    found: dict[str, Parameter] = {}
    for assignment in assignments(body):
        for name, node in assignment.values.items():
            value = constant(node)
            found[name] = Parameter(
                name=name,
                default=_as_json(value),
                source=ast.get_source_segment(cell.source, node) or ast.unparse(node),
                schema=_schema(value, assignment.annotation),
                help=_help(lines, assignment.node),
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


def _help(lines: list[str], node: ast.stmt) -> str:
    """Return the comment behind a statement, or the ones directly above it."""
    last = lines[(node.end_lineno or node.lineno) - 1]
    tail = last.encode()[node.end_col_offset or 0 :].decode("utf-8", "ignore")
    match = re.match(r"\s*;?\s*#\s?(.*)", tail)
    if match:
        return match[1].strip()
    above = []
    for line in reversed(lines[: node.lineno - 1]):
        if not line.lstrip().startswith("#"):
            break
        above.append(line.strip().lstrip("#").strip())
    return "\n".join(reversed(above)).strip()


# Schemas


def _as_json(value: Any) -> Any:
    """Return a value as JSON has it: tuples and sets as arrays, the rest as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, set):
        return [_as_json(v) for v in sorted(value, key=repr)]
    if isinstance(value, list | tuple):
        return [_as_json(v) for v in value]
    if isinstance(value, dict) and all(isinstance(k, str) for k in value):
        return {k: _as_json(v) for k, v in value.items()}
    return repr(value)


def _schema(value: Any, annotation: ast.expr | None) -> dict[str, Any]:
    if annotation is not None:
        schema = _annotated(annotation)
        if schema is not None:
            return schema
    return _of_value(value)


def _of_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return {"type": "integer"}
    if isinstance(value, float):
        return {"type": "number"}
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, list):
        return {"type": "array"}
    if isinstance(value, tuple):
        return {"type": "array"}
    if isinstance(value, set):
        return {"type": "array", "uniqueItems": True}
    if isinstance(value, dict):
        return {"type": "object"}
    return {}


def _annotated(node: ast.expr) -> dict[str, Any] | None:
    """Return the schema that an annotation asks for, or none if it says nothing."""
    match node:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str() as text):
            try:
                return _annotated(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union([left, right])
        case ast.Subscript(value=value, slice=inner):
            return _subscript(_last_name(value), inner)
    name = _last_name(node)
    if name in _SCALARS:
        return {"type": _SCALARS[name]}
    if name in _ARRAYS:
        return {"type": "array"}
    return {"type": "object"} if name in _OBJECTS else None


def _subscript(name: str, inner: ast.expr) -> dict[str, Any] | None:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "Optional":
        return _union([parts[0], ast.Constant(None)])
    if name == "Union":
        return _union(parts)
    if name in ("Annotated", "Final"):
        return _annotated(parts[0])
    if name == "Literal":
        return (
            {"enum": [constant(part) for part in parts]}
            if all(map(_is_constant, parts))
            else None
        )
    if name in _OBJECTS:
        values = _annotated(parts[-1])
        extra = {"additionalProperties": values} if values else {}
        return {"type": "object", **extra}
    if name in _ARRAYS:
        # tuple[int, str] has a type per place, tuple[int, ...] one for all.
        single = len(parts) == 1 or name not in ("tuple", "Tuple")
        items = _annotated(parts[0]) if single else None
        return {"type": "array", **({"items": items} if items else {})}
    return None


def _union(parts: Sequence[ast.expr]) -> dict[str, Any] | None:
    schemas = [_annotated(part) for part in parts]
    known = [schema for schema in schemas if schema is not None]
    return {"anyOf": known} if len(known) == len(schemas) else None


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


# Values from a caller


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
        if not _accepts(schema, value):
            message = f"`{name}` takes {describe(schema)}, not {json.dumps(value, default=repr)}."
            raise UsageError(message, cure=f"Its default is {known[name].source}.")
        values[name] = value
    return values


def _unknown(name: str, known: Mapping[str, Parameter]) -> UsageError:
    if not known:
        message = f"there is no parameter `{name}`: the notebook has none."
        return UsageError(message, cure="Tag a cell `parameters`.")
    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean `{near[0]}`? " if near else ""
    listed = ", ".join(f"{p.name} ({describe(p.schema)})" for p in known.values())
    message = f"there is no parameter `{name}`."
    return UsageError(message, cure=f"{hint}There are: {listed}.")


def describe(schema: Mapping[str, Any]) -> str:
    """Return a schema in a few words."""
    words = {
        "integer": "a whole number",
        "number": "a number",
        "string": "text",
        "boolean": "true or false",
        "array": "a list",
        "object": "a mapping",
        "null": "nothing",
    }
    if "enum" in schema:
        return "one of " + ", ".join(
            json.dumps(v, default=repr) for v in schema["enum"]
        )
    if "anyOf" in schema:
        return " or ".join(describe(part) for part in schema["anyOf"])
    return words.get(str(schema.get("type")), "any value")


def _accepts(schema: Mapping[str, Any], value: Any) -> bool:
    if "enum" in schema:
        return any(v == value and type(v) is type(value) for v in schema["enum"])
    if "anyOf" in schema:
        return any(_accepts(part, value) for part in schema["anyOf"])
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items", {})
        return isinstance(value, list | tuple) and all(
            _accepts(items, v) for v in value
        )
    if kind == "object":
        items = schema.get("additionalProperties", {})
        return isinstance(value, dict) and all(
            _accepts(items, v) for v in value.values()
        )
    if kind == "null":
        return value is None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    checks = {
        "integer": is_number and isinstance(value, int),
        "number": is_number,
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
    }
    return bool(checks.get(str(kind), True))


def value_of_text(parameter: Parameter | None, text: str) -> Any:
    """Return what a text on a command line means for a parameter.

    `01234` stays text for a text parameter; numbers, `true`, `null`, lists and mappings
    are read for the others. What cannot be read is returned as text, for `resolve` to
    refuse.
    """
    schema = {} if parameter is None else parameter.schema
    for kind in _kinds(schema):
        value = _read(kind, text)
        if value is not _NOTHING:
            return value
    return text


_NOTHING = object()


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    if "anyOf" in schema:
        return [kind for part in schema["anyOf"] for kind in _kinds(part)]
    if "enum" in schema:
        return ["string"] if text_only(schema["enum"]) else ["any"]
    return [str(schema.get("type", "any"))]


def text_only(values: Sequence[Any]) -> bool:
    """Tell whether all values are texts."""
    return all(isinstance(value, str) for value in values)


def _read(kind: str, text: str) -> Any:
    if kind == "string":
        return text
    words = {"true": True, "false": False, "null": None, "none": None}
    if kind in ("boolean", "null", "any") and text.lower() in words:
        value = words[text.lower()]
        if kind == "any" or (value is None) == (kind == "null"):
            return value
    if kind in ("integer", "any"):
        try:
            return int(text)
        except ValueError:
            pass
    if kind in ("number", "any"):
        try:
            return float(text)
        except ValueError:
            return _NOTHING if kind == "number" else _container(text)
    return _container(text) if kind in ("array", "object") else _NOTHING


def _container(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        try:
            value = constant(ast.parse(text, mode="eval").body)
        except (NotConstantError, SyntaxError, ValueError):
            return _NOTHING
    return value if isinstance(value, list | tuple | dict) else _NOTHING
