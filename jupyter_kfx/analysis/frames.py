"""Scopes as a walk comes through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_kfx.analysis.state import State
    from jupyter_kfx.analysis.values import Value

__all__ = ["Frame"]


class Frame:
    """A scope with variables of its own."""

    __slots__ = (
        "globals",
        "is_class",
        "is_comprehension",
        "is_enclosing",
        "names",
        "returned",
        "ways",
    )

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        """Keys of its variables."""
        self.globals: frozenset[str] = frozenset()
        self.is_class = False
        self.is_comprehension = False
        self.is_enclosing = False
        """Whether functions defined in it may outlive it."""
        self.returned: list[Value] = []
        self.ways: list[State] = []
        """States at its `return` statements."""
