"""Results of the corpus in lines of text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.corpus.verifying import Result

__all__ = ["line", "summary"]

_ORDER = ("SAME", "REFUSED", "FAILED", "DIFF")
_WIDEST = 56


def line(result: Result) -> str:
    """Return the row of one notebook."""
    seconds = f"{result.notebook_seconds:6.1f} {result.pipeline_seconds:6.1f}"
    again = f"{len(result.reruns):3} {result.needless:3} {result.joined:3}"
    head = f"{result.verdict:8} {result.case:{_WIDEST}} {result.steps:3}"
    return f"{head} {again} {seconds}  {result.reason}".rstrip()


def summary(results: Sequence[Result]) -> Iterator[str]:
    """Give the whole table, what is not SAME last, and the sums."""
    judged = [result for result in results if result.verdict in _ORDER]
    yield (
        f"{'verdict':8} {'notebook':{_WIDEST}} {'steps':>3} again "
        "needless joined, seconds as notebook and pipeline, reason"
    )
    for verdict in _ORDER:
        yield from (
            line(result)
            for result in sorted(judged, key=lambda result: result.case)
            if result.verdict == verdict
        )
    yield ""
    yield from _sums(judged)
    left_out = [result for result in results if result.verdict == "left out"]
    yield f"{len(left_out)} left out, because they do not run offline in the time"


def _sums(judged: Sequence[Result]) -> Iterator[str]:
    counts: Counter[str] = Counter(result.verdict for result in judged)
    total = len(judged) or 1
    words = (f"{counts[v]} {v} ({counts[v] / total:.1%})" for v in _ORDER)
    yield f"{len(judged)} notebooks: {', '.join(words)}"
    origins = Counter(result.case.partition("/")[0] for result in judged)
    words = (f"{name} {count}" for name, count in origins.most_common())
    yield f"from {', '.join(words)}"
    steps = sum(result.steps for result in judged) or 1
    again = sum(len(result.reruns) for result in judged)
    needless = sum(result.needless for result in judged)
    yield (
        f"{steps} steps, {again} run again ({again / steps:.1%}), "
        f"{needless} of these needlessly ({needless / steps:.1%})"
    )
    joined = sum(result.joined for result in judged)
    yield f"{joined} steps ran as one with others ({joined / steps:.1%})"
    notebook = sum(result.notebook_seconds for result in judged)
    pipeline = sum(result.pipeline_seconds for result in judged)
    yield f"{notebook:.0f} s as notebooks, {pipeline:.0f} s as pipelines"
