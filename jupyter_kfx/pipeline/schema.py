"""The JSON Schema of the pipeline document; run as a module, it prints it."""

from __future__ import annotations

import json
from typing import Any

from jupyter_kfx.pipeline.codec import VERSION
from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what `codec.to_json` writes."""
    from pydantic import TypeAdapter

    found = TypeAdapter(Pipeline).json_schema(mode="validation")
    found["properties"] = {"version": {"const": VERSION}, **found["properties"]}
    found["required"] = ["version", *found["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))  # noqa: T201  (it is what it is for)
