"""Texts that others wrote, made safe for a terminal."""

from __future__ import annotations

import re

__all__ = ["coloured", "plain"]

# Colours; other control sequences; those that set titles, links, clipboards.
_ESCAPES = re.compile(
    r"(?P<colour>\x1b\[[0-9;]*m)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def plain(text: str) -> str:
    """Return a text without what could steer a terminal; lines and tabs stay."""
    return _CONTROL.sub("", _ESCAPES.sub("", _settled(text)))


def coloured(text: str) -> str:
    """Return a text with no control sequences but colours, which end with it."""
    kept = _ESCAPES.sub(lambda m: m["colour"] or "", _settled(text))
    found = _CONTROL.sub("", kept)
    return f"{found}\x1b[0m" if "\x1b" in found else found


def _settled(text: str) -> str:
    """Return a text as a terminal shows it once progress bars have overwritten lines."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
