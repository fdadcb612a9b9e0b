"""A comparison of two runs as a page of HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_kfx.inspection.text import change, durations, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["page"]

_STYLE = """
:root { color-scheme: light dark; --line: #ddd; --soft: #666; --other: #fff3d6;
  --code: #f6f6f6; --gone: #b00020; --new: #1b6e2c; }
@media (prefers-color-scheme: dark) {
  :root { --line: #444; --soft: #aaa; --other: #4a3b10; --code: #222;
    --gone: #ff8a80; --new: #81c995; }
}
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem;
  text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: normal; }
td.other { background: var(--other); }
pre { background: var(--code); padding: .7rem; overflow: auto; }
.gone { color: var(--gone); } .new { color: var(--new); }
"""
_SAME = "same"


def page(found: Mapping[str, Any]) -> str:
    """Return the comparison as an HTML page that needs nothing else."""
    runs = found["runs"]
    ids = [run["run"] for run in runs]
    title = f"{runs[0]['pipeline']}: {ids[0]} and {ids[1]}"
    differing = [step for step in found["steps"] if _differences(step)]
    parts = [
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(_verdict(found, differing))}</p>",
        _table(("", *ids), map(_plain, _of_runs(runs))),
    ]
    for kind in ("parameters", "metrics"):
        if found[kind]:
            head = (kind[:-1], *ids, "change")
            parts += [f"<h2>{kind.capitalize()}</h2>"]
            parts += [_table(head, map(_side_by_side, found[kind]))]
    head = ("step", "code", "inputs", "outputs", *(f"took in {run}" for run in ids))
    parts += ["<h2>Steps</h2>", _table(head, map(_overview, found["steps"]))]
    if differing:
        parts += ["<h2>What differs</h2>", *map(_details, differing)]
    return "\n".join([*parts, "</body></html>\n"])


def _verdict(found: Mapping[str, Any], differing: Sequence[Any]) -> str:
    if found["same"]:
        return "The runs are the same."
    told = []
    for kind in ("parameters", "metrics"):
        others = [entry["name"] for entry in found[kind] if not entry["same"]]
        if others:
            told.append(f"{kind} {', '.join(others)}")
    if differing:
        told.append(f"{len(differing)} of {len(found['steps'])} steps")
    return f"What differs: {'; '.join(told)}."


def _of_runs(runs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    yield "notebook", *(text(run["notebook"]) for run in runs)
    yield "status", *(run["status"] for run in runs)
    started = (run["started"][:19].replace("T", " ") for run in runs)
    yield "started (UTC)", *started
    took = ("-" if r["seconds"] is None else f"{r['seconds']:.1f} s" for r in runs)
    yield "took", *took


_Cell = tuple[str, bool]
"""What is shown, and whether it differs."""


def _plain(row: Iterable[str]) -> list[_Cell]:
    return [(cell, False) for cell in row]


def _side_by_side(entry: Mapping[str, Any]) -> list[_Cell]:
    other = not entry["same"]
    values = [(text(entry[which]), other) for which in ("one", "other")]
    return [(entry["name"], False), *values, (change(entry), other)]


def _overview(step: Mapping[str, Any]) -> list[_Cell]:
    cells = [(step["step"], False)]
    code = _SAME if step["code"]["same"] else "another"
    cells.append((code, not step["code"]["same"]))
    for role in ("inputs", "outputs"):
        others = [entry["name"] for entry in step[role] if not entry["same"]]
        same = _SAME if step[role] else ""
        cells.append((f"other {', '.join(others)}" if others else same, bool(others)))
    one, other = step["status"]
    for status, took in zip(step["status"], durations(step), strict=True):
        shown = took if status in ("succeeded", None) else f"{status}, {took}"
        cells.append((shown, one != other))
    return cells


def _differences(step: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what differs in a step, each with how."""
    one, other = map(text, step["status"])
    found = [("status", f"{one} against {other}")] if one != other else []
    if not step["code"]["same"]:
        found.append(("code", ""))
    return found + [
        (f"{role[:-1]} {entry['name']}", entry["why"])
        for role in ("inputs", "outputs")
        for entry in step[role]
        if not entry["same"]
    ]


def _details(step: Mapping[str, Any]) -> str:
    rows = [_plain(pair) for pair in _differences(step) if pair[0] != "code"]
    parts = [f"<h3>{escape(step['step'])}</h3>"]
    if rows:
        parts.append(_table((), rows))
    if not step["code"]["same"]:
        diff = map(_diff_line, step["code"]["diff"].splitlines()[2:])
        parts.append(f"<pre>{chr(10).join(diff)}</pre>")
    return "\n".join(parts)


def _diff_line(line: str) -> str:
    kind = {"-": "gone", "+": "new"}.get(line[:1])
    shown = escape(line)
    return f"<span class='{kind}'>{shown}</span>" if kind else shown


def _table(head: Sequence[str], rows: Iterable[Sequence[_Cell]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "\n".join(
        "<tr>"
        + "".join(
            f"<td{' class=other' if other else ''}>{escape(cell)}</td>"
            for cell, other in row
        )
        + "</tr>"
        for row in rows
    )
    return f"<table>{f'<tr>{top}</tr>' if top else ''}\n{body}</table>"
