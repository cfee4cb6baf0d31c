"""Discrimination, calibration, stability: against plain definitions, scikit-learn, and what they must keep to."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from graphrisk.errors import DataError
from graphrisk.kernels.credit import calibration as cal
from graphrisk.kernels.credit import discrimination as dis
from graphrisk.kernels.credit import stability
from graphrisk.kernels.credit.low_default import most_prudent
from graphrisk.kernels.credit.points import chance, logit_of, points_of
from graphrisk.kernels.credit.weight_of_evidence import monotone_edges


def drawn(seed: int, n: int = 120, ties: bool = True) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    score = np.round(dice.random(n), 1) if ties else dice.random(n)
    bad = dice.random(n) < 0.1 + 0.5 * score
    bad[:2] = [True, False]
    return bad.astype(int), score


@pytest.mark.parametrize("seed", range(4))
def test_scores_with_ties_are_as_their_definitions(seed: int) -> None:
    bad, score = drawn(seed)
    up, down = score[bad == 1], score[bad == 0]
    pairs = [(1.0 if a > b else 0.5 if a == b else 0.0) for a in up for b in down]
    assert np.mean(pairs) == pytest.approx(dis.auc(bad, score), abs=1e-14)
    assert roc_auc_score(bad, score) == pytest.approx(dis.auc(bad, score), abs=1e-14)
    assert average_precision_score(bad, score) == pytest.approx(dis.average_precision(bad, score), abs=1e-14)
    gaps = [abs((down <= t).mean() - (up <= t).mean()) for t in score]
    assert max(gaps) == pytest.approx(dis.ks(bad, score), abs=1e-14)


def test_the_order_of_rows_does_not_matter_and_reversing_the_score_mirrors_the_auc() -> None:
    bad, score = drawn(7)
    mixed = np.random.default_rng(1).permutation(len(bad))
    assert dis.auc(bad, score) == dis.auc(bad[mixed], score[mixed])
    assert dis.average_precision(bad, score) == dis.average_precision(bad[mixed], score[mixed])
    assert 1.0 == pytest.approx(dis.auc(bad, score) + dis.auc(bad, -score), abs=1e-14)


def test_the_interval_of_an_auc_covers_and_widens_with_groups() -> None:
    dice = np.random.default_rng(3)
    true = 0.7602499389065233  # N(1 / sqrt 2): two normals one deviation apart
    held = 0
    for _ in range(200):
        bad = np.repeat([1, 0], [40, 160])
        low, high = dis.auc_interval(bad, dice.standard_normal(200) + bad)
        held += low <= true <= high
    assert 182 <= held <= 199
    bad, score = drawn(2, ties=False)
    twice = np.repeat(np.arange(len(bad)), 2)
    alone, doubled = dis.auc_interval(bad, score), dis.auc_interval(bad[twice], score[twice], twice)
    assert alone == pytest.approx(doubled, abs=1e-12)
    naive = dis.auc_interval(bad[twice], score[twice])
    assert naive[1] - naive[0] < 0.8 * (alone[1] - alone[0])


def test_the_uplift_of_a_score_over_itself_is_nothing_and_both_intervals_agree() -> None:
    bad, score = drawn(5, 400, ties=False)
    assert (0.0, 0.0, 0.0) == dis.uplift(bad, score, score)
    other = score + np.random.default_rng(8).normal(0, 0.5, len(bad))
    plain = dis.uplift(bad, score, other)
    drawn_again = dis.uplift(bad, score, other, np.arange(len(bad)), draws=300, seed=1)
    assert plain == pytest.approx(drawn_again, abs=0.025)


@pytest.mark.parametrize("bad", [[0, 0, 0], [1, 1, 1], [0, 1, 2]])
def test_one_class_or_a_third_is_refused(bad: list[int]) -> None:
    with pytest.raises(DataError, match=r"outcome|all 3 rows"):
        dis.auc(bad, [0.1, 0.2, 0.3])


def test_pds_beyond_their_range_are_refused() -> None:
    with pytest.raises(DataError, match="in \\[0, 1\\]"):
        cal.brier([0, 1], [3.0, 40.0])
    with pytest.raises(DataError, match="in \\[0, 1\\]"):
        cal.brier([0, 1], [float("nan"), 0.4])


def test_the_binomial_test_sums_the_tail() -> None:
    from math import comb

    tail = sum(comb(30, k) * 0.1**k * 0.9 ** (30 - k) for k in range(5, 31))
    assert tail == pytest.approx(cal.binomial_test(5, 30, 0.1), abs=1e-12)
    assert 1.0 == cal.binomial_test(0, 30, 0.1)
    low, high = cal.rate_interval(0, 30)
    assert 0.0 == low < high < 0.1


def test_a_shift_of_the_prior_moves_the_mean_of_a_calibrated_score() -> None:
    p = np.linspace(0.01, 0.5, 50)
    moved = cal.shift_prior(p, 0.2, 0.05)
    np.testing.assert_allclose(logit_of(moved) - logit_of(p), np.log(0.05 / 0.95) - np.log(0.2 / 0.8), atol=1e-12)
    np.testing.assert_allclose(p, cal.shift_prior(moved, 0.05, 0.2), atol=1e-12)


def test_isotonic_calibration_rises_and_keeps_the_default_rate() -> None:
    bad, score = drawn(11, 500, ties=False)
    at, fitted = cal.isotonic_steps(bad, score)
    assert (np.diff(at) > 0).all()
    assert (np.diff(fitted) >= 0).all()
    assert (fitted > 0).all()
    assert (fitted < 1).all()
    assert bad.mean() == pytest.approx(np.interp(score, at, fitted).mean(), abs=0.01)


def test_a_population_compared_with_itself_is_stable() -> None:
    values = np.append(np.random.default_rng(0).normal(size=500), [np.nan] * 20)
    edges = stability.quantile_edges(values)
    counts = stability.counts_between(values, edges)
    assert 520 == counts.sum()
    assert 20 == counts[-1]
    assert 0.0 == stability.psi(counts, 3 * counts)
    assert "action" == stability.band(stability.psi(counts, stability.counts_between(values + 1.5, edges)))


def test_most_prudent_pds_of_few_defaults_solve_their_equation() -> None:
    from scipy.stats import binom

    n, k = np.array([100, 400, 300]), np.array([0, 2, 1])
    found = most_prudent(n, k, confidence=0.9)
    assert 0.1 == pytest.approx(binom.cdf(3, 800, found[0]), abs=1e-9)
    assert 0.1 == pytest.approx(binom.cdf(1, 300, found[2]), abs=1e-9)
    assert (np.diff(found) >= 0).all()
    assert 1.0 == most_prudent([5], [5])[0]
    with pytest.raises(DataError, match="worst grade"):
        most_prudent([10, 0])


def test_bins_are_monotone_large_enough_and_in_the_better_direction() -> None:
    dice = np.random.default_rng(4)
    value = dice.normal(size=2_000)
    bad = dice.random(2_000) < chance(-2.0 - 1.2 * value)
    edges = monotone_edges(value, bad, smallest=0.05)
    where = np.searchsorted(edges, value, side="left")
    many, worse = np.bincount(where), np.bincount(where, bad)
    assert len(edges) >= 3
    assert many.min() >= 100
    assert (np.diff(worse / many) < 0).all()
    assert 0 == len(monotone_edges(np.ones(50), np.arange(50) < 9))
    assert 0 == len(monotone_edges(np.empty(0), np.empty(0, dtype=bool)))


def test_points_are_600_at_odds_of_50_and_20_more_at_100() -> None:
    assert [600.0, 620.0] == pytest.approx(points_of([1 / 51, 1 / 101], pdo=20, base=600, odds=50).tolist(), abs=1e-9)
    assert [0.0, 0.5, 1.0] == chance([-800.0, 0.0, 800.0]).tolist()
