"""Watches a step's cells for acts that cannot be taken back or checked afterwards."""

from __future__ import annotations

from typing import Any, Callable

__all__ = ["Guard"]


class Guard:
    """Asks once before the first such act and records all of them."""

    def __init__(
        self,
        permission: Callable[[str], None],
        *,
        project: str,
        own: tuple[str, ...],
        alone: bool,
    ) -> None:
        self._active = False
        self.wrote_files = False

    def start(self) -> None:
        """Watch from now on."""
        self._active = True

    def stop(self) -> None:
        """Watch no more."""
        self._active = False

    def observed(self) -> dict[str, Any]:
        """Return what was seen."""
        return {
            "files_read": [],
            "files_written": [],
            "network": False,
            "children": False,
        }
