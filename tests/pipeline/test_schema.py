from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from jupyter_kfx.pipeline.schema import schema

PUBLISHED = Path(__file__).parents[2] / "docs" / "pipeline.schema.json"


def test_the_published_schema_is_current() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == schema(), (
        "write it anew: python -m jupyter_kfx.pipeline.schema > docs/pipeline.schema.json"
    )


def test_the_schema_is_one_and_says_what_fields_mean() -> None:
    Draft202012Validator.check_schema(schema())
    step = schema()["$defs"]["StepSettings"]
    assert step["additionalProperties"] is False
    assert "tried again" in step["properties"]["retry"]["description"]
