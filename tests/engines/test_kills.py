"""What a run had finished outlives it, whichever of its processes is killed."""

from __future__ import annotations

import pytest

from tests.engines.kills import EXAMPLES, VICTIMS, kill_and_resume


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_run_is_resumed(victim: str) -> None:
    notebook = next(path for path in EXAMPLES if path.stem == "clean_in_place")
    killing = kill_and_resume(notebook, victim, 2.5)
    assert killing.faults == ()
