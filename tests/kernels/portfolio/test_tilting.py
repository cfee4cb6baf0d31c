"""Scenarios of the tail and their weights: unbiased, bounded, the same bits for everybody."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, ndtri

from graphrisk.kernels.portfolio.copula import factor_model
from graphrisk.kernels.portfolio.default_spread import threshold_cascade
from graphrisk.kernels.portfolio.pilot import pilot_size
from graphrisk.kernels.portfolio.simulation import plan, simulate
from graphrisk.kernels.portfolio.tilting import PLACES, Tilt, draw_scenarios, sampler_of
from graphrisk.kernels.portfolio.vasicek import conditional_pd, loss_quantile

RNG = np.random.default_rng(4)
PD = np.concatenate([[0.0, 1.0, 0.3, 0.3], 10 ** RNG.uniform(-3, -0.5, 36)])
LOADINGS = np.where(np.arange(40)[:, None] % 2 == 0, [[-0.5, 0.0]], [[-0.2, -0.4]])
NAMED = np.array([2, 5, 9, 17, 30])


def _sampler(twist: float = 0.6, plain_every: int = 4):
    model = factor_model(PD, LOADINGS)

    def tilt(direction, mean, spread, most):
        return Tilt(
            direction=np.array(direction),
            mean=mean,
            spread=spread,
            mean_cost=np.linspace(0.0, 8.0, PLACES),
            twist=np.linspace(most, 0.0, PLACES),
        )

    tilts = (tilt([-0.6, -0.8], 2.0, 0.8, twist), tilt([-1.0, 0.0], 3.0, 1.0, 2 * twist))
    return sampler_of(model, tilts, plain_every, NAMED, np.array([3.0, 1.0, 2.0, 4.0, 1.5]))


@pytest.mark.parametrize("twist", [0.0, 0.6])
def test_weights_have_mean_1_are_bounded_and_give_every_pd_back(twist: float) -> None:
    sampler, ids = _sampler(twist), np.arange(60_000)
    drawn = draw_scenarios(sampler, ids, 8, sampler.parts(len(ids)))
    assert [0.25, 0.375, 0.375] == pytest.approx(sampler.parts(60_000).tolist())
    assert drawn.weight.max() <= 4.0 + 1e-9
    assert 1.0 == pytest.approx(drawn.weight.mean(), abs=5 * drawn.weight.std() / np.sqrt(len(ids)))
    row = np.repeat(ids, np.diff(drawn.draws.start))
    for party in range(40):
        hit = np.bincount(row[drawn.draws.party == party], minlength=len(ids)) * drawn.weight
        assert PD[party] == pytest.approx(hit.mean(), abs=5 * hit.std() / np.sqrt(len(ids)) + 1e-12), party
    # Chances that are known: a factor below -2.5; two named parties at once.
    low = drawn.weight * (drawn.factors[:, 0] < -2.5)
    assert ndtr(-2.5) == pytest.approx(low.mean(), abs=5 * low.std() / np.sqrt(len(ids)))
    down = [np.bincount(row[drawn.draws.party == party], minlength=len(ids)) for party in (2, 17)]
    both = drawn.weight * down[0] * down[1]
    correlation = float(LOADINGS[2] @ LOADINGS[17])
    expected = stats.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf(ndtri(PD[[2, 17]]))
    assert expected == pytest.approx(both.mean(), abs=5 * both.std() / np.sqrt(len(ids)))


def test_a_scenario_does_not_depend_on_those_beside_it() -> None:
    sampler, ids = _sampler(), np.arange(300)
    parts = sampler.parts(300)
    whole = draw_scenarios(sampler, ids, 3, parts)
    for some in (ids[7:9], ids[100:], ids[[5, 60, 299]]):
        part = draw_scenarios(sampler, some, 3, parts)
        assert whole.weight[some].tobytes() == part.weight.tobytes()
        for place, at in enumerate(some):
            one = whole.draws.party[whole.draws.start[at] : whole.draws.start[at + 1]]
            other = part.draws.party[part.draws.start[place] : part.draws.start[place + 1]]
            assert one.tolist() == other.tolist()


def test_nobody_is_drawn_twice_in_a_scenario() -> None:
    sampler = _sampler()
    draws = draw_scenarios(sampler, np.arange(500), 3, sampler.parts(500)).draws
    for at in range(500):
        party = draws.party[draws.start[at] : draws.start[at + 1]]
        assert len(np.unique(party)) == len(party)


def test_a_pilot_takes_an_eighth_at_most_and_none_of_a_small_run() -> None:
    assert [0, 0, 64, 64, 128, 512, 512] == [pilot_size(n) for n in (1, 511, 512, 1023, 1024, 5000, 10**6)]


LUMPY_PD = 10 ** np.random.default_rng(5).uniform(-2.5, -1, 150)
LUMPY_LOSS = np.random.default_rng(6).pareto(1.6, 150) + 0.2


def _lumpy(factors: int = 1, **options):
    if factors == 1:
        loadings = np.full(150, np.sqrt(0.15))
    else:
        loadings = np.zeros((150, 4))
        loadings[:, 0] = np.sqrt(0.09)
        loadings[np.arange(150), 1 + np.arange(150) % 3] = np.sqrt(0.06)
    return plan(factor_model(LUMPY_PD, loadings), LUMPY_LOSS, **options)


@pytest.mark.parametrize("factors", [1, 4])
def test_a_few_large_names_no_longer_cost_the_precision(factors: int) -> None:
    """Of what the factors leave, a few names make nearly all: twisted, the tail is told 100 times as closely."""
    shifted = simulate(_lumpy(factors, scenarios=5000, seed=2, shift_level=(0.99, 0.999)))
    assert len(shifted.plan.sampler.named) > 50
    assert shifted.tail(0.999).variance_ratio >= 100
    assert shifted.tail(0.999).variance_ratio_es >= 100
    assert shifted.tail(0.99).variance_ratio >= 8
    plain = simulate(_lumpy(factors, scenarios=100_000, seed=3, shift_level=None))
    for level in (0.99, 0.999):
        one, other = shifted.tail(level, confidence=0.999), plain.tail(level, confidence=0.999)
        assert max(one.var_low, other.var_low) <= min(one.var_high, other.var_high)
        assert max(one.es_low, other.es_low) <= min(one.es_high, other.es_high)


def test_the_ratio_said_is_the_ratio_over_independent_runs() -> None:
    """The chance of a fixed loss over 60 runs: its spread against what plain simulation of as many would have."""
    loss = simulate(_lumpy(scenarios=20_000, seed=1)).tail(0.999).var
    found, said = [], []
    for seed in range(60):
        ran = simulate(_lumpy(scenarios=1200, seed=100 + seed))
        found.append(float((ran.weight * (ran.total > loss)).mean()))
        said.append(ran.tail(0.999).variance_ratio)
    chance, spent = np.mean(found), 1200 + pilot_size(1200)
    measured = chance * (1.0 - chance) / spent / np.var(found, ddof=1)
    # Each run has its own sampler and ratio; the variance of 60 runs is known to a factor of 1.45 (chi-squared, 95 %).
    mean = 1.0 / np.mean(1.0 / np.array(said))
    assert mean / 1.6 <= measured <= mean * 1.6


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """200 small runs of a book of equal loans, whose truth is known: 95 % of 200 is 190, its deviation 3."""
    count, pd, rho = 1000, 0.01, 0.2
    model, each = factor_model(np.full(count, pd), np.full(count, np.sqrt(rho))), np.full(count, 1.0 / count)
    # The truth of so many loans by quadrature over the factor: the number in default is binomial.
    z, width = np.linspace(-9.0, 9.0, 4001), 18.0 / 4000
    chance = np.asarray(conditional_pd(pd, rho, z))[:, None]
    beyond = (stats.binom.sf(np.arange(801), count, chance) * (stats.norm.pdf(z) * width)[:, None]).sum(axis=0)
    var = int(np.argmax(beyond <= 0.01))
    es = (var + beyond[var:].sum() / 0.01) / count
    assert var / count == pytest.approx(float(loss_quantile(pd, rho, 1.0, 0.99)), rel=0.05)
    hits = np.zeros(2, dtype=int)
    for seed in range(200):
        tail = simulate(plan(model, each, scenarios=1000, seed=seed, shift_level=0.99)).tail(0.99)
        hits += [tail.var_low <= var / count <= tail.var_high, tail.es_low <= es <= tail.es_high]
    assert (hits >= 180).all()
    assert (hits <= 199).all()


def test_contagion_is_seen_by_the_pilot() -> None:
    """A party that owes the bank nothing, but all others: it adds most to the tail, so that it is named."""
    n = 60
    claims = np.zeros((n, n))
    claims[1:, 0] = 5.0
    loss = np.concatenate([[0.0], np.full(n - 1, 1.0)])
    stage = threshold_cascade(claims, np.full(n, 4.0), loss)
    model = factor_model(np.full(n, 0.004), np.full(n, np.sqrt(0.1)))
    chosen = plan(model, loss, scenarios=2000, seed=1, stage=stage, shift_level=0.99).sampler
    cost = dict(zip(chosen.named.tolist(), chosen.cost.tolist(), strict=True))
    assert cost[0] > 0.8 * n
    assert all(1.0 >= other for party, other in cost.items() if party != 0)
