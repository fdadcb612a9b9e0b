"""What the tags and the metadata of a cell say about its step."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_kfx.notebook import sugar
from jupyter_kfx.notebook.findings import Findings
from jupyter_kfx.notebook.metadata import cell_settings, pipeline_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.notebook.reading import NotebookCell
    from jupyter_kfx.pipeline.model import Diagnostic

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
_LATER = frozenset({"when", "foreach", "component", "serve", "tune", "notebook"})
_KEYS = _STEP | _LATER | sugar.KEYS
_OF_STEPS = frozenset({"metrics", "on-exit", "skip"})
"""Roles that a cell may have beside its step."""


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
    """Return what a cell's tags and its `kfx` metadata say; tags win.

    Tags that are not ours are left alone.
    """
    if not cell.tags and "kfx" not in cell.metadata:
        return CellTags()
    findings = Findings(notebook, cell)
    settings, step = cell_settings(cell, findings)
    roles: list[str] = []
    steps: list[str] = [] if step is None else [step.strip()]
    tagged: dict[str, Any] = {}
    later: list[str] = []
    for tag in dict.fromkeys(cell.tags):
        key, colon, value = tag.partition(":")
        if tag in _ROLES:
            roles.append(_ROLES[tag])
        elif colon and key in _STEP:
            _add_step(value.strip(), tag, steps, findings)
        elif colon and key in _LATER:
            later.append(tag)
        elif colon and key in sugar.KEYS:
            _add_setting(tag, tagged, findings)
        else:
            _near_miss(tag, findings)
    if "on-exit" in roles:
        later.append("on-exit")
    role = _role(roles, steps, findings)
    settings |= tagged
    if role == "injected":
        message = "the cell holds the parameters of an earlier run and is not run."
        cure = "Give the parameters anew, or take the cell out."
        findings.warning("injected-parameters", message, cure)
    if settings and role in ("setup", "parameters", "injected"):
        names = ", ".join(f"`{name}`" for name in settings)
        message = f"the cell is no step's and sets {names}, which nothing uses."
        cure = "Set it on a cell of the step that it is for."
        findings.warning("setting-without-step", message, cure)
    return CellTags(
        role,
        steps[0] if steps else None,
        settings,
        tuple(later),
        tuple(findings.found),
    )


def _add_step(name: str, tag: str, steps: list[str], findings: Findings) -> None:
    if not name:
        message = f"the tag `{tag}` names no step."
        cure = "Write `step:` and a name, such as `step:train`."
        findings.error("bad-tag", message, cure)
    elif steps and name not in steps:
        message = f"the cell is in two steps: `{steps[0]}` and `{name}`."
        findings.error("two-steps", message, "Keep one `step:` tag.")
    elif not steps:
        steps.append(name)


def _add_setting(tag: str, tagged: dict[str, Any], findings: Findings) -> None:
    try:
        found = sugar.setting(tag)
        assert found is not None
        sugar.add(tagged, *found)
    except sugar.BadTagError as error:
        message = f"the tag `{tag}` is not right."
        findings.error("bad-tag", message, f"Write {error}.")


def _role(roles: Sequence[str], steps: Sequence[str], findings: Findings) -> str | None:
    distinct = list(dict.fromkeys(roles))
    if len(distinct) > 1:
        message = f"the cell is tagged as {' and as '.join(distinct)}."
        findings.error("two-roles", message, "Keep one of the tags.")
    if steps and distinct and distinct[0] not in _OF_STEPS:
        message = f"the cell is tagged as {distinct[0]} and as step `{steps[0]}`."
        findings.error("two-roles", message, "Keep one of the tags.")
    if distinct:
        return distinct[0]
    return "step" if steps else None


def _near_miss(tag: str, findings: Findings) -> None:
    """Warn of a tag that is nearly one of ours."""
    key, colon, _ = tag.partition(":")
    word = key.strip().lower()
    if word in _ROLES:
        right = word
    elif word in _KEYS and (colon or word in _STEP):
        right = f"{word}:..."
    else:
        known = _KEYS if colon else _ROLES
        swapped = [name for name in sorted(known) if sorted(name) == sorted(word)]
        near = swapped or difflib.get_close_matches(word, sorted(known), 1, 0.8)
        if not near:
            return
        right = f"{near[0]}:..." if colon else near[0]
    message = f"the tag `{tag}` looks like `{right}` and is ignored."
    findings.warning("unknown-tag", message, f"Write `{right}` if it is meant.")
