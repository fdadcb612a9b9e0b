from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kfx.cli.terminal import coloured, plain

CASES = [
    ("\x1b[31mred\x1b[0m", "red", "\x1b[31mred\x1b[0m\x1b[0m"),
    ("a\x1b[2Jb\x1b[1;1Hc", "abc", "abc"),
    ("\x1b]0;title\x07x\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "xlink", "xlink"),
    ("\x1bPq#0\x1b\\sixel", "sixel", "sixel"),
    ("\x9b31mred", "red", "red"),
    ("bell\x07 back\x08 nul\x00", "bell back nul", "bell back nul"),
    ("10%\r50%\r100%\ndone\r\n", "100%\ndone\n", "100%\ndone\n"),
    ("tab\tand\nline", "tab\tand\nline", "tab\tand\nline"),
    ("\u202eevil", "evil", "evil"),
    ("cut \x1b", "cut ", "cut "),
    ("[bold]markup[/bold]", "[bold]markup[/bold]", "[bold]markup[/bold]"),
]


@pytest.mark.parametrize(("text", "bare", "with_colours"), CASES)
def test_what_is_left(text: str, bare: str, with_colours: str) -> None:
    assert plain(text) == bare
    assert coloured(text) == with_colours


PIECES = st.sampled_from(
    ["\x1b", "[", "]", "31m", "2J", ";", "\x07", "\\", "\x00", "a"]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)


@given(TEXTS)
def test_nothing_that_steers_is_left(text: str) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", plain(text))
    without_colours = re.sub(r"\x1b\[[0-9;]*m", "", coloured(text))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", without_colours)
