"""Settings in the metadata of cells and notebooks: `kfx`, and Kale's own."""

from __future__ import annotations

import difflib
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_kfx.notebook.expressions import FLOW
from jupyter_kfx.notebook.findings import Findings
from jupyter_kfx.notebook.sugar import BadTagError, add, setting
from jupyter_kfx.pipeline.settings import PipelineSettings, StepSettings, VolumeMount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.notebook.reading import Notebook, NotebookCell
    from jupyter_kfx.pipeline.model import Diagnostic

__all__ = ["cell_settings", "pipeline_settings"]

_T = TypeVar("_T")
_STEP = tuple(item.name for item in fields(StepSettings))
_PIPELINE = tuple(item.name for item in fields(PipelineSettings))
_WRITTEN = frozenset({"cell", "index"})
"""What an executed step notebook says of its cells; it is no setting."""
_KALE = {
    "pipeline_name": "name",
    "experiment_name": "experiment",
    "pipeline_description": "description",
}
_KALE_STEP = {"base_image": "image", "docker_image": "image"}


def cell_settings(
    cell: NotebookCell, findings: Findings
) -> tuple[dict[str, Any], str | None]:
    """Return the settings in a cell's `kfx` metadata, and the step it names."""
    metadata = cell.metadata.get("kfx")
    if metadata is None:
        return {}, None
    if not isinstance(metadata, dict):
        message = "the metadata `kfx` of the cell is not an object."
        findings.error("bad-setting", message, "Write an object of settings.")
        return {}, None
    settings = {k: v for k, v in metadata.items() if k not in _WRITTEN}
    step = settings.pop("step", None)
    if step is not None and (not isinstance(step, str) or not step.strip()):
        message = "the metadata `kfx.step` is not a name."
        findings.error("bad-setting", message, "Write the name of a step.")
        step = None
    valid = _validated(StepSettings, settings, ("step", *_STEP), findings)
    if valid is None:
        return {}, step
    return {name: getattr(valid, name) for name in settings}, step


def pipeline_settings(
    notebook: Notebook,
) -> tuple[PipelineSettings, tuple[Diagnostic, ...]]:
    """Return the settings in the metadata `kfx`, and Kale's where `kfx` has none.

    In `kfx`, what is no setting of the pipeline is a default for its steps.
    """
    findings = Findings(notebook.path)
    own = _object(notebook.metadata, "kfx", findings)
    kale, kale_steps = _kale(notebook, findings)
    top = {name: own[name] for name in _PIPELINE if name in own and name != "defaults"}
    loose = {name: value for name, value in own.items() if name not in _PIPELINE}
    steps = {**kale_steps, **_object(own, "defaults", findings), **loose}
    for key, what in FLOW.items():
        if steps.pop(key, None) is not None:
            message = f"the metadata `kfx` of the notebook gives all steps a {what}."
            cure = f"Set `{key}` on a cell of the step that it is for."
            findings.error(f"misplaced-{what}", message, cure)
    defaults = _validated(StepSettings, steps, (*_PIPELINE, *_STEP), findings)
    valid = _validated(PipelineSettings, {**kale, **top}, _PIPELINE, findings)
    valid = valid or PipelineSettings()
    return (
        PipelineSettings(
            valid.name, valid.experiment, valid.description, defaults or StepSettings()
        ),
        tuple(findings.found),
    )


def _object(holder: Mapping[str, Any], key: str, findings: Findings) -> dict[str, Any]:
    value = holder.get(key)
    if value is None or isinstance(value, dict):
        return value or {}
    message = f"the metadata `{key}` of the notebook is not an object."
    findings.error("bad-setting", message, "Write an object of settings.")
    return {}


def _validated(
    kind: type[_T],
    settings: Mapping[str, Any],
    known: tuple[str, ...],
    findings: Findings,
) -> _T | None:
    if not settings:
        return kind()
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(dict(settings))
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"])
            if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
                near = difflib.get_close_matches(name, known, 1)
                cure = f"Did you mean `{near[0]}`? " if near else ""
                findings.error(
                    "unknown-setting",
                    f"there is no setting `{name}`.",
                    f"{cure}There are: {', '.join(sorted(known))}.",
                )
            else:
                findings.error(
                    "bad-setting",
                    f"the setting `{name}` cannot be {problem['input']!r:.80}.",
                    f"{problem['msg']}.",
                )
        return None


def _kale(
    notebook: Notebook, findings: Findings
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return Kale's settings of the pipeline and of its steps, in our names."""
    kale = dict(_object(notebook.metadata, "kubeflow_notebook", findings))
    top = {new: kale.pop(old) for old, new in _KALE.items() if kale.get(old)}
    steps = {new: kale.pop(old) for old, new in _KALE_STEP.items() if kale.get(old)}
    experiment = kale.get("experiment")
    if isinstance(experiment, dict) and experiment.get("name"):
        top.setdefault("experiment", experiment["name"])
        del kale["experiment"]
    if kale.pop("enable_caching", None) is False:
        steps["cache"] = "disabled"
    unused = _kale_volumes(kale, steps)
    defaults = kale.pop("steps_defaults", None)
    for tag in defaults if isinstance(defaults, list) else ():
        _kale_default(str(tag), steps, findings)
    if isinstance(defaults, dict):
        steps |= {name: defaults[name] for name in _STEP if name in defaults}
        unused += sorted({f"steps_defaults.{n}" for n in defaults if n not in _STEP})
    unused += sorted(str(name) for name, value in kale.items() if value)
    if unused:
        message = f"these settings of Kale are not used: {', '.join(unused)}."
        cure = "Set what you need in the notebook's metadata `kfx`."
        findings.info("kale-setting", message, cure)
    return top, steps


def _kale_volumes(kale: dict[str, Any], steps: dict[str, Any]) -> list[str]:
    """Take Kale's volumes; return the ones that stay."""
    volumes = kale.get("volumes")
    if not isinstance(volumes, list):
        return []
    mounts, unused = [], []
    for volume in volumes:
        match volume:
            case {"type": "pvc", "name": str(name), "mount_point": str(path)}:
                mounts.append(VolumeMount(name, path))
            case _:
                label = volume.get("name") if isinstance(volume, dict) else volume
                unused.append(f"volumes.{label}")
    del kale["volumes"]
    if mounts:
        steps["volumes"] = tuple(mounts)
    return unused


def _kale_default(tag: str, steps: dict[str, Any], findings: Findings) -> None:
    try:
        found = setting(tag)
        if found is not None:
            add(steps, *found)
            return
        cure = "a tag that is a setting, such as `image:NAME`"
    except BadTagError as error:
        cure = str(error)
    message = f"the default `{tag}` for all steps is not right."
    findings.error("bad-setting", message, f"Write {cure}.")
