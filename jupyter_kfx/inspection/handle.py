"""A run to wait for, follow, cancel and look into."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import StepFailedError, UsageError
from jupyter_kfx.inspection.attempts import Attempt, last_attempts, one_attempt
from jupyter_kfx.inspection.values import loaded
from jupyter_kfx.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.store import ExecutionRecord, RunRecord

__all__ = ["Outputs", "Run", "StepRun", "start"]


class Run:
    """One run, going on or ended.

    It is awaitable, and iterating over it gives its events as they happen. All it tells
    is asked of the store when it is asked for.
    """

    def __init__(
        self, name: str, store: str | None = None, *, live: _Live | None = None
    ) -> None:
        self.id = name
        self._place = store
        self._live = live

    def __repr__(self) -> str:
        """Return the run's id and how it is doing."""
        return f"<Run {self.id}: {self.status}>"

    @property
    def status(self) -> str:
        """`running`, `succeeded`, `failed`, `cancelled`, or `lost`."""
        return self._record().status

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters that it was given."""
        return self._record().parameters

    @property
    def metrics(self) -> Mapping[str, Any]:
        """Its metrics, once it has ended."""
        return self._record().metrics

    @property
    def report(self) -> Mapping[str, Any]:
        """What `jupyter kfx run --json` prints, once it has ended."""
        return self._record().report

    @property
    def directory(self) -> Path:
        """Where its files are."""
        return self._record().directory

    @property
    def steps(self) -> dict[str, StepRun]:
        """The steps that it has started, by name."""
        with closing(Store.open(self._place)) as store:
            found = last_attempts(store, store.run(self.id))
            named = [step["name"] for step in store.definition(self.id)["steps"]]
        return {
            name: StepRun(found[name], self._place) for name in named if name in found
        }

    def step(self, name: str) -> StepRun:
        """Return a step; UsageError if the run has not started one of that name."""
        with closing(Store.open(self._place)) as store:
            return StepRun(one_attempt(store, store.run(self.id), name), self._place)

    @property
    def outputs(self) -> Outputs:
        """The values that its steps handed on, by name: for each name the last one."""
        return Outputs({n: s for s in self.steps.values() for n in s.output_names})

    def wait(self, timeout: float | None = None) -> Run:
        """Wait for its end and return it; TimeoutError if that takes too long.

        A run that has failed has the status `failed`. Ctrl-C cancels it.
        """
        if self._live is None:
            self._refuse_elsewhere()
            return self
        try:
            self._live.ended.result(timeout)
        except KeyboardInterrupt:
            self.cancel()
            self._live.ended.result()
            raise
        return self

    def check(self) -> Run:
        """Wait for its end and return it; StepFailedError if a step has failed."""
        self.wait()
        for step in self.steps.values():
            if step.status == "failed":
                said = f"{step.error['ename']}: {step.error['evalue']}"
                message = f"step `{step.name}` failed: {said}"
                raise StepFailedError(message, step=step.name, cell=step.error["cell"])
        return self

    def cancel(self) -> None:
        """End every process of it; nothing happens if it has ended."""
        if self._live is None:
            self._refuse_elsewhere()
        else:
            self._live.cancel()

    def __iter__(self) -> Iterator[RunEvent]:
        """Yield its events from its start to its end; UsageError if it is not ours."""
        if self._live is None:
            message = f"run {self.id} was not started by this process."
            raise UsageError(message, cure="Its `steps` tell what it did.")
        yield from self._live.events()

    def __await__(self) -> Generator[Any, None, Run]:
        """Wait for its end without keeping the loop from its work."""
        if self._live is not None:
            yield from asyncio.wrap_future(self._live.ended).__await__()
        return self.wait()

    def _record(self) -> RunRecord:
        with closing(Store.open(self._place)) as store:
            return store.run(self.id)

    def _refuse_elsewhere(self) -> None:
        if self.status == "running":
            message = f"run {self.id} goes on in another process."
            cure = "Follow it there, or ask for its `status` again."
            raise UsageError(message, cure=cure)


@dataclass(frozen=True)
class StepRun:
    """What a step of a run did, in its last attempt."""

    attempt: Attempt
    place: str | None = None

    @property
    def execution(self) -> ExecutionRecord:
        """What the store knows of it."""
        return self.attempt.execution

    @property
    def name(self) -> str:
        """The name of the step."""
        return self.execution.step

    @property
    def status(self) -> str:
        """`running`, `succeeded`, `failed`, `cancelled`, or `lost`."""
        return self.execution.status

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.execution.seconds

    @property
    def cached(self) -> bool:
        """Whether it took over an earlier result."""
        return bool(self.execution.cached_from)

    @property
    def error(self) -> Mapping[str, Any]:
        """The error that ended it, empty if none did."""
        return self.execution.failure

    @property
    def input_names(self) -> list[str]:
        """Names of what it was given."""
        return sorted(self.attempt.inputs)

    @property
    def output_names(self) -> list[str]:
        """Names of what it handed on."""
        return sorted(self.attempt.outputs)

    def inputs(self, *names: str, verify: bool = False) -> dict[str, Any]:
        """Return what it was given, by name: all of it or some.

        Values are loaded into this process, which must have the Python that made them.
        That runs code of the notebook. With `verify` the store's files are checked.
        """
        return self._loaded(self.attempt.inputs, names, verify=verify)

    def outputs(self, *names: str, verify: bool = False) -> dict[str, Any]:
        """Return what it handed on, loaded as `inputs` are."""
        return self._loaded(self.attempt.outputs, names, verify=verify)

    def _loaded(
        self,
        found: Mapping[str, Mapping[str, str]],
        names: tuple[str, ...],
        *,
        verify: bool,
    ) -> dict[str, Any]:
        for name in names:
            if name not in found:
                message = f"step `{self.name}` has no `{name}` there."
                raise UsageError(message, cure=f"It has: {', '.join(sorted(found))}.")
        wanted = {name: found[name] for name in names or sorted(found)}
        with closing(Store.open(self.place)) as store:
            return loaded(store, self.attempt, wanted, verify=verify)


class Outputs(Mapping[str, Any]):
    """Values by name, each loaded when it is asked for."""

    def __init__(self, steps: Mapping[str, StepRun]) -> None:
        self._steps = steps

    def __getitem__(self, name: str) -> Any:
        """Load a value; KeyError if no step handed on that name."""
        return self._steps[name].outputs(name)[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._steps)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._steps)

    def __repr__(self) -> str:
        """Return the names; nothing is loaded."""
        return f"<Outputs {', '.join(self._steps)}>"


class _Live:
    """A run that goes on in a thread of this process."""

    def __init__(self) -> None:
        self.ended: Future[None] = Future()
        self.begun: Future[str] = Future()
        self._events: list[RunEvent] = []
        self._news = threading.Condition()
        self._cancel: Callable[[], object] = lambda: None

    def hear(self, event: RunEvent) -> None:
        """Take in an event, in the thread of the run."""
        if event.kind == "run-started":
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            assert task is not None
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
            self.begun.set_result(event.data["run"])
        with self._news:
            self._events.append(event)
            self._news.notify_all()

    def work(self, run: Callable[[Callable[[RunEvent], None]], object]) -> None:
        """Run to the end."""
        try:
            run(self.hear)
        except asyncio.CancelledError:
            pass  # the store says so
        except BaseException as error:  # noqa: BLE001  (handed to who waits)
            if self.begun.done():
                self._end(error)
            else:
                self.begun.set_exception(error)
            return
        self._end(None)

    def cancel(self) -> None:
        """Ask the run to end, if it has not."""
        if not self.ended.done():
            self._cancel()

    def events(self) -> Iterator[RunEvent]:
        """Yield all events, waiting for those to come."""
        at = 0
        while True:
            with self._news:
                self._news.wait_for(
                    lambda: len(self._events) > at or self.ended.done()  # noqa: B023
                )
                new = self._events[at:]
            if not new:
                return
            yield from new
            at += len(new)

    def _end(self, error: BaseException | None) -> None:
        with self._news:
            if error is None:
                self.ended.set_result(None)
            else:
                self.ended.set_exception(error)
            self._news.notify_all()


def start(
    run: Callable[[Callable[[RunEvent], None]], object], store: str | None
) -> Run:
    """Return a run that goes on in a thread; what refuses it is raised here."""
    live = _Live()
    threading.Thread(target=live.work, args=(run,), name="kfx-run").start()
    return Run(live.begun.result(), store, live=live)
