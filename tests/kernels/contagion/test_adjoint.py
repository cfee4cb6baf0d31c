from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.kernels.contagion.adjoint import adjoint
from graphrisk.kernels.contagion.ledger import Ints


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize("seed", range(5))
def test_for_linear_losses_the_value_of_a_unit_is_the_closed_form(seed: int) -> None:
    # h = first + Lambda h, the book loses v'h: one unit at j is worth ((I - Lambda')^-1 v)_j
    rng = np.random.default_rng(seed)
    size = 12
    weight = rng.uniform(0.0, 0.12, (size, size)) * (rng.random((size, size)) < 0.5)
    first, worth = rng.uniform(0.01, 0.1, size), rng.uniform(1.0, 9.0, size)
    h = np.linalg.solve(np.eye(size) - weight, first)
    effect, cause = (k.astype(np.int64) for k in np.nonzero(weight))
    solved = adjoint(
        worth * h,
        np.concatenate([cause, np.full(size, -1)]),
        np.concatenate([effect, np.arange(size)]),
        np.concatenate([(weight * h)[effect, cause], first]),
    )
    assert np.linalg.solve(np.eye(size) - weight.T, worth) == pytest.approx(solved.value / h, rel=1e-12)
    assert solved.residual <= 1e-12
    assert not solved.unfed.any()


def test_on_a_path_the_value_of_each_node_is_all_that_comes_after_it() -> None:
    solved = adjoint(np.array([5.0, 3.0, 2.0]), ints(-1, 0, 1), ints(0, 1, 2), np.array([1.0, 7.0, 4.0]))
    assert [10.0, 5.0, 2.0] == solved.value.tolist()
    assert [1.0, 1.0, 1.0] == solved.share.tolist()


def test_a_node_hit_by_two_counts_for_each_in_its_part() -> None:
    solved = adjoint(np.array([1.0, 1.0, 8.0]), ints(-1, -1, 0, 1), ints(0, 1, 2, 2), np.array([1.0, 1.0, 3.0, 1.0]))
    assert [7.0, 3.0, 8.0] == solved.value.tolist()


def test_a_circle_that_no_origin_feeds_is_marked_and_counts_itself() -> None:
    # 1 and 2 hit each other alone: with spectral radius 1 there is no finite value
    solved = adjoint(np.array([4.0, 1.0, 2.0]), ints(-1, 1, 2), ints(0, 2, 1), np.ones(3))
    assert [False, True, True] == solved.unfed.tolist()
    assert [4.0, 1.0, 2.0] == solved.value.tolist()


def test_nothing_has_no_value() -> None:
    solved = adjoint(np.zeros(0), ints(), ints(), np.zeros(0))
    assert 0 == len(solved.value)
    assert 0.0 == solved.residual


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(0, 90))
def test_the_values_of_the_origins_sum_to_all_that_was_lost(seed: int, size: int, arcs: int) -> None:
    rng = np.random.default_rng(seed)
    own = rng.uniform(0.0, 10.0, size)
    cause, effect = rng.integers(-1, size, arcs), rng.integers(0, size, arcs)
    solved = adjoint(own, cause, effect, rng.uniform(0.1, 5.0, arcs))
    first = cause < 0
    started = np.ones(size, dtype=bool)
    started[effect[~solved.unfed[effect]]] = False  # no arc counts into it
    total = (solved.share[first] * solved.value[effect[first]]).sum() + solved.value[started].sum()
    assert own.sum() == pytest.approx(total, rel=1e-9)
    assert (solved.value >= own * (1.0 - 1e-9)).all()
