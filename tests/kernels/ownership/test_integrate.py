"""Integrated shares against the slow dense reference, and what bounds must be: reached, never passed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.kernels.ownership.integrate import Shares, integrate
from graphrisk.kernels.ownership.stakes import make_stakes
from tests.kernels.ownership.worlds import World, stakes_of, worlds
from tests.reference import ownership as slow

MANY = settings(max_examples=150, deadline=None)


def shares(world: World, unknown: float = 0.0) -> Shares:
    alive = np.array([k for k in range(world.size) if k not in world.dead], dtype=np.int64)
    return integrate(stakes_of(world), alive, np.zeros(world.size, dtype=np.int64), unknown=unknown)


def dense(found: Shares, size: int, which: int) -> tuple[np.ndarray, np.ndarray]:
    least, most = np.zeros((size, size)), np.zeros((size, size))
    least[found.owner, found.owned] = found.least[which]
    most[found.owner, found.owned] = found.most[which]
    return least, most


@MANY
@given(worlds())
def test_least_and_most_equal_the_slow_reference(world: World) -> None:
    found = shares(world)
    assert found.residual <= 1e-9
    for which, (low, high) in enumerate([(world.low, world.high), (world.votes_low, world.votes_high)]):
        least, most = slow.corrected(low, high, set(world.dead))
        for matrix in (least, most):
            np.fill_diagonal(matrix, 0.0)
        got_least, got_most = dense(found, world.size, which)
        np.testing.assert_allclose(got_least, least, atol=1e-7)
        np.testing.assert_allclose(got_most, most, atol=1e-7)


@MANY
@given(worlds(), st.integers(0, 2**32 - 1))
def test_no_completion_lies_outside_the_bounds(world: World, seed: int) -> None:
    found = shares(world)
    least, most = dense(found, world.size, 0)
    high, budget = slow.tightened(world.low, world.high)
    rng = np.random.default_rng(seed)
    for _ in range(8):
        drawn = np.column_stack(
            [slow.completion(world.low, high, budget, j, rng.random(world.size)) for j in range(world.size)]
        )
        part = rng.random(world.size)
        drawn = world.low + (drawn - world.low) * part  # hand out a part of what is left
        drawn[list(world.dead), :] = 0.0
        for i in set(range(world.size)) - world.dead:
            y = slow.first_passage(drawn, i)
            y[i] = 0.0
            assert (y >= least[i] - 1e-9).all()
            assert (y <= most[i] + 1e-9).all()


@MANY
@given(worlds(point=True, nominees=False))
def test_where_everything_is_known_least_is_most_and_equals_the_matrix_formula(world: World) -> None:
    least, most = dense(shares(world), world.size, 0)
    np.testing.assert_allclose(least, most, atol=1e-12)
    a = world.low
    if np.abs(np.linalg.eigvals(a)).max() < 0.999:
        v = np.linalg.inv(np.eye(world.size) - a)
        y = (v - np.eye(world.size)) / np.diag(v)[:, None]
        np.fill_diagonal(y, 0.0)
        np.testing.assert_allclose(least, y, atol=1e-9)


@MANY
@given(worlds(point=True, nominees=False, treasury=False))
def test_shares_of_outside_owners_sum_to_1_where_every_column_does_and_no_circle_is_closed(world: World) -> None:
    a = world.low
    owned = a.sum(axis=0) > 0.0
    full = np.divide(a, a.sum(axis=0), out=np.zeros_like(a), where=owned)
    least, _ = dense(shares(World(low=full, high=full, votes_low=full, votes_high=full, dead=frozenset())), len(a), 0)
    outside = ~owned
    reached = slow_reach(full, outside)
    firms = owned & reached
    np.testing.assert_allclose(least[outside][:, firms].sum(axis=0), 1.0, atol=1e-9)


def slow_reach(a: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Which firms only have owners that lead to an outside owner in the end: no closed circle above them."""
    chance = np.where(outside, 1.0, 0.0)
    for _ in range(5000):
        chance = np.where(outside, 1.0, a.T @ chance)
    return np.asarray(chance > 1.0 - 1e-9)


def _edges(size: int, *rows: tuple[int, int, float]) -> Shares:
    holder, owned, share = (np.array(c) for c in zip(*rows, strict=True))
    both = np.stack([share, share]).astype(float)
    made = make_stakes(size, holder, owned, both, both, split=False)
    return integrate(made, np.arange(size), np.zeros(size, dtype=np.int64))


def test_a_closed_circle_has_an_answer_and_an_outsider_holds_nothing() -> None:
    found = _edges(3, (0, 1, 1.0), (1, 0, 1.0), (0, 2, 0.5))
    pairs = dict(
        zip(zip(found.owner.tolist(), found.owned.tolist(), strict=True), found.least[0].tolist(), strict=True)
    )
    assert pairs == {(0, 1): 1.0, (0, 2): 0.5, (1, 0): 1.0, (1, 2): 0.5}


def test_a_nearly_closed_circle_is_solved_to_its_published_value() -> None:
    found = _edges(3, (0, 1, 0.999999), (1, 0, 0.999999), (2, 0, 1e-6))
    pairs = dict(
        zip(zip(found.owner.tolist(), found.owned.tolist(), strict=True), found.least[0].tolist(), strict=True)
    )
    assert pairs[2, 0] == pytest.approx(1e-6 / (1 - 0.999998000001), rel=1e-9)


def test_treasury_shares_raise_what_the_others_hold() -> None:
    found = _edges(2, (0, 0, 0.1), (1, 0, 0.9))
    assert ([1], [0]) == (found.owner.tolist(), found.owned.tolist())
    assert found.least[0].tolist() == pytest.approx([1.0])


def test_a_large_ring_is_solved_by_sweeps_as_by_elimination() -> None:
    size = 900
    ring = [(k, (k + 1) % size, 0.9) for k in range(size)]
    found = _edges(size + 1, *ring, (size, 0, 0.1))
    got = {int(f): v for o, f, v in zip(found.owner, found.owned, found.least[0], strict=True) if o == size}
    assert got[0] == pytest.approx(0.1 / (1 - 0.9**size), abs=1e-12)
    assert got[5] == pytest.approx(0.1 * 0.9**5 / (1 - 0.9**size), abs=1e-12)
