from __future__ import annotations

import dataclasses
from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats

from graphrisk.errors import UsageError
from graphrisk.kernels.portfolio.copula import Draws, correlated, factor_model
from graphrisk.kernels.portfolio.default_spread import Losses, no_contagion, threshold_cascade
from graphrisk.kernels.portfolio.simulation import (
    el_contributions,
    es_contributions,
    plan,
    simulate,
    simulate_steps,
    var_contributions,
)
from graphrisk.kernels.portfolio.vasicek import conditional_pd, expected_shortfall, loss_quantile

RNG = np.random.default_rng(3)
N = 1000
PD = 10 ** RNG.uniform(-3, -1, N)
LOSS = RNG.pareto(2.0, N) + 1.0
CLAIMS = np.where(RNG.random((N, N)) < 4 / N, RNG.exponential(1.0, (N, N)), 0.0)
np.fill_diagonal(CLAIMS, 0.0)
EQUITY = RNG.exponential(2.0, N) + 0.3


def network_plan(**options):
    stage = threshold_cascade(CLAIMS, EQUITY, LOSS)
    given = {"scenarios": 4000, "seed": 7, "stage": stage} | options
    return plan(factor_model(PD, np.full(N, np.sqrt(0.2))), LOSS, **given)


def test_a_large_homogeneous_portfolio_has_vasicek_s_tail():
    n, pd, rho = 20_000, 0.01, 0.2
    ran = simulate(
        plan(factor_model(np.full(n, pd), np.full(n, np.sqrt(rho))), np.full(n, 1 / n), scenarios=6000, seed=1)
    )
    tail = ran.tail(0.999, confidence=0.999)
    assert tail.var_low <= loss_quantile(pd, rho, 1.0, 0.999) <= tail.var_high
    assert tail.es_low <= expected_shortfall(pd, rho, 1.0, 0.999) <= tail.es_high
    assert tail.var_high - tail.var_low < 0.1 * tail.var
    assert (pd, 0.0) == pytest.approx(ran.expected(), abs=1e-12)


@pytest.mark.parametrize("contagion", [False, True])
def test_a_factor_shift_divides_the_variance_at_99_9_per_cent_by_100(contagion):
    tail = simulate(network_plan()).tail(0.999, contagion=contagion)
    assert tail.variance_ratio >= 100
    assert tail.variance_ratio_es >= 100
    assert tail.tail_scenarios > 1000


def test_with_four_sectors_the_shift_still_pays():
    """One shift serves a tail that several sectors can cause less well: less is asked of VaR, the same of ES."""
    correlation = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    model = factor_model(PD, correlated(np.arange(N) % 4, correlation, np.full(N, 0.25)))
    stage = threshold_cascade(CLAIMS, EQUITY, LOSS)
    tail = simulate(plan(model, LOSS, scenarios=4000, seed=1, stage=stage)).tail(0.999)
    assert tail.variance_ratio >= 50
    assert tail.variance_ratio_es >= 100


def test_shifted_and_plain_scenarios_tell_the_same():
    shifted = simulate(network_plan()).tail(0.99, confidence=0.999)
    plain = simulate(network_plan(scenarios=20_000, shift_level=None, seed=8))
    assert (plain.weight == 1.0).all()
    other = plain.tail(0.99, confidence=0.999)
    assert max(shifted.var_low, other.var_low) <= min(shifted.var_high, other.var_high)
    assert max(shifted.es_low, other.es_low) <= min(shifted.es_high, other.es_high)
    mean, error = simulate(network_plan()).expected()
    assert plain.total.mean() == pytest.approx(mean, abs=5 * (error + plain.total.std() / np.sqrt(20_000)))


def test_few_scenarios_never_expect_less_than_no_loss():
    """Guarantors bear more in these two scenarios than is lost in the long run: then their own mean is told."""
    ran = simulate(plan(factor_model(np.array([0.01]), np.zeros(1)), np.ones(1), scenarios=2, seed=1, shift_level=None))
    said = dataclasses.replace(ran, first=np.array([1.0, 0.0]), total=np.array([0.25, 0.0])).expected()
    assert (0.125, 0.125) == pytest.approx(said)
    assert 0.01 == dataclasses.replace(ran, first=np.zeros(2), total=np.zeros(2)).expected()[0]


def test_three_loans_by_quadrature_over_the_factor():
    pd, rho, loss = np.array([0.05, 0.1, 0.02]), 0.3, np.array([1.0, 2.0, 4.0])
    ran = simulate(plan(factor_model(pd, np.full(3, np.sqrt(rho))), loss, scenarios=40_000, seed=5, shift_level=0.99))

    def exact(x: float) -> float:
        def given(z: float) -> float:
            p = conditional_pd(pd, rho, z)
            return sum(
                np.prod(np.where(d, p, 1 - p)) for d in product([0, 1], repeat=3) if np.dot(d, loss) > x
            ) * stats.norm.pdf(z)

        return integrate.quad(given, -10, 10, epsabs=1e-12)[0]

    for x in (0.5, 1.5, 2.5, 4.5, 6.5):
        hit = ran.weight * (ran.total > x)
        assert exact(x) == pytest.approx(hit.mean(), abs=4.5 * hit.std() / np.sqrt(len(hit)))


def test_any_number_of_workers_gives_the_same_bits():
    one = simulate(network_plan(scenarios=700))
    for workers in (2, 5):
        other = simulate(network_plan(scenarios=700), workers=workers)
        assert one.total.tobytes() == other.total.tobytes()
        assert one.weight.tobytes() == other.weight.tobytes()
    parts = [es_contributions(one, 0.95, units=N, workers=w).tobytes() for w in (1, 3)]
    assert parts[0] == parts[1]
    # More scenarios do not change those that were there.
    assert one.first.tobytes() == simulate(network_plan(scenarios=900)).first[:700].tobytes()


