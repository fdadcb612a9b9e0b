"""JSON Schemas of parameters, from their annotations or from their defaults."""

from __future__ import annotations

import ast
import json
import math
from typing import TYPE_CHECKING, Any

from jupyter_kfx.notebook.constants import NotConstantError, constant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["accepts", "as_json", "describe", "is_json", "schema_of"]

_SCALARS = {"int": "integer", "float": "number", "str": "string", "bool": "boolean"}
_ARRAYS = frozenset(
    {"list", "List", "tuple", "Tuple", "set", "Set", "frozenset", "Sequence"}
)
_OBJECTS = frozenset({"dict", "Dict", "Mapping"})
_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


def as_json(value: Any) -> Any:
    """Return a constant as JSON has it.

    Tuples and sets are arrays; what JSON has no form for (complex numbers, bytes,
    `inf`, mappings whose keys are no texts) is the text that Python writes for it. The
    schema's `x-python` then names the Python type.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, set | frozenset):
        return [as_json(v) for v in sorted(value, key=repr)]
    if isinstance(value, list | tuple):
        return [as_json(v) for v in value]
    if isinstance(value, dict) and all(isinstance(k, str) for k in value):
        return {k: as_json(v) for k, v in value.items()}
    return repr(value)


def is_json(value: Any) -> bool:
    """Tell whether a value comes back from JSON as it is, `inf` and `nan` included."""
    match value:
        case None | bool() | int() | float() | str():
            return True
        case list():
            return all(map(is_json, value))
        case dict():
            return all(isinstance(key, str) and is_json(value[key]) for key in value)
    return False


def schema_of(value: Any, annotation: ast.expr | None = None) -> dict[str, Any]:
    """Return the schema of the values that a parameter with that default takes."""
    schema = None if annotation is None else _annotated(annotation)
    if schema is None:
        schema = _of_value(value)
    elif value is None and not accepts(schema, None):
        schema = {"anyOf": [schema, {"type": "null"}]}
    plain = as_json(value)
    if type(plain) is not type(value) or plain != value:
        schema = {**schema, "x-python": type(value).__name__}
    return schema


def _of_value(value: Any) -> dict[str, Any]:
    kinds: list[tuple[type | tuple[type, ...], dict[str, Any]]] = [
        (bool, {"type": "boolean"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (str, {"type": "string"}),
        ((list, tuple), {"type": "array"}),
        ((set, frozenset), {"type": "array", "uniqueItems": True}),
        (type(None), {}),
    ]
    for kind, schema in kinds:
        if isinstance(value, kind):
            return schema
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"type": "object"}
    # No JSON stands for complex numbers, bytes, or keys that are no texts.
    return {"not": {}}


def _annotated(node: ast.expr) -> dict[str, Any] | None:
    """Return the schema that an annotation asks for, or none if it says nothing."""
    match node:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str() as text):
            try:
                return _annotated(ast.parse(text, mode="eval").body)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
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
    if not parts:
        return None
    if name == "Optional":
        return _union([parts[0], ast.Constant(None)])
    if name == "Union":
        return _union(parts)
    if name in ("Annotated", "Final"):
        return _annotated(parts[0])
    if name == "Literal":
        try:
            return {"enum": [as_json(constant(part)) for part in parts]}
        except NotConstantError:
            return None
    if name in _OBJECTS:
        values = _annotated(parts[-1])
        return {
            "type": "object",
            **({"additionalProperties": values} if values else {}),
        }
    if name in _ARRAYS:
        return {"type": "array", **_items(name, parts)}
    return None


def _items(name: str, parts: Sequence[ast.expr]) -> dict[str, Any]:
    """Return what an annotation says of elements.

    `tuple[int, str]` has a type per place, `tuple[int, ...]` one for all.
    """
    of_all = name not in ("tuple", "Tuple")
    if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
        of_all = True
    if of_all:
        items = _annotated(parts[0])
        return {"items": items} if items else {}
    places = [_annotated(part) or {} for part in parts]
    return {"prefixItems": places, "minItems": len(places), "maxItems": len(places)}


def _union(parts: Sequence[ast.expr]) -> dict[str, Any] | None:
    schemas = [_annotated(part) for part in parts]
    known = [schema for schema in schemas if schema is not None]
    return {"anyOf": known} if len(known) == len(schemas) else None


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def describe(schema: Mapping[str, Any]) -> str:
    """Return in a few words what a schema accepts."""
    if "not" in schema:
        return "no value from outside"
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(v) for v in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(describe(part) for part in schema["anyOf"])
    words = _WORDS.get(str(schema.get("type")), "any value")
    of = schema.get("items") or schema.get("additionalProperties")
    if of:
        return f"{words} ({describe(of)} each)"
    if "prefixItems" in schema:
        return f"{words} ({', '.join(describe(s) for s in schema['prefixItems'])})"
    return words


def accepts(schema: Mapping[str, Any], value: Any) -> bool:
    """Tell whether a value is one that the schema takes; JSON must have it too."""
    if "not" in schema:
        return False
    if "enum" in schema:
        return any(v == value and type(v) is type(value) for v in schema["enum"])
    if "anyOf" in schema:
        return any(accepts(part, value) for part in schema["anyOf"])
    match value:
        case None:
            kinds = ["null"]
        case bool():
            kinds = ["boolean"]
        case int():
            kinds = ["integer", "number"]
        case float():
            kinds = ["number"]
        case str():
            kinds = ["string"]
        case list() | tuple():
            kinds = ["array"]
            places = schema.get("prefixItems", [schema.get("items", {})] * len(value))
            if len(places) != len(value):
                return False
            if not all(map(accepts, places, value)):
                return False
        case dict():
            kinds = ["object"]
            of = schema.get("additionalProperties", {})
            if not all(isinstance(k, str) and accepts(of, value[k]) for k in value):
                return False
        case _:
            return False
    return schema.get("type", kinds[0]) in kinds
