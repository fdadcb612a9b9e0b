"""The runtime is one file, named by what is in it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from jupyter_kfx.engines.bundle import runtime_archive

if TYPE_CHECKING:
    from pathlib import Path


def test_made_once(tmp_path: Path) -> None:
    first = runtime_archive(tmp_path)
    made = first.stat().st_mtime_ns
    second = runtime_archive(tmp_path)
    assert (second, second.stat().st_mtime_ns) == (first, made)
    assert list(tmp_path.iterdir()) == [first]


def test_runs_with_the_standard_library_alone(tmp_path: Path) -> None:
    archive = runtime_archive(tmp_path)
    command = [sys.executable, "-S", "-E", str(archive), "step"]
    command.append(str(tmp_path / "no-order.json"))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "no-order.json cannot be read" in ended.stderr


def test_says_how_it_is_used(tmp_path: Path) -> None:
    command = [sys.executable, str(runtime_archive(tmp_path)), "dance"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "usage" in ended.stderr
