from __future__ import annotations

from pathlib import Path

from jupyter_kfx.cli.main import _COMMANDS
from jupyter_kfx.cli.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == reference(), (
        "write it anew: python -m jupyter_kfx.cli.reference > docs/cli.md"
    )


def test_every_command_is_on_it() -> None:
    for name in (*_COMMANDS, "runs list", "runs show", "runs rm"):
        assert f"## `jupyter kfx {name}`" in reference()
