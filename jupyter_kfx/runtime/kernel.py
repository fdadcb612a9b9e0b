"""What stands for the kernel in `get_ipython().kernel`."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["StepKernel"]


class StepKernel:
    """Has the comms that libraries register with when they are loaded, and no more.

    No front end is there, so nobody opens one.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    @property
    def comm_manager(self) -> Any:
        """Where libraries say who answers a comm."""
        return importlib.import_module("comm").get_comm_manager()

    def __getattr__(self, name: str) -> Any:
        message = (
            f"a step runs without a kernel of its own, so `get_ipython().kernel` has no "
            f"`{name}`. Do without it, or tag the cell `skip`."
        )
        raise AttributeError(message)

    def __reduce__(self) -> Any:
        message = "the kernel, which is another one in each step"
        raise TypeError(message)
