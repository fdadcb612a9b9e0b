"""What modules say when they are imported, which they do once in a process."""

from __future__ import annotations

import threading
from typing import Any

__all__ = ["FIRST_IMPORT", "Spoken"]

FIRST_IMPORT = "first import of "
"""How the states of modules that have spoken are called: this and the module."""


class Spoken:
    """Knows which module is being imported, lets it speak, and remembers that it did.

    A module that spoke in a step above is silent here.
    """

    def __init__(self) -> None:
        self._silent: set[str] = set()
        self._heard: set[str] = set()
        self._importing = threading.local()
        self.listening = False
        """Whether the cells run: what speaks before does so for another step."""

    def restore(self, key: str) -> None:
        """Let a module be silent."""
        self._silent.add(key.removeprefix(FIRST_IMPORT))

    def enter(self, module: str) -> None:
        """Note that the code of a module runs for the first time from now on."""
        self._stack().append(module)

    def leave(self) -> None:
        """Note that it has run."""
        self._stack().pop()

    def is_import(self) -> bool:
        """Tell whether the code of a module is running for the first time."""
        return bool(self._stack())

    def lets_through(self) -> bool:
        """Tell whether what is being written now is to be seen."""
        stack = self._stack()
        if not stack or not self.listening:
            return True
        self._heard.add(stack[-1])
        return stack[-1] not in self._silent

    def changed(self) -> set[str]:
        """Return the states of modules that wrote something while they were imported."""
        return {FIRST_IMPORT + module for module in self._heard}

    def _stack(self) -> list[Any]:
        stack: list[Any] | None = getattr(self._importing, "stack", None)
        if stack is None:
            stack = self._importing.stack = []
        return stack
