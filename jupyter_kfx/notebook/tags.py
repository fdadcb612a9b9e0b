"""What the tags and the metadata of a cell say about its step."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_kfx.pipeline.model import Diagnostic, Severity
from jupyter_kfx.pipeline.settings import (
    PipelineSettings,
    SecretReference,
    StepSettings,
    VolumeMount,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_kfx.notebook.reading import Notebook, NotebookCell

__all__ = ["CellTags", "parse", "pipeline_settings"]

_ROLES = {
    "parameters": "parameters",
    "pipeline-parameters": "parameters",
    "injected-parameters": "injected",
    "imports": "setup",
    "functions": "setup",
    "skip": "skip",
    "pipeline-metrics": "metrics",
    "on-exit": "on-exit",
}
_STEP = frozenset({"step", "block"})
_LATER = frozenset({"when", "foreach", "component", "serve", "tune"})
_KEY = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_LABEL_KEY = re.compile(rf"(?:{_KEY}/)?{_KEY}")
_ENV = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MEMORY = re.compile(r"\d+(?:\.\d+)?(?:[kMGTP]i?|Ki)?")


_T = TypeVar("_T")


class _BadTagError(ValueError):
    """Says what to write instead."""


@dataclass(frozen=True)
class CellTags:
    """What is said about one cell."""

    role: str | None = None
    """`step`, `setup`, `parameters`, `injected`, `skip`, `metrics`, `on-exit`."""
    step: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Fields of StepSettings that the cell sets."""
    later: tuple[str, ...] = ()
    """Tags that are understood but cannot be run yet."""
    diagnostics: tuple[Diagnostic, ...] = ()


def parse(cell: NotebookCell, notebook: str | None = None) -> CellTags:
    """Return what a cell's tags and its `kfx` metadata say; tags win."""
    found: list[Diagnostic] = []

    def report(code: str, message: str, cure: str, *, error: bool = True) -> None:
        severity = Severity.ERROR if error else Severity.WARNING
        place = (notebook, cell.id, cell.index)
        found.append(Diagnostic(code, severity, message, cure, *place))

    settings, step = _structured(cell, report)
    roles: list[str] = []
    steps: list[str] = [] if step is None else [step]
    tagged: dict[str, Any] = {}
    later: list[str] = []
    for tag in cell.tags:
        key, colon, value = tag.partition(":")
        if tag in _ROLES:
            roles.append(_ROLES[tag])
        elif colon and key in _STEP:
            _add_step(value.strip(), tag, steps, report)
        elif colon and key in _LATER:
            later.append(tag)
        elif colon and key in _SETTINGS:
            name, reader = _SETTINGS[key]
            try:
                _merge(tagged, name, reader(value))
            except _BadTagError as error:
                message = f"the tag `{tag}` has no meaning."
                report("bad-tag", message, f"Write {error}.")
        else:
            _near_miss(tag, report)
    if "on-exit" in roles:
        later.append("on-exit")
    role = _role(roles, steps, report)
    return CellTags(
        role,
        steps[0] if steps else None,
        {**settings, **tagged},
        tuple(later),
        tuple(found),
    )


def _add_step(
    name: str, tag: str, steps: list[str], report: Callable[..., None]
) -> None:
    if not name:
        message = f"the tag `{tag}` names no step."
        report("bad-tag", message, "Write `step:` and a name, such as `step:train`.")
    elif steps and name not in steps:
        message = f"the cell is in two steps: `{steps[0]}` and `{name}`."
        report("two-steps", message, "Keep one `step:` tag.")
    elif not steps:
        steps.append(name)


def _role(
    roles: list[str], steps: list[str], report: Callable[..., None]
) -> str | None:
    distinct = list(dict.fromkeys(roles))
    if len(distinct) > 1:
        message = f"the cell is tagged as {' and as '.join(distinct)}."
        report("two-roles", message, "Keep one of the tags.")
    if steps and distinct and distinct[0] not in ("on-exit", "metrics", "skip"):
        message = f"the cell is tagged as {distinct[0]} and as step `{steps[0]}`."
        report("two-roles", message, "Keep one of the tags.")
    if distinct:
        return distinct[0]
    return "step" if steps else None


