from __future__ import annotations

import dataclasses
import random
from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from graphrisk.analyze.portfolio import Params, run
from graphrisk.errors import DataError, UsageError
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.portfolio.vasicek import expected_shortfall, loss_quantile
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.analyze.books import Rows, book, turned
from tests.worlds.build import AS_OF, graph_of, ring, tables_of


def portfolio(graph: RiskGraph, **given: Any) -> Result:
    return run(graph, parse_params(Params, given, where="portfolio"), inputs=Inputs(), progress=silent)


def rated(rows: Rows, *, low: float = 0.02, high: float = 0.2, seed: int = 1) -> Rows:
    """Return the book with a PD for every party."""
    dice = random.Random(seed)
    ratings = [{"party_id": row["party_id"], "pd": round(dice.uniform(low, high), 4)} for row in rows["parties"]]
    return {**rows, "ratings": ratings}


def equal_loans(count: int, *, pd: float, lgd: float = 0.5, due: float = 10.0) -> Rows:
    """Return a book of equal loans without any relation."""
    ids = [f"P{k:04d}" for k in range(count)]
    return {
        "parties": [{"party_id": i} for i in ids],
        "facilities": [{"facility_id": f"F{i}", "borrower_id": i, "outstanding": due, "lgd": lgd} for i in ids],
        "ratings": [{"party_id": i, "pd": pd} for i in ids],
    }


def cell(result: Result, measure: str, level: float | None, column: str) -> float:
    rows = result.summary
    chosen = rows[(rows["measure"] == measure) & (rows["level"].isna() if level is None else rows["level"] == level)]
    assert 1 == len(chosen)
    return float(chosen[column].iloc[0])


@pytest.fixture(scope="module")
def homogeneous() -> Result:
    return portfolio(graph_of(**equal_loans(3000, pd=0.01)), rho=0.2, scenarios=6000, confidence=0.999)


def test_equal_loans_have_vasicek_s_tail_within_the_interval(homogeneous: Result) -> None:
    total = 3000 * 10.0
    var = total * float(loss_quantile(0.01, 0.2, 0.5, 0.999))
    es = total * float(expected_shortfall(0.01, 0.2, 0.5, 0.999))
    assert var == pytest.approx(cell(homogeneous, "VaR", 0.999, "closed_form"), rel=1e-12)
    assert es == pytest.approx(cell(homogeneous, "ES", 0.999, "closed_form"), rel=1e-12)
    for measure, closed in (("VaR", var), ("ES", es)):
        low, high = (cell(homogeneous, measure, 0.999, f"with_{end}") for end in ("low", "high"))
        assert low <= closed <= high
        assert high - low < 0.15 * closed


def test_expected_loss_is_pd_ead_lgd(homogeneous: Result) -> None:
    expected = 3000 * 0.01 * 10.0 * 0.5
    said = homogeneous.certificate
    assert expected == pytest.approx(cell(homogeneous, "EL", None, "closed_form"), rel=1e-12)
    assert expected == pytest.approx(said["expected_loss_simulated"], abs=3.5 * said["expected_loss_standard_error"])
    assert said["expected_loss_standard_error"] < 0.05 * expected
    assert expected == pytest.approx(homogeneous.contributions["expected_loss"].sum(), rel=1e-12)


def test_importance_sampling_divides_the_variance_at_99_9_per_cent_by_100(homogeneous: Result) -> None:
    """Counted: the spread of the chance to exceed VaR over independent runs, shifted against plain."""
    tail = homogeneous.certificate["levels"][1]
    assert 0.999 == tail["level"]
    assert tail["variance_reduction"] >= 100
    graph = graph_of(**equal_loans(500, pd=0.01))
    var = cell(portfolio(graph, rho=0.2, scenarios=20_000), "VaR", 0.999, "with_contagion")

    def chances(**given: Any) -> list[float]:
        found = []
        for seed in range(20):
            curve = portfolio(graph, rho=0.2, scenarios=1000, seed=seed + 50, **given)
            found.append(cell(curve, "VaR", 0.999, "with_contagion"))
        return found

    shifted, plain = np.array(chances()), np.array(chances(importance_sampling=False))
    # The quantile itself, too, is told far more closely by shifted scenarios.
    assert 10 * shifted.var() < plain.var()
    assert var == pytest.approx(shifted.mean(), rel=0.05)


