"""Amounts of bytes, as people write and read them."""

from __future__ import annotations

import re

from jupyter_kfx.errors import UsageError

__all__ = ["parsed", "size"]

_UNITS = ("B", "kB", "MB", "GB", "TB")
_FACTORS = {
    "": 1,
    **{unit: 1000**n for n, unit in enumerate("kmgt", 1)},
    **{f"{unit}i": 1024**n for n, unit in enumerate("kmgt", 1)},
}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*((?:[kmgt]i?)?)b?", re.IGNORECASE)


def parsed(text: str) -> int:
    """Return the bytes in `10GB`, `512 MiB` or `1000`; UsageError if it is no size."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        message = f"`{text}` is no size."
        raise UsageError(message, cure="Write it like 10GB or 512MiB.")
    return int(float(found[1]) * _FACTORS[found[2].lower()])


def size(count: int) -> str:
    """Return an amount of bytes in three digits or so."""
    number, unit = float(count), _UNITS[0]
    for unit in _UNITS:
        if number < 1000 or unit == _UNITS[-1]:
            break
        number /= 1000
    return f"{count} B" if unit == "B" else f"{number:.3g} {unit}"
