"""Joint-guarantee groups and mutual pairs: NetworkX and plain counting see what the generator made."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.demo.calibration import GROUP_CLIENTS, GROUP_SIZES, PAIR_CLIENTS
from graphrisk.demo.dice import Dice
from graphrisk.demo.joint import Joint, make_joint


def _graph(joint: Joint) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_edges_from(zip(joint.guarantor.tolist(), joint.debtor.tolist(), strict=True))
    return graph


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3000), st.integers(0, 1000))
def test_every_member_stands_behind_every_other_of_its_group_and_nobody_else(clients: int, seed: int) -> None:
    joint = make_joint(clients, Dice(seed, "joint"))
    graph = _graph(joint)
    assert len(joint.guarantor) == graph.number_of_edges()  # no contract twice
    assert sorted(joint.sizes.tolist()) == sorted(len(c) for c in nx.strongly_connected_components(graph))
    assert sum(int(n) * (int(n) - 1) for n in joint.sizes) == len(joint.guarantor)
    assert (joint.guarantor != joint.debtor).all()
    assert (joint.group[joint.guarantor] == joint.group[joint.debtor]).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_groups_have_three_to_ten_members_and_pairs_two(seed: int) -> None:
    sizes = make_joint(40_000, Dice(seed, "joint")).sizes
    groups = sizes[sizes > 2]
    assert {2} | set(GROUP_SIZES) == set(sizes.tolist())
    assert (3, 10) == (groups.min(), groups.max())
    assert 40_000 * GROUP_CLIENTS == pytest.approx(groups.sum(), abs=10)
    assert 40_000 * PAIR_CLIENTS == pytest.approx(2 * (sizes == 2).sum(), abs=2)
    for size, weight in GROUP_SIZES.items():
        assert weight == pytest.approx((groups == size).mean(), abs=0.05)


def test_a_bank_too_small_for_a_group_has_none() -> None:
    joint = make_joint(10, Dice(1, "joint"))
    assert (0, 0, 0) == (joint.nodes, len(joint.guarantor), len(joint.sizes))
    assert np.zeros(0).tolist() == joint.sizes.tolist()