def test_contagion_never_lowers_the_loss_and_guarantors_never_raise_it() -> None:
    for seed in range(4):
        result = portfolio(graph_of(**rated(book(seed))), scenarios=1500)
        curve = result.distribution
        assert (curve["with_contagion"] >= curve["without_contagion"] - 1e-9).all()
        alone = portfolio(graph_of(**rated({**book(seed), "guarantees": []})), scenarios=1500)
        assert (alone.distribution["without_contagion"] <= alone.distribution["before_guarantors"] + 1e-9).all()
        assert (curve["without_contagion"] <= curve["before_guarantors"] + 1e-9).all()
        for level in (0.99, 0.999):
            assert cell(result, "VaR", level, "with_contagion") >= cell(result, "VaR", level, "without_contagion")
        assert cell(result, "EL", None, "with_contagion") >= cell(result, "EL", None, "without_contagion") - 1e-9


def test_a_ring_by_hand() -> None:
    """Only P0 has a PD. P1 pays 30 of its 50 and fails, P2 for P1 and so on: 20 without contagion, 4 x 20 + 50 with."""
    rows = {**ring(5), "ratings": [{"party_id": "P0", "pd": 0.1}]}
    result = portfolio(graph_of(**rows), scenarios=4000, levels="0.95,0.99", rho=0.0)
    assert 50.0 == cell(result, "VaR", 0.99, "before_guarantors")
    assert 20.0 == cell(result, "VaR", 0.99, "without_contagion")
    assert 130.0 == cell(result, "VaR", 0.99, "with_contagion")
    assert 5.0 == pytest.approx(cell(result, "EL", None, "closed_form"), rel=1e-12)
    assert 13.0 == pytest.approx(cell(result, "EL", None, "with_contagion"), rel=0.15)
    parts = result.contributions.set_index("party_id")["es_contribution"]
    assert {"P0": 20.0, "P1": 20.0, "P2": 20.0, "P3": 20.0, "P4": 50.0} == pytest.approx(parts.to_dict())


def test_a_guarantor_s_own_default_makes_its_guarantee_worthless() -> None:
    rows = {
        "parties": [{"party_id": "D"}, {"party_id": "G"}],
        "financials": [{"party_id": "G", "equity": 1000.0}, {"party_id": "D", "equity": 1.0}],
        "facilities": [{"facility_id": "F", "borrower_id": "D", "outstanding": 100.0, "lgd": 0.4}],
        "guarantees": [
            {"guarantee_id": "X", "guarantor_id": "G", "debtor_id": "D", "facility_id": "F", "amount": 100.0}
        ],
        "ratings": [{"party_id": "D", "pd": 1.0}, {"party_id": "G", "pd": 0.25}],
    }
    result = portfolio(graph_of(**rows), scenarios=4000, levels="0.5,0.9", rho=0.0, importance_sampling=False)
    # G stands in 3 of 4 scenarios and pays all of the 40; where it is down too the bank loses them.
    assert 40.0 == cell(result, "VaR", 0.5, "before_guarantors")
    assert 0.0 == cell(result, "VaR", 0.5, "with_contagion")
    assert 40.0 == cell(result, "VaR", 0.9, "with_contagion")
    assert 10.0 == pytest.approx(cell(result, "EL", None, "with_contagion"), abs=1.0)


