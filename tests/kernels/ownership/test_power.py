"""Power indices against textbook games, and the two ways of counting against one another."""

from __future__ import annotations

import numpy as np
import pytest

from graphrisk.kernels.ownership import power as p


@pytest.mark.parametrize("seed", range(4))
def test_counting_by_units_equals_looking_at_every_coalition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    votes = rng.integers(1, 12, size=9)
    smallest = int(votes.sum()) // 2 + 1
    np.testing.assert_allclose(
        p._swings_by_units(votes, smallest), p._swings(votes.astype(float), float(smallest)), atol=1e-6
    )


def test_many_equal_holders_have_equal_power_and_it_sums_to_1() -> None:
    shapley, banzhaf = p.power(np.full(25, 0.04), 0.5)
    assert shapley == pytest.approx(np.full(25, 0.04))
    assert banzhaf == pytest.approx(np.full(25, 0.04))


def test_a_majority_holder_has_all_power() -> None:
    shapley, banzhaf = p.power(np.array([0.51, 0.3, 0.19]), 0.5)
    assert [1.0, 0.0, 0.0] == shapley.tolist() == banzhaf.tolist()
