"""A stage on which tests of the runtime run their steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engines.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage that all tests of a module share; each runs steps of its own."""
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.close()
