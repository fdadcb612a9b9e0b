"""How a run shows itself while it runs: live lines on a terminal, else plain ones."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from jupyter_kfx.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console, ConsoleOptions, RenderResult

    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["progress"]

_MARKS = {
    "succeeded": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("-", "dim"),
    "cancelled": ("-", "yellow"),
}


@contextmanager
def progress(pipeline: Pipeline) -> Iterator[Callable[[RunEvent], None]]:
    """Give a listener that shows a run on standard error while it lasts."""
    watch = _Watch(
        {step.name: [c.index for c in step.cells] for step in pipeline.steps}
    )
    if not sys.stderr.isatty():
        yield watch.hear
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    shown = _LiveLines(watch)
    watch.say = shown.say(console)
    with Live(shown, console=console, refresh_per_second=10, transient=True):
        yield watch.hear


@dataclass
class _Running:
    """A step that runs now."""

    since: float
    cell: str = ""
    said: str = ""


@dataclass(frozen=True)
class _Turn:
    """A turn that a run has taken, in words."""

    seconds: float
    text: str
    status: str = ""
    """How the step ended, if this is its end."""
    passing: bool = False
    """It is of no interest once it is over."""


def _echo(turn: _Turn) -> None:
    click.echo(f"[+{turn.seconds:.1f}s] {turn.text}", err=True)


@dataclass
class _Watch:
    """Keeps what a run has told, and says each turn that it takes."""

    cells: dict[str, list[int]]
    say: Callable[[_Turn], None] = _echo
    start: float = field(default_factory=time.monotonic)
    running: dict[str, _Running] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    def hear(self, event: RunEvent) -> None:
        """Take an event in."""
        step, data, now = event.step or "", event.data, time.monotonic()
        shown = plain(step)
        match event.kind:
            case "run-started":
                self._turn(f"run {data['run']} started")
            case "step-started":
                # The scheduler says it when it sends a step out, the engine when the
                # process is there.
                if step not in self.running:
                    self.running[step] = _Running(now)
                    self._turn(f"{shown} started", passing=True)
            case "step-cell" if data.get("state") == "start" and step in self.running:
                own = self.cells.get(step, [])
                if data["index"] in own:
                    place = f"cell {own.index(data['index']) + 1}/{len(own)}"
                    self.running[step].cell = place
            case "step-output" if step in self.running:
                lines = plain(str(data.get("text", ""))).strip().splitlines()
                if lines:
                    self.running[step].said = lines[-1]
            case "step-waiting":
                if step in self.running:
                    self.running[step].said = "waits for the steps above"
                self._turn(f"{shown} waits for the steps above", passing=True)
            case "step-rerun":
                self.running.pop(step, None)
                self._turn(f"{shown} runs again: {plain(data['reason'])}")
            case "step-joined":
                self.running.pop(step, None)
                self.ended.discard(step)
                if step == data["first"]:
                    names = ", ".join(map(plain, (step, *data["steps"])))
                    self._turn(f"{names} run as one: {plain(data['reason'])}")
            case "step-retried":
                self.running.pop(step, None)
                self._turn(f"{shown} failed and is tried again")
            case "step-finished":
                self.ended.add(step)
                known = self.running.pop(step, None)
                status = data["outcome"].status
                took = "" if known is None else f" after {now - known.since:.1f} s"
                self._turn(f"{shown} {status}{took}", status)

    def _turn(self, text: str, status: str = "", *, passing: bool = False) -> None:
        self.say(_Turn(time.monotonic() - self.start, text, status, passing))


class _LiveLines:
    """One line for each running step, redrawn while the run lasts."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch

    def say(self, console: Console) -> Callable[[_Turn], None]:
        """Return what prints the turns worth keeping above the live lines."""
        from rich.text import Text

        def keep(turn: _Turn) -> None:
            if turn.status:
                mark, style = _MARKS.get(turn.status, ("-", "dim"))
                console.print(Text.assemble((mark, style), " ", turn.text))
            elif not turn.passing:
                console.print(Text(turn.text, style="dim"))

        return keep

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        """Draw the lines as they are now."""
        from rich.text import Text

        now = time.monotonic()
        room = max(1, (options.height or console.height) - 2)
        running = list(self._watch.running.items())
        for step, state in running[:room]:
            line = Text("● ", style="cyan", no_wrap=True, overflow="ellipsis")
            line.append(plain(step), style="bold")
            line.append(f"  {now - state.since:.1f} s  {state.cell}", style="default")
            line.append(f"  {state.said}", style="dim")
            line.truncate(options.max_width, overflow="ellipsis")
            yield line
        more = len(running) - room
        if more > 0:
            yield Text(f"and {more} more", style="dim")
        total = len(self._watch.cells)
        yield Text(f"{len(self._watch.ended)}/{total} steps", style="dim")
