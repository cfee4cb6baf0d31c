"""A shock is judged against the unshocked run: what it adds, who fails anyway, and one fixed point from both starts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare, spread_shock, unshocked_run
from graphrisk.errors import ConvergenceError
from graphrisk.model.result import Inputs
from graphrisk.scenario import parse_scenario
from tests.analyze.contagion_books import Rows, random_book, random_shock
from tests.analyze.contagion_runs import graph_from, run
from tests.analyze.test_explain import run as explained

FEW = settings(max_examples=20, deadline=None, derandomize=True)


def _both_ways(rows: Rows, inputs: Inputs, params: Params) -> tuple[Any, Any] | None:
    """Return the run from the unshocked one and that from the undistressed state; None where one does not settle."""
    book, shock, _ = prepare(graph_from(rows), params, inputs)
    try:
        base = unshocked_run(book, shock, params)
        return spread_shock(book, shock, params, base=base), spread_shock(book, shock, params)
    except ConvergenceError:
        return None


@FEW
@given(
    seed=st.integers(0, 10_000),
    rule=st.sampled_from(["threshold", "debtrank", "nonlinear"]),
    supply=st.sampled_from(["default", "none", "linear"]),
    beta=st.sampled_from([0.0, 0.0, 0.4]),
    fall=st.sampled_from([0.0, 0.3]),
)
def test_the_way_from_the_unshocked_run_ends_where_the_way_from_the_start_does(
    seed: int, rule: str, supply: str, beta: float, fall: float
) -> None:
    rows = {**random_book(seed), "guarantees": []}  # calls shift between guarantors: they are not monotone
    text = f'[[shock]]\ncollateral = {{kind = "real_estate"}}\nprice = {-fall}\n' if fall else ""
    scenario = parse_scenario(text) if text else None
    params = Params(rule=rule, supply_default=supply, impact_beta=beta, max_rounds=5_000, tolerance=1e-12)
    found = _both_ways(rows, Inputs(shocks=random_shock(seed, rows), scenario=scenario), params)
    if found is None:
        return
    one, other = found
    assert np.allclose(one.balance.equity, other.balance.equity, rtol=0.0, atol=1e-7)
    assert (one.run.state.failed == other.run.state.failed).all()
    assert np.allclose(one.balance.unpaid, other.balance.unpaid, rtol=0.0, atol=1e-7)
    assert np.allclose(one.production_lost, other.production_lost, rtol=0.0, atol=1e-7)
    assert np.allclose(one.price, other.price)


@FEW
@given(seed=st.integers(0, 10_000), rule=st.sampled_from(["threshold", "debtrank", "nonlinear"]))
def test_what_is_added_is_the_difference_of_two_runs_and_totals_never_fall(seed: int, rule: str) -> None:
    rows = {**random_book(seed), "guarantees": []}
    shock = random_shock(seed, rows)
    try:
        result, quiet = run(rows, shock, all_rows=True, rule=rule), run(rows, {}, all_rows=True, rule=rule)
    except ConvergenceError:
        return
    table, before = result.parties.set_index("party_id"), quiet.parties.set_index("party_id")
    assert table["equity_base"].equals(before["equity_after"].reindex(table.index))
    gap = table["equity_base"] - table["equity_after"] - table["loss_added"]
    assert float(gap.abs().max()) <= 1e-9
    assert (table["default_added"] == (table["defaulted"] & ~before["defaulted"].reindex(table.index))).all()
    assert table["loss_added"].sum() >= -1e-7
    facilities = result.facilities
    assert np.allclose(facilities["bank_loss_added"], facilities["bank_loss"] - facilities["bank_loss_base"])
    anyway = result.tables["contagion_base"]
    assert set(anyway["party_id"]) == set(before.index[before["defaulted"]])
    for party, row in table[table["default_added"]].iterrows():
        assert row["default_round"] >= 0
        assert row["cause"] not in (None, "initial"), party
        assert not str(row["cause"]).startswith("own_stop")
        assert (row["cause"] == "shock") == (row["default_round"] == 0)


def _book() -> Rows:
    """B is broken and takes C with it; S is sound, and D lives on a claim on it."""
    return {
        "parties": [{"party_id": i} for i in ("B", "C", "D", "S")],
        "financials": [
            {"party_id": "B", "equity": -5.0},
            {"party_id": "C", "equity": 10.0},
            {"party_id": "D", "equity": 10.0},
            {"party_id": "S", "equity": 10.0},
        ],
        "exposures": [
            {"creditor_id": "C", "debtor_id": "B", "amount": 30.0, "lgd": 1.0},
            {"creditor_id": "D", "debtor_id": "B", "amount": 6.0, "lgd": 1.0},
            {"creditor_id": "D", "debtor_id": "S", "amount": 5.0, "lgd": 1.0},
        ],
        "facilities": [
            {"facility_id": "FB", "borrower_id": "B", "outstanding": 100.0},
            {"facility_id": "FS", "borrower_id": "S", "outstanding": 7.0},
        ],
    }


def test_a_party_that_fails_anyway_is_no_part_of_what_the_shock_does() -> None:
    result = run(_book(), {"S": 1.0})
    table = result.parties
    assert table["party_id"].tolist() == ["S", "D"]  # by hand: both fall only with the shock, S loses 10 and D 5
    assert table["loss_added"].tolist() == [10.0, 5.0]
    assert table["shocked"].tolist() == [True, False]
    assert table["default_round"].tolist() == [0, 1]  # counted from the shock
    assert table["cause"].tolist() == ["shock", "exposure:D-S"]  # the 6 lost on B were lost without the shock
    assert result.facilities["facility_id"].tolist() == ["FS", "FB"]
    assert result.facilities["bank_loss_added"].tolist() == [7.0, 0.0]
    assert result.tables["contagion_base"]["party_id"].tolist() == ["B", "C"]
    assert result.tables["contagion_base"]["cause"].tolist() == ["initial", "exposure:C-B"]
    assert "adds" not in result.notes[1]
    assert result.notes[0].startswith("The shock puts 1 party in default and brings 1 party down with it: 7.00")
    assert result.notes[1].startswith("2 parties fail without any shock (1 in default at the start): 100.00")


def test_all_rows_lists_who_fails_anyway_with_the_round_and_cause_of_the_unshocked_run() -> None:
    table = run(_book(), {"S": 1.0}, all_rows=True).parties.set_index("party_id")
    assert table.loc["C", ["defaulted", "default_added", "default_round", "cause"]].tolist() == [
        True, False, 1, "exposure:C-B",
    ]  # fmt: skip
    assert table.loc["C", "loss_added"] == 0.0


def test_a_status_in_default_belongs_to_the_unshocked_run_unless_it_is_the_only_shock() -> None:
    rows = _book()
    rows["parties"][3]["status"] = "defaulted"
    alone = run(rows, {}, start_from_status=True)
    assert alone.parties.set_index("party_id")["default_added"].to_dict() == {"S": True, "D": True}
    beside = run(rows, {"D": 0.1}, start_from_status=True)
    assert beside.parties["party_id"].tolist() == ["D"]
    assert beside.tables["contagion_base"]["party_id"].tolist() == ["B", "S", "C", "D"]
    assert beside.parties["loss_added"].tolist() == [1.0]


def test_a_party_of_unknown_equity_fails_by_its_call_and_by_nothing_else() -> None:
    rows: Rows = {
        "parties": [{"party_id": i} for i in ("S", "U")],
        "financials": [{"party_id": "S", "equity": 10.0}],
        "exposures": [{"creditor_id": "U", "debtor_id": "S", "amount": 500.0, "lgd": 1.0}],
        "facilities": [{"facility_id": "F", "borrower_id": "S", "outstanding": 50.0}],
        "guarantees": [
            {"guarantee_id": "G", "guarantor_id": "U", "debtor_id": "S", "facility_id": "F", "amount": 20.0,
             "mode": "several"}
        ],
    }  # fmt: skip
    table = run(rows, {"S": 1.0}).parties.set_index("party_id")
    assert table.loc["U", "cause"] == "guarantee:G"  # it lost 500 on its claim, but fails by the call of 20
    assert table.loc["U", "default_added"]


def test_what_a_firm_loses_by_its_own_stop_is_no_cause() -> None:
    rows: Rows = {
        "parties": [{"party_id": i, "industry": i} for i in ("B", "S")],
        "financials": [
            {"party_id": "B", "equity": 10.0, "sales": 100.0, "material_cost": 60.0},
            {"party_id": "S", "equity": 100.0, "sales": 50.0, "material_cost": 20.0},
        ],
        "supplies": [{"supplier_id": "S", "buyer_id": "B", "amount": 50.0}],
    }
    table = run(rows, {"S": 1.0}, supply_default="default").parties.set_index("party_id")
    assert table.loc["S", "loss_own_stop"] == pytest.approx(30.0)  # its whole profit
    assert table.loc["S", "loss_supplies"] == 0.0
    assert table.loc["B", "cause"] == "supplies:S-B"
    assert table.loc["B", "production_lost"] == 1.0  # it fails by the missing inputs and stops


def _sellers(*rows: tuple[str, str, float, float, float]) -> Rows:
    """Return firms (id, industry, equity, sales, material cost)."""
    return {
        "parties": [{"party_id": i, "industry": industry} for i, industry, *_ in rows],
        "financials": [
            {"party_id": i, "equity": equity, "sales": sales, "material_cost": cost}
            for i, _, equity, sales, cost in rows
        ],
    }


def test_what_the_stopping_of_others_costs_stays_theirs_when_the_firm_then_stops_itself() -> None:
    # S sells 60 of its 100 to X and earns 80: X's stop costs it 48, more than its 40; its own stop adds 32
    rows = _sellers(("S", "A", 40.0, 100.0, 20.0), ("X", "B", 10.0, 500.0, 500.0))
    rows["supplies"] = [{"supplier_id": "S", "buyer_id": "X", "amount": 60.0}]
    table = run(rows, {"X": 1.0}).parties.set_index("party_id")
    assert table.loc["S", ["loss_supplies", "loss_own_stop"]].tolist() == pytest.approx([48.0, 32.0])
    assert table.loc["S", "cause"] == "supplies:S-X"


def test_a_firm_that_runs_down_by_its_own_stops_was_set_off_by_somebody() -> None:
    rows = _sellers(("S", "A", 40.0, 100.0, 20.0), ("X", "B", 10.0, 500.0, 500.0))
    rows["supplies"] = [{"supplier_id": "S", "buyer_id": "X", "amount": 40.0}]
    table = run(rows, {"X": 1.0}, supply_default="linear").parties.set_index("party_id")
    assert table.loc["S", ["loss_supplies", "loss_own_stop"]].tolist() == pytest.approx([32.0, 48.0])
    assert table.loc["S", "cause"] == "supplies:S-X"  # what it lost by its own stops is an effect


def test_a_competitor_in_default_leaves_the_market_though_nobody_here_buys_from_it() -> None:
    # S, M and N sell 100 each; with S and M down, N's 100 are left: S is missed whole. With S alone down: half
    rows = _sellers(("B", "Z", 500.0, 200.0, 100.0), ("M", "A", 9.0, 100.0, 90.0), ("N", "A", 9.0, 100.0, 90.0),
                    ("S", "A", 9.0, 100.0, 90.0))  # fmt: skip
    rows["supplies"] = [{"supplier_id": "S", "buyer_id": "B", "amount": 50.0, "essential": True}]
    both = run(rows, {"S": 1.0, "M": 1.0}).parties.set_index("party_id")
    assert both.loc["B", "production_lost"] == pytest.approx(1.0)
    assert run(rows, {"S": 1.0}).parties.set_index("party_id").loc["B", "production_lost"] == pytest.approx(0.5)


def test_a_fall_of_prices_is_the_origin_of_what_it_brings_down() -> None:
    # Z owns an asset of 200 that falls by half: 100 lost on 50; C holds a claim of 30 on it
    rows: Rows = {
        "parties": [{"party_id": i} for i in ("C", "Z")],
        "financials": [{"party_id": "C", "equity": 20.0}, {"party_id": "Z", "equity": 50.0}],
        "exposures": [{"creditor_id": "C", "debtor_id": "Z", "amount": 30.0, "lgd": 1.0}],
        "collateral": [{"collateral_id": "K", "owner_id": "Z", "kind": "real_estate", "value": 200.0}],
    }
    story = '[[shock]]\ncollateral = {kind = "real_estate"}\nprice = -0.5\n'
    for party, lost in (("Z", 100.0), ("C", 30.0)):
        told = explained(rows, party, {}, scenario=story)
        assert told.certificate["loss"] == pytest.approx(lost)
        assert told.certificate["sum_of_lines"] == pytest.approx(lost)
        origins = told.tables["explain_origins"]
        assert origins[["origin_id", "kind"]].to_numpy().tolist() == [["K", "scenario_price"]]
    assert run(rows, {}, scenario=story).parties.set_index("party_id").loc["Z", "cause"] == "collateral:K"


def test_lines_of_deliveries_add_up_where_other_inputs_bind_than_before() -> None:
    # X2 is one of ten of I1, Y one of ten of I2; without the shock X costs N 2 of its 100, with Y down 6: 4 are added
    rows = _sellers(("N", "Z", 500.0, 200.0, 100.0), ("X", "I1", -1.0, 2.0, 2.0), ("X2", "I1", 9.0, 8.0, 8.0),
                    ("Y", "I2", 9.0, 6.0, 6.0), ("Y2", "I2", 9.0, 4.0, 4.0))  # fmt: skip
    rows["supplies"] = [
        {"supplier_id": s, "buyer_id": "N", "amount": a, "essential": True}
        for s, a in (("X", 2.0), ("X2", 8.0), ("Y", 6.0), ("Y2", 4.0))
    ]
    added = run(rows, {"Y": 1.0}).parties.set_index("party_id").loc["N", "loss_added"]
    told = explained(rows, "N", {"Y": 1.0})
    assert told.certificate["sum_of_lines"] == pytest.approx(added)
    assert told.certificate["sum_of_origins"] == pytest.approx(added)


def test_a_party_that_fails_anyway_does_not_fail_again_in_its_explanation() -> None:
    rows: Rows = {
        "parties": [{"party_id": i} for i in ("A", "C", "G")],
        "financials": [
            {"party_id": "A", "equity": -5.0}, {"party_id": "C", "equity": 10.0}, {"party_id": "G", "equity": 40.0},
        ],
        "facilities": [
            {"facility_id": "LA", "borrower_id": "A", "outstanding": 100.0},
            {"facility_id": "LC", "borrower_id": "C", "outstanding": 30.0},
        ],
        "guarantees": [
            {"guarantee_id": g, "guarantor_id": "G", "debtor_id": d, "facility_id": f, "amount": a, "mode": "several"}
            for g, d, f, a in (("GA", "A", "LA", 50.0), ("GC", "C", "LC", 30.0))
        ],
    }  # fmt: skip
    told = explained(rows, "G", {"C": 1.0})
    assert told.notes[0].startswith("G fails without the shock too, in round 1")
    assert not any("G fails in round" in sentence for sentence in told.tables["explain_path"]["sentence"])
    assert told.certificate["bank_loss_added"] == run(rows, {"C": 1.0}).certificate["bank_loss_added"]
