from __future__ import annotations

from typing import Any

import pytest

from jupyter_kfx.notebook import from_json
from jupyter_kfx.notebook.reading import NotebookCell
from jupyter_kfx.notebook.tags import parse
from jupyter_kfx.pipeline.model import Severity
from jupyter_kfx.pipeline.settings import SecretReference, VolumeMount


def cell(*tags: str, **kfx: Any) -> NotebookCell:
    metadata = {"kfx": kfx} if kfx else {}
    return NotebookCell("c", 3, "code", "x = 1", tags, metadata)


@pytest.mark.parametrize(
    ("tags", "role", "step"),
    [
        ((), None, None),
        (("step:train",), "step", "train"),
        (("block:train",), "step", "train"),
        (("step:Train the model (2)",), "step", "Train the model (2)"),
        (("step: a",), "step", "a"),
        (("step:a:b",), "step", "a:b"),
        (("step:a", "block:a"), "step", "a"),
        (("parameters",), "parameters", None),
        (("pipeline-parameters", "parameters"), "parameters", None),
        (("imports",), "setup", None),
        (("functions",), "setup", None),
        (("skip",), "skip", None),
        (("skip", "step:a"), "skip", "a"),
        (("pipeline-metrics",), "metrics", None),
        (("on-exit", "step:a"), "on-exit", "a"),
    ],
)
def test_roles(tags: tuple[str, ...], role: str | None, step: str | None) -> None:
    parsed = parse(cell(*tags))
    assert (parsed.role, parsed.step) == (role, step)
    assert parsed.diagnostics == ()


@pytest.mark.parametrize(
    ("tag", "settings"),
    [
        ("prev:load data", {"after": ("load data",)}),
        ("after:load", {"after": ("load",)}),
        ("image:ghcr.io/a/b:1@sha256:00", {"image": "ghcr.io/a/b:1@sha256:00"}),
        ("cpu:0.5", {"cpu": 0.5}),
        ("memory:2Gi", {"memory": "2Gi"}),
        ("gpu:1", {"gpu": 1}),
        ("limit:nvidia.com/gpu:1", {"limits": {"nvidia.com/gpu": "1"}}),
        ("limit:cpu:500m", {"limits": {"cpu": "500m"}}),
        ("retry:3", {"retry": 3}),
        ("retry: 3 ", {"retry": 3}),
        ("timeout:1.5", {"timeout": 1.5}),
        ("cache:enabled", {"cache": "enabled"}),
        ("cache:disabled", {"cache": "disabled"}),
        ("report:disabled", {"report": False}),
        ("guard:stop", {"guard": "stop"}),
        ("secret:db:password:PW", {"secrets": (SecretReference("db", "password", "PW"),)}),
        ("env:A=b=c:d", {"env": {"A": "b=c:d"}}),
        ("env:A=", {"env": {"A": ""}}),
        ("volume:data:/mnt/a", {"volumes": (VolumeMount("data", "/mnt/a"),)}),
        ("volume:data:/a:ro", {"volumes": (VolumeMount("data", "/a", True),)}),
        ("node:disk=ssd", {"node": {"disk": "ssd"}}),
        ("node:kubernetes.io/arch:amd64", {"node": {"kubernetes.io/arch": "amd64"}}),
        ("toleration:gpu=yes:NoSchedule", {"tolerations": ("gpu=yes:NoSchedule",)}),
        ("label:app:x", {"labels": {"app": "x"}}),
        ("annotation:foo.com/a:x:y:z", {"annotations": {"foo.com/a": "x:y:z"}}),
        ("annotation:a:http://h/?q=1", {"annotations": {"a": "http://h/?q=1"}}),
        ("annotation:a:", {"annotations": {"a": ""}}),
    ],
)  # fmt: skip
def test_tags_that_are_settings(tag: str, settings: dict[str, Any]) -> None:
    parsed = parse(cell("step:a", tag))
    assert parsed.diagnostics == ()
    assert parsed.settings == settings


