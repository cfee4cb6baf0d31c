from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphrisk.analyze import explain
from graphrisk.analyze.explain.contracts import TRIED, candidates, chosen, rank_correlation, run_without
from graphrisk.cascade.added import measured
from graphrisk.cascade.attribution import Recorder
from graphrisk.cascade.expected_effect import expected_effects
from graphrisk.cascade.run import Spread, prepare, spread_shock, unshocked_run
from graphrisk.cascade.sensitivity import MEASURES, Sensitivity
from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.ledger import FIRST_EQUITY
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.analyze import contagion_runs
from tests.analyze.contagion_books import Rows, random_book, random_shock
from tests.worlds.build import parties

RULES: list[dict[str, Any]] = [
    {"rule": "threshold"},
    {"rule": "debtrank"},
    {"rule": "nonlinear", "alpha": 2.0},
    {"rule": "threshold", "impact_beta": 0.5, "supply_default": "linear"},
    {"rule": "debtrank", "supply_default": "none", "schedule": "staged"},
    {"rule": "threshold", "missing_capacity": "caps", "recourse": 0.5},
    {"rule": "en"},
    {"rule": "merton"},
]


def claims(equity: dict[str, float], *owed: tuple[str, str, float]) -> Rows:
    return {
        "parties": parties(*equity),
        "financials": [{"party_id": i, "equity": e} for i, e in equity.items()],
        "exposures": [{"creditor_id": c, "debtor_id": d, "amount": a} for c, d, a in owed],
    }


def finished(book: Rows, shocks: dict[str, float], measure: str = "loss", **given: Any) -> tuple[Spread, Sensitivity]:
    params = parse_params(explain.Params, given, where="explain")
    ledger, shock, _ = prepare(contagion_runs.graph_from(book), params, Inputs(shocks=shocks))
    recorder = Recorder(ledger)
    done = spread_shock(ledger, shock, params, base=unshocked_run(ledger, shock, params), record=recorder)
    return done, Sensitivity(done, params, recorder, measure)


def contracts(book: Rows, party: str, shocks: dict[str, float], **given: Any) -> tuple[Result, list[dict[str, Any]]]:
    params = parse_params(explain.Params, {**given, "party": party}, where="explain")
    result = explain.run(contagion_runs.graph_from(book), params, inputs=Inputs(shocks=shocks), progress=silent)
    found: list[dict[str, Any]] = result.to_dict()["tables"]["explain_contracts"]
    return result, found


