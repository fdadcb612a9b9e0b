"""How a step process ends: its exit codes and the errors behind them."""

from __future__ import annotations

__all__ = [
    "BAD_ORDER",
    "CELLS_RAISED",
    "CURE",
    "DONE",
    "INTERNAL_ERROR",
    "NOT_LOADED",
    "NOT_STORED",
    "UNWRITTEN",
    "VALUES",
    "VERSION_MISMATCH",
    "BadOrderError",
    "NotLoadedError",
    "NotStoredError",
    "RefusedError",
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
UNWRITTEN = 74
"""Not even what happened can be written down."""
VALUES = "values"
"""Stands for what steps above have computed."""
CURE = "Make it in the step that uses it, or put both cells into one step."
"""What to do about a value that cannot be handed on."""


class StepProcessError(Exception):
    """The step could not be carried out, whatever its cells do."""

    code = INTERNAL_ERROR


class BadOrderError(StepProcessError):
    """The order cannot be read or is of a format this runtime does not know."""

    code = BAD_ORDER


class NotLoadedError(StepProcessError):
    """An input cannot be loaded, maybe because a name is not there.

    `artifact` is the digest of the input, and `cure` what to do, after the message.
    """

    code = NOT_LOADED

    def __init__(
        self,
        message: str,
        name: str | None = None,
        *,
        cure: str = "",
        artifact: str | None = None,
    ) -> None:
        super().__init__(f"{message} {cure}".rstrip())
        self.reason = message
        self.name = name
        self.artifact = artifact


class RefusedError(StepProcessError):
    """A cell does what has another meaning in a process that ends with its step.

    `left` is the state in which steps above are, if it has another meaning for that, or
    `VALUES`.
    """

    code = NOT_LOADED

    def __init__(self, message: str, left: str = "") -> None:
        super().__init__(message)
        self.left = left


class NotStoredError(StepProcessError):
    """A result cannot be stored."""

    code = NOT_STORED


class VersionMismatchError(StepProcessError):
    """An input was written by versions that this interpreter does not have."""

    code = VERSION_MISMATCH
