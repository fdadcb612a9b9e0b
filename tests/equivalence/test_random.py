"""Random programs: a pipeline computes what its notebook computes, or refuses.

They are the same ones each time; `make fuzz` runs others, and many more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.equivalence.arena import Arena, Trial
from tests.equivalence.generator import VOLATILE, Program, document, program

_SIDE = 4


@pytest.fixture(scope="module")
def arena(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Arena, asyncio.AbstractEventLoop]]:
    loop = asyncio.new_event_loop()
    made = Arena(tmp_path_factory.mktemp("arena"))
    yield made, loop
    loop.run_until_complete(made.close())
    loop.close()


programs = st.randoms(use_true_random=False).map(program)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(programs, min_size=_SIDE, max_size=_SIDE))
def test_pipelines_compute_what_notebooks_compute(
    arena: tuple[Arena, asyncio.AbstractEventLoop], batch: list[Program]
) -> None:
    place, loop = arena

    async def trials() -> list[Trial]:
        return await asyncio.gather(
            *(
                place.trial(document(made), jobs=made.jobs, volatile=VOLATILE)
                for made in batch
            )
        )

    for made, trial in zip(batch, loop.run_until_complete(trials()), strict=True):
        assert trial.verdict != "different", f"{trial.why}\n{made}"
