"""Simple paths against a plain walk over all of them; a cap that is reached is said."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from graphrisk.kernels.ownership.simple import over_simple_paths
from tests.kernels.ownership.worlds import World, stakes_of, worlds
from tests.reference import ownership as slow


@settings(max_examples=150, deadline=None)
@given(worlds(nominees=False))
def test_simple_paths_equal_a_plain_walk(world: World) -> None:
    stakes = stakes_of(world)
    owners = np.arange(world.size, dtype=np.int64)
    owner, owned, share, cut = over_simple_paths(stakes, stakes.low[0], owners, smallest=0.0, max_paths=10**6)
    got = np.zeros((world.size, world.size))
    got[owner, owned] = share
    np.testing.assert_allclose(got, slow.simple(world.low), atol=1e-12)
    assert not cut.any()


def test_a_cap_that_is_reached_is_said_and_what_is_found_is_a_lower_bound() -> None:
    size = 9
    full = np.full((size, size), 0.1)
    np.fill_diagonal(full, 0.0)
    stakes = stakes_of(World(low=full, high=full, votes_low=full, votes_high=full, dead=frozenset()))
    owners = np.array([0], dtype=np.int64)
    _, _, whole, _ = over_simple_paths(stakes, stakes.low[0], owners, smallest=0.0, max_paths=10**6)
    _, _, part, cut = over_simple_paths(stakes, stakes.low[0], owners, smallest=0.0, max_paths=50)
    assert cut.all()
    assert (part <= whole + 1e-12).all()
    assert part.sum() < whole.sum()
