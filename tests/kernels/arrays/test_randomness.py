from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.kernels.arrays.randomness import philox, uniforms

U64 = st.integers(0, 2**64 - 1)


@given(U64, U64, U64, U64, U64, U64)
@settings(deadline=None, max_examples=100)
def test_every_word_is_that_of_numpy_s_philox(c0, c1, c2, c3, k0, k1):
    out = np.zeros(4, dtype=np.uint64)
    philox(*(np.uint64(v) for v in (c0, c1, c2, c3, k0, k1)), out)
    # numpy counts up before it draws.
    number = (c0 | c1 << 64 | c2 << 128 | c3 << 192) - 1
    theirs = np.random.Philox(key=k0 | k1 << 64, counter=number % 2**256).random_raw(4)
    assert theirs.tolist() == out.tolist()


def test_a_scenario_has_the_same_numbers_alone_and_among_others():
    together = uniforms(9, np.arange(50), 2, 7)
    assert together[31].tobytes() == uniforms(9, np.array([31]), 2, 7).tobytes()
    assert not np.array_equal(together, uniforms(9, np.arange(50), 3, 7))
    assert not np.array_equal(together, uniforms(10, np.arange(50), 2, 7))


def test_numbers_are_uniform_and_never_reach_the_ends():
    drawn = uniforms(1, np.arange(20_000), 0, 5)
    assert 0.0 < drawn.min()
    assert drawn.max() < 1.0
    counts = np.bincount((drawn.ravel() * 100).astype(int), minlength=100)
    # Chi-square with 99 degrees of freedom: mean 99, deviation 14.
    assert 99 + 5 * 14 > ((counts - 1000.0) ** 2 / 1000.0).sum() > 99 - 5 * 14
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 0.03
