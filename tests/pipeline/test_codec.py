from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from jupyter_kfx.errors import UsageError
from jupyter_kfx.pipeline.codec import from_json, to_json
from jupyter_kfx.pipeline.model import (
    Cell,
    Diagnostic,
    Parameter,
    Pipeline,
    Port,
    SetupStatement,
    Step,
)
from jupyter_kfx.pipeline.schema import schema
from jupyter_kfx.pipeline.settings import (
    PipelineSettings,
    SecretReference,
    StepSettings,
    VolumeMount,
)
from tests.pipeline.graphs import graphs, pipeline

TEXT = st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | NUMBERS | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=6,
)
st.register_type_strategy(str, TEXT)


def parts(cls: type, **given_: Any) -> st.SearchStrategy[Any]:
    return st.builds(cls, **given_)


PARAMETERS = parts(
    Parameter, default=JSON, schema=st.just({"type": "integer"}), line=st.integers(1, 9)
)
NAMES = st.sampled_from(["a", "Load data", "é: 1"])
KEYS = st.sampled_from(["a", "nvidia.com/gpu", "A.b_c-d"])
VARIABLES = st.sampled_from(["A", "_b", "C3"])
AMOUNTS = st.sampled_from(["1", "512Mi", "2.5G"])
SECONDS = st.none() | st.floats(0.001, 1e300)


def texts(keys: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(keys, TEXT, max_size=2)


SETTINGS = parts(
    StepSettings,
    after=st.lists(NAMES, max_size=2).map(tuple),
    image=st.none() | st.just("a/b:1"),
    cpu=SECONDS,
    memory=st.none() | AMOUNTS,
    gpu=st.none() | st.integers(0, 2**70),
    limits=st.dictionaries(KEYS, AMOUNTS, max_size=2),
    retry=st.integers(0, 2**70),
    timeout=SECONDS,
    secrets=st.lists(
        parts(SecretReference, name=NAMES, key=NAMES, env=VARIABLES), max_size=2
    ).map(tuple),
    env=texts(VARIABLES),
    volumes=st.lists(
        parts(VolumeMount, claim=NAMES, path=TEXT.map("/a{}".format)), max_size=2
    ).map(tuple),
    node=texts(KEYS),
    tolerations=st.lists(
        st.sampled_from(["a", "a=b", "a=b:NoSchedule"]), max_size=2
    ).map(tuple),
    labels=texts(KEYS),
    annotations=texts(KEYS),
)


Drawn = TypeVar("Drawn")


def few(drawn: st.SearchStrategy[Drawn]) -> st.SearchStrategy[list[Drawn]]:
    return st.lists(drawn, max_size=2)


@st.composite
def full(draw: st.DrawFn) -> Pipeline:
    """Draw a pipeline in which every field of every class takes values."""
    graph = draw(graphs())
    ports = few(parts(Port)).map(tuple)
    steps = tuple(
        draw(
            parts(
                Step,
                name=st.just(step.name),
                cells=few(parts(Cell)).map(tuple),
                inputs=ports,
                outputs=ports,
                settings=SETTINGS,
            )
        )
        for step in graph.steps[:3]
    )
    kept = {step.name for step in steps}
    return replace(
        graph,
        parameters=tuple(draw(few(PARAMETERS))),
        parameters_cell=draw(st.none() | parts(Cell)),
        setup_cells=tuple(draw(few(parts(Cell)))),
        setup=tuple(draw(few(parts(SetupStatement)))),
        diagnostics=tuple(draw(few(parts(Diagnostic)))),
        metrics=tuple(draw(few(TEXT))),
        settings=draw(parts(PipelineSettings, defaults=SETTINGS)),
        steps=steps,
        edges=tuple(e for e in graph.edges if {e.source, e.target} <= kept),
    )


VALIDATOR = Draft202012Validator(schema())


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(full())
def test_a_pipeline_survives_json_and_fits_the_schema(drawn: Pipeline) -> None:
    document = json.loads(json.dumps(to_json(drawn)))
    VALIDATOR.validate(document)
    assert from_json(document) == drawn


def changed(document: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(document))
    place: Any = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return whole


GOOD = to_json(pipeline(("a", "b"), ("b", "c")))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (changed(GOOD, "version", value=2), "version 2"),
        (changed(GOOD, "version", value=True), "version True"),
        (changed(GOOD, "surplus", value=1), "`surplus`"),
        (changed(GOOD, "steps", 0, "surplus", value=1), "`steps.0.surplus`"),
        (changed(GOOD, "settings", "surplus", value=1), "`settings.surplus`"),
        (changed(GOOD, "steps", 0, "opaque", value="yes"), "`steps.0.opaque`"),
        (changed(GOOD, "edges", 0, "kind", value="magic"), "`edges.0.kind`"),
        (changed(GOOD, "name", value=None), "`name`"),
        (changed(GOOD, "steps", 1, "name", value="a"), "two steps are named `a`"),
        (changed(GOOD, "edges", 0, "source", value="z"), "the step `z`"),
        (changed(GOOD, "edges", 0, "source", value="c"), "cycle: `b` -> `c` -> `b`"),
        ({}, "version None"),
        ([], "not a JSON object"),
        ("text", "not a JSON object"),
    ],
)
def test_what_is_no_pipeline_is_refused(document: Any, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        from_json(document)


def test_the_document_shares_nothing_with_the_pipeline() -> None:
    made = pipeline(("a", "b"))
    to_json(made)["steps"][0]["settings"]["env"]["X"] = "1"
    assert made.steps[0].settings.env == {}
