"""What is still at work when a step ends, and ends with it."""

from __future__ import annotations

import asyncio
import functools
import io
import os
import sys
import threading
import types
from typing import Any, Iterator

from .purity import global_names

__all__ = ["Lingering"]

_OURS = "kfx-"


class Lingering:
    """Threads, tasks and child processes that the cells have left behind."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._found: list[tuple[str, str, list[Any]]] = []

    def look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Remember what is at work now."""
        frames = sys._current_frames()
        for thread in threading.enumerate():
            own = thread is threading.current_thread()
            if not own and not thread.name.startswith(_OURS):
                frame = frames.get(thread.ident or 0)
                parts = list(self._parts(frame)) if frame is not None else []
                self._found.append(("thread", thread.name, parts))
        for task in asyncio.all_tasks(loop):
            if task is not asyncio.current_task(loop):
                parts = list(self._parts(getattr(task.get_coro(), "cr_frame", None)))
                self._found.append(("task", task.get_name(), parts))
        self._found += [("child process", name, []) for name in _children()]

    def told(self) -> list[str]:
        """Return what was found, a few words each."""
        return sorted(f"{kind} `{name}`" for kind, name, _ in self._found)

    def unavailable(self, names: set[str]) -> dict[str, dict[str, str]]:
        """Return those of the names that something still works on."""
        found = {}
        for kind, who, parts in self._found:
            for name in names & self._namespace.keys():
                value = self._namespace[name]
                if any(value is part for part in parts):
                    found[name] = {
                        "message": f"the {kind} `{who}` still works with `{name}`, and "
                        "it ends with the step.",
                        "cure": "Wait for its end in the step that starts it.",
                    }
        return found

    def _parts(self, frame: types.FrameType | None) -> Iterator[Any]:
        """Give the objects that notebook code in these frames can change."""
        while frame is not None:
            if frame.f_globals is self._namespace:
                yield from map(_bare, frame.f_locals.values())
                yield from self._used(frame.f_code)
            frame = frame.f_back

    def _used(self, code: types.CodeType) -> Iterator[Any]:
        todo, known = [code], {code}
        while todo:
            for name in global_names(todo.pop()) & self._namespace.keys():
                value = self._namespace[name]
                inner = getattr(_bare(value), "__code__", None)
                if inner is None and not isinstance(value, (types.ModuleType, type)):
                    yield value
                elif isinstance(inner, types.CodeType) and inner not in known:
                    known.add(inner)
                    todo.append(inner)


def _bare(value: Any) -> Any:
    return value.func if isinstance(value, functools.partial) else value


def _children() -> list[str]:
    """Return the names of the processes that this one has started and that still run."""
    found = []
    for task in (
        os.listdir("/proc/self/task") if os.path.isdir("/proc/self/task") else ()
    ):
        try:
            with io.open(f"/proc/self/task/{task}/children", encoding="ascii") as file:
                pids = file.read().split()
        except OSError:
            continue
        for pid in pids:
            try:
                with io.open(
                    f"/proc/{pid}/stat", encoding="utf-8", errors="replace"
                ) as file:
                    text = file.read()
            except OSError:
                continue
            name, _, state = text.partition("(")[2].rpartition(")")
            if state.split()[0] != "Z":
                found.append(name)
    return found