@pytest.mark.parametrize(
    ("tag", "cure"),
    [
        ("step:", "`step:train`"),
        ("step:  ", "`step:train`"),
        ("prev:", "step above"),
        ("image:", "name of an image"),
        ("image:a b", "name of an image"),
        ("cpu:many", "`cpu:2`"),
        ("cpu:0", "`cpu:2`"),
        ("cpu:nan", "`cpu:2`"),
        ("cpu:inf", "`cpu:2`"),
        ("memory:lots", "`memory:2Gi`"),
        ("memory:2GB", "`memory:2Gi`"),
        ("gpu:-1", "`gpu:1`"),
        ("limit:cpu", "`limit:nvidia.com/gpu:1`"),
        ("limit:cpu:", "`limit:nvidia.com/gpu:1`"),
        ("retry:often", "`retry:3`"),
        ("retry:1.5", "`retry:3`"),
        ("retry:" + "9" * 400, "`retry:3`"),
        ("retry:" + "9" * 5000, "`retry:3`"),
        ("timeout:1h", "`timeout:600`"),
        ("cache:maybe", "`cache:enabled` or `cache:disabled`"),
        ("report:yes", "`report:enabled` or `report:disabled`"),
        ("guard:x", "`guard:rerun` or `guard:stop` or `guard:warn`"),
        ("secret:db:password", "`secret:name:key:VARIABLE`"),
        ("secret:db:password:not a name", "`secret:name:key:VARIABLE`"),
        ("secret:a:b:c:d", "`secret:name:key:VARIABLE`"),
        ("env:A", "`env:NAME=value`"),
        ("env:1A=2", "`env:NAME=value`"),
        ("volume:data", "`volume:claim:/path`"),
        ("volume:data:relative", "`volume:claim:/path`"),
        ("volume:data:/a:rw", "`volume:claim:/path:ro`"),
        ("node:ssd", "`node:label=value`"),
        ("toleration:a:Never", "`toleration:key=value:NoSchedule`"),
        ("label:-a:x", "`label:key:value`"),
        ("annotation:a", "`annotation:key:value`"),
        ("env:$(rm -rf /)=1", "`env:NAME=value`"),
        ("memory:{{workflow.name}}", "`memory:2Gi`"),
    ],
)
def test_a_tag_with_bad_content_says_what_to_write(tag: str, cure: str) -> None:
    (found,) = parse(cell("step:a", tag), "n.ipynb").diagnostics
    assert found.severity is Severity.ERROR
    assert found.code == "bad-tag"
    assert (found.notebook, found.cell, found.cell_index) == ("n.ipynb", "c", 3)
    assert tag in found.message
    assert cure in found.cure


@pytest.mark.parametrize(
    "tag",
    [
        "hide-input", "hide_input", "remove-cell", "remove_output", "raises-exception",
        "nbsphinx-thumbnail", "full-width", "export", "solution", "papermill",
        "scroll-output", "a:b", "key:value", "todo: step", "report", "image", "test",
        "slide", "thebe-init", "papermill-error-cell-tag", "",
    ],
)  # fmt: skip
def test_foreign_tags_are_left_alone(tag: str) -> None:
    parsed = parse(cell(tag))
    assert parsed == parse(cell())


@pytest.mark.parametrize(
    ("tag", "right"),
    [
        ("steps:x", "step:..."), ("stpe:x", "step:..."), ("Step:x", "step:..."),
        ("step :x", "step:..."), ("step", "step:..."), ("Prev:x", "prev:..."),
        ("labels:a:b", "label:..."), ("anotation:a:b", "annotation:..."),
        ("skip ", "skip"), ("Skip", "skip"), ("skip:", "skip"), ("import", "imports"),
        ("parameter", "parameters"), ("pipeline_parameters", "pipeline-parameters"),
        ("on_exit", "on-exit"), ("function", "functions"), ("timout:3", "timeout:..."),
    ],
)  # fmt: skip
def test_a_near_miss_gets_a_warning(tag: str, right: str) -> None:
    parsed = parse(cell(tag))
    (found,) = parsed.diagnostics
    assert (found.code, found.severity) == ("unknown-tag", Severity.WARNING)
    assert f"`{tag}` looks like `{right}`" in found.message
    assert (parsed.role, parsed.step, parsed.settings) == (None, None, {})


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        (("step:a", "step:b"), "two-steps"),
        (("step:a", "block:b"), "two-steps"),
        (("imports", "parameters"), "two-roles"),
        (("skip", "on-exit"), "two-roles"),
        (("step:a", "imports"), "two-roles"),
        (("step:a", "parameters"), "two-roles"),
        (("step:a", "retry:1", "retry:2"), "bad-tag"),
        (("step:a", "label:x:1", "label:x:2"), "bad-tag"),
    ],
)
def test_contradictions_are_errors(tags: tuple[str, ...], code: str) -> None:
    (found,) = parse(cell(*tags)).diagnostics
    assert (found.code, found.severity) == (code, Severity.ERROR)
    assert found.cure


