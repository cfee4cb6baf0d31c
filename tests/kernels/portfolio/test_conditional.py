"""A factor model given some of its factors: by integration, by scipy's multivariate normal, by Vasicek's formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from graphrisk.errors import DataError
from graphrisk.kernels.portfolio.conditional import hold_factors
from graphrisk.kernels.portfolio.vasicek import conditional_pd

LOADINGS = np.array([[0.3, 0.4, 0.0], [0.3, 0.0, 0.5], [0.45, 0.2, 0.1]])
PD = np.array([0.01, 0.2, 0.7])


def held(*columns: int) -> np.ndarray:
    return np.array(columns, dtype=np.int64)


@pytest.mark.parametrize("move", [-3.0, -1.0, 0.0, 2.0])
def test_one_factor_is_vasicek_s_conditional_pd(move: float) -> None:
    pd, rest = hold_factors(PD, np.full((3, 1), np.sqrt(0.15)), held(0), [move])
    assert conditional_pd(PD, 0.15, move) == pytest.approx(pd, rel=1e-13)
    assert np.zeros((3, 1)).tolist() == rest.tolist()


@pytest.mark.parametrize("column", [0, 1, 2])
def test_the_mean_over_all_values_of_the_factor_is_the_pd(column: int) -> None:
    for party in range(3):
        mean, _ = quad(
            lambda z, party=party: float(norm.pdf(z) * hold_factors(PD, LOADINGS, held(column), [z])[0][party]),
            -12,
            12,
            epsabs=1e-13,
        )
        assert PD[party] == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("move", [(-2.0, 0.5), (1.0, -1.5), (0.0, 0.0)])
def test_pairs_default_together_as_the_conditioned_normal_says(move: tuple[float, float]) -> None:
    """X = A Z + sqrt(1 - |a|^2) e with Z_0, Z_1 given: mean A_F z, covariance of what is left, by scipy."""
    pd, rest = hold_factors(PD, LOADINGS, held(0, 1), move)
    mean = LOADINGS[:, :2] @ np.array(move)
    left = np.outer(LOADINGS[:, 2], LOADINGS[:, 2])
    np.fill_diagonal(left, 1.0 - (LOADINGS[:, :2] ** 2).sum(axis=1))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        two = [i, j]
        exact = multivariate_normal(mean[two], left[np.ix_(two, two)]).cdf(norm.ppf(PD[two]))
        corr = float(rest[i] @ rest[j])
        ours = multivariate_normal([0, 0], [[1, corr], [corr, 1]]).cdf(norm.ppf(pd[two]))
        assert exact == pytest.approx(ours, rel=1e-6)


def test_a_party_that_loads_on_no_factor_held_keeps_its_pd_to_the_bit() -> None:
    pd, rest = hold_factors(PD, LOADINGS, held(2), [-2.0])
    assert PD[0] == pd[0]
    assert LOADINGS[0].tolist() == rest[0].tolist()
    assert pd[1] > PD[1]


def test_a_pd_of_zero_or_one_stays_and_no_factor_held_changes_nothing() -> None:
    pd, _ = hold_factors(np.array([0.0, 1.0]), LOADINGS[:2], held(0, 1, 2), [-9.0, 9.0, -9.0])
    assert [0.0, 1.0] == pd.tolist()
    same, loadings = hold_factors(PD, LOADINGS, held(), [])
    assert PD.tolist() == same.tolist()
    assert LOADINGS.tolist() == loadings.tolist()


def test_a_factor_that_explains_a_party_wholly_cannot_be_held() -> None:
    with pytest.raises(DataError):
        hold_factors(np.array([0.1]), np.array([[1.0]]), held(0), [-1.0])


@given(
    pd=st.floats(1e-6, 1.0 - 1e-6),
    rho=st.floats(0.0, 0.98),
    low=st.floats(-8.0, 8.0),
    step=st.floats(0.0, 4.0),
)
def test_a_worse_year_never_lowers_a_pd(pd: float, rho: float, low: float, step: float) -> None:
    loadings = np.full((1, 1), np.sqrt(rho))
    bad, good = (hold_factors(np.array([pd]), loadings, held(0), [z])[0][0] for z in (low, low + step))
    assert 0.0 <= good <= bad <= 1.0
