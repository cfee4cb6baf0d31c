from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.demo.dice import Dice, rounded


@given(st.integers(0, 2**32), st.integers(1, 2**31 - 1))
def test_whole_numbers_stay_below_their_bound(seed: int, high: int) -> None:
    drawn = Dice(seed, "test").whole(50, high)
    assert drawn.min() >= 0
    assert drawn.max() < high


def test_the_draws_are_those_of_numpys_own_philox() -> None:
    ours = Dice(7, 3, "name").uniform(5)
    words = np.random.Philox(np.random.SeedSequence(7, spawn_key=(3, 1579384326))).random_raw(5)  # crc32 of "name"
    assert [(int(word) >> 11) / 2**53 for word in words] == ours.tolist()


def test_streams_for_other_purposes_are_others() -> None:
    first = Dice(1, 0, "firms").raw(4).tolist()
    assert first == Dice(1, 0, "firms").raw(4).tolist()
    others = [Dice(1, 0, "book"), Dice(1, 1, "firms"), Dice(2, 0, "firms")]
    assert all(first != other.raw(4).tolist() for other in others)


def test_picks_follow_their_weights() -> None:
    drawn = np.bincount(Dice(1, "pick").pick(100_000, [1.0, 0.0, 3.0]), minlength=3) / 100_000
    np.testing.assert_allclose([0.25, 0.0, 0.75], drawn, atol=0.005)


def test_an_order_holds_every_number_once() -> None:
    assert list(range(1000)) == sorted(Dice(1, "order").order(1000).tolist())


def test_normal_and_lognormal_have_their_moments() -> None:
    dice = Dice(1, "moments")
    normal, lognormal = dice.normal(200_000, 2.0, 3.0), dice.lognormal(200_000, 0.7)
    np.testing.assert_allclose([2.0, 3.0], [normal.mean(), normal.std()], rtol=0.01)
    np.testing.assert_allclose([1.0, np.exp(0.7**2 / 2)], [np.median(lognormal), lognormal.mean()], rtol=0.02)


def test_rounding_keeps_whole_multiples() -> None:
    assert [1000.0, 2000.0, -3000.0] == rounded(np.array([1499.0, 1501.0, -2700.0]), 1000.0).tolist()
