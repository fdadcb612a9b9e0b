"""What the tags and the metadata of a cell say about its step."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_kfx.notebook import expressions, sugar
from jupyter_kfx.notebook.findings import Findings
from jupyter_kfx.notebook.metadata import cell_settings, pipeline_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_kfx.notebook.reading import NotebookCell
    from jupyter_kfx.pipeline.model import Diagnostic

__all__ = [
    "CellTags",
    "key_tags",
    "order_tags",
    "parse",
    "pipeline_settings",
    "role_tags",
    "step_tag",
    "step_tags",
]

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
_LATER = frozenset({"component", "serve", "tune", "notebook"})
_KEYS = _STEP | _LATER | sugar.KEYS
_FLOW = {
    "when": (expressions.problem, ("if", "when:score < 0.9")),
    "foreach": (expressions.loop_problem, ("for", "foreach:x in xs")),
}
"""What finds fault with conditions and loops, and how they are written."""
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
    written: tuple[str, ...] = field(default=(), compare=False)
    """The tags themselves."""


def parse(cell: NotebookCell, notebook: str | None = None) -> CellTags:
    """Return what a cell's tags and its `kfx` metadata say; tags win.

    Tags that are not ours are left alone.
    """
    if not cell.tags and "kfx" not in cell.metadata:
        return CellTags()
    findings = Findings(notebook, cell)
    settings, step = cell_settings(cell, findings)
    roles: dict[str, str] = {}
    steps: list[str] = [] if step is None else [step.strip()]
    tagged: dict[str, Any] = {}
    later: list[str] = []
    for tag in dict.fromkeys(cell.tags):
        key, colon, value = tag.partition(":")
        if tag in _ROLES:
            roles[tag] = _ROLES[tag]
        elif colon and key in _STEP:
            _add_step(value.strip(), tag, steps, findings)
        elif colon and key in _LATER:
            later.append(tag)
        elif colon and key in sugar.KEYS:
            _add_setting(tag, tagged, findings)
        else:
            _near_miss(tag, findings)
    if "on-exit" in roles.values():
        later.append("on-exit")
    role = _role(roles, steps, findings)
    settings |= tagged
    _check_flow(settings, cell.tags, findings)
    if role == "injected":
        message = "the cell holds the parameters of an earlier run and is not run."
        cure = "Give the parameters anew, or take the cell out."
        findings.warning("injected-parameters", message, cure)
    for key, what in expressions.FLOW.items():
        if role in ("setup", "parameters") and key in settings:
            kind = "holds the parameters" if role == "parameters" else "is setup"
            message = f"the cell {kind}, which every step is given, and has a {what}."
            cure = f"Set the {what} on a cell of the step that it is for."
            findings.error(
                f"misplaced-{what}", message, cure, remove=key_tags(cell.tags, key)
            )
            del settings[key]
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
        cell.tags,
    )


def step_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return those of a cell's tags that name its step."""
    return tuple(tag for tag in tags if tag.partition(":")[0] in _STEP)


def step_tag(name: str) -> str:
    """Return the tag that puts a cell into a step; a tag cannot hold a comma."""
    return f"step:{name.replace(',', ' ')}"


def order_tags(tags: Iterable[str], step: str) -> tuple[str, ...]:
    """Return those of a cell's tags that say it comes after a step."""
    parts = ((tag, *tag.partition(":")) for tag in tags)
    return tuple(
        tag
        for tag, key, _, value in parts
        if key in ("after", "prev") and value.strip() == step
    )


def role_tags(tags: Iterable[str], role: str) -> tuple[str, ...]:
    """Return those of a cell's tags that give it a role."""
    return tuple(tag for tag in tags if _ROLES.get(tag) == role)


def key_tags(tags: Iterable[str], key: str) -> tuple[str, ...]:
    """Return those of a cell's tags that have a key."""
    return tuple(tag for tag in tags if tag.partition(":")[0] == key)


def _add_step(name: str, tag: str, steps: list[str], findings: Findings) -> None:
    if not name:
        message = f"the tag `{tag}` names no step."
        cure = "Write `step:` and a name, such as `step:train`."
        findings.error("bad-tag", message, cure)
    elif steps and name not in steps:
        message = f"the cell is in two steps: `{steps[0]}` and `{name}`."
        findings.error("two-steps", message, "Keep one `step:` tag.", remove=[tag])
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


def _check_flow(
    settings: dict[str, Any], tags: Iterable[str], findings: Findings
) -> None:
    """Refuse a condition or a loop that is no Python, and leave it away."""
    for key, (find, example) in _FLOW.items():
        if key not in settings:
            continue
        what = expressions.FLOW[key]
        text = settings[key] = (settings[key] or "").strip()
        why = find(text) if text else "there is nothing"
        if why is None:
            continue
        del settings[key]
        message = f"the {what} `{text}` is not one Python expression: {why}."
        cure = f"Write what could stand behind `{example[0]}`, such as `{example[1]}`"
        if text.count("(") > text.count(")"):
            # Editors end a tag at a comma.
            cure += f"; one with a comma goes into the metadata, as `kfx.{key}`"
        findings.error(f"bad-{what}", message, f"{cure}.", remove=key_tags(tags, key))


def _role(
    roles: Mapping[str, str], steps: Sequence[str], findings: Findings
) -> str | None:
    """Return the first role; `roles` are those that tags give, by the tag."""
    distinct = list(dict.fromkeys(roles.values()))
    if len(distinct) > 1:
        message = f"the cell is tagged as {' and as '.join(distinct)}."
        others = [tag for tag, role in roles.items() if role != distinct[0]]
        findings.error("two-roles", message, "Keep one of the tags.", remove=others)
    if steps and distinct and distinct[0] not in _OF_STEPS:
        message = f"the cell is tagged as {distinct[0]} and as step `{steps[0]}`."
        findings.error("two-roles", message, "Keep one of the tags.", remove=[*roles])
    if distinct:
        return distinct[0]
    return "step" if steps else None


def _near_miss(tag: str, findings: Findings) -> None:
    """Warn of a tag that is nearly one of ours."""
    key, colon, value = tag.partition(":")
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
    better = right.replace("...", value.strip())
    findings.warning(
        "unknown-tag",
        message,
        f"Write `{right}` if it is meant.",
        # A key alone is no tag.
        remove=() if better.endswith(":") else [tag],
        add=() if better.endswith(":") else [better],
    )
