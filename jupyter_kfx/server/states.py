"""How the steps of a run are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_kfx.server.journal import error_json, turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.store import ExecutionRecord, RunRecord

__all__ = ["states"]


def states(
    run: RunRecord,
    definition: Mapping[str, Any],
    executions: Sequence[ExecutionRecord],
) -> list[dict[str, Any]]:
    """Return the state of each step, in notebook order.

    The journal says it to the moment; a run without one is told by its executions.
    """
    found = {step["name"]: _state(step["name"]) for step in definition["steps"]}
    for execution in executions:
        if execution.step in found:
            _of_execution(found[execution.step], execution)
    for turn in turns(run.directory):
        if turn.get("step") in found:
            _of_turn(found[turn["step"]], turn)
    if run.status != "running":
        gone = "lost" if run.status == "lost" else "cancelled"
        for state in found.values():
            if state["status"] in ("running", "waiting"):
                state["status"] = gone
            elif state["status"] == "queued":
                state["status"] = "skipped"
    return list(found.values())


def _state(step: str) -> dict[str, Any]:
    return {
        "step": step,
        "status": "queued",
        "attempts": 0,
        "started": None,
        "seconds": None,
        "cell_index": None,
        "reruns": [],
        "error": None,
        "outputs": [],
    }


def _of_execution(state: dict[str, Any], execution: ExecutionRecord) -> None:
    state["status"] = execution.status
    state["attempts"] = execution.attempt
    state["seconds"] = execution.seconds
    state["outputs"] = [
        {"names": list(out.names), "size": out.size, "types": dict(out.types)}
        for out in execution.outputs
    ]
    if execution.failure:
        state["error"] = error_json(execution.failure)


def _of_turn(state: dict[str, Any], turn: Mapping[str, Any]) -> None:
    match turn["kind"]:
        case "step-started":
            state.update(
                status="running",
                attempts=turn["attempt"],
                started=turn["at"],
                seconds=None,
                error=None,
            )
        case "step-cell":
            state.update(status="running", cell_index=turn["index"])
        case "step-waiting":
            state["status"] = "waiting"
        case "step-rerun":
            state["status"] = "queued"
            state["reruns"].append(turn["reason"])
        case "step-retried":
            state["status"] = "queued"
            state["reruns"].append("it failed and was tried again")
        case "step-finished":
            state.update(
                status=turn["status"], seconds=turn["seconds"], error=turn["error"]
            )
