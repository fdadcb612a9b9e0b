"""Tags that are short for a setting of the step."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from jupyter_kfx.pipeline.settings import (
    LABEL_KEY,
    MEMORY,
    QUANTITY,
    TOLERATION,
    VARIABLE,
    SecretReference,
    VolumeMount,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KEYS", "BadTagError", "add", "setting"]


class BadTagError(ValueError):
    """Says what to write instead."""


def setting(tag: str) -> tuple[str, Any] | None:
    """Return the field of StepSettings that a tag sets, and its value.

    None if it is no such tag; BadTagError if its value is not right.
    """
    key, colon, value = tag.partition(":")
    if not colon or key not in _READERS:
        return None
    name, read = _READERS[key]
    return name, read(value.strip())


def add(into: dict[str, Any], name: str, value: Any) -> None:
    """Set a field, or add to it; BadTagError if it has another value already."""
    old = into.get(name)
    if old is None:
        into[name] = value
    elif isinstance(value, dict):
        for key in value:
            if old.get(key, value[key]) != value[key]:
                message = f"one value for `{key}`: there is `{old[key]}` already"
                raise BadTagError(message)
        into[name] = {**old, **value}
    elif isinstance(value, tuple):
        into[name] = tuple(dict.fromkeys((*old, *value)))
    elif old != value:
        message = f"one value for `{name}`: there is `{old}` already"
        raise BadTagError(message)


def _text(pattern: str, what: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def read(value: str) -> str:
        if not compiled.fullmatch(value):
            raise BadTagError(what)
        return value

    return read


def _number(least: float, what: str, kind: type[float]) -> Callable[[str], float]:
    def read(value: str) -> float:
        try:
            number = kind(value)
            is_good = number >= least and math.isfinite(number)
        except (ValueError, OverflowError):
            raise BadTagError(what) from None
        if not is_good:
            raise BadTagError(what)
        return number

    return read


def _choice(name: str, values: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(value: str) -> Any:
        if value not in values:
            raise BadTagError(" or ".join(f"`{name}:{v}`" for v in values))
        return values[value]

    return read


def _pair(
    key: str, between: str, value: str, what: str
) -> Callable[[str], dict[str, str]]:
    compiled = re.compile(f"(?P<key>{key})[{between}](?P<value>{value})", re.DOTALL)

    def read(value: str) -> dict[str, str]:
        found = compiled.fullmatch(value)
        if found is None:
            raise BadTagError(what)
        return {found["key"]: found["value"]}

    return read


def _secret(value: str) -> tuple[SecretReference, ...]:
    parts = [part.strip() for part in value.split(":")]
    if len(parts) != 3 or not all(parts) or not re.fullmatch(VARIABLE, parts[2]):
        message = "`secret:name:key:VARIABLE`, all three of them names"
        raise BadTagError(message)
    return (SecretReference(*parts),)


def _volume(value: str) -> tuple[VolumeMount, ...]:
    found = re.fullmatch(r"([^:]*[^:\s][^:]*):(/[^:]*)(:ro)?", value)
    if found is None:
        message = "`volume:claim:/path` or `volume:claim:/path:ro`"
        raise BadTagError(message)
    return (VolumeMount(found[1], found[2], found[3] is not None),)


def _names(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    return lambda value: (read(value),)


_step = _names(_text(r"(?s).*\S.*", "`prev:` and the name of a step above"))
_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "prev": ("after", _step),
    "after": ("after", _step),
    "foreach": (
        "foreach",
        _text(r"(?s).*\S.*", "`foreach:` and what to go through: `foreach:x in xs`"),
    ),
    "when": (
        "when",
        _text(r"(?s).*\S.*", "`when:` and an expression: `when:score < 0.9`"),
    ),
    "image": ("image", _text(r"\S+", "`image:` and the name of an image")),
    "cpu": ("cpu", _number(0.001, "a number of cores, such as `cpu:2`", float)),
    "memory": (
        "memory",
        _text(MEMORY, "an amount, such as `memory:512Mi` or `memory:2Gi`"),
    ),
    "gpu": ("gpu", _number(0, "a whole number, such as `gpu:1`", int)),
    "limit": (
        "limits",
        _pair(
            LABEL_KEY,
            ":=",
            QUANTITY,
            "a resource and an amount, such as `limit:nvidia.com/gpu:1`",
        ),
    ),
    "retry": ("retry", _number(0, "a whole number, such as `retry:3`", int)),
    "timeout": ("timeout", _number(0.001, "seconds, such as `timeout:600`", float)),
    "cache": (
        "cache",
        _choice("cache", {"enabled": "enabled", "disabled": "disabled"}),
    ),
    "report": ("report", _choice("report", {"enabled": True, "disabled": False})),
    "guard": ("guard", _choice("guard", {v: v for v in ("rerun", "stop", "warn")})),
    "secret": ("secrets", _secret),
    "env": ("env", _pair(VARIABLE, "=", ".*", "`env:NAME=value`")),
    "volume": ("volumes", _volume),
    "node": (
        "node",
        _pair(LABEL_KEY, "=:", ".*", "`node:label=value`"),
    ),
    "toleration": (
        "tolerations",
        _names(
            _text(
                TOLERATION,
                "`toleration:key=value:NoSchedule`, value and effect being optional",
            )
        ),
    ),
    "label": (
        "labels",
        _pair(LABEL_KEY, ":=", ".*", "`label:key:value`"),
    ),
    "annotation": (
        "annotations",
        _pair(LABEL_KEY, ":=", ".*", "`annotation:key:value`"),
    ),
}
KEYS = frozenset(_READERS)
"""What stands left of the colon in such tags."""
