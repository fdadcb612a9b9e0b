"""Names for groups of cells."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.habits import Work
from jupyter_kfx.notebook.headings import free, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.analysis.grouping import Group

__all__ = ["names"]

_COMMENT = re.compile(r"#[\s#%=*-]*([^\W\d_][\w ,'/-]*?)[\s#=*:.-]*$")
_WRITERS = frozenset({Work.LOAD, Work.TRAIN, Work.CHANGE, Work.MAKE, Work.EVALUATE})
"""Kinds of work that are named after what they write."""
_PAIRS = frozenset({Work.LOAD, Work.SPLIT, Work.MAKE, Work.PLOT})
"""Kinds of work that are named after two names where there are."""


def names(found: Sequence[Group]) -> list[str]:
    """Return a name for each group: its heading, its comment, or what it works on."""
    data = {name for group in found for name in group.effects.may_bind}
    given: list[str] = []
    for group in found:
        wanted = "" if group.heading is None else title(group.heading.text)
        wanted = wanted or title(_comment(group.cells[0].cell.source))
        given.append(free(wanted or _by_work(group, data), given))
    return given


def _comment(source: str) -> str:
    """Return the first line of a cell if it is a comment of a few words, no code."""
    mark = _COMMENT.fullmatch(source.lstrip().partition("\n")[0].strip())
    if mark is None or len(mark[1].split()) > 6:
        return ""
    try:
        ast.parse(mark[1])
    except SyntaxError:
        return mark[1]
    return mark[1] if mark[1].istitle() else ""


def _by_work(group: Group, data: set[str]) -> str:
    """Return a name that says what a group writes, or else what it uses most."""
    mentions: Counter[str] = Counter()
    counters: set[str] = set()
    for code in group.cells:
        for node in (part for s in (*code.body, *code.inner) for part in ast.walk(s)):
            if isinstance(node, ast.Name):
                mentions[node.id] += 1
            elif isinstance(node, ast.For | ast.comprehension):
                counters |= {
                    n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)
                }
    order = [n for n in mentions if n not in counters and not n.startswith("_")]
    own = group.handed_on or group.effects.may_bind or group.effects.mutates
    own = (own - group.ties.keys()) or own
    used = group.effects.reads & data
    work = group.work
    if work is Work.MAKE and used and not group.handed_on:
        work = Work.SHOW
    if work in _WRITERS or not used:
        nouns = [name for name in order if name in own]
    else:
        nouns = sorted((n for n in order if n in used), key=lambda n: -mentions[n])
    if work is Work.EVALUATE:
        nouns.reverse()  # what it comes to stands last
    plain = " and ".join(nouns[:2] if work in _PAIRS else nouns[:1])
    if work is Work.MAKE and plain:
        return title(plain)
    return title(f"{work.value} {plain}") or work.value