@pytest.mark.parametrize("second", ["full", "linear", "none"])
def test_contributions_sum_to_the_tail(second: str) -> None:
    result = portfolio(graph_of(**rated(book(3, 20, 40))), scenarios=3000, second_stage=second, levels="0.9,0.95")
    parts = result.contributions
    assert cell(result, "ES", 0.95, "with_contagion") == pytest.approx(parts["es_contribution"].sum(), rel=1e-9)
    assert cell(result, "VaR", 0.95, "with_contagion") == pytest.approx(parts["var_contribution"].sum(), rel=1e-9)
    assert 1.0 == pytest.approx(parts["es_share"].sum(), rel=1e-9)
    for dimension in ("industry", "region", "guarantee_network"):
        group = result.groups[result.groups["dimension"] == dimension]
        for column in ("ead", "expected_loss", "es_contribution", "var_contribution"):
            assert parts[column].sum() == pytest.approx(group[column].sum(), rel=1e-9)


@pytest.mark.parametrize("second", ["full", "linear"])
def test_any_number_of_workers_gives_the_same_bits(second: str) -> None:
    graph = graph_of(**rated(book(5, 20, 40)))
    tables = [
        {name: frame.to_csv(float_format="%r") for name, frame in portfolio(
            graph, scenarios=900, second_stage=second, workers=workers).tables.items()}
        for workers in (1, 2, 5)
    ]  # fmt: skip
    assert tables[0] == tables[1] == tables[2]


@pytest.mark.parametrize("seed", range(2))
def test_another_order_of_rows_gives_the_same_bytes_where_defaults_are_drawn(seed: int) -> None:
    rows = rated(book(20 + seed))
    one = portfolio(build_graph(tables_of(**rows), as_of=AS_OF), scenarios=600, factors="sector_region")
    other = portfolio(build_graph(turned(rows, seed), as_of=AS_OF), scenarios=600, factors="sector_region")
    assert one.certificate["mean_first_defaults"] > 0
    assert one.to_json() == other.to_json()


def test_a_missing_pd_is_told_with_its_share_of_the_exposure() -> None:
    rows = equal_loans(10, pd=0.05)
    rows["ratings"] = rows["ratings"][:7]
    graph = graph_of(**rows)
    (note,) = [n for n in portfolio(graph, scenarios=200).notes if "no PD" in n]
    assert note.startswith("warning: 3 of 10 parties have no PD, 3 of them borrowers with 30.0% of EAD")
    pd = portfolio(graph, scenarios=200).contributions.set_index("party_id")["pd"]
    assert 3 == pd.isna().sum()
    filled = portfolio(graph, scenarios=200, missing_pd="0.2")
    assert (0.7 * 0.05 + 0.3 * 0.2) * 50.0 == pytest.approx(cell(filled, "EL", None, "closed_form"))
    with pytest.raises(DataError, match=r"3 of 10 parties have no PD"):
        portfolio(graph, missing_pd="refuse")
    with pytest.raises(UsageError, match="missing_pd"):
        portfolio(graph, missing_pd="1.5")


def test_the_latest_rating_counts_and_one_of_the_future_does_not() -> None:
    rows = equal_loans(1, pd=0.5)
    days = {date(2024, 1, 1): 0.4, date(2026, 1, 1): 0.1, date(2027, 1, 1): 0.9}
    rows["ratings"] = [{"party_id": "P0000", "as_of_on": day, "pd": pd} for day, pd in days.items()]
    rows["ratings"].append({"party_id": "P0000", "as_of_on": date(2025, 1, 1), "model": "old", "pd": 0.3})
    graph = graph_of(**rows)
    with pytest.raises(DataError, match=r"2 models rate the clients \(internal, old\)"):
        portfolio(graph, scenarios=50)
    assert [0.1] == portfolio(graph, scenarios=50, pd_model="internal").contributions["pd"].tolist()
    named = dataclasses.replace(graph, settings={"ratings.model": "old"})
    assert [0.3] == portfolio(named, scenarios=50).contributions["pd"].tolist()
    assert [0.3] == portfolio(graph, scenarios=50, pd_model="old").contributions["pd"].tolist()
    assert [0.2] == portfolio(graph, scenarios=50, pd_multiplier=2.0, pd_model="internal").contributions["pd"].tolist()
    with pytest.raises(UsageError) as caught:
        portfolio(graph, pd_model="intern")
    assert "internal" in caught.value.hint