def _near_miss(tag: str, report: Callable[..., None]) -> None:
    key, colon, _ = tag.partition(":")
    ours = {*_STEP, *_LATER, *_SETTINGS} if colon else set(_ROLES)
    word = key.strip().lower()
    near = [word] if word in ours else difflib.get_close_matches(word, ours, 1, 0.8)
    if near:
        right = near[0] + (":..." if colon else "")
        message = f"the tag `{tag}` looks like `{right}` and is ignored."
        report("unknown-tag", message, f"Write `{right}` if it is meant.", error=False)


# Settings


def _merge(into: dict[str, Any], name: str, value: Any) -> None:
    if name in into and isinstance(value, dict):
        value = {**into[name], **value}
    elif name in into and isinstance(value, tuple):
        value = (*into[name], *value)
    elif name in into and into[name] != value:
        message = f"one value for `{name}`, not `{into[name]}` and `{value}`"
        raise _BadTagError(message)
    into[name] = value


def _text(what: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not value.strip():
            raise _BadTagError(what)
        return value.strip()

    return read


def _number(what: str, least: float, kind: type[float]) -> Callable[[str], float]:
    def read(value: str) -> float:
        try:
            number = kind(value)
        except ValueError:
            raise _BadTagError(what) from None
        if number < least or not math.isfinite(number):
            raise _BadTagError(what)
        return number

    return read


def _choice(name: str, values: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(value: str) -> Any:
        if value not in values:
            raise _BadTagError(" or ".join(f"`{name}:{v}`" for v in values))
        return values[value]

    return read


def _memory(value: str) -> str:
    if not _MEMORY.fullmatch(value.strip()):
        message = "an amount such as `memory:512Mi` or `memory:2Gi`"
        raise _BadTagError(message)
    return value.strip()


def _pair(name: str, key: re.Pattern[str], separators: str) -> Callable[[str], Any]:
    def read(value: str) -> dict[str, str]:
        split = re.split(f"[{separators}]", value, maxsplit=1)
        if len(split) != 2 or not key.fullmatch(split[0]):  # noqa: PLR2004
            message = f"`{name}:key{separators[0]}value`"
            raise _BadTagError(message)
        return {split[0]: split[1]}

    return read


def _secret(value: str) -> tuple[SecretReference, ...]:
    parts = value.split(":")
    if len(parts) != 3 or not all(parts) or not _ENV.fullmatch(parts[2]):  # noqa: PLR2004
        message = "`secret:name:key:VARIABLE`"
        raise _BadTagError(message)
    return (SecretReference(*parts),)


def _volume(value: str) -> tuple[VolumeMount, ...]:
    parts = value.split(":")
    bad = len(parts) not in (2, 3) or not parts[0] or not parts[1].startswith("/")
    if bad or parts[2:] not in ([], ["ro"]):
        message = "`volume:claim:/path` or `volume:claim:/path:ro`"
        raise _BadTagError(message)
    return (VolumeMount(parts[0], parts[1], bool(parts[2:])),)


def _after(value: str) -> tuple[str, ...]:
    return (_text("`prev:` and the name of a step above")(value),)


_RESOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]*")
_SETTINGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "prev": ("after", _after),
    "after": ("after", _after),
    "image": ("image", _text("`image:` and the name of an image")),
    "cpu": ("cpu", _number("a number of cores such as `cpu:2`", 0.001, float)),
    "memory": ("memory", _memory),
    "gpu": ("gpu", _number("a whole number such as `gpu:1`", 0, int)),
    "limit": ("limits", _pair("limit", _RESOURCE, ":=")),
    "retry": ("retry", _number("a whole number such as `retry:3`", 0, int)),
    "timeout": ("timeout", _number("seconds such as `timeout:600`", 0.001, float)),
    "cache": (
        "cache",
        _choice("cache", {"enabled": "enabled", "disabled": "disabled"}),
    ),
    "report": ("report", _choice("report", {"enabled": True, "disabled": False})),
    "guard": ("guard", _choice("guard", {v: v for v in ("rerun", "stop", "warn")})),
    "secret": ("secrets", _secret),
    "env": ("env", _pair("env", _ENV, "=")),
    "volume": ("volumes", _volume),
    "node": ("node", _pair("node", _LABEL_KEY, "=:")),
    "toleration": (
        "tolerations",
        lambda value: (_text("`toleration:key=value:Effect`")(value),),
    ),
    "label": ("labels", _pair("label", _LABEL_KEY, ":=")),
    "annotation": ("annotations", _pair("annotation", _LABEL_KEY, ":=")),
}


