"""Kernels are found, and what cannot be run is refused in one sentence."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_kfx.engines.interpreter import interpreter
from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    return tmp_path / "kernels"


def _install(kernels: Path, name: str, **spec: Any) -> None:
    (kernels / name).mkdir(parents=True)
    (kernels / name / "kernel.json").write_text(
        json.dumps({"display_name": name, "language": "python", **spec})
    )


def test_the_native_kernel_is_this_python() -> None:
    assert interpreter("python3").command == (sys.executable,)


def test_what_comes_before_the_kernels_module_starts_python(kernels: Path) -> None:
    argv = ["/opt/py/bin/python", "-Xfrozen_modules=off", "-m", "ipykernel_launcher"]
    _install(kernels, "other", argv=[*argv, "-f", "{connection_file}"], env={"A": "b"})
    found = interpreter("other")
    assert found.command == ("/opt/py/bin/python", "-Xfrozen_modules=off")
    assert found.env == {"A": "b"}


def test_an_unknown_kernel_lists_those_there_are(kernels: Path) -> None:
    _install(kernels, "mine", argv=["python", "-m", "ipykernel_launcher"])
    with pytest.raises(UsageError, match=r"no kernel 'gone'.*mine"):
        interpreter("gone")


def test_another_language_is_refused(kernels: Path) -> None:
    _install(kernels, "ir", argv=["R", "-e"], language="R")
    with pytest.raises(UsageError, match="is for r"):
        interpreter("ir")
