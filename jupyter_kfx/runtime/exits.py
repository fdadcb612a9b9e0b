"""How a step process ends: its exit codes and the errors behind them."""

from __future__ import annotations

__all__ = [
    "BAD_ORDER",
    "CELLS_RAISED",
    "DONE",
    "INTERNAL_ERROR",
    "NOT_LOADED",
    "NOT_STORED",
    "VERSION_MISMATCH",
    "BadOrderError",
    "NotLoadedError",
    "NotStoredError",
    "StepProcessError",
    "VersionMismatchError",
]

DONE = 0
CELLS_RAISED = 1
BAD_ORDER = 2
NOT_LOADED = 3
NOT_STORED = 4
VERSION_MISMATCH = 5
INTERNAL_ERROR = 70


class StepProcessError(Exception):
    """The step could not be carried out, whatever its cells do."""

    code = INTERNAL_ERROR


class BadOrderError(StepProcessError):
    """The order cannot be read or is of a format this runtime does not know."""

    code = BAD_ORDER


class NotLoadedError(StepProcessError):
    """An input cannot be loaded."""

    code = NOT_LOADED


class NotStoredError(StepProcessError):
    """A result cannot be stored."""

    code = NOT_STORED


class VersionMismatchError(StepProcessError):
    """An input was written by versions that this interpreter does not have."""

    code = VERSION_MISMATCH
