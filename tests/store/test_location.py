from __future__ import annotations

from pathlib import Path

import pytest
from jupyter_core.paths import jupyter_data_dir

from jupyter_kfx.errors import StoreError
from jupyter_kfx.store.location import location


@pytest.fixture(autouse=True)
def no_store_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTER_KFX_STORE", raising=False)


@pytest.mark.parametrize("variable", ["JUPYTER_DATA_DIR", "XDG_DATA_HOME", None])
def test_the_default_is_in_the_data_directory_of_jupyter(
    variable: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JUPYTER_DATA_DIR", "XDG_DATA_HOME", "JUPYTER_PLATFORM_DIRS"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path))
    assert location() == Path(jupyter_data_dir()) / "kfx"


def test_platform_directories_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    assert location() == Path(jupyter_data_dir()) / "kfx"


def test_the_environment_names_one_and_an_argument_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_KFX_STORE", str(tmp_path / "named"))
    assert location() == tmp_path / "named"
    assert location(str(tmp_path / "given")) == tmp_path / "given"


def test_folders_and_file_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert location("here") == tmp_path / "here"
    assert location("~/there") == tmp_path / "home" / "there"
    assert location("~no-such-user/x") == tmp_path / "~no-such-user" / "x"
    assert location(f"file://{tmp_path}/a%20b") == tmp_path / "a b"
    assert location(f"file://localhost{tmp_path}") == tmp_path


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("s3://bucket/path", "`s3://` is not supported yet. Give a folder, or"),
        ("file://data/kfx", "no folder on this machine. Write `file:///`"),
        ("file://", "no folder on this machine"),
    ],
)
def test_what_is_no_folder_here(given: str, sentence: str) -> None:
    with pytest.raises(StoreError) as error:
        location(given)
    assert sentence in str(error.value)
