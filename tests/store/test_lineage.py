from __future__ import annotations

from jupyter_kfx.store import ExecutionRecord, Lineage, Store, Use
from tests.store.conftest import Start, Write


def test_lineage_goes_both_ways(store: Store, start: Start, write: Write) -> None:
    run = start()
    raw, clean, model, other = map(write, (b"raw", b"clean", b"model", b"other"))
    for name, inputs, outputs in (
        ("load", [], [raw]),
        ("clean", [raw], [clean]),
        ("fit", [clean], [model]),
        ("aside", [], [other]),
    ):
        store.end_execution(
            run.id,
            ExecutionRecord(
                f"{run.id}-{name}",
                name,
                1,
                "succeeded",
                0.1,
                inputs=inputs,
                outputs=outputs,
            ),
        )
    assert store.lineage(clean.digest) == Lineage(
        written=(Use(run.id, f"{run.id}-clean", "clean", "x"),),
        read=(Use(run.id, f"{run.id}-fit", "fit", "x"),),
        origins=frozenset({raw.digest}),
        results=frozenset({model.digest}),
    )
    assert store.lineage(raw.digest).results == {clean.digest, model.digest}
    assert store.lineage(model.digest).origins == {clean.digest, raw.digest}
    assert store.lineage(other.digest).origins == set()
    assert store.lineage("0" * 64) == Lineage((), (), frozenset(), frozenset())


def test_a_step_that_hands_on_what_it_read_is_no_endless_loop(
    store: Store, start: Start, write: Write
) -> None:
    run = start()
    one, two = write(b"1"), write(b"2")
    store.end_execution(
        run.id,
        ExecutionRecord(
            "e", "s", 1, "succeeded", 0.1, inputs=[one, two], outputs=[one, two]
        ),
    )
    assert store.lineage(one.digest).origins == {two.digest}
    assert store.lineage(one.digest).results == {two.digest}
