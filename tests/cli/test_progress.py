from __future__ import annotations

import io
import re
import sys
from typing import Any

import pytest

from jupyter_kfx.cli.progress import progress
from jupyter_kfx.engines.events import RunEvent
from jupyter_kfx.engines.outcome import StepOutcome
from tests.pipeline.graphs import pipeline

GRAPH = pipeline(("a", "b"))


def event(kind: str, step: str | None = "a", **data: Any) -> RunEvent:
    return RunEvent(kind, step, data)


TURNS = [
    event("run-started", None, run="r1", warnings=[]),
    event("step-started", execution="e", attempt=1),
    event("step-started"),
    event("step-cell", index=0, state="start"),
    event("step-output", index=0, stream="stdout", text="one\n\x1b[2J[red]two[/red]\n"),
    event("step-output", index=0, stream="stdout", text="\n"),
    event("step-waiting", reason="files"),
    event("step-rerun", reason="`x` \x1b[31mchanged"),
    event("step-started"),
    event("step-retried", retry=1, failure=None),
    event("step-started"),
    event("step-joined", first="a", steps=("b",), reason="`x` is a socket."),
    event("step-joined", "b", first="a", steps=("b",), reason="`x` is a socket."),
    event("step-started"),
    event("step-of-tomorrow"),
    event("step-finished", outcome=StepOutcome("a", "succeeded")),
    event("step-finished", "b", outcome=StepOutcome("b", "skipped")),
    event("run-finished", None, report=None),
]


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(GRAPH) as listener:
        for turn in TURNS:
            listener(turn)
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = [re.sub(r"\d+\.\d", "0.0", line) for line in shown.err.splitlines()]
    assert lines == [
        "[+0.0s] run r1 started",
        "[+0.0s] a started",
        "[+0.0s] a waits for the steps above",
        "[+0.0s] a runs again: `x` changed",
        "[+0.0s] a started",
        "[+0.0s] a failed and is tried again",
        "[+0.0s] a started",
        "[+0.0s] a, b run as one: `x` is a socket.",
        "[+0.0s] a started",
        "[+0.0s] a succeeded after 0.0 s",
        "[+0.0s] b skipped",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def live(monkeypatch: pytest.MonkeyPatch, turns: list[RunEvent]) -> str:
    """Return what a terminal is sent, without colours and movements of the cursor."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress(GRAPH) as listener:
        for turn in turns:
            listener(turn)
    assert "\x1b[2J" not in terminal.getvalue()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", terminal.getvalue())


def test_live_lines_end_as_what_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = live(monkeypatch, TURNS)
    assert "run r1 started" in shown
    assert re.search(r"✓ a succeeded after \d", shown)
    assert "- b skipped" in shown
    assert "a runs again: `x` changed" in shown


def test_a_running_step_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = live(monkeypatch, TURNS[:5])
    assert re.search(r"● a  \d+\.\d s  cell 1/1  \[red\]two\[/red\]", shown)
    assert "0/2 steps" in shown