def test_a_party_in_default_has_a_pd_of_one() -> None:
    rows = equal_loans(4, pd=0.01)
    rows["parties"][2]["status"] = "defaulted"
    result = portfolio(graph_of(**rows), scenarios=100, levels="0.5")
    assert (3 * 0.01 + 1) * 5.0 == pytest.approx(cell(result, "EL", None, "closed_form"))
    assert any("25.0% of EAD) have the status defaulted" in note for note in result.notes)


def test_a_missing_lgd_is_what_collateral_leaves_unless_said_otherwise() -> None:
    rows = equal_loans(2, pd=0.1, lgd=0.5, due=100.0)
    rows["facilities"][0]["lgd"] = None
    rows["collateral"] = [{"collateral_id": "C", "owner_id": "P0000", "value": 80.0, "haircut": 0.25}]
    rows["pledges"] = [{"facility_id": "FP0000", "collateral_id": "C"}]
    graph = graph_of(**rows)

    def lgds(**given: Any) -> list[float]:
        return portfolio(graph, scenarios=50, **given).contributions.sort_values("party_id")["lgd"].tolist()

    assert [0.4, 0.5] == pytest.approx(lgds())
    assert [0.45, 0.5] == pytest.approx(lgds(missing_lgd="0.45"))
    assert [0.4, 1.0] == pytest.approx(lgds(lgd_source="collateral"))
    assert any("1 facilities (50.0% of EAD) have no LGD" in n for n in portfolio(graph, scenarios=50).notes)
    with pytest.raises(DataError, match="have no LGD"):
        portfolio(graph, missing_lgd="refuse")


def test_parties_of_one_group_default_together_more_often_than_others() -> None:
    """Pairs: the variance of the number of defaults tells the correlation; groups of their own lower it."""
    rows = equal_loans(400, pd=0.05)
    for k, row in enumerate(rows["parties"]):
        row["industry"], row["region"] = f"{'ABCD'[k % 4]}1", ("浙江", "江苏")[k % 2]
    graph = graph_of(**rows)

    def spread(**given: Any) -> float:
        found = portfolio(graph, scenarios=4000, importance_sampling=False, rho=0.3, **given).distribution
        quantile = found.set_index("probability")["with_contagion"]
        return float(quantile[0.99] - quantile[0.5])

    rows["parties"][0]["industry"] = None
    notes = portfolio(graph_of(**rows), scenarios=10, factors="sector").notes
    assert any(note.startswith("1 of 400 parties with a PD have no known sector") for note in notes)
    one = spread()
    sector = spread(factors="sector", inter=0.0)
    both = spread(factors="sector_region", inter=0.5)
    assert one == pytest.approx(spread(factors="sector", inter=1.0), rel=0.1)
    assert sector < 0.85 * one
    assert sector < both < one
    assert 5 == portfolio(graph, scenarios=10, factors="sector").certificate["factors"]
    assert 7 == portfolio(graph, scenarios=10, factors="sector_region").certificate["factors"]


