"""What may be in the body of a request."""

from __future__ import annotations

from typing import Any

from jupyter_kfx.errors import UsageError

__all__ = ["check_keys", "object_of"]


def check_keys(request: dict[str, Any], *known: str) -> None:
    """Raise UsageError if a request has a key that nobody reads."""
    for key in request:
        if key not in known:
            message = f"a request has no `{key:.80}`."
            raise UsageError(message, cure=f"There are: {', '.join(known) or 'none'}.")


def object_of(request: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the object under a key, an empty one if there is none."""
    value = request.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = f"`{key}` is not an object."
        raise UsageError(message, cure="Give names and values.")
    return value
