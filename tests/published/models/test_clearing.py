from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from graphrisk.errors import DataError, UsageError
from tests.published.models.clearing import clear, clearing_system
from tests.published.read import published

METHODS = ("auto", "push", "picard", "fictitious")


@pytest.mark.parametrize("method", METHODS)
def test_the_three_banks_of_systemicrisk_clear_as_published(method):
    case = published("clearing_3bank_systemicrisk.json")
    system = clearing_system(case["L"], case["external_liabilities"])
    for name, alpha, beta in (("eisenberg_noe", 1.0, 1.0), ("rogers_veraart_a05_b07", 0.5, 0.7)):
        cleared = clear(system, case["external_assets"], alpha=alpha, beta=beta, method=method)
        expected = case["expected"][name]
        np.testing.assert_allclose(cleared.payment, expected["p"], rtol=0, atol=1e-12)
        assert expected["default"] == cleared.default.astype(int).tolist()
        assert cleared.residual < 1e-12
    exact = [float(Fraction(text)) for text in case["expected"]["eisenberg_noe"]["exact"]]
    np.testing.assert_allclose(clear(system, case["external_assets"]).payment, exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_pollak_s_four_nodes_leave_98_unpaid_and_29_with_the_injection(method):
    case = published("clearing_4node_pollak.json")
    said = case["published"]
    system = clearing_system(case["L"])
    without = clear(system, case["e"], method=method)
    np.testing.assert_allclose(without.payment, case["computed"]["p_without"], rtol=0, atol=1e-9)
    assert said["unpaid_without"] == pytest.approx((without.owed - without.payment).sum(), abs=1e-9)
    assert said["defaults_without"] == [name for name, down in zip("ABCD", without.default, strict=True) if down]
    helped = clear(system, np.add(case["e"], said["injection"]), method=method)
    np.testing.assert_allclose(helped.payment, said["p_with_injection"], rtol=0, atol=1e-9)
    assert said["unpaid_with"] == pytest.approx((helped.owed - helped.payment).sum(), abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_seniority_of_outside_debt_changes_barucca_s_answer(method):
    case = published("barucca_3bank.json")
    assets = np.array(case["external_assets"]) * (1 - case["uniform_shock_on_external_assets"])
    for seniority, name in (
        ("senior", "eisenberg_noe_external_senior"),
        ("pari", "eisenberg_noe_pari_passu(NEVA convention)"),
    ):
        system = clearing_system(case["interbank_liabilities_L"], case["external_liabilities"], seniority=seniority)
        cleared = clear(system, assets, method=method)
        np.testing.assert_allclose(cleared.equity, case["expected_equity"][name], rtol=0, atol=1e-12)
        recovery = {"senior": 3 / 4, "pari": 20 / 21}[seniority]
        assert recovery == pytest.approx(cleared.payment[0] / cleared.owed[0], abs=1e-12)


def network(seed: int, *, senior: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    debts = rng.exponential(10.0, (n, n)) * (rng.random((n, n)) < 0.5)
    np.fill_diagonal(debts, 0.0)
    outside = rng.exponential(3.0, n) * (rng.random(n) < 0.5)
    assets = rng.exponential(4.0, n) * (rng.random(n) < 0.8)
    return debts, outside, assets


@given(st.integers(0, 100_000), st.sampled_from(METHODS))
@settings(deadline=None, max_examples=80)
def test_eisenberg_noe_is_the_linear_program_s_answer(seed, method):
    debts, outside, assets = network(seed)
    system = clearing_system(debts, outside)
    cleared = clear(system, assets, method=method)
    owed, share = system.owed, system.shares.toarray()
    # Eisenberg and Noe: the greatest clearing vector maximises any rising function of feasible payments.
    best = linprog(-np.ones(len(owed)), A_ub=np.eye(len(owed)) - share.T, b_ub=assets, bounds=[(0, o) for o in owed])
    np.testing.assert_allclose(cleared.payment, best.x, rtol=0, atol=1e-7 * max(owed.max(), 1))
    # What all pay is what all get: nothing appears or vanishes.
    np.testing.assert_allclose(
        cleared.equity.sum(),
        (assets - outside - (owed - debts.sum(1) - outside)).sum() + _unpaid_outside(cleared, debts),
    )


def _unpaid_outside(cleared, debts):
    """What creditors inside did not get is missing from the sum of equities."""
    inside = np.divide(debts.sum(1), cleared.owed, out=np.zeros(len(debts)), where=cleared.owed > 0)
    return -((cleared.owed - cleared.payment) * inside).sum()


@given(
    st.integers(0, 100_000), st.sampled_from(["pari", "senior"]), st.sampled_from([(1.0, 1.0), (0.5, 0.7), (0.0, 0.3)])
)
@settings(deadline=None, max_examples=100)
def test_the_three_methods_agree_and_payments_stay_within_bounds(seed, seniority, costs):
    debts, outside, assets = network(seed)
    system = clearing_system(debts, outside, seniority=seniority)
    found = [clear(system, assets, alpha=costs[0], beta=costs[1], method=method) for method in METHODS]
    for one in found:
        np.testing.assert_allclose(one.payment, found[2].payment, rtol=0, atol=1e-9 * max(system.owed.max(), 1))
        assert (one.payment >= 0).all()
        assert (one.payment <= system.owed).all()
        assert (one.payment[~one.default] == system.owed[~one.default]).all()
    more = clear(system, assets + 1.0, alpha=costs[0], beta=costs[1])
    assert (more.payment >= found[0].payment - 1e-9).all()
    dear = clear(system, assets, alpha=costs[0] * 0.9, beta=costs[1] * 0.9)
    assert (dear.payment <= found[0].payment + 1e-9).all()


@given(st.integers(0, 100_000))
@settings(deadline=None, max_examples=40)
def test_relabelling_and_a_second_component_change_nothing(seed):
    debts, outside, assets = network(seed)
    n = len(assets)
    alone = clear(clearing_system(debts, outside), assets, alpha=0.6, beta=0.8).payment
    turn = np.random.default_rng(seed).permutation(n)
    turned = clear(clearing_system(debts[np.ix_(turn, turn)], outside[turn]), assets[turn], alpha=0.6, beta=0.8).payment
    np.testing.assert_allclose(turned, alone[turn], rtol=0, atol=1e-10)
    two = np.block([[debts, np.zeros((n, n))], [np.zeros((n, n)), debts]])
    both = clear(clearing_system(two, np.tile(outside, 2)), np.tile(assets, 2), alpha=0.6, beta=0.8).payment
    np.testing.assert_allclose(both, np.tile(alone, 2), rtol=0, atol=1e-10)


def test_the_rule_for_ties_is_an_argument():
    # 0 owes 1 exactly what it has.
    system = clearing_system([[0.0, 5.0], [0.0, 0.0]])
    kept = clear(system, [5.0, 0.0], alpha=0.5, beta=0.5)
    failed = clear(system, [5.0, 0.0], alpha=0.5, beta=0.5, tie="default")
    assert ([5.0, 0.0], [False, False]) == (kept.payment.tolist(), kept.default.tolist())
    assert ([2.5, 0.0], [True, False]) == (failed.payment.tolist(), failed.default.tolist())


def test_of_several_clearing_vectors_the_greatest_is_returned():
    # Two banks that owe each other 10 and have nothing: any payment x to each other clears; 10 is the best.
    for method in METHODS:
        assert [10.0, 10.0] == clear(clearing_system([[0, 10], [10, 0]]), [0, 0], method=method).payment.tolist()


def test_a_senior_debt_that_eats_everything_leaves_a_payment_of_zero():
    system = clearing_system([[0, 4, 0], [0, 0, 4], [0, 0, 0]], [9, 1, 0], seniority="senior")
    for method in METHODS:
        cleared = clear(system, [2.0, 3.0, 0.0], method=method)
        assert [0.0, 2.0, 0.0] == cleared.payment.tolist()
        assert [-11.0, -2.0, 2.0] == cleared.equity.tolist()


def test_wrong_input_is_refused():
    with pytest.raises(DataError, match="not negative"):
        clearing_system([[0, -1], [0, 0]])
    with pytest.raises(DataError, match="itself"):
        clearing_system([[1, 0], [0, 0]])
    with pytest.raises(UsageError, match="seniority"):
        clearing_system([[0, 1], [0, 0]], seniority="junior")
    with pytest.raises(DataError, match="external assets"):
        clear(clearing_system([[0, 1], [0, 0]]), [-1.0, 0.0])
    with pytest.raises(UsageError, match="method"):
        clear(clearing_system([[0, 1], [0, 0]]), [1.0, 0.0], method="guess")
