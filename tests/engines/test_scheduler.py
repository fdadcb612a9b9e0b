"""Speculation and commit give what top-to-bottom execution gives."""

from __future__ import annotations

import asyncio
import pickle
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.outcome import Outcome
from jupyter_kfx.engines.protocol import Group, Observation, Order, Signal
from jupyter_kfx.engines.scheduler import Scheduler
from jupyter_kfx.engines.slots import Slots, memory_bytes
from jupyter_kfx.errors import EngineError, UsageError
from jupyter_kfx.pipeline.model import Cell, Edge, Pipeline, Step
from jupyter_kfx.pipeline.settings import StepSettings
from tests.engines.model_executor import ModelExecutor, canon, plain, poor_pipeline

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

NAMES = set("abcd")
STARTS = (
    "a = [0]\nb = [1]\nc = {'k': [2]}\nd = (a, [3])",
    "a = [0]\nb = a\nc = {'k': a}\nd = [b, [4]]",
)
name = st.sampled_from(sorted(NAMES))
LINES = (
    "{x} = [{n}]",
    "{x} = {y}",
    "{x} = [{y}]",
    "{x} = {{'k': {y}}}",
    "{x} = same({y})",
    "touch({x})",
    "touch(same({x}))",
    "show({x})",
    "show({x} is {y})",
    "show(len({x}), {y})",
    "{x} = [*{y}]",
    "relink({x}, {y})",
    "show({x} == {y})",
    "for q in {x}: touch(q)",
    "del {x}",
    "act()",
    "show({x}) if {n} > 8 else None",
    "eval('touch({x})')",
)
line = st.builds(
    lambda template, x, y, n: template.format(x=x, y=y, n=n),
    st.sampled_from(LINES),
    name,
    name,
    st.integers(0, 9),
)
step = st.lists(line, min_size=1, max_size=3).map("\n".join)
program = st.tuples(
    st.sampled_from(STARTS), st.lists(step, min_size=2, max_size=7)
).map(lambda parts: [parts[0], *parts[1]])


def run(
    sources: list[str], seed: int, jobs: int = 3
) -> tuple[Outcome, ModelExecutor, list[RunEvent]]:
    """Run a program through the real scheduler in a random interleaving."""
    executor = ModelExecutor(NAMES, random.Random(seed))
    events: list[RunEvent] = []
    scheduler = Scheduler(
        poor_pipeline(sources, NAMES),
        executor,
        Slots(jobs, 0, 0),
        run="r",
        listener=events.append,
    )
    return asyncio.run(scheduler.run()), executor, events


def final_state(outcome: Outcome, executor: ModelExecutor) -> dict[str, Any]:
    """Return the values that the run ends with."""
    values: dict[str, Any] = {}
    versions = outcome.view.names.values()
    for group in {id(v): v for v in versions if isinstance(v, Group)}.values():
        loaded = pickle.loads(executor.artifacts[group.digest])
        values.update({n: loaded[n] for n in outcome.view.members(group)})
    return values


def show_all(values: dict[str, Any]) -> Any:
    """Return contents and sharing of a namespace."""
    return sorted(values), canon([values[n] for n in sorted(values)])


@settings(max_examples=600, deadline=None)
@given(program, st.integers(0, 2**32), st.integers(1, 4))
def test_any_interleaving_equals_plain_execution(
    sources: list[str], seed: int, jobs: int
) -> None:
    want, outputs = plain(sources, NAMES)
    outcome, executor, _ = run(sources, seed, jobs)
    refused = {
        s.name for s in outcome.steps if s.failure and s.failure.kind == "unforeseen"
    }
    ended = {s.name for s in outcome.steps if s.status in ("succeeded", "failed")}
    for name in ended - refused:
        assert executor.printed[name] == outputs[name]
    assert ended == set(outputs) or refused
    if outcome.status == "succeeded":
        assert show_all(final_state(outcome, executor)) == show_all(want)
    for name, times in executor.acts.items():
        source = sources[int(name[1:])]
        assert times <= source.count("act()")


def test_a_change_nobody_predicted_runs_the_reader_again() -> None:
    sources = ["a = [1]", "touch(a)", "show(a)"]
    again = 0
    for seed in range(20):
        outcome, executor, _ = run(sources, seed)
        assert executor.printed["s2"] == ["([1, 1],)"]
        again += len(outcome.steps[2].reruns)
    assert again > 0


def test_a_name_nobody_predicted_is_given_to_the_second_attempt() -> None:
    outcome, executor, _ = run(["a = [1]", "show(eval('a'))"], 0)
    assert outcome.status == "succeeded"
    assert executor.printed["s1"] == ["([1],)"]
    assert outcome.steps[1].reruns == ["it turned out to use `a`"]


def test_a_name_nobody_predicted_after_an_act_is_refused() -> None:
    outcome, executor, _ = run(["a = [1]", "act()\nshow(eval('a'))"], 0)
    assert outcome.status == "failed"
    assert executor.acts == {"s1": 1}
    failure = outcome.steps[1].failure
    assert failure is not None
    assert "Mention `a`" in failure.evalue


