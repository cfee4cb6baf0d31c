from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.kernels.network.cycles import CIRCLES_REACHED, COMPLETE, STEPS_REACHED, Circles, find_circles

Arc = tuple[int, int]
NO_LIMIT = {"max_circles": 10**9, "max_steps": 10**12}


def search(size: int, arcs: list[Arc], max_length: int, **limits: int) -> Circles:
    pairs = np.array(sorted(set(arcs)), dtype=np.int64).reshape(-1, 2)
    weight = np.array([1.0 + 10 * a + b for a, b in pairs.tolist()])
    source, target = pairs[:, 0].copy(), pairs[:, 1].copy()
    return find_circles(size, source, target, weight, max_length=max_length, **{**NO_LIMIT, **limits})


def listed(found: Circles) -> list[tuple[int, ...]]:
    return [tuple(found.nodes[a:b].tolist()) for a, b in zip(found.starts[:-1], found.starts[1:], strict=True)]


def brute_force(arcs: list[Arc], max_length: int) -> list[tuple[int, ...]]:
    out = []
    for circle in nx.simple_cycles(nx.DiGraph(arcs)):
        if 2 <= len(circle) <= max_length:
            turn = circle.index(min(circle))
            out.append(tuple(circle[turn:] + circle[:turn]))
    return sorted(out)


graphs = st.integers(2, 8).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1]), max_size=4 * n
        ),
        st.integers(2, 8),
    )
)


@given(graphs)
@settings(max_examples=300, deadline=None)
def test_all_circles_are_found_once_in_lexicographic_order(case: tuple[int, list[Arc], int]) -> None:
    size, arcs, max_length = case
    found = search(size, arcs, max_length)
    assert brute_force(arcs, max_length) == listed(found)
    assert found.stopped == COMPLETE
    assert max_length == found.complete_to


def test_a_complete_graph_has_every_circle() -> None:
    arcs = [(a, b) for a in range(7) for b in range(7) if a != b]
    assert brute_force(arcs, 7) == listed(search(7, arcs, 7))


def test_bottleneck_and_total_are_of_the_arcs_of_the_circle() -> None:
    found = search(4, [(0, 1), (1, 2), (2, 0), (2, 3)], 8)
    assert [2.0] == found.smallest.tolist()  # 0->1 weighs 2, 1->2 weighs 13, 2->0 weighs 21
    assert [36.0] == found.total.tolist()


@given(graphs, st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_a_limit_keeps_the_shortest_circles_and_says_how_far_it_is_complete(
    case: tuple[int, list[Arc], int], limit: int
) -> None:
    size, arcs, max_length = case
    every = brute_force(arcs, max_length)
    found = search(size, arcs, max_length, max_circles=limit)
    circles = listed(found)
    assert min(limit, len(every)) == len(circles)
    assert set(circles) <= set(every)
    short = {c for c in every if len(c) <= found.complete_to}
    assert short == {c for c in circles if len(c) <= found.complete_to}
    assert all(len(c) <= found.complete_to + 1 for c in circles)
    assert (found.stopped == CIRCLES_REACHED) == (len(every) > limit)


def test_a_limit_of_steps_stops_the_search_and_is_told() -> None:
    arcs = [(a, b) for a in range(9) for b in range(9) if a != b]
    found = search(9, arcs, 8, max_steps=2_000)
    assert found.stopped == STEPS_REACHED
    assert found.complete_to < 8
    assert set(brute_force(arcs, found.complete_to)) <= set(listed(found))


@pytest.mark.parametrize("size", [0, 1, 5])
def test_a_graph_without_circles_has_none(size: int) -> None:
    found = search(size, [(k, k + 1) for k in range(size - 1)], 8)
    assert [] == listed(found)
    assert found.stopped == COMPLETE
