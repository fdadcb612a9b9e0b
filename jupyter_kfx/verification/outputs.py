"""What a cell shows, and whether two showings are the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_kfx.runtime.outputs import as_shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["difference", "is_alike"]

_Shown = list[tuple[str, str]]

_ACCIDENTAL = (
    (re.compile(r"0x[0-9a-fA-F]{6,}"), "0x..."),
    (re.compile(r"ipykernel_\d+"), "ipykernel"),
    # What is called last before the stack is full depends on what lies below the cell.
    (
        re.compile(r"(maximum recursion depth exceeded) (?:in|while) [\w ]+"),
        r"\1",
    ),
    # So does what a kernel has started for itself on the numbers of threads and tasks.
    (re.compile(r"\b(\w*(?:Thread|Task|Process|Executor|Worker))-\d+"), r"\1-..."),
    # scikit-learn counts what a process has drawn.
    (re.compile(r"sk-(container|estimator)-id-\d+"), r"sk-\1-id"),
    # It and joblib say how long they took, to a tenth of a second.
    (
        re.compile(
            r"(?m)^(\[(?:CV|Pipeline|ColumnTransformer|FeatureUnion)\b.*\btotal(?: time)?="
            r"|\[Parallel\(n_jobs=.*\belapsed:) +[\d.]+ ?(?:s|min)\b"
        ),
        r"\1 ...",
    ),
    (re.compile(r"(?m)^(_{3,}[\w.<>-]+ - )[\d.]+s, [\d.]+min$"), r"\1..."),
    # So do IPython's %time and %timeit, and tqdm, each in the unit that fits.
    (re.compile(r"(?m)^(CPU times: user|Wall time:) \d.*$"), r"\1 ..."),
    (re.compile(r"(?m)^[\d.]+ \S+ ± [\d.]+ \S+ per loop( \(.*\))?$"), "... per loop"),
    (
        re.compile(r"\[(?:\d+:)+\d\d(?:<(?:(?:\d+:)+\d\d|\?))?, +[\d.?]+\w*/\w+"),
        "[...",
    ),
)
"""What no two processes have alike, and no notebook's answer depends on."""
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_DIGITS = re.compile(r"[\d\s.:,\-+e|/%#█▏▎▍▌▋▊▉]+")
_LONGEST = 80


def difference(
    one: Sequence[Mapping[str, Any]],
    other: Sequence[Mapping[str, Any]],
    tolerance: float = 0.0,
) -> str | None:
    """Return how the outputs of a cell differ first; none if they show the same.

    Texts of a stream count as one text, and `stderr` apart from the others, since
    kernels send both as time allows.
    """
    left, right = _shown(one), _shown(other)
    for (kind, text), (other_kind, other_text) in zip(left, right, strict=False):
        if kind != other_kind:
            return f"shows {kind} where it should show {other_kind}"
        if not _same(text, other_text, tolerance):
            return f"{kind}: {_where(text, other_text)}"
    if len(left) != len(right):
        longer, word = (left, "more") if len(left) > len(right) else (right, "less")
        kind, text = longer[min(len(left), len(right))]
        return f"shows {word}: {kind} {_short(text)}"
    return None


def is_alike(
    one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]
) -> bool:
    """Tell whether outputs are the same but for numbers, as those of clocks are."""
    left, right = (
        [(kind, _DIGITS.sub("#", text)) for kind, text in _shown(outputs)]
        for outputs in (one, other)
    )
    return left == right


def _shown(outputs: Sequence[Mapping[str, Any]]) -> _Shown:
    found: _Shown = []
    errors = ""
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            text = "".join(output["text"])
            if output["name"] == "stderr":
                errors += text
            elif found and found[-1][0] == "stdout":
                found[-1] = ("stdout", found[-1][1] + text)
            else:
                found.append(("stdout", text))
        elif kind == "error":
            found.append(("error", f"{output['ename']}: {output['evalue']}"))
        else:
            data = output["data"]
            found += [(mime, _text(data[mime])) for mime in sorted(data)]
    if errors:
        found.append(("stderr", errors))
    return [(kind, _cleaned(text)) for kind, text in found if text]


def _text(data: Any) -> str:
    if isinstance(data, list) and all(isinstance(line, str) for line in data):
        return "".join(data)
    return data if isinstance(data, str) else repr(data)


def _cleaned(text: str) -> str:
    text = as_shown(text)
    for pattern, plain in _ACCIDENTAL:
        text = pattern.sub(plain, text)
    return text.rstrip("\n")


def _same(one: str, other: str, tolerance: float) -> bool:
    if one == other:
        return True
    if not tolerance or _NUMBER.sub("#", one) != _NUMBER.sub("#", other):
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(
        abs(float(a) - float(b)) <= tolerance * max(abs(float(a)), abs(float(b)))
        for a, b in pairs
    )


def _where(one: str, other: str) -> str:
    lines = zip(one.split("\n"), other.split("\n"), strict=False)
    for a, b in lines:
        if a != b:
            at = next(
                (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y),
                min(len(a), len(b)),
            )
            start = max(0, at - 20)
            return f"{_short(a[start:])} in place of {_short(b[start:])}"
    return f"{one.count(chr(10)) + 1} lines in place of {other.count(chr(10)) + 1}"


def _short(text: str) -> str:
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return repr(shown)
