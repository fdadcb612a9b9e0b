"""A pipeline as JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

from jupyter_kfx.errors import UsageError
from jupyter_kfx.pipeline.model import Pipeline
from jupyter_kfx.pipeline.topology import check

__all__ = ["VERSION", "from_json", "to_json"]

VERSION = 1
"""Version of the document; a reader refuses any other."""
_PLAIN = frozenset({str, int, bool, float})


def to_json(pipeline: Pipeline) -> dict[str, Any]:
    """Return a pipeline as a JSON document."""
    return {"version": VERSION, **_plain(pipeline)}


def from_json(document: Any) -> Pipeline:
    """Return the pipeline in a JSON document; UsageError if it is none.

    Unknown keys, values of another type, steps of one name, edges without ends and
    cycles are refused.
    """
    from pydantic import TypeAdapter, ValidationError

    if not isinstance(document, Mapping):
        message = "this is no pipeline: it is not a JSON object."
        raise UsageError(message)
    content = dict(document)
    version = content.pop("version", None)
    if type(version) is not int or version != VERSION:
        message = f"the pipeline has version {version!r}; {VERSION} can be read."
        raise UsageError(message)
    try:
        # Only from JSON does pydantic's strict mode take arrays for tuples.
        text = json.dumps(content)
        pipeline = TypeAdapter(Pipeline).validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        message = f"this is no pipeline: `{place}`: {first['msg']}."
        raise UsageError(message) from error
    check(pipeline)
    return pipeline


def _plain(value: Any) -> Any:
    # Most values are plain, and there are many of them.
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in _names(value.__class__)}
    return value


@cache
def _names(cls: type) -> tuple[str, ...]:
    return tuple(item.name for item in fields(cls))
