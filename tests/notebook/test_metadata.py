from __future__ import annotations

from typing import Any

import pytest

from jupyter_kfx.notebook import Notebook, from_json
from jupyter_kfx.notebook.metadata import pipeline_settings
from jupyter_kfx.pipeline.model import Severity
from jupyter_kfx.pipeline.settings import PipelineSettings, StepSettings, VolumeMount


def notebook(**metadata: Any) -> Notebook:
    return from_json({"nbformat": 4, "cells": [], "metadata": metadata}, "n.ipynb")


def test_without_metadata_there_are_the_defaults() -> None:
    assert pipeline_settings(notebook()) == (PipelineSettings(), ())


def test_kfx_holds_settings_of_the_pipeline_and_defaults_of_its_steps() -> None:
    settings, found = pipeline_settings(
        notebook(
            kfx={
                "name": "Titanic",
                "experiment": "e",
                "description": "d",
                "defaults": {"retry": 1, "cpu": 2},
                "retry": 3,
                "labels": {"app": "x"},
            }
        )
    )
    assert found == ()
    assert settings == PipelineSettings(
        "Titanic", "e", "d", StepSettings(retry=3, cpu=2.0, labels={"app": "x"})
    )


def test_kale_is_read() -> None:
    settings, found = pipeline_settings(
        notebook(
            kubeflow_notebook={
                "pipeline_name": "p",
                "experiment": {"id": "1", "name": "e"},
                "pipeline_description": "d",
                "base_image": "python:3",
                "enable_caching": False,
                "volumes": [
                    {"name": "data", "mount_point": "/data", "type": "pvc"},
                    {"name": "scratch", "mount_point": "/s", "type": "new_pvc"},
                ],
                "steps_defaults": ["label:app:x", "limit:nvidia.com/gpu:1"],
                "katib_run": False,
                "abs_working_dir": "/home/jovyan",
            }
        )
    )
    assert settings == PipelineSettings(
        "p",
        "e",
        "d",
        StepSettings(
            image="python:3",
            cache="disabled",
            volumes=(VolumeMount("data", "/data"),),
            labels={"app": "x"},
            limits={"nvidia.com/gpu": "1"},
        ),
    )
    (info,) = found
    assert (info.code, info.severity) == ("kale-setting", Severity.INFO)
    assert info.message.endswith("volumes.scratch, abs_working_dir.")


def test_kfx_wins_over_kale() -> None:
    settings, _ = pipeline_settings(
        notebook(
            kfx={"name": "ours", "image": "b"},
            kubeflow_notebook={
                "pipeline_name": "kale's",
                "base_image": "a",
                "enable_caching": True,
            },
        )
    )
    assert settings.name == "ours"
    assert settings.defaults == StepSettings(image="b")


@pytest.mark.parametrize(
    ("metadata", "code", "said"),
    [
        ({"kfx": {"nmae": "x"}}, "unknown-setting", "Did you mean `name`?"),
        ({"kfx": {"defaults": {"rety": 1}}}, "unknown-setting", "mean `retry`?"),
        ({"kfx": {"name": 5}}, "bad-setting", "`name` cannot be 5"),
        ({"kfx": {"retry": -1}}, "bad-setting", "`retry` cannot be -1"),
        ({"kfx": 5}, "bad-setting", "`kfx` of the notebook is not an object"),
        ({"kfx": {"defaults": []}}, "bad-setting", "`defaults` of the notebook"),
        ({"kubeflow_notebook": []}, "bad-setting", "`kubeflow_notebook`"),
        (
            {"kubeflow_notebook": {"steps_defaults": ["cache:x"]}},
            "bad-setting",
            "Write `cache:enabled`",
        ),
        (
            {"kubeflow_notebook": {"steps_defaults": ["wild"]}},
            "bad-setting",
            "`image:NAME`",
        ),
    ],
)
def test_what_is_not_right_is_an_error(
    metadata: dict[str, Any], code: str, said: str
) -> None:
    _, (found,) = pipeline_settings(notebook(**metadata))
    assert (found.code, found.severity) == (code, Severity.ERROR)
    assert found.notebook == "n.ipynb"
    assert said in f"{found.message} {found.cure}"
