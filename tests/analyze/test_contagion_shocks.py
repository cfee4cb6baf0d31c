"""What a shock does at the start, and what is said of data that is missing, broken or odd."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from graphrisk.errors import DataError, UsageError
from tests.analyze.contagion_books import Rows
from tests.analyze.contagion_runs import party, run
from tests.worlds.build import graph_of, parties


def _pair(**extra: Any) -> Rows:
    """A lends B 8 of its 10; B has 20."""
    return {
        "parties": [{"party_id": "A", "industry": "K70", "region": "浙江"}, {"party_id": "B", "industry": "C13"}],
        "financials": [{"party_id": "A", "equity": 10.0}, {"party_id": "B", "equity": 20.0}],
        "exposures": [{"creditor_id": "A", "debtor_id": "B", "amount": 8.0, "lgd": 1.0}],
        **extra,
    }


def _notes(result: Any, text: str) -> list[str]:
    return [note for note in result.notes if text in note]


def test_effects_of_a_scenario_on_one_party_add_up_and_are_capped() -> None:
    text = """
    [[shock]]
    parties = ["A"]
    loss = 0.3
    [[shock]]
    where = {industry = "K70"}
    loss_amount = 2.0
    [[shock]]
    parties = ["B"]
    loss = 0.8
    [[shock]]
    where = {industry = ["C13", "K70"]}
    loss = 0.4
    """
    result = run(_pair(), {"A": 0.1}, scenario=text, all_rows=True)
    assert party(result, "A")["loss_shock"] == pytest.approx(10 * (0.1 + 0.3 + 0.4) + 2.0)
    assert party(result, "B")["loss_shock"] == 20.0
    assert [0, 0] == [party(result, i)["default_round"] for i in "AB"]
    assert ["shock", "shock"] == [party(result, i)["cause"] for i in "AB"]


def test_all_columns_of_a_filter_must_hold() -> None:
    text = '[[shock]]\nwhere = {industry = "K70", region = "江苏"}\nloss = 1\n'
    result = run(_pair(), scenario=text)
    assert result.parties.empty
    assert _notes(result, "warning: shock[0].where matches nothing in parties (industry = K70, region = 江苏)")
    assert result.importance.empty


def _shocked(result: Any) -> list[str]:
    return sorted(result.parties.loc[result.parties["loss_shock"] > 0, "party_id"])


NAMED = '[portfolio]\npd_model = "internal"\n'
"""Two models rate the firms: expected loss needs to know whose PDs count."""


def _rated() -> Rows:
    """Four firms of two models: A fell to BB this year, B has one rating, C two on one day, D none but a PD."""
    days = (date(2024, 12, 31), date(2025, 12, 31))
    return {
        "parties": [
            {"party_id": i, "industry": code} for i, code in zip("ABCD", ("C13", "C17", "K70", None), strict=True)
        ],
        "financials": [{"party_id": i, "equity": 10.0} for i in "ABCD"],
        "ratings": [
            {"party_id": "A", "as_of_on": days[0], "pd": 0.01, "grade": "A"},
            {"party_id": "A", "as_of_on": days[1], "pd": 0.03, "grade": "BB"},
            {"party_id": "A", "as_of_on": date(2027, 1, 1), "pd": 0.5, "grade": "CCC"},
            {"party_id": "A", "as_of_on": days[0], "model": "agency", "pd": 0.02, "grade": "Ba2"},
            {"party_id": "B", "as_of_on": days[0], "pd": 0.02, "grade": "A"},
            {"party_id": "C", "as_of_on": days[1], "model": "agency", "pd": 0.01, "grade": "A"},
            {"party_id": "C", "as_of_on": days[1], "model": "internal", "pd": 0.04, "grade": "BB"},
            {"party_id": "D", "as_of_on": days[1], "pd": 0.9},
        ],
    }


@pytest.mark.parametrize(
    ("where", "hit"),
    [
        ('{rating = "BB"}', "AC"),  # the latest on or before the day; of two on it the one with the higher PD
        ('{rating = ["A", "BB"]}', "ABC"),
        ('{rating = "A"}\nrating_model = "agency"', "C"),
        ('{rating = "A"}\nrating_model = "internal"', "B"),
        ('{rating = "BB", industry = "C*"}', "A"),
        ('{industry = "C*"}', "AB"),
        ('{industry = ["C17", "K*"]}', "BC"),
        ('{industry = "*"}', "ABC"),
        ('{party_id = "A*"}', ""),
    ],
)
def test_a_filter_asks_for_grades_and_for_the_beginning_of_an_industry(where: str, hit: str) -> None:
    result = run(_rated(), scenario=f"{NAMED}[[shock]]\nwhere = {where}\nloss = 0.5\n")
    assert list(hit) == _shocked(result)


def test_a_value_that_nothing_has_is_a_warning_with_the_nearest() -> None:
    text = '[[shock]]\nwhere = {rating = ["BB", "BBX"], industry = ["C*", "C8*", "K7"]}\nloss = 0.5\n'
    result = run(_rated(), scenario=NAMED + text)
    assert ["A"] == _shocked(result)
    assert _notes(result, "warning: shock[0].where.rating: no party has the grade 'BBX' (did you mean BB?)")
    assert _notes(result, "warning: shock[0].where.industry: no row of parties has the industry 'C8*'")
    assert _notes(
        result, "warning: shock[0].where.industry: no row of parties has the industry 'K7' (did you mean K70?)"
    )
    assert not _notes(result, "'C*'")
    (said,) = _notes(
        run(_rated(), scenario=NAMED + '[[shock]]\nwhere = {rating = "Z"}\nloss = 1\n'), "no party has the grade"
    )
    assert said.endswith("(known: A, BB)")


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ('[[shock]]\nparties = ["A", "Bb"]\nloss = 1', "shock[0].parties", ""),
        ('[[shock]]\nwhere = {industri = "K70"}\nloss = 1', "shock[0].where.industri", "industry"),
        ('[[shock]]\nwhere = {size = "smal"}\nloss = 1', "shock[0].where.size", "small"),
        ('[[shock]]\ncollateral = {kind = "realestate"}\nprice = -0.1', "shock[0].collateral.kind", "real_estate"),
        ('[[shock]]\ncollateral = {industry = "K70"}\nprice = -0.1', "shock[0].collateral.industry", ""),
    ],
)
def test_an_unknown_party_column_or_value_is_refused_with_its_path(text: str, where: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        run(_pair(), scenario=text)
    assert caught.value.where == where
    assert hint in caught.value.hint


def test_an_unknown_parameter_layer_or_party_names_the_nearest() -> None:
    for call, near in (
        (lambda: run(_pair(), rul="debtrank"), "rule"),
        (lambda: run(_pair(), rule="debtrnk"), "debtrank"),
        (lambda: run(_pair(), layers="exposures,garantees"), "guarantees"),
    ):
        with pytest.raises(UsageError) as caught:
            call()
        assert near in caught.value.hint
    with pytest.raises(UsageError, match="no party has the id 'C'"):
        run(_pair(), {"C": 1.0})
    with pytest.raises(UsageError, match=r"fraction of equity in \[0, 1\]"):
        run(_pair(), {"A": 1.5})


def test_furfine_is_another_name_of_threshold() -> None:
    assert run(_pair(), {"B": 1.0}, rule="furfine").params["rule"] == "threshold"


def test_the_shocks_are_among_the_parameters_of_the_result() -> None:
    said = run(_pair(), {"B": 0.5}, scenario='name = "x"\n[[shock]]\nparties = ["A"]\nloss = 0.1\n').to_dict()["params"]
    assert said["shocks"] == {"B": 0.5}
    assert said["scenario"]["name"] == "x"
    assert said["rule"] == "threshold"


def test_equity_of_zero_or_less_is_default_at_the_start_and_a_shock_takes_nothing_more() -> None:
    rows = _pair(financials=[{"party_id": "A", "equity": 10.0}, {"party_id": "B", "equity": -5.0}])
    result = run(rows, {"B": 1.0}, all_rows=True)
    assert party(result, "B") | {"defaulted": True, "default_round": 0, "cause": "initial", "loss_shock": 0.0,
                                 "shocked": True, "default_added": False, "loss_added": 0.0,
                                 "equity_after": -5.0, "loss_fraction": 1.0} == party(result, "B")  # fmt: skip
    assert party(result, "A")["loss_exposures"] == 8.0
    assert result.certificate["baseline"] == {"defaults": 1, "bank_loss": 0.0, "equity_lost": 8.0}
    assert _notes(result, "1 shocked parties have no equity left")
    assert _notes(result, "1 parties have equity of 0 or less")


def test_a_party_without_equity_has_no_equity_columns_and_fails_where_shocked_whole() -> None:
    rows = _pair(financials=[{"party_id": "A", "equity": 10.0}])
    half, whole = run(rows, {"B": 0.5}), run(rows, {"B": 1.0})
    assert [None, None, None] == [party(whole, "B")[n] for n in ("equity", "equity_after", "loss_fraction")]
    assert party(whole, "B")["defaulted"]
    assert party(whole, "B")["cause"] == "shock"
    assert party(whole, "A")["loss_exposures"] == 8.0
    assert not half.parties["defaulted"].any()
    assert party(run(rows, {"B": 0.5}, rule="debtrank"), "A")["loss_exposures"] == 4.0
    assert _notes(whole, "1 of 2 parties have no known equity")


def test_a_loss_amount_on_a_party_without_equity_is_a_warning() -> None:
    rows = _pair(financials=[{"party_id": "A", "equity": 10.0}])
    result = run(rows, scenario='[[shock]]\nparties = ["B"]\nloss_amount = 5.0\n')
    assert _notes(result, "warning: 1 parties without known equity are given a loss_amount")


def test_a_guarantor_without_equity_pays_nothing_or_its_caps() -> None:
    rows: Rows = {
        "parties": [{"party_id": "A"}, {"party_id": "G"}],
        "financials": [{"party_id": "A", "equity": 10.0}],
        "facilities": [{"facility_id": "F", "borrower_id": "A", "outstanding": 50.0}],
        "guarantees": [
            {
                "guarantee_id": "G1",
                "guarantor_id": "G",
                "debtor_id": "A",
                "facility_id": "F",
                "amount": 30.0,
                "share": 1.0,
            }
        ],
    }
    zero, caps = run(rows, {"A": 1.0}), run(rows, {"A": 1.0}, missing_capacity="caps")
    row = party(zero, "G")
    assert (True, 1, "guarantee:G1", 30.0) == (
        row["defaulted"],
        row["default_round"],
        row["cause"],
        row["guarantee_unmet"],
    )
    assert [50.0] == zero.facilities["bank_loss"].tolist()
    assert not party(caps, "G")["defaulted"]
    assert [20.0] == caps.facilities["bank_loss"].tolist()
    assert _notes(
        zero, "1 guarantors without known equity pay nothing (missing_capacity=zero); their caps sum to 30.00"
    )


def test_a_defaulted_status_is_noted_and_shocked_only_when_asked() -> None:
    rows = _pair(parties=[{"party_id": "A"}, {"party_id": "B", "status": "defaulted"}])
    quiet, shocked = run(rows), run(rows, start_from_status=True)
    assert quiet.parties.empty
    assert _notes(quiet, "1 parties have the status defaulted: noted, not shocked")
    assert party(shocked, "B")["cause"] == "shock"
    assert party(shocked, "A")["loss_exposures"] == 8.0


def test_missing_values_are_taken_by_stated_conventions() -> None:
    rows = _pair(
        exposures=[{"creditor_id": "A", "debtor_id": "B", "amount": 8.0}],
        ownership=[
            {"owner_id": "A", "owned_id": "B"},
            {"owner_id": "A", "owned_id": "B", "share_min": 0.1, "share_max": 0.2},
        ],
        guarantees=[
            {"guarantee_id": "G1", "guarantor_id": "A", "debtor_id": "B", "amount": 5.0},
            {"guarantee_id": "G2", "guarantor_id": "A", "debtor_id": "B", "amount": 0.0},
        ],
    )
    result = run(rows, {"B": 1.0})
    assert party(result, "A")["loss_exposures"] == 8.0
    assert party(result, "A")["loss_ownership"] == pytest.approx(4.0)
    for text in (
        "1 exposures have no lgd: taken as 1",
        "1 ownership rows have no share: taken as 0",
        "an owner loses share_max",
        "2 guarantees without a facility stand behind a debtor that has none",
        "1 guarantees have a cap of 0",
    ):
        assert _notes(result, text), text


def test_ownership_above_one_hundred_percent_in_a_circle_still_settles() -> None:
    rows: Rows = {
        "parties": parties("A", "B", "C"),
        "financials": [{"party_id": i, "equity": 100.0} for i in "ABC"],
        "ownership": [
            {"owner_id": o, "owned_id": f, "share_min": 0.9, "share_max": 0.9}
            for o, f in ("AB", "BC", "CA", "CB", "AC")
        ],
    }
    result = run(rows, {"A": 0.5}, all_rows=True)
    assert result.certificate["residual"] <= 1e-9
    assert result.parties["loss_fraction"].between(0.0, 1.0).all()
    assert _notes(result, "2 firms are owned above 100 %")


def test_a_contract_on_an_id_that_is_not_loaded_is_refused() -> None:
    graph = graph_of(
        parties=parties("A", "B"),
        exposures=[{"creditor_id": "A", "debtor_id": "Z9", "amount": 1.0}],
    )
    with pytest.raises(DataError, match="1 rows name an id that is not loaded: Z9") as caught:
        run(graph, {"A": 1.0})
    assert caught.value.where == "exposures.debtor_id"


def test_a_layer_asked_for_without_data_is_said() -> None:
    result = run(_pair(), {"B": 1.0}, layers="exposures,guarantees")
    assert _notes(result, "layer guarantees holds no data")
    assert _notes(run(_pair(), {"B": 1.0}, layers="guarantees"), "layer exposures is left out")


def test_a_price_shock_without_the_collateral_layer_is_a_warning() -> None:
    rows = _pair(collateral=[{"collateral_id": "C", "owner_id": "A", "value": 4.0}])
    text = '[[shock]]\ncollateral = {kind = "real_estate"}\nprice = -0.5\n'
    assert party(run(rows, scenario=text), "A")["loss_collateral"] == 2.0
    assert _notes(run(rows, scenario=text, layers="exposures"), "warning: the fall of prices has no effect")


def test_an_owner_of_pledged_assets_that_is_not_the_borrower_bears_what_they_pay() -> None:
    rows = _pair(
        facilities=[{"facility_id": "F", "borrower_id": "B", "outstanding": 6.0}],
        collateral=[{"collateral_id": "C", "owner_id": "A", "value": 5.0, "haircut": 0.2}],
        pledges=[{"facility_id": "F", "collateral_id": "C", "allocated_amount": 5.0}],
        exposures=[],
    )
    result = run(rows, {"B": 1.0})
    assert party(result, "A")["loss_collateral"] == pytest.approx(4.0)
    row = result.facilities.iloc[0]
    assert (4.0, 2.0, 2.0) == pytest.approx((row["collateral_recovery"], row["shortfall"], row["bank_loss"]))


def test_the_cause_is_the_largest_line_when_the_party_failed() -> None:
    """G fails by the call of 40 in sweep 1; the call of 300 that joins it in sweep 2 is not what made it fail."""
    rows: Rows = {
        "parties": parties("S", "T", "G"),
        "financials": [{"party_id": i, "equity": e} for i, e in (("S", 10.0), ("T", 5.0), ("G", 30.0))],
        "exposures": [{"creditor_id": "T", "debtor_id": "S", "amount": 9.0}],
        "facilities": [
            {"facility_id": "FS", "borrower_id": "S", "outstanding": 40.0},
            {"facility_id": "FT", "borrower_id": "T", "outstanding": 300.0},
        ],
        "guarantees": [
            {"guarantee_id": "G1", "guarantor_id": "G", "debtor_id": "S", "facility_id": "FS", "amount": 40.0},
            {"guarantee_id": "G2", "guarantor_id": "G", "debtor_id": "T", "facility_id": "FT", "amount": 300.0},
        ],
    }  # fmt: skip
    result = run(rows, {"S": 1.0})
    assert (1, "guarantee:G1") == (party(result, "G")["default_round"], party(result, "G")["cause"])
    calls = result.calls.set_index("guarantee_id")["paid"]
    assert calls["G2"] > calls["G1"]


def test_a_tie_goes_to_the_smallest_key_and_lines_of_one_pair_add_up() -> None:
    rows: Rows = {
        "parties": parties("A", "B", "C", "X"),
        "financials": [{"party_id": i, "equity": 10.0} for i in "ABCX"],
        "exposures": [
            {"creditor_id": "X", "debtor_id": "C", "amount": 3.0},
            {"creditor_id": "X", "debtor_id": "C", "amount": 3.0},
            {"creditor_id": "X", "debtor_id": "B", "amount": 6.0},
            {"creditor_id": "X", "debtor_id": "A", "amount": 5.0},
        ],
    }
    assert party(run(rows, {"A": 1.0, "B": 1.0, "C": 1.0}), "X")["cause"] == "exposure:X-B"


def test_rows_of_tables_come_in_the_order_of_their_keys() -> None:
    rows = _pair()
    scores = run(rows).importance
    assert scores["party_id"].tolist() == ["B", "A"]
    assert scores["rank"].tolist() == [1, 2]
    assert scores["loss_caused"].tolist() == [8.0, 0.0]
    both = run(rows, {"A": 1.0, "B": 1.0}, all_rows=True).parties  # what the shock adds most comes first
    assert dict(zip(both["party_id"], both["loss_added"], strict=True)) == {"A": 18.0, "B": 20.0}
    assert both["party_id"].tolist() == ["B", "A"]


def test_a_shock_on_production_says_whom_it_costs_nothing() -> None:
    rows: dict[str, list[dict[str, Any]]] = {
        "parties": [{"party_id": p} for p in ("A", "B", "X")],
        "financials": [
            {"party_id": "A", "period_end_on": date(2025, 12, 31), "equity": 9.0, "sales": 9.0, "material_cost": 4.0},
            {"party_id": "X", "period_end_on": date(2025, 12, 31), "equity": 9.0},
        ],
        "supplies": [{"supplier_id": "A", "buyer_id": "B", "amount": 1.0}],
    }
    result = run(rows, {"A": 1.0, "X": 1.0}, supply_default="none")
    said = "warning: 1 shocked parties have no known profit: to stop costs them nothing themselves"
    assert said in result.notes
    assert 4.0 == party(result, "A")["equity_after"]