def test_independent_steps_are_not_run_again() -> None:
    sources = ["a = [1]", "b = [2]", "touch(b)", "c = [*a]", "show(c)"]
    for seed in range(20):
        outcome, _, _ = run(sources, seed)
        assert [s.reruns for s in outcome.steps] == [[]] * 5


def test_a_change_of_what_only_shares_with_what_was_read_runs_nothing_again() -> None:
    # `b` holds `a`: who reads `a` is given both, and it is `b` that is changed.
    sources = ["a = [1]", "b = [a]", "touch(b)", "show(a)"]
    for seed in range(20):
        outcome, executor, _ = run(sources, seed)
        assert executor.printed["s3"] == ["([1],)"]
        assert [s.reruns for s in outcome.steps] == [[]] * 4


def test_an_error_above_skips_what_is_below() -> None:
    outcome, _, _ = run(["a = [1]", "a.nothing", "show(a)"], 0)
    assert [s.status for s in outcome.steps] == ["succeeded", "failed", "skipped"]
    assert outcome.status == "failed"


class OneByOne:
    """An executor whose steps end when they are told to."""

    def __init__(self, results: list[Observation] | None = None) -> None:
        self.running: dict[str, asyncio.Event] = {}
        self.started: list[str] = []
        self.results = results or []

    async def execute(
        self,
        order: Order,
        listener: Callable[[Signal], None],
        permit: Callable[[str], Awaitable[bool]],
    ) -> Observation:
        """Wait for the word."""
        del listener, permit
        name = order.step.name
        self.started.append(name)
        self.running[name] = asyncio.Event()
        try:
            await self.running[name].wait()
        finally:
            del self.running[name]
        return self.results.pop(0) if self.results else Observation("succeeded")

    def adopt(self, order: Order, run: str, execution: str) -> None:
        """Never asked for: nothing here is taken from an earlier run."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing to end."""


def independent(count: int, **kwargs: Any) -> Pipeline:
    """Return steps that have nothing to do with each other."""
    return Pipeline(
        "p",
        steps=tuple(
            Step(
                f"s{i}", (Cell(f"c{i}", i, "", i + 1),), settings=StepSettings(**kwargs)
            )
            for i in range(count)
        ),
    )


async def settle() -> None:
    """Let everything that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_as_many_steps_at_once_as_slots() -> None:
    executor = OneByOne()
    task = asyncio.ensure_future(
        Scheduler(independent(4), executor, Slots(2, 0, 0), run="r").run()
    )
    await settle()
    assert executor.started == ["s0", "s1"]
    executor.running["s1"].set()
    await settle()
    assert executor.started == ["s0", "s1", "s2"]
    task.cancel()
    outcome = await task
    assert executor.running == {}
    assert outcome.status == "cancelled"
    assert {s.status for s in outcome.steps} == {"cancelled"}


async def test_a_step_waits_until_its_memory_is_free() -> None:
    executor = OneByOne()
    pipeline = independent(3, memory="1Ki", cpu=0.5)
    task = asyncio.ensure_future(
        Scheduler(pipeline, executor, Slots(4, 2048, 0), run="r").run()
    )
    await settle()
    assert executor.started == ["s0", "s1"]
    task.cancel()
    await task


async def test_more_than_the_machine_has_is_refused() -> None:
    pipeline = independent(1, gpu=3)
    with pytest.raises(UsageError, match="asks for 3 GPUs"):
        await Scheduler(pipeline, OneByOne(), Slots(2, 0, 0), run="r").run()


async def test_a_failed_step_is_tried_again_as_often_as_asked() -> None:
    failed = Observation("failed")
    executor = OneByOne([failed, failed, Observation("succeeded")])
    task = asyncio.ensure_future(
        Scheduler(independent(1, retry=2), executor, Slots(1, 0, 0), run="r").run()
    )
    for _ in range(3):
        await settle()
        executor.running["s0"].set()
    outcome = await task
    assert outcome.status == "succeeded"
    assert outcome.steps[0].attempts == 3


async def test_an_engine_that_breaks_ends_the_run() -> None:
    class Broken(OneByOne):
        async def execute(self, *_args: object) -> Observation:
            raise EngineError("the engine died")

    with pytest.raises(EngineError, match="died"):
        await Scheduler(independent(2), Broken(), Slots(2, 0, 0), run="r").run()


async def test_edges_are_waited_for() -> None:
    executor = OneByOne()
    pipeline = Pipeline("p", steps=independent(3).steps, edges=(Edge("s0", "s2"),))
    task = asyncio.ensure_future(
        Scheduler(pipeline, executor, Slots(4, 0, 0), run="r").run()
    )
    await settle()
    assert executor.started == ["s0", "s1"]
    executor.running["s0"].set()
    await settle()
    assert executor.started == ["s0", "s1", "s2"]
    task.cancel()
    await task


@pytest.mark.parametrize(
    ("text", "count"), [("1", 1), ("2k", 2000), ("1.5Gi", 3 * 2**29), ("512Mi", 2**29)]
)
def test_memory_is_written_as_kubernetes_writes_it(text: str, count: int) -> None:
    assert memory_bytes(text) == count


@pytest.mark.parametrize("text", ["", "many", "2GB", "-1", "1e3Gi"])
def test_other_amounts_of_memory_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not an amount of memory"):
        memory_bytes(text)
