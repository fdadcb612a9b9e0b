"""Whether an execution counts once every step above it has committed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_kfx.engines.contradictions import Contradiction
from jupyter_kfx.engines.protocol import Failure
from jupyter_kfx.runtime.tokens import holds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.engines.contradictions import Prediction
    from jupyter_kfx.engines.progress import Progress
    from jupyter_kfx.engines.protocol import Observation
    from jupyter_kfx.engines.versions import View

__all__ = ["ACTS", "Judge"]

ACTS = ("files_written", "network", "children")
"""What an execution can have done that cannot be taken back."""


class Judge:
    """Compares what an execution saw and did with what holds when its turn comes."""

    def __init__(self, prediction: Prediction, steps: Sequence[Progress]) -> None:
        """Judge those steps, which are in notebook order."""
        self._prediction = prediction
        self._steps = steps

    def contradiction(
        self, i: int, observation: Observation, view: View
    ) -> Contradiction | None:
        """Return why the execution must run again, or none if it counts."""
        progress = self._steps[i]
        reading, failure = progress.reading, observation.failure
        assert reading is not None
        done = [above.observation for above in self._steps[:i]]
        lost = failure is not None and failure.kind == "lost"
        if not progress.irrevocable or lost:
            broken = reading.broken(view, observation)
            if broken is not None:
                return self._prediction.rerun(i, broken, done)
            files = _changed_files(observation)
            if files:
                return self._prediction.late_file(i, files, done)
            if lost:
                return Contradiction("a step above changed what it had read", "")
        if failure is None or failure.kind not in ("error", "unavailable"):
            return None
        step, raised = progress.step.name, failure.kind == "error"
        if raised and not progress.irrevocable and self._acted(i):
            return Contradiction(
                "it failed before the steps above had written all their files",
                f"Add the tag `after:` and the name of the step above to step `{step}`.",
            )
        if failure.name is None:
            return None
        if failure.name not in view.names or failure.name in progress.reads:
            return None
        if any(observation.observed.get(act) for act in ACTS):
            progress.observation = replace(observation, failure=_unforeseen(failure))
            return None
        progress.reads.add(failure.name)
        return Contradiction(
            f"it turned out to use `{failure.name}`",
            f"Mention `{failure.name}` in its code.",
            next((c for c in progress.step.cells if c.id == failure.cell), None),
            failure.name,
        )

    def late_setup(self, i: int, observation: Observation) -> Failure | None:
        """Return why replayed setup has read what it could not have read in its cell."""
        places: Mapping[str, int] = observation.observed.get("setup_read", {})
        for above in self._steps[:i]:
            seen = above.observation
            last = above.step.cells[-1].index
            for path in () if seen is None else seen.observed.get("files_written", ()):
                if last > places.get(path, last):
                    return Failure(
                        "NotHandedOn",
                        f"an import of cell {places[path] + 1} reads {path}, which step "
                        f"`{above.step.name}` has written since, and imports are made "
                        "anew in each step. Read the file in a cell instead, or put the "
                        "cells into one step.",
                        kind="unavailable",
                    )
        return None

    def _acted(self, i: int) -> bool:
        """Tell whether a step above wrote files while or after this one ran."""
        progress = self._steps[i]
        return any(
            above.observation is not None
            and above.ended > progress.started
            and any(above.observation.observed.get(act) for act in ACTS)
            for above in self._steps[:i]
        )


def _changed_files(observation: Observation) -> list[str]:
    seen: Mapping[str, list[int] | None] = observation.observed.get("files_seen", {})
    return [path for path, then in seen.items() if not holds(path, then)]


def _unforeseen(failure: Failure) -> Failure:
    return replace(
        failure,
        kind="unforeseen",
        evalue=f"the step uses `{failure.name}`, which could not be seen in its code, "
        "and it had already written files, used the network or started a process, so "
        "it cannot be run again with it. "
        f"Mention `{failure.name}` in the code of the step.",
    )
