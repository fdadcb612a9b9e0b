"""A pipeline as JSON, and back."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from jupyter_kfx.errors import UsageError
from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["VERSION", "from_json", "schema", "to_json"]

VERSION = 1
"""Version of the document; a reader refuses any other."""


def to_json(pipeline: Pipeline) -> dict[str, Any]:
    """Return a pipeline as a JSON document."""
    return {"version": VERSION, **_plain(pipeline)}


def from_json(document: dict[str, Any]) -> Pipeline:
    """Return the pipeline in a JSON document; UsageError if it is none."""
    from pydantic import TypeAdapter, ValidationError

    content = dict(document)
    version = content.pop("version", None)
    if version != VERSION:
        message = (
            f"the pipeline has version {version!r}; version {VERSION} can be read."
        )
        raise UsageError(message)
    try:
        return TypeAdapter(Pipeline).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"this is no pipeline: {place}: {first['msg']}."
        raise UsageError(message) from error


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document."""
    from pydantic import TypeAdapter

    found = TypeAdapter(Pipeline).json_schema()
    found["properties"] = {"version": {"const": VERSION}, **found["properties"]}
    found["required"] = ["version", *found["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