def _structured(
    cell: NotebookCell, report: Callable[..., None]
) -> tuple[dict[str, Any], str | None]:
    """Return the settings in the cell's `kfx` metadata, and the step it names."""
    metadata = cell.metadata.get("kfx")
    if metadata is None:
        return {}, None
    if not isinstance(metadata, dict):
        message = "the metadata `kfx` of the cell is not an object."
        report("bad-setting", message, "Write an object of settings.")
        return {}, None
    settings = dict(metadata)
    step = settings.pop("step", None)
    if step is not None and (not isinstance(step, str) or not step.strip()):
        message = "the metadata `kfx.step` is not a name."
        report("bad-setting", message, "Write the name of a step.")
        step = None
    valid = _validated(StepSettings, settings, report)
    if valid is None:
        return {}, step
    return {name: getattr(valid, name) for name in settings}, step


def _validated(
    kind: type[_T], settings: Mapping[str, Any], report: Callable[..., None]
) -> _T | None:
    if not settings:
        return kind()
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(dict(settings))
    except ValidationError as error:
        known = [item.name for item in fields(kind)]  # type: ignore[arg-type]
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"])
            if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
                near = difflib.get_close_matches(name, known, 1)
                cure = f"Did you mean `{near[0]}`?" if near else ""
                cure = cure or f"There are: {', '.join(known)}."
                report("unknown-setting", f"there is no setting `{name}`.", cure)
            else:
                message = f"the setting `{name}` is not right: {problem['msg']}."
                report("bad-setting", message, "Write a value of that kind.")
        return None


_KALE = {
    "pipeline_name": "name",
    "experiment_name": "experiment",
    "pipeline_description": "description",
}
_KALE_DEFAULTS = {"base_image": "image"}


def pipeline_settings(
    notebook: Notebook,
) -> tuple[PipelineSettings, tuple[Diagnostic, ...]]:
    """Return the settings in the metadata `kfx`, and Kale's where `kfx` has none.

    In `kfx`, what is no setting of the pipeline is a default for its steps.
    """
    found: list[Diagnostic] = []

    def report(code: str, message: str, cure: str, *, error: bool = True) -> None:
        severity = Severity.ERROR if error else Severity.WARNING
        found.append(Diagnostic(code, severity, message, cure, notebook.path))

    metadata = notebook.metadata.get("kfx", {})
    kale = notebook.metadata.get("kubeflow_notebook", {})
    if not isinstance(metadata, dict) or not isinstance(kale, dict):
        message = "the notebook's pipeline metadata is not an object."
        report("bad-setting", message, "Write an object of settings.")
        return PipelineSettings(), tuple(found)
    own = {item.name for item in fields(PipelineSettings)} - {"defaults"}
    top = {new: kale[old] for old, new in _KALE.items() if kale.get(old)}
    top |= {name: value for name, value in metadata.items() if name in own}
    steps: dict[str, Any] = {
        new: kale[old] for old, new in _KALE_DEFAULTS.items() if kale.get(old)
    }
    if isinstance(kale.get("enable_caching"), bool):
        steps["cache"] = "enabled" if kale["enable_caching"] else "disabled"
    defaults = metadata.get("defaults", {})
    if isinstance(defaults, dict):
        steps |= defaults
    else:
        report("bad-setting", "`defaults` is not an object.", "Write an object.")
    steps |= {n: v for n, v in metadata.items() if n not in own and n != "defaults"}
    step_defaults = _validated(StepSettings, steps, report) or StepSettings()
    pipeline = _validated(PipelineSettings, top, report) or PipelineSettings()
    return (
        PipelineSettings(
            pipeline.name, pipeline.experiment, pipeline.description, step_defaults
        ),
        tuple(found),
    )
