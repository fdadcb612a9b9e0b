from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook.current import current


def test_the_server_tells_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    with pytest.raises(UsageError, match="Give the path"):
        current()
    path.touch()
    assert current() == str(path)


@pytest.mark.parametrize("name", [None, "", "Console 1", "work.py"])
def test_what_is_no_notebook_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("work.py").touch()
    if name is None:
        monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    else:
        monkeypatch.setenv("JPY_SESSION_NAME", name)
    with pytest.raises(UsageError, match="cannot be known"):
        current()
