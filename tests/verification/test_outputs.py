"""When two showings of a cell are the same."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_kfx.verification.outputs import difference, is_alike


def _text(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def _data(**data: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([_text("a"), _text("b")], [_text("ab")]),
        ([_text("e", "stderr"), _text("a")], [_text("a"), _text("e", "stderr")]),
        ([_text("<f at 0x7f00aa11bb22>")], [_text("<f at 0x7f00cc33dd44>")]),
        ([_text("1 %\r2 %\rdone")], [_text("done")]),
        ([_text("\r72 of size 2\r3 of size 3")], [_text("3 of size 32")]),
        ([_text("Thread-5 (f) Task-12")], [_text("Thread-1 (f) Task-2")]),
        (
            [_text("maximum recursion depth exceeded in comparison\nx")],
            [_text("maximum recursion depth exceeded\nx")],
        ),
        (
            [
                _text(
                    "[CV] END ..C=1; total time=   0.1s\n[Pipeline] . fit, total=   0.0s"
                )
            ],
            [
                _text(
                    "[CV] END ..C=1; total time=   0.0s\n[Pipeline] . fit, total=   1.2s"
                )
            ],
        ),
        (
            [_text("[Parallel(n_jobs=1)]: Done   2 | elapsed:    0.1s")],
            [_text("[Parallel(n_jobs=1)]: Done   2 | elapsed:    2.0s")],
        ),
        (
            [_text("___________________________________ward_tree - 0.0s, 0.0min")],
            [_text("___________________________________ward_tree - 0.1s, 0.0min")],
        ),
        (
            [_text("CPU times: user 3 µs, sys: 1 µs, total: 4 µs\nWall time: 6.2 µs")],
            [_text("CPU times: user 3 ms, total: 4 ms\nWall time: 1min 6s")],
        ),
        (
            [_text("1.2 ms ± 4.5 µs per loop (mean ± std. dev. of 7 runs, 10 loops)")],
            [_text("9.2 s ± 4.5 ns per loop (mean ± std. dev. of 7 runs, 1 loop)")],
        ),
        (
            [_text("100%|##| 10/10 [00:00<00:00, 123.4it/s, loss=2]", "stderr")],
            [_text("100%|##| 10/10 [01:02<00:00,  1.4s/it, loss=2]", "stderr")],
        ),
    ],
)
def test_the_same(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    assert difference(one, other) is None


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ([_text("a\nb")], [_text("a\nc")], "'b' in place of 'c'"),
        ([_text("a")], [], "shows more: stdout 'a'"),
        ([], [_text("a")], "shows less: stdout 'a'"),
        ([_text("a")], [_data(html="a")], "shows stdout where it should show html"),
        ([_text("1.0")], [_text("1.0000001")], "in place of"),
        (
            [_text("10/10 [00:00<00:00, 123.4it/s, loss=2]", "stderr")],
            [_text("10/10 [00:00<00:00, 123.4it/s, loss=3]", "stderr")],
            "in place of",
        ),
        ([_text("total time= 1.0s")], [_text("total time= 1.1s")], "in place of"),
    ],
)
def test_different(
    one: list[dict[str, Any]], other: list[dict[str, Any]], what: str
) -> None:
    found = difference(one, other)
    assert found is not None
    assert what in found


def test_tolerance_is_relative() -> None:
    one, other = [_text("loss 1000.0")], [_text("loss 1000.1")]
    assert difference(one, other, 1e-3) is None
    assert difference(one, other, 1e-5) is not None
    assert difference(one, [_text("gain 1000.0")], 1e-3) is not None


def test_alike_but_for_numbers() -> None:
    assert is_alike([_text("took 1.5 s")], [_text("took 22 s")])
    assert not is_alike([_text("took 1.5 s")], [_text("spent 1.5 s")])
