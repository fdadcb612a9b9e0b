"""A comparison of two runs as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["change", "durations", "lines", "text"]


def lines(found: Mapping[str, Any], *, everything: bool = False) -> Iterator[str]:
    """Yield what differs between two runs, or all that was compared."""
    one, other = found["runs"]
    yield f"one:   {_run(one)}"
    yield f"other: {_run(other)}"
    for kind in ("parameters", "metrics"):
        for entry in found[kind]:
            if everything or not entry["same"]:
                yield f"{kind[:-1]} {_entry(entry)}"
    for step in found["steps"]:
        told = list(_of_step(step, everything=everything))
        if told:
            yield f"step {step['step']}"
            yield from (f"  {line}" for line in told)
    if found["same"]:
        yield "The runs are the same."


def _run(run: Mapping[str, Any]) -> str:
    seconds = "" if run["seconds"] is None else f" in {run['seconds']:.1f} s"
    return f"{run['run']} {run['pipeline']} {run['status']}{seconds}"


def _entry(entry: Mapping[str, Any]) -> str:
    if entry["same"]:
        return f"{entry['name']}: {text(entry['one'])}"
    by = change(entry)
    pair = f"{text(entry['one'])} -> {text(entry['other'])}"
    return f"{entry['name']}: {pair}" + (f" ({by})" if by else "")


def text(value: Any) -> str:
    """Return a value as it is shown; a dash where there is none."""
    return "-" if value is None else str(value)


def change(entry: Mapping[str, Any]) -> str:
    """Return by how much a number has changed, if it is one."""
    return "" if entry["change"] is None else f"{entry['change']:+g}"


def durations(step: Mapping[str, Any]) -> list[str]:
    """Return how long a step took in each of the runs."""
    return [
        "-" if seconds is None else "cached" if cached else f"{seconds:.2f} s"
        for seconds, cached in zip(step["seconds"], step["cached"], strict=True)
    ]


def _of_step(step: Mapping[str, Any], *, everything: bool) -> Iterator[str]:
    one, other = step["status"]
    if one != other:
        yield f"status: {text(one)} -> {text(other)}"
    if not step["code"]["same"]:
        yield "code:"
        yield from (f"  {line}" for line in step["code"]["diff"].splitlines()[2:])
    for role in ("inputs", "outputs"):
        for entry in step[role]:
            if not entry["same"]:
                yield f"{role[:-1]} {entry['name']}: {entry['why']}"
            elif everything:
                yield f"{role[:-1]} {entry['name']}: the same"
    if everything and step["seconds"] != [None, None]:
        yield f"duration: {' -> '.join(durations(step))}"
