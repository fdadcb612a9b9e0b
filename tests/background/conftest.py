from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_KFX_STORE", str(tmp_path / "store"))
