"""How a run and its steps are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_kfx.background.journal import error_json, output_json, turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.store import ExecutionRecord, RunRecord, Store

__all__ = ["States", "document"]


def document(store: Store, run: RunRecord) -> dict[str, Any]:
    """Return a run with the state of each of its steps, as plain data.

    `position` is the end of the last turn in its journal that it accounts for.
    """
    states = States(store.definition(run.id))
    for execution in store.executions(run.id):
        states.of_execution(execution)
    found: dict[str, Any] = {**run.to_json(), "warnings": [], "error": None}
    found["position"] = 0
    for turn, end in turns(run.directory):
        states.of_turn(turn)
        found["position"] = end
        found["warnings"] += turn.get("warnings") or []
        if turn["kind"] == "run-error":
            found["error"] = turn["error"]
    found["steps"] = states.after(run.status)
    return found


class States:
    """The state of each step, in notebook order.

    The turns of the run's journal say it to the moment; a run without one is told by
    its executions.
    """

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self._states = {
            step["name"]: _state(step["name"]) for step in definition["steps"]
        }

    def of_execution(self, execution: ExecutionRecord) -> None:
        """Take in what is recorded of an attempt at a step."""
        state = self._states.get(execution.step)
        if state is None:
            return
        state["status"] = execution.status
        state["attempts"] = execution.attempt
        state["seconds"] = execution.seconds
        state["cached"] = bool(execution.cached_from)
        state["reason"] = execution.reason
        state["passed_over"] = execution.status == "skipped"
        state["outputs"] = list(map(output_json, execution.outputs))
        if execution.failure:
            state["error"] = error_json(execution.failure)

    def of_turn(self, turn: Mapping[str, Any]) -> dict[str, Any] | None:
        """Take in a turn of the run and return the state of its step, if it has one."""
        state = self._states.get(turn.get("step") or "")
        if state is not None:
            _take(state, turn)
        return state

    def after(self, status: str) -> list[dict[str, Any]]:
        """Return the states in a run that has a status."""
        gone = "lost" if status == "lost" else "cancelled"
        ended = {"running": gone, "waiting": gone, "queued": "skipped"}
        return [
            state
            if status == "running"
            else {**state, "status": ended.get(state["status"], state["status"])}
            for state in self._states.values()
        ]


def _state(step: str) -> dict[str, Any]:
    return {
        "step": step,
        "status": "queued",
        "attempts": 0,
        "cached": False,
        "reason": "",
        "passed_over": False,
        "started": None,
        "seconds": None,
        "cell_index": None,
        "reruns": [],
        "error": None,
        "outputs": [],
    }


def _take(state: dict[str, Any], turn: Mapping[str, Any]) -> None:
    match turn["kind"]:
        case "step-started":
            state.update(
                status="running",
                attempts=turn["attempt"],
                reason=turn["reason"],
                cached=False,
                started=turn["at"],
                seconds=None,
                error=None,
            )
        case "step-cached":
            state.update(cached=True, reason=turn["reason"])
        case "step-cell":
            state.update(status="running", cell_index=turn["index"])
        case "step-waiting":
            state["status"] = "waiting"
        case "step-rerun":
            state["status"] = "queued"
            state["reruns"].append(turn["reason"])
        case "step-joined":
            state["status"] = "queued"
        case "step-retried":
            state["status"] = "queued"
            state["reruns"].append("it failed and was tried again")
        case "step-finished":
            for name in ("status", "seconds", "error", "outputs"):
                state[name] = turn[name]
            state["reason"] = turn.get("reason", state["reason"])
            # Journals of older versions know of no conditions.
            state["passed_over"] = turn.get("passed_over", False)
