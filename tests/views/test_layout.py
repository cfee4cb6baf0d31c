"""Where things are placed: nothing on top of another, the same every time, circles in the order in which they run."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.views.arrangement.client_groups import LARGEST, find_groups
from graphrisk.views.arrangement.layout import SPACING, component, force, pack, ring, shelves, sunflower
from graphrisk.views.arrangement.radial import Tree, radial, spanning_tree
from graphrisk.views.arrangement.rings import running_order, strong_components
from graphrisk.views.data.page_graph import read_page_graph
from tests.views.worlds import random_graph
from tests.worlds.build import graph_of, parties


def nearest(places: np.ndarray) -> float:
    distance = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distance, np.inf)
    return float(distance.min())


@given(st.lists(st.floats(5.0, 300.0), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_packed_circles_do_not_overlap(radii: list[float]) -> None:
    sizes = np.array(radii)
    places = pack(sizes, np.zeros((0, 2), dtype=np.int64), gap=10.0)
    distance = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2)) - sizes[:, None] - sizes[None, :]
    np.fill_diagonal(distance, np.inf)
    assert distance.min() >= 10.0 - 1e-3 or len(radii) == 1


def test_packed_circles_are_dense() -> None:
    places = pack(np.full(100, 50.0), np.zeros((0, 2), dtype=np.int64), gap=0.0, wide=1.0)
    reach = float(np.sqrt((places**2).sum(axis=1)).max()) + 50.0
    assert 100 * 50.0**2 / reach**2 > 0.7  # hexagonal packing of the plane is 0.907


@pytest.mark.parametrize("size", [3, 10, 60])
def test_forced_nodes_keep_their_distance_and_links_are_shorter_than_the_rest(size: int) -> None:
    graph = nx.random_labeled_tree(size, seed=3)
    pairs = np.array(graph.edges())
    places = force(size, pairs)
    assert nearest(places) > SPACING * 0.8
    distance = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    assert distance[pairs[:, 0], pairs[:, 1]].mean() < distance[np.triu_indices(size, 1)].mean()
    np.testing.assert_array_equal(places, force(size, pairs))


def test_a_ring_of_links_is_drawn_as_a_ring_in_the_order_it_runs() -> None:
    order = [0, 3, 1, 4, 2]
    pairs = np.array([[order[k], order[(k + 1) % 5]] for k in range(5)])
    places = component(5, pairs)
    sides = np.sqrt(((places[pairs[:, 0]] - places[pairs[:, 1]]) ** 2).sum(axis=1))
    np.testing.assert_allclose(sides, sides[0])
    assert nearest(places) == pytest.approx(float(sides[0]))


def test_a_star_has_its_hub_in_the_middle() -> None:
    places = component(7, np.array([[4, k] for k in range(7) if k != 4]))
    np.testing.assert_allclose(places[4], [0.0, 0.0])
    np.testing.assert_allclose(places.mean(axis=0), [0.0, 0.0], atol=1e-9)


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_rings_and_sunflowers_keep_neighbours_apart(size: int) -> None:
    assert ring(size).shape == sunflower(size).shape == (size, 2)
    if size > 1:
        assert nearest(ring(size)) >= SPACING - 1e-6
        assert nearest(sunflower(size)) > SPACING * 0.5


def test_shelves_keep_parts_apart_and_do_not_turn_them() -> None:
    parts = [ring(k) for k in (3, 5, 8, 2, 1, 12)]
    moved = shelves(parts)
    for before, after in zip(parts, moved, strict=True):
        np.testing.assert_allclose(after - after[0], before - before[0], atol=1e-9)
    assert nearest(np.concatenate(moved)) >= SPACING * 0.99


def test_radial_places_put_each_step_on_its_ring_and_nobody_on_another() -> None:
    graph = nx.random_labeled_tree(120, seed=5)
    tree, left = spanning_tree(0, lambda n: sorted(graph[n]), 4, 400)
    steps = nx.single_source_shortest_path_length(graph, 0, cutoff=4)
    at = radial(tree)
    assert left == 0
    assert set(at) == set(steps)
    radius = {steps[n]: round(math.hypot(*at[n]), 6) for n in at}
    assert {n: round(math.hypot(*at[n]), 6) for n in at} == {n: radius[steps[n]] for n in at}
    assert sorted(radius.values()) == [radius[k] for k in sorted(radius)]
    assert nearest(np.array(list(at.values()))) > 10.0


def test_a_full_tree_counts_whom_it_leaves_out() -> None:
    tree, left = spanning_tree(0, lambda n: range(1, 50) if n == 0 else [], 2, 20)
    assert (len(tree.children), left) == (19, 30)
    assert isinstance(tree.children[0], Tree)


def test_strong_components_are_those_of_networkx_largest_first() -> None:
    graph = random_graph(400, seed=11)
    book = read_page_graph(graph)
    links = book.links.of("GUARANTEES")
    found = strong_components(book.size, links)
    oracle = nx.DiGraph(zip(links.source.tolist(), links.target.tolist(), strict=True))
    expected = [sorted(c) for c in nx.strongly_connected_components(oracle) if len(c) > 1]
    assert sorted(sorted(c.tolist()) for c in found) == sorted(expected)
    assert [len(c) for c in found] == sorted((len(c) for c in found), reverse=True)
    assert len(found) > 3


@pytest.mark.parametrize("seed", range(5))
def test_the_running_order_is_a_longest_circle(seed: int) -> None:
    graph = nx.gnp_random_graph(9, 0.3, seed=seed, directed=True)
    members = max(nx.strongly_connected_components(graph), key=len)
    inside = graph.subgraph(members)
    order = running_order(sorted(members), {n: list(inside[n]) for n in inside})
    assert sorted(order) == sorted(members)
    longest = max((len(c) for c in nx.simple_cycles(inside)), default=1)
    run = sum(inside.has_edge(order[k], order[(k + 1) % len(order)]) for k in range(len(order)))
    assert run >= longest - (2 if longest < len(order) else 0)


def test_every_node_is_in_one_group_and_none_is_too_large() -> None:
    book = read_page_graph(random_graph(1500))
    groups = find_groups(book)
    members = np.concatenate([group.members for group in groups])
    assert sorted(members.tolist()) == list(range(book.size))
    assert max(len(group.members) for group in groups) <= LARGEST
    assert sum(group.exposure for group in groups) == pytest.approx(float(book.exposure.sum()))


def test_a_giant_component_is_split_and_keeps_its_largest_contracts_inside() -> None:
    many = 700
    ids = [f"P{k:04d}" for k in range(many)]
    chain = [
        {"guarantor_id": ids[k], "debtor_id": ids[k + 1], "amount": 1e9 if k % 100 != 99 else 1.0}
        for k in range(many - 1)
    ]
    groups = find_groups(read_page_graph(graph_of(parties=parties(*ids), guarantees=chain)))
    assert max(len(group.members) for group in groups) <= LARGEST
    assert len(groups) < 60


def test_clients_bound_by_a_guarantee_stay_in_one_group() -> None:
    book = read_page_graph(
        graph_of(
            parties=parties(*"ABCDEF"),
            guarantees=[{"guarantor_id": "A", "debtor_id": "B", "amount": 1.0}],
            ownership=[{"owner_id": "C", "owned_id": "B", "share_min": 0.6, "share_max": 0.6}],
            supplies=[{"supplier_id": "D", "buyer_id": "A", "amount": 9.0}],
        )
    )
    found = [sorted(book.keys[group.members].tolist()) for group in find_groups(book)]
    assert ["A", "B", "C"] in found