@pytest.mark.parametrize("seed", range(4))
def test_where_losses_are_linear_the_slope_is_the_derivative(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = 8
    owed = np.round(rng.uniform(1, 8, (size, size)) * (rng.random((size, size)) < 0.5), 1)
    np.fill_diagonal(owed, 0.0)
    equity = {f"P{i}": 100.0 for i in range(size)}
    lines = [(f"P{i}", f"P{j}", float(owed[i, j])) for i, j in zip(*np.nonzero(owed), strict=True)]
    shocks = {"P0": 0.2, "P3": 0.1}
    done, sensitivity = finished(claims(equity, *lines), shocks, rule="debtrank", tolerance=1e-14)
    assert not done.run.state.failed.any()
    closed = np.linalg.solve(np.eye(size) - (owed / 100.0).T, np.ones(size))
    for party in np.flatnonzero(done.balance.equity < done.ledger.equity).tolist():
        assert closed[party] == pytest.approx(sensitivity.slope(party), rel=1e-9)
        half = 0.5 * float(done.ledger.equity[party] - done.balance.equity[party])
        assert half * closed[party] == pytest.approx(sensitivity.spared(party, half), rel=1e-9)
        near = {**shocks, f"P{party}": shocks.get(f"P{party}", 0.0) + 1e-4}
        other, _ = finished(claims(equity, *lines), near, rule="debtrank", tolerance=1e-14)
        assert (measured(other).loss - measured(done).loss) / 0.01 == pytest.approx(sensitivity.slope(party), rel=1e-6)


@pytest.mark.parametrize("number", range(len(RULES)))
@pytest.mark.parametrize("measure", MEASURES)
def test_what_the_origins_did_at_their_values_is_all_that_was_lost(number: int, measure: str) -> None:
    checked = 0
    for seed in range(18 if measure != "bank_loss" else 48):
        book = random_book(seed, size=9)
        if RULES[number]["rule"] in ("en", "merton"):
            for row in book["parties"]:
                if all(sheet["party_id"] != row["party_id"] for sheet in book["financials"]):
                    book["financials"].append({"party_id": row["party_id"], "equity": 30.0, "equity_volatility": 0.2})
        try:
            done, sensitivity = finished(book, random_shock(seed, book), measure, **RULES[number])
        except ConvergenceError:
            continue
        whole = measured(done)._asdict()
        assert whole[measure] == pytest.approx(sensitivity.total, rel=1e-9, abs=1e-9)
        assert sensitivity.gap <= 1e-9
        assert sensitivity.residual <= 1e-9
        checked += whole[measure] > 0.0
    assert checked >= 3


def chain() -> Rows:
    """A falls; B holds a claim on A, C stands behind B's loan, D owns C, E holds a claim on C."""
    book = claims({"A": 10.0, "B": 20.0, "C": 30.0, "D": 15.0, "E": 100.0}, ("B", "A", 25.0), ("E", "C", 40.0))
    book["facilities"] = [{"facility_id": "F", "borrower_id": "B", "outstanding": 70.0}]
    book["guarantees"] = [
        {"guarantee_id": "G", "guarantor_id": "C", "debtor_id": "B", "facility_id": "F", "amount": 60.0}
    ]
    book["ownership"] = [{"owner_id": "D", "owned_id": "C", "share_min": 0.4, "share_max": 0.4}]
    return book


def test_on_a_tree_the_expected_effect_of_every_contract_is_the_measured_one() -> None:
    result, found = contracts(chain(), "", {"A": 1.0})
    # B 20 (of 25), bank 70 less 30 paid, C 30, D 12, E 40: without G the bank loses 70 and nobody else does
    assert {"exposure": 142.0, "guarantee": 52.0, "ownership": 12.0} == {
        row["kind"]: row["adjoint_effect"] for row in found if row["from_id"] != "E"
    }
    assert len(found) == 4
    for row in found:
        assert row["effect_on_loss"] == pytest.approx(row["adjoint_effect"], abs=1e-9), row
    assert 1.0 == pytest.approx(result.certificate["adjoint_agreement"])
    assert 0 == result.certificate["contracts_untried_above"]


def test_of_two_causes_each_of_which_is_enough_neither_has_an_effect_but_both_are_tried() -> None:
    book = claims({"S": 1.0, "A": 5.0, "B": 5.0, "C": 10.0, "D": 90.0},
                  ("A", "S", 6.0), ("B", "S", 6.0), ("C", "A", 12.0), ("C", "B", 12.0), ("D", "C", 50.0))  # fmt: skip
    done, sensitivity = finished(book, {"S": 1.0})
    graph = done.book.graph
    creditor = [str(graph.party_ids[k]) for k in graph.positions("exposures", "creditor_id")]
    expected = expected_effects(sensitivity)
    for row, who in enumerate(creditor):
        one = expected["exposure", (row,)]
        if who == "C":
            assert (0.0, 30.0) == (one.effect, one.share)  # half of C's 10 and of D's 50
    every = candidates(done, sensitivity)
    assert 5 == len(every)
    for one_of in every:
        effect = (
            measured(done).loss - run_without(graph, one_of, explain.Params(), Inputs(shocks={"S": 1.0})).without.loss
        )
        if one_of.expected.effect:
            assert one_of.expected.effect >= effect - 1e-9


def test_a_guarantee_that_shields_a_lender_has_a_negative_effect_as_expected() -> None:
    # G pays 50 of its 200; without it the lender L fails and D loses its claim
    book = claims({"B": 5.0, "L": 20.0, "G": 200.0, "D": 300.0}, ("D", "L", 80.0))
    book["facilities"] = [{"facility_id": "F", "borrower_id": "B", "lender_id": "L", "outstanding": 50.0}]
    book["guarantees"] = [
        {"guarantee_id": "GG", "guarantor_id": "G", "debtor_id": "B", "facility_id": "F", "amount": 50.0}
    ]
    _, found = contracts(book, "", {"B": 1.0})
    (row,) = [row for row in found if row["kind"] == "guarantee"]
    # 50 paid become 20 of L's equity and 80 of D's; our bank lent nothing
    assert (-50.0, 0.0) == (row["effect_on_loss"], row["effect_on_bank_loss"])
    assert -50.0 == row["adjoint_effect"]
    assert "all loss would be 50.00 CNY larger" in row["sentence"]


def test_every_kind_of_contract_is_tried_and_the_rest_is_said() -> None:
    for seed in (100, 101, 102):
        book = random_book(seed, size=20)
        shocks = random_shock(seed, book)
        done, sensitivity = finished(book, shocks)
        every = candidates(done, sensitivity)
        kinds = {one.contract.kind for one in every}
        assert kinds == {one.contract.kind for one in chosen(every, len(kinds))}
        assert every == chosen(every, len(every)) or set(every) == set(chosen(every, len(every)))
        result, found = contracts(book, "", shocks, contracts=2)
        said = result.certificate
        assert len(every) == said["contracts_that_can_matter"]
        assert min(len(every), 2 * TRIED) == said["contracts_tried"]
        if len(every) > said["contracts_tried"]:
            least = abs(found[-1]["effect_on_loss"])
            tried = set(chosen(every, 2 * TRIED))
            above = sum(abs(one.expected.effect) > least for one in every if one not in tried)
            assert above == said["contracts_untried_above"]
            assert any(note.startswith("warning") == (above > 0) and "not tried" in note for note in result.notes)


def test_the_ten_that_matter_most_are_found_more_often_than_by_money() -> None:
    by_money, by_adjoint, all_of_them = 0, 0, 0
    for seed in (120, 121, 122, 124, 125, 126, 127, 128, 129, 130):
        book = random_book(seed, size=14)
        shocks = Inputs(shocks=random_shock(seed, book))
        done, sensitivity = finished(book, dict(shocks.shocks), rule="debtrank")
        params = explain.Params(rule="debtrank")
        every = candidates(done, sensitivity)
        effect = {
            one: measured(done).loss - run_without(done.book.graph, one, params, shocks).without.loss for one in every
        }
        true = sorted(every, key=lambda one: -abs(effect[one]))[:10]
        money = sorted(every, key=lambda one: -one.contract.flow)[:10]
        by_money += len(set(true) & set(money))
        by_adjoint += len(set(true) & set(chosen(every, 10)))
        all_of_them += len(true)
    assert by_money < by_adjoint
    assert by_adjoint > 0.6 * all_of_them


def test_where_the_adjoint_cannot_be_solved_the_ranking_by_money_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphrisk.kernels.contagion.adjoint.EXACT", -1.0)  # nothing is exact enough
    result, found = contracts(chain(), "", {"A": 1.0})
    assert 4 == len(found)
    assert {None} == {row["adjoint_effect"] for row in found}
    assert 142.0 == found[0]["effect_on_loss"]
    assert result.certificate["adjoint_gap"] is None
    (note,) = [note for note in result.notes if "adjoint" in note]
    assert note.startswith("warning: explain_contracts: the adjoint of the cascade is not solved")


def test_a_circle_with_a_strong_echo_is_not_expected_to_save_more_than_was_lost() -> None:
    # A and B hold each other's debt almost up to their equity: a unit echoes often, but only what is lost can be saved
    book = claims({"S": 1.0, "A": 100.0, "B": 100.0}, ("A", "S", 1.0), ("A", "B", 99.0), ("B", "A", 99.0))
    done, sensitivity = finished(book, {"S": 0.5}, rule="debtrank", tolerance=1e-12)
    a = done.book.graph.position("A")
    assert 50.0 < sensitivity.slope(a)
    whole = float(done.ledger.equity[a] - done.balance.equity[a])
    assert sensitivity.spared(a, whole) == pytest.approx(measured(done).loss, rel=1e-9)
    assert 10.0 * measured(done).loss < whole * sensitivity.slope(a)


def test_ranks_that_are_equal_are_shared() -> None:
    assert 1.0 == pytest.approx(rank_correlation([1.0, 2.0, 2.0, 9.0], [0.1, 0.5, 0.5, 0.6]))
    assert -1.0 == pytest.approx(rank_correlation([1.0, 2.0, 3.0], [9.0, 5.0, 1.0]))
    assert rank_correlation([1.0, 1.0], [1.0, 2.0]) is None


def test_a_party_is_spared_nothing_while_others_keep_it_down() -> None:
    book = claims({"A": 10.0, "C": 10.0, "D": 90.0}, ("C", "A", 25.0), ("D", "C", 40.0))
    done, sensitivity = finished(book, {"A": 1.0})
    c = done.book.graph.position("C")
    assert 0.0 == sensitivity.spared(c, 14.0)
    assert 1.0 + 40.0 == pytest.approx(sensitivity.spared(c, 16.0))
    assert 50.0 == pytest.approx(sensitivity.spared(c, 25.0))
    assert 10.0 == done.ledger.party[c, FIRST_EQUITY]
