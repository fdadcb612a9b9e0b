"""Writes what happens in a run to the store as it happens, and passes events on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines.setup import SETUP_STEP
from jupyter_kfx.store import ArtifactRecord, CacheEntry, ExecutionRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_kfx.engines.cache import Cache
    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.engines.protocol import Observation
    from jupyter_kfx.store import RunRecord, Store

__all__ = ["Recorder"]


class Recorder:
    """Hears the events of a run."""

    def __init__(
        self,
        record: RunRecord,
        store: Store,
        cache: Cache,
        listener: Callable[[RunEvent], None],
    ) -> None:
        self.cache = cache
        """Knows the steps as they run; another one, when some are joined."""
        self._record = record
        self._store = store
        self._listener = listener
        self._reasons: dict[str, str] = {}
        self._cached: list[tuple[ExecutionRecord, CacheEntry | None]] = []

    def hear(self, event: RunEvent) -> None:
        """Take an event in."""
        step = event.step or ""
        if event.kind == "step-started" and "reason" in event.data:
            self._reasons.setdefault(step, event.data["reason"])
            self._store.start_execution(
                self._record.id,
                event.data["execution"],
                step=step,
                attempt=event.data["attempt"],
                reason=self._reasons[step],
            )
        elif event.kind in ("step-rerun", "step-joined"):
            self._reasons[step] = event.data["reason"]
        elif event.kind == "step-retried":
            self._reasons[step] = "it failed and was tried again"
        elif event.kind == "step-attempt":
            self.flush()
            self._store.end_executions(self._record.id, [self._ended(step, event.data)])
            return
        elif event.kind == "step-skipped":
            self._store.end_executions(self._record.id, [_dropped(step, event.data)])
            return
        elif event.kind == "step-cached":
            self._reasons[step] = event.data["look"].reason
            # One transaction for many: none of them is lost for good.
            self._cached.append(self._ended(step, event.data))
        if step != SETUP_STEP:
            self._listener(event)

    def flush(self) -> None:
        """Write what has not been written yet."""
        if self._cached:
            self._store.end_executions(self._record.id, self._cached)
            self._cached = []

    def _ended(
        self, step: str, data: Mapping[str, Any]
    ) -> tuple[ExecutionRecord, CacheEntry | None]:
        observation: Observation = data["observation"]
        failure, look, order = observation.failure, data["look"], data["order"]
        entry: CacheEntry | None = None
        files: list[ArtifactRecord] = []
        if observation.status != "failed" and look is not None:
            entry, files = self.cache.entry(look, order, observation)
        cached_from = "" if look is None or look.entry is None else look.entry.execution
        record = ExecutionRecord(
            id=data["execution"],
            step=step,
            attempt=data["attempt"],
            status=observation.status,
            seconds=0.0 if cached_from else observation.seconds or data["seconds"],
            reason=observation.reason or self._reasons.pop(step, ""),
            failure={} if failure is None else asdict(failure),
            inputs=[ArtifactRecord(g.digest, sorted(n)) for g, n in order.groups],
            outputs=[
                ArtifactRecord(g.digest, sorted(g.names), g.size, g.types)
                for g in observation.stored
            ],
            files=files,
            states=[
                ArtifactRecord(state.digest, [key], state.size)
                for key, state in (*order.ambient.items(), *observation.ambient.items())
            ],
            cached_from=cached_from,
        )
        return record, entry


def _dropped(step: str, data: Mapping[str, Any]) -> tuple[ExecutionRecord, None]:
    """Return the record of an execution that has been recorded and does not count."""
    observation: Observation = data["observation"]
    record = ExecutionRecord(
        id=data["execution"],
        step=step,
        attempt=data["attempt"],
        status=observation.status,
        seconds=observation.seconds,
        reason=observation.reason,
    )
    return record, None
