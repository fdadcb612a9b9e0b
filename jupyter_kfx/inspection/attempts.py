"""What a run's steps came to, and the files that say what each of them was given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_kfx.store import ExecutionRecord, RunRecord, Store

__all__ = ["Attempt", "last_attempts", "one_attempt"]


@dataclass(frozen=True)
class Attempt:
    """The last attempt at a step in a run."""

    execution: ExecutionRecord
    directory: Path

    @property
    def order(self) -> dict[str, Any]:
        """What the step was given; UsageError if it never started."""
        try:
            found: dict[str, Any] = json.loads(
                (self.directory / "order.json").read_bytes()
            )
        except FileNotFoundError:
            message = f"step `{self.execution.step}` has not kept what it was given."
            raise UsageError(message, cure="Run the notebook again.") from None
        return found

    @property
    def inputs(self) -> dict[str, dict[str, str]]:
        """The artifact and the content of each name that it was given."""
        return _by_name(self.order["groups"]) if self._has("order.json") else {}

    @property
    def outputs(self) -> dict[str, dict[str, str]]:
        """The artifact and the content of each name that it handed on."""
        if not self._has("result.json"):
            return {}
        result = json.loads((self.directory / "result.json").read_bytes())
        return _by_name(result.get("stored", ()))

    def _has(self, name: str) -> bool:
        return (self.directory / name).is_file()


def last_attempts(store: Store, run: RunRecord) -> dict[str, Attempt]:
    """Return the last attempt at each step that a run has started."""
    return {
        execution.step: Attempt(execution, run.directory / execution.id)
        for execution in sorted(store.executions(run.id), key=lambda e: e.attempt)
    }


def one_attempt(store: Store, run: RunRecord, step: str) -> Attempt:
    """Return the last attempt at a step; UsageError if the run has not started it."""
    found = last_attempts(store, run)
    if step not in found:
        named = [s["name"] for s in store.definition(run.id)["steps"]]
        if step in named:
            message = f"run {run.id} has not started step `{step}`."
            raise UsageError(message, cure="`jupyter kfx why` says why.")
        message = f"run {run.id} has no step `{step}`."
        raise UsageError(message, cure=f"It has: {', '.join(named)}.")
    return found[step]


def _by_name(groups: Any) -> dict[str, dict[str, str]]:
    return {
        name: {
            "digest": group["digest"],
            "content": group.get("content", {}).get(name, ""),
        }
        for group in groups
        for name in group["names"]
    }
