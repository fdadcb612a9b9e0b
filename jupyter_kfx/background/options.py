"""The options of a run that a front end may ask for, by engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError
from jupyter_kfx.project import ENGINES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["checked_options", "engines"]

_LOCAL = {
    "jobs": {
        "title": "Steps at once",
        "description": "As many as there are cores unless given.",
        "type": "integer",
        "minimum": 1,
    },
    "isolation": {
        "title": "How step processes start",
        "description": "fork: from an interpreter that has imported the modules of the "
        "setup; spawn: each one afresh.",
        "type": "string",
        "enum": ["fork", "spawn"],
        "default": "fork",
    },
    "guard": {
        "title": "What was not predicted",
        "description": "rerun: run again the steps that could not know; warn: also warn "
        "of it; stop: end the run there.",
        "type": "string",
        "enum": ["rerun", "stop", "warn"],
        "default": "rerun",
    },
    "join": {
        "title": "Run steps as one where a value cannot go between them",
        "description": "Otherwise the run is refused there.",
        "type": "boolean",
        "default": True,
    },
    "kernel": {
        "title": "Kernel",
        "description": "Name of a kernel to use instead of the notebook's.",
        "type": "string",
        "minLength": 1,
    },
    "cache": {
        "title": "Use earlier results",
        "description": "Take results of earlier runs where nothing that they depend on "
        "has changed.",
        "type": "boolean",
        "default": True,
    },
    "resume": {
        "title": "Resume",
        "description": "Id of a run whose finished steps do not run again.",
        "type": "string",
        "minLength": 1,
    },
    "from_step": {
        "title": "From",
        "description": "The step that runs again, with everything that depends on it.",
        "type": "string",
    },
    "only": {
        "title": "Only",
        "description": "The step that runs again, and nothing else.",
        "type": "string",
    },
    "until": {
        "title": "Until",
        "description": "The last step that runs.",
        "type": "string",
    },
    "stale": {
        "title": "Take outdated results",
        "description": "Take the last results of steps that do not run as they are.",
        "type": "boolean",
        "default": False,
    },
}
_OPTIONS = {"local": _LOCAL}


def engines(allowed: Collection[str]) -> list[dict[str, Any]]:
    """Return the engines that may be used, each with the JSON Schema of its options."""
    return [
        {
            "name": name,
            "does": does,
            "options": {
                "type": "object",
                "properties": _OPTIONS[name],
                "additionalProperties": False,
            },
        }
        for name, does in ENGINES.items()
        if name in allowed
    ]


def checked_options(
    given: Mapping[str, Any], allowed: Collection[str]
) -> dict[str, Any]:
    """Return the options of a run; UsageError if an engine does not take them."""
    from jsonschema import Draft202012Validator

    found = {each["name"]: each["options"] for each in engines(allowed)}
    if not found:
        message = "no engine may be used here."
        raise UsageError(message, cure="Ask who configures the server.")
    engine = given.get("engine", next(iter(found)))
    if engine not in found:
        message = f"there is no engine `{engine!s:.80}`."
        raise UsageError(message, cure=f"There are: {', '.join(found)}.")
    known = found[engine]["properties"]
    for name, value in given.items():
        if name == "engine":
            continue
        if name not in known:
            message = f"there is no option `{name:.80}`."
            raise UsageError(message, cure=f"There are: engine, {', '.join(known)}.")
        errors = Draft202012Validator(known[name]).iter_errors(value)
        if (error := next(errors, None)) is not None:
            message = f"the option `{name}` cannot be {value!r:.80}."
            raise UsageError(message, cure=f"{error.message[:200]}.")
    return {**given, "engine": engine}
