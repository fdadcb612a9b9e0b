"""What has happened in a run since one last looked."""

from __future__ import annotations

import time
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any

from jupyter_kfx.background.journal import log_part, turns
from jupyter_kfx.background.states import States, document
from jupyter_kfx.errors import UsageError
from jupyter_kfx.project import open_store
from jupyter_kfx.store.presence import is_present

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Watch"]

_PART = 64 * 1024
"""Bytes of a log in one message."""
_LAST_WORD = 2.0
"""Seconds that a run whose process let go of it has to say how it ended."""
_GREETING = 1.0
"""Seconds in which one may ask for logs of a run that has ended already."""
_GLANCE = 1.0
"""Seconds between two looks into the store at a run that writes no journal."""


class Watch:
    """Follows one run by its files, whichever process runs it, from any position.

    It holds positions and states alone, so that many can look at one run and a slow
    one keeps nothing waiting. UsageError if there is no such run or position.
    """

    def __init__(
        self, run: str, *, store: str | None = None, position: int | None = None
    ) -> None:
        self._store = store
        with closing(open_store(store)) as opened:
            record = opened.run(run)
            definition = opened.definition(record.id)
            self._first = document(opened, record)
        self.run = record.id
        self._directory = record.directory
        self._numbers = {s["name"]: n for n, s in enumerate(definition["steps"])}
        self._states = States(definition)
        self._notebook = record.notebook
        self._opens = position is None
        self._position = self._first["position"] if position is None else position
        self._said_last = False
        for turn, end in turns(self._directory):
            if end <= self._position:
                self._states.of_turn(turn)
                self._said_last = turn["kind"] == "run-finished"
        if position is not None:
            next(turns(self._directory, position), None)
        self._logs: dict[str, int] = {}
        self._silent = self._position == 0
        self._let_go: float | None = None
        self._opened = self._looked = time.monotonic()
        self.ended = False
        """Whether everything has been told."""

    def follow(self, step: str, offset: int) -> None:
        """Tell the log of a step, too, from a byte on; UsageError if there is none."""
        if step not in self._numbers:
            message = f"the run has no step `{step}`."
            raise UsageError(message, cure=f"It has: {', '.join(self._numbers)}.")
        self._logs[step] = offset

    def unfollow(self, step: str) -> None:
        """Tell no more of the log of a step."""
        self._logs.pop(step, None)

    def news(self) -> Iterator[dict[str, Any]]:
        """Yield a message for each event since the last look, and parts of logs.

        Where nothing is left and the run has ended, that is told and `ended` is set.
        """
        if self._opens:
            self._opens = False
            yield self._whole(self._first)
        told = False
        for message in chain(self._events(), self._parts()):
            told = True
            yield message
        if told:
            return
        if self._let_go is not None:
            # What it wrote before it let go of the run has been read since.
            if self._has_ended(self._let_go):
                yield from self._end()
        elif not is_present(self._directory):
            self._let_go = time.monotonic()
        elif self._silent:
            yield from self._glance()

    def _events(self) -> Iterator[dict[str, Any]]:
        for turn, end in turns(self._directory, self._position):
            self._position, self._silent = end, False
            state = self._states.of_turn(turn)
            self._said_last = turn["kind"] == "run-finished"
            yield self._event(turn, None if state is None else dict(state))

    def _event(
        self, turn: dict[str, Any], state: dict[str, Any] | None
    ) -> dict[str, Any]:
        known = ("at", "kind", "step", "pid")
        event = {
            "run": self.run,
            "notebook": self._notebook,
            "at": turn["at"],
            "kind": turn["kind"],
            "step": turn["step"],
            "data": {key: turn[key] for key in turn if key not in known},
        }
        return {
            "type": "event",
            "event": event,
            "state": state,
            "position": self._position,
        }

    def _parts(self) -> Iterator[dict[str, Any]]:
        for step in tuple(self._logs):
            number, offset = self._numbers[step], self._logs.get(step)
            if offset is None:  # given up while another part was on its way
                continue
            text, reached = log_part(self._directory, number, offset, _PART)
            if reached > offset:
                self._logs[step] = reached
                yield {
                    "type": "log",
                    "step": step,
                    "offset": offset,
                    "next": reached,
                    "text": text,
                }

    def _glance(self) -> Iterator[dict[str, Any]]:
        if time.monotonic() - self._looked >= _GLANCE:
            found = self._look()
            if found != self._first:
                self._first = found
                yield self._whole(found)

    def _has_ended(self, let_go: float) -> bool:
        """Tell whether the run will say no more; killed ones never said so."""
        now = time.monotonic()
        if now - self._opened < _GREETING:
            return False
        return self._said_last or self._silent or now - let_go > _LAST_WORD

    def _end(self) -> Iterator[dict[str, Any]]:
        found = self._look()
        if not self._said_last:
            turn = {
                "at": time.time(),
                "kind": "run-finished",
                "step": None,
                "status": found["status"],
            }
            yield self._event(turn, None)
        self.ended = True
        yield self._whole(found)

    def _look(self) -> dict[str, Any]:
        self._looked = time.monotonic()
        with closing(open_store(self._store)) as store:
            return document(store, store.run(self.run))

    def _whole(self, found: dict[str, Any]) -> dict[str, Any]:
        return {"type": "run", "run": found, "position": found["position"]}