@pytest.mark.parametrize(("most_kept", "least_again"), [(0, 700), (20_000, 1), (10_000_000, 0)])
def test_what_was_kept_of_a_scenario_is_what_a_run_of_it_again_says(most_kept, least_again):
    again = []

    def stage(draws):
        again.append(len(draws.ids))
        return spread(draws)

    given = network_plan(scenarios=700)
    spread = given.stage
    ran = simulate(dataclasses.replace(given, stage=stage), workers=2, most_kept=most_kept)
    again.clear()
    parts = [
        es_contributions(ran, 0.95, units=N),
        var_contributions(ran, 0.95, units=N),
        el_contributions(ran, units=N),
    ]
    plain = simulate(given)
    expected = [f(plain, 0.95, units=N) for f in (es_contributions, var_contributions)]
    assert [one.tobytes() for one in (*expected, el_contributions(plain, units=N))] == [one.tobytes() for one in parts]
    assert sum(again) >= least_again
    assert (sum(again) == 0) == (least_again == 0)
    # The largest are kept: what is run again for the whole loses less than all that is not.
    kept = np.array([i in ran.kept for i in range(700)])
    if kept.any() and not kept.all():
        assert ran.total[~kept].max() <= ran.total[kept].min() * 1.5


def test_a_stage_that_goes_in_steps_is_run_once_for_all_of_them():
    asked = []

    class InSteps:
        def each_step(self, draws):
            asked.append(len(draws.ids))
            return no_contagion(LOSS)(draws), spread(draws)

        def __call__(self, draws):
            return self.each_step(draws)[-1]

    given = network_plan(scenarios=300, shift_level=None)
    spread = given.stage
    first, end = simulate_steps(dataclasses.replace(given, stage=InSteps()), workers=2, most_kept=2**20)
    assert 300 == sum(asked)
    expected = simulate(dataclasses.replace(given, stage=no_contagion(LOSS))), simulate(given)
    assert [one.total.tobytes() for one in expected] == [first.total.tobytes(), end.total.tobytes()]
    assert [one.touched.tolist() for one in expected] == [first.touched.tolist(), end.touched.tolist()]
    parts = [es_contributions(one, 0.95, units=N).tobytes() for one in (first, end)]
    assert [es_contributions(one, 0.95, units=N).tobytes() for one in expected] == parts


def test_contributions_sum_to_the_risk_they_explain():
    ran = simulate(network_plan())
    tail = ran.tail(0.999)
    es = es_contributions(ran, 0.999, units=N)
    assert tail.es == pytest.approx(es.sum(), rel=1e-9)
    assert tail.var == pytest.approx(var_contributions(ran, 0.999, units=N).sum(), rel=1e-9)
    el = el_contributions(ran, units=N)
    assert (ran.weight * ran.total).mean() == pytest.approx(el.sum(), rel=1e-9)
    # Nobody costs more than its whole loss, and contagion makes the tail dearer than the mean.
    assert ((es >= 0) & (es <= LOSS * (1 + 1e-9))).all()
    assert (es > el).mean() > 0.9


def test_euler_contributions_are_the_marginal_effect_of_size():
    """ES is homogeneous: scaling one loan by 1 + t changes ES by t times its contribution, to first order."""
    biggest = int(np.argmax(PD * LOSS))
    model = factor_model(PD, np.full(N, np.sqrt(0.2)))
    ran = simulate(plan(model, LOSS, scenarios=4000, seed=7))
    part = es_contributions(ran, 0.999, units=N)[biggest]
    t = 1e-4
    more = LOSS.copy()
    more[biggest] *= 1 + t
    # The same sampler, so that the scenarios are the same.
    other = dataclasses.replace(ran.plan, loss=more, stage=no_contagion(more))
    assert part == pytest.approx((simulate(other).tail(0.999).es - ran.tail(0.999).es) / t, rel=1e-3)


def test_contagion_only_adds():
    ran = simulate(network_plan())
    assert (ran.total >= ran.first - 1e-9).all()
    assert (ran.touched >= ran.defaults).all()
    assert ran.tail(0.999).var > ran.tail(0.999, contagion=False).var
    assert ran.expected()[0] > ran.expected_first


def test_any_map_from_draws_to_losses_can_be_plugged_in():
    """Two facilities: the bank loses 10 on facility 1 when any party of the scenario defaults."""

    def stage(draws: Draws) -> Losses:
        some = np.diff(draws.start) > 0
        start = np.concatenate([[0], np.cumsum(some)])
        count = int(some.sum())
        return Losses(start, np.ones(count, dtype=np.int64), np.full(count, 10.0), np.zeros(len(some)))

    ran = simulate(network_plan(scenarios=500, stage=stage))
    assert {0.0, 10.0} >= set(ran.total.tolist())
    assert [0.0, 10.0] == es_contributions(ran, 0.5, units=2).tolist()


def test_a_simulation_tells_how_far_it_is():
    said = []
    simulate(network_plan(scenarios=300), workers=2, tell=said.append)
    assert [128, 256, 300] == said


def test_wrong_plans_are_refused():
    with pytest.raises(UsageError, match="scenarios"):
        network_plan(scenarios=0)
    with pytest.raises(UsageError, match="only"):
        simulate(network_plan(scenarios=100, shift_level=None)).tail(0.999)