def test_the_linear_stage_takes_exposures_and_guarantees() -> None:
    """P0 fails: P1 loses 30 of 20 equity by its claim, P2 is called for 50 of 40: both fail, their loans are lost."""
    ids = ("P0", "P1", "P2", "P3")
    rows: Rows = {
        "parties": [{"party_id": i} for i in ids],
        "financials": [{"party_id": i, "equity": e} for i, e in zip(ids, (5.0, 20.0, 40.0, 40.0), strict=True)],
        "facilities": [{"facility_id": f"F{i}", "borrower_id": i, "outstanding": 100.0, "lgd": 0.5} for i in ids],
        "exposures": [{"creditor_id": "P1", "debtor_id": "P0", "amount": 30.0}],
        "guarantees": [{"guarantor_id": "P2", "debtor_id": "P0", "facility_id": "FP0", "amount": 80.0}],
        "ratings": [{"party_id": "P0", "pd": 0.3}],
    }
    result = portfolio(graph_of(**rows), scenarios=2000, second_stage="linear", levels="0.9", rho=0.0)
    assert 50.0 == cell(result, "VaR", 0.9, "without_contagion")
    assert 150.0 == cell(result, "VaR", 0.9, "with_contagion")
    full = portfolio(graph_of(**rows), scenarios=2000, levels="0.9", rho=0.0)
    # P2 pays 40 of the 50 and fails, P1 fails: 10 + 50 + 50.
    assert 110.0 == cell(full, "VaR", 0.9, "with_contagion")
    assert any("linear" in note for note in result.notes)


def test_too_few_scenarios_give_no_interval_but_a_warning() -> None:
    result = portfolio(graph_of(**equal_loans(50, pd=0.02)), scenarios=100, importance_sampling=False)
    assert np.isnan(cell(result, "VaR", 0.999, "with_low"))
    assert any(note.startswith("warning: only") for note in result.notes)


def test_el_s_interval_is_its_standard_error() -> None:
    wide = portfolio(graph_of(**rated(book(2))), scenarios=500, confidence=0.99)
    close = portfolio(graph_of(**rated(book(2))), scenarios=500, confidence=0.9)

    def width(result: Result) -> float:
        return cell(result, "EL", None, "with_high") - cell(result, "EL", None, "with_low")

    assert width(wide) / width(close) == pytest.approx(ndtri(0.995) / ndtri(0.95))


def test_scenarios_that_miss_a_rare_default_are_called_too_few() -> None:
    graph = graph_of(**equal_loans(2, pd=1e-6))
    assert any("5 standard errors" in note for note in portfolio(graph, scenarios=100, rho=0.0).notes)
    often = graph_of(**equal_loans(2, pd=0.2))
    assert not any("standard errors" in note for note in portfolio(often, scenarios=1000).notes)


def test_unknown_words_are_refused() -> None:
    graph = graph_of(**equal_loans(2, pd=0.1))
    with pytest.raises(UsageError, match="second_stage"):
        portfolio(graph, second_stage="fulll")
    with pytest.raises(UsageError, match="levels"):
        portfolio(graph, levels="0.99,1.5")
    with pytest.raises(UsageError, match="levels"):
        portfolio(graph, levels="")


def test_a_party_without_equity_left_fails_by_its_pd_or_a_call_not_before() -> None:
    """P1 has no equity: it pays nothing for P0 and fails with it; with P0 standing it stands."""
    rows = ring(3)
    rows["financials"][1]["equity"] = -5.0
    rows["ratings"] = [{"party_id": "P0", "pd": 0.1}]
    result = portfolio(graph_of(**rows), scenarios=2000, levels="0.5,0.97", rho=0.0)
    assert 0.0 == cell(result, "VaR", 0.5, "with_contagion")
    # P0's 50 whole, P2 pays 30 of P1's 50 and fails, P0 cannot pay P2's 50.
    assert 50.0 + 20.0 + 50.0 == cell(result, "VaR", 0.97, "with_contagion")
    assert any(note.startswith("1 parties have equity of 0 or less") for note in result.notes)


def test_layers_that_are_left_out_carry_nothing_and_are_named() -> None:
    rows = {**ring(4), "ratings": [{"party_id": "P0", "pd": 0.2}]}
    result = portfolio(graph_of(**rows), scenarios=1000, levels="0.9", layers="exposures", rho=0.0)
    assert 50.0 == cell(result, "VaR", 0.9, "with_contagion")
    assert any("layer guarantees is left out" in note for note in result.notes)
