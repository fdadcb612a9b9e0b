from __future__ import annotations

import itertools

import pytest
from hypothesis import given

from jupyter_kfx.errors import UsageError
from jupyter_kfx.pipeline.model import Pipeline
from jupyter_kfx.pipeline.topology import ancestors, check, layers, order
from tests.pipeline.graphs import graphs, pipeline

DIAMOND = pipeline(("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), names="abcde")


def test_a_diamond() -> None:
    assert order(DIAMOND) == ["a", "e", "b", "c", "d"]
    assert layers(DIAMOND) == {"a": 0, "b": 1, "c": 1, "d": 2, "e": 0}
    assert ancestors(DIAMOND, "d") == {"a", "b", "c"}
    assert ancestors(DIAMOND, "e") == set()


@given(graphs())
def test_sources_come_first(graph: Pipeline) -> None:
    names = order(graph)
    assert sorted(names) == sorted(step.name for step in graph.steps)
    place = {name: i for i, name in enumerate(names)}
    depth = layers(graph)
    for edge in graph.edges:
        assert place[edge.source] < place[edge.target]
        assert depth[edge.source] < depth[edge.target]
        assert edge.source in ancestors(graph, edge.target)


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (pipeline(("a", "a")), "`a` -> `a`"),
        (pipeline(("a", "b"), ("b", "a")), "`a` -> `b` -> `a`"),
        (
            # Steps before and behind the cycle are not part of it.
            pipeline(("z", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "y")),
            "`b` -> `c` -> `a` -> `b`",
        ),
    ],
)
def test_a_cycle_is_named(graph: Pipeline, said: str) -> None:
    with pytest.raises(UsageError, match="cycle") as caught:
        check(graph)
    around = str(caught.value).partition("cycle: ")[2].partition(".")[0]
    turn = said.split(" -> ")[:-1]
    found = around.split(" -> ")
    assert found[0] == found[-1]
    start = turn.index(found[0])
    assert found[:-1] == turn[start:] + turn[:start]


def test_long_chains_do_not_recurse() -> None:
    names = [f"s{i}" for i in range(5000)]
    chain = pipeline(*itertools.pairwise(names))
    assert order(chain) == names
    assert layers(chain)[names[-1]] == len(names) - 1
    assert len(ancestors(chain, names[-1])) == len(names) - 1
