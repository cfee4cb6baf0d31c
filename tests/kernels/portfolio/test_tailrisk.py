from __future__ import annotations

import numpy as np
import pytest

from graphrisk.errors import UsageError
from graphrisk.kernels.portfolio.tailrisk import tail_risk, tail_shares


def test_on_plain_scenarios_var_and_es_are_the_counted_ones():
    losses = np.random.default_rng(1).permutation(np.arange(1.0, 1001.0))
    found = tail_risk(losses, np.ones(1000), 0.9)
    # 900 is the smallest loss that no more than a tenth of the scenarios exceed: 901 ... 1000.
    assert (900.0, 100, 0.1) == (found.var, found.tail_scenarios, pytest.approx(found.tail_chance))
    assert 950.5 == pytest.approx(found.es, abs=1e-9)
    assert 1.0 == pytest.approx(found.variance_ratio, rel=0.02)
    share = tail_shares(losses, np.ones(1000), 0.9)
    assert found.es == pytest.approx(share @ losses, rel=1e-12)
    assert 1.0 == pytest.approx(share.sum(), abs=1e-12)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Exponential losses at 99 %: VaR = ln 100, ES = VaR + 1; 300 samples of 4,000, half of them tilted."""
    rng = np.random.default_rng(12)
    true_var = np.log(100.0)
    hits_var = hits_es = 0
    for _ in range(300):
        plain = np.arange(4000) % 2 == 0
        # Tilted draws are exponential of mean 4; the weight is the density over that of the mixture.
        drawn = rng.exponential(np.where(plain, 1.0, 4.0))
        weight = np.exp(-drawn) / (0.5 * np.exp(-drawn) + 0.5 * 0.25 * np.exp(-drawn / 4))
        found = tail_risk(drawn, weight, 0.99, strata=plain.astype(int))
        hits_var += found.var_low <= true_var <= found.var_high
        hits_es += found.es_low <= true_var + 1.0 <= found.es_high
    # 95 % of 300 is 285, deviation 3.8.
    assert 268 <= hits_var <= 299
    assert 268 <= hits_es <= 299


def test_too_few_scenarios_in_the_tail_are_refused():
    with pytest.raises(UsageError, match="only 10 of 1000"):
        tail_risk(np.arange(1000.0), np.ones(1000), 0.99)
    with pytest.raises(UsageError, match="between 0 and 1"):
        tail_risk(np.arange(1000.0), np.ones(1000), 1.0)