def test_tags_add_up() -> None:
    parsed = parse(
        cell("prev:a", "after:b", "prev:a", "label:x:1", "label:y:2", "secret:a:b:C")
    )
    assert parsed.settings["after"] == ("a", "b")
    assert parsed.settings["labels"] == {"x": "1", "y": "2"}
    assert parsed.diagnostics == ()


@pytest.mark.parametrize(
    "tag", ["component:a.yaml", "serve:m", "tune:acc",
            "notebook:sub", "on-exit"],
)  # fmt: skip
def test_what_cannot_be_run_yet_is_not_lost(tag: str) -> None:
    assert parse(cell(tag)).later == (tag,)


def test_parameters_of_an_earlier_run_are_reported() -> None:
    parsed = parse(cell("injected-parameters"))
    assert (parsed.role, parsed.step) == ("injected", None)
    (found,) = parsed.diagnostics
    assert (found.code, found.severity) == ("injected-parameters", Severity.WARNING)


def test_settings_on_a_cell_without_a_step_are_reported() -> None:
    (found,) = parse(cell("imports", "retry:3")).diagnostics
    assert (found.code, found.severity) == ("setting-without-step", Severity.WARNING)


@pytest.mark.parametrize(
    "name", ["$(rm -rf ~)", "{{ 7*7 }}", "<script>alert(1)</script>", "a\nb", "'; --"]
)
def test_hostile_names_are_only_text(name: str) -> None:
    assert parse(cell(f"step:{name}")).step == name


def test_metadata_holds_settings_and_tags_win() -> None:
    parsed = parse(
        cell(
            "retry:2",
            step="train",
            retry=1,
            cpu=2,
            after=["load"],
            secrets=[{"name": "a", "key": "b", "env": "C"}],
        )
    )
    assert parsed.diagnostics == ()
    assert (parsed.role, parsed.step) == ("step", "train")
    assert parsed.settings == {
        "retry": 2,
        "cpu": 2.0,
        "after": ("load",),
        "secrets": (SecretReference("a", "b", "C"),),
    }


def test_metadata_of_an_executed_step_is_no_setting() -> None:
    assert parse(cell(cell="abc", index=2)) == parse(cell())


@pytest.mark.parametrize(
    ("kfx", "code", "said"),
    [
        ({"retries": 1}, "unknown-setting", "Did you mean `retry`?"),
        ({"qqq": 1}, "unknown-setting", "There are: after, "),
        ({"retry": "often"}, "bad-setting", "`retry` cannot be 'often'"),
        ({"retry": -1}, "bad-setting", "`retry` cannot be -1"),
        ({"memory": "lots"}, "bad-setting", "`memory`"),
        ({"cpu": float("inf")}, "bad-setting", "finite"),
        ({"env": {"not a name": "x"}}, "bad-setting", "`env.not a name"),
        ({"after": [" "]}, "bad-setting", "`after.0`"),
        ({"secrets": [{"name": "a"}]}, "bad-setting", "`secrets.0"),
        ({"cache": "maybe"}, "bad-setting", "'auto', 'enabled' or 'disabled'"),
        ({"step": 5}, "bad-setting", "`kfx.step`"),
        ({"step": " "}, "bad-setting", "`kfx.step`"),
    ],
)
def test_metadata_that_is_not_right_is_an_error(
    kfx: dict[str, Any], code: str, said: str
) -> None:
    found = parse(cell(**kfx)).diagnostics[0]
    assert (found.code, found.severity, found.cell) == (code, Severity.ERROR, "c")
    assert said in f"{found.message} {found.cure}"


def test_metadata_that_is_no_object_is_an_error() -> None:
    bad = NotebookCell("c", 0, "code", "", (), {"kfx": [1]})
    assert parse(bad).diagnostics[0].code == "bad-setting"


def test_metadata_and_a_tag_name_one_step() -> None:
    assert parse(cell("step:a", step="a")).diagnostics == ()
    (found,) = parse(cell("step:a", step="b")).diagnostics
    assert found.code == "two-steps"


def test_tags_come_from_the_file() -> None:
    notebook = from_json(
        {
            "nbformat": 4,
            "cells": [
                {
                    "cell_type": "code",
                    "source": "",
                    "metadata": {"tags": ["step:a", "mine"]},
                }
            ],
        }
    )
    assert parse(notebook.cells[0]).step == "a"
