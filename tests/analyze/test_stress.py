"""A stress beside the book without it: measures, groups, PDs, limits, and a second scenario, by hand and by sums."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from graphrisk.analyze import contagion
from graphrisk.errors import DataError, UsageError
from graphrisk.graph.build import build_graph
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.scenario import MEASURES, parse_scenario
from tests.analyze.books import turned
from tests.analyze.contagion_books import Rows, random_book
from tests.analyze.contagion_runs import graph_from, run
from tests.worlds.build import AS_OF, tables_of

FOUR = """
[limits]
bank_loss = 20.0
defaults = 1
expected_loss = 29.4
[[shock]]
parties = ["A"]
loss = 1.0
[[shock]]
where = {rating = "BB"}
pd_multiplier = 3.0
[[shock]]
collateral = {kind = "real_estate"}
price = -0.25
"""


def four() -> Rows:
    """A owes 50 and G stands behind 40 of it with 30; B owes 100 and pledges a house of 80; D owes 20, nobody's."""
    return {
        "parties": [
            {"party_id": "A", "industry": "C17", "region": "浙江", "size": "small"},
            {"party_id": "B", "industry": "C18", "region": "江苏", "size": "large"},
            {"party_id": "D", "region": "江苏"},
            {"party_id": "G", "industry": "K70", "region": "浙江"},
        ],
        "financials": [{"party_id": i, "equity": e} for i, e in (("A", 10.0), ("B", 100.0), ("G", 30.0))],
        "facilities": [
            {"facility_id": "FA", "borrower_id": "A", "outstanding": 50.0, "lgd": 0.4},
            {"facility_id": "FB", "borrower_id": "B", "outstanding": 100.0, "lgd": 0.5},
            {"facility_id": "FD", "borrower_id": "D", "outstanding": 20.0},
        ],
        "guarantees": [
            {"guarantee_id": "G1", "guarantor_id": "G", "debtor_id": "A", "facility_id": "FA", "amount": 40.0}
        ],
        "collateral": [{"collateral_id": "K", "owner_id": "B", "value": 80.0, "haircut": 0.25}],
        "pledges": [{"facility_id": "FB", "collateral_id": "K", "allocated_amount": 100.0}],
        "ratings": [
            {"party_id": "A", "pd": 0.02, "grade": "BB"},
            {"party_id": "B", "pd": 0.1, "grade": "B"},
            {"party_id": "D", "pd": 0.05, "grade": "BB"},
        ],
    }


def compared(world: Any, one: str | None = None, against: str | None = None, **params: Any) -> Result:
    """Run a scenario against another, both given as texts."""
    graph = world if not isinstance(world, dict) else graph_from(world)
    story, rival = (None if text is None else parse_scenario(text) for text in (one, against))
    given = {**(story.params if story else {}), **params}
    settled = parse_params(contagion.Params, given, where="contagion")
    return contagion.run(graph, settled, inputs=Inputs(scenario=story, against=rival), progress=silent)


def side(result: Result, column: str) -> dict[str, float]:
    return dict(zip(result.comparison["measure"], result.comparison[column], strict=True))


def notes(result: Result, text: str) -> list[str]:
    return [note for note in result.notes if text in note]


def test_four_parties_by_hand() -> None:
    """G pays 30 of the 40 asked and fails; 20 stay open. B's house falls by 20 and then covers 45 instead of 60."""
    result = run(four(), scenario=FOUR)
    assert list(MEASURES) == result.comparison["measure"].tolist()
    calm = dict.fromkeys(MEASURES, 0.0) | {"collateral_value": 80.0, "collateral_cover": 60.0}
    calm |= {"expected_loss": 0.02 * 50 * 0.4 + 0.1 * 100 * 0.5 + 0.05 * 20, "mean_pd": (1 + 10 + 1) / 170}
    assert calm == pytest.approx(side(result, "baseline"), rel=1e-12)
    stressed = {
        "defaults": 2, "obligors_in_default": 1, "ead_in_default": 50, "parties_touched": 3, "bank_loss": 20,
        "bank_loss_before_contagion": 20, "own_bank_loss": 20, "own_loss_rate": 20 / 170, "equity_lost": 10 + 30 + 20,
        "shortfall": 50, "guarantor_paid": 30, "guarantee_unmet": 10, "collateral_value": 60, "collateral_cover": 45,
        # A is in default for certain; B's loss given default rises from 50 by the 15 that its house covers less.
        "expected_loss": 50 * 0.4 + 0.1 * (50 + 15) + 0.15 * 20, "mean_pd": (50 + 10 + 3) / 170,
    }  # fmt: skip
    assert stressed == pytest.approx(side(result, "stressed"), rel=1e-12)
    change = {name: stressed[name] - calm[name] for name in MEASURES}
    assert change == pytest.approx(side(result, "change"), rel=1e-12)


def test_four_parties_by_group() -> None:
    rows = run(four(), scenario=FOUR).to_dict()["tables"]["contagion_groups"]
    found = {(row.pop("dimension"), row.pop("group")): tuple(row.values()) for row in rows}
    # parties, shocked, defaults before and after, ead, bank loss before and after, expected loss before and after
    expected = {
        ("industry", "C17"): (1, 1, 0, 1, 50, 0, 20, 0.4, 20),
        ("industry", "C18"): (1, 0, 0, 0, 100, 0, 0, 5, 6.5),
        ("industry", "K70"): (1, 0, 0, 1, 0, 0, 0, 0, 0),
        ("industry", None): (1, 0, 0, 0, 20, 0, 0, 1, 3),
        ("region", "浙江"): (2, 1, 0, 2, 50, 0, 20, 0.4, 20),
        ("region", "江苏"): (2, 0, 0, 0, 120, 0, 0, 6, 9.5),
        ("size", "small"): (1, 1, 0, 1, 50, 0, 20, 0.4, 20),
        ("size", "large"): (1, 0, 0, 0, 100, 0, 0, 5, 6.5),
        ("size", None): (2, 0, 0, 1, 20, 0, 0, 1, 3),
        ("rating", "BB"): (2, 1, 0, 1, 70, 0, 20, 1.4, 23),
        ("rating", "B"): (1, 0, 0, 0, 100, 0, 0, 5, 6.5),
        ("rating", None): (1, 0, 0, 1, 0, 0, 0, 0, 0),
    }
    assert list(expected) == list(found)
    for key, values in expected.items():
        assert values == pytest.approx(found[key], rel=1e-12), key


def test_four_parties_by_pd() -> None:
    rows = run(four(), scenario=FOUR).to_dict()["tables"]["contagion_pd"]
    found = {row["party_id"]: tuple(row.values())[1:] for row in rows}
    assert ["A", "D", "B"] == list(found)  # by the rise of the expected loss: 19.6, 2, 1.5
    assert (0.02, 1.0, 50.0, 0.4, 0.4, 20.0, True) == pytest.approx(found["A"])
    assert (0.05, 0.15, 20.0, 1.0, 1.0, 3.0, False) == pytest.approx(found["D"])
    assert (0.1, 0.1, 100.0, 0.65, 5.0, 6.5, False) == pytest.approx(found["B"])


def test_a_limit_is_breached_above_it_and_not_at_it() -> None:
    result = run(four(), scenario=FOUR)
    rows = {row["measure"]: row for row in result.to_dict()["tables"]["contagion_comparison"]}
    assert (20.0, False) == (rows["bank_loss"]["limit"], rows["bank_loss"]["breached"])
    assert (1.0, True) == (rows["defaults"]["limit"], rows["defaults"]["breached"])
    assert rows["expected_loss"]["breached"]
    assert (None, None) == (rows["shortfall"]["limit"], rows["shortfall"]["breached"])
    assert ["warning: limit breached: defaults is 2, limit 1"] == notes(result, "breached: defaults")
    assert (3, 2) == (result.certificate["limits"], result.certificate["limits_breached"])


def test_a_limit_on_what_is_not_known_is_said_to_be_unchecked() -> None:
    rows = {name: table for name, table in four().items() if name != "ratings"}
    result = run(rows, scenario="[limits]\nexpected_loss = 1.0\n[[shock]]\nparties = ['A']\nloss = 1\n")
    assert math.isnan(side(result, "stressed")["expected_loss"])
    assert result.groups["expected_loss"].isna().all()
    assert result.pd.empty
    (said,) = notes(result, "cannot be checked")
    assert said.startswith("warning: the limit on expected_loss")


def test_limits_alone_check_the_book_as_it_is() -> None:
    result = run(four(), scenario="[limits]\nexpected_loss = 6.0\n")
    assert result.importance.empty
    row = result.comparison.set_index("measure").loc["expected_loss"]
    assert (6.4, 6.4, True) == (pytest.approx(row["baseline"]), pytest.approx(row["stressed"]), bool(row["breached"]))


def test_without_a_shock_there_is_nothing_to_compare() -> None:
    result = run(four())
    assert not result.importance.empty
    assert all(table.empty for table in (result.comparison, result.groups, result.pd))
    assert not run(four(), {"A": 1.0}).comparison.empty


def with_ratings(seed: int) -> Rows:
    """Return a random book in which most parties are rated, with a region and a size."""
    rows, rng = random_book(seed), np.random.default_rng(seed + 1)
    for row in rows["parties"]:
        row["region"] = [None, "浙江", "江苏"][int(rng.integers(3))]
        row["size"] = [None, "small", "large"][int(rng.integers(3))]
    rows["ratings"] = [
        {"party_id": row["party_id"], "pd": float(rng.uniform(0.001, 0.2)), "grade": "ABC"[int(rng.integers(3))]}
        for row in rows["parties"]
        if rng.random() < 0.8
    ]
    for row in rows["facilities"]:
        row["lgd"] = [None, 0.4][int(rng.integers(2))]
    return rows


STORM = """
default_above = 0.3
[portfolio]
factors = "sector_region"
[[shock]]
factor = "market"
move = -1.5
[[shock]]
factor = {region = ["浙江", "江苏"]}
move = -1
[[shock]]
where = {rating = ["A", "B"], industry = "A*"}
pd_multiplier = 2.5
[[shock]]
where = {size = "small"}
loss = 0.6
[[shock]]
collateral = {kind = "real_estate"}
price = -0.4
"""


def _both_regions(rows: Rows) -> Rows:
    """Return the book with somebody in each of the two regions."""
    rows["parties"][0]["region"], rows["parties"][1]["region"] = "浙江", "江苏"
    return rows


@pytest.mark.parametrize("seed", range(12))
def test_the_groups_of_every_dimension_sum_to_the_totals(seed: int) -> None:
    rows = _both_regions(with_ratings(seed))
    result = run(rows, scenario=STORM)
    baseline, stressed = side(result, "baseline"), side(result, "stressed")
    ours = sum(row["outstanding"] for row in rows["facilities"] if row["lender_id"] is None)
    for _, part in result.groups.groupby("dimension"):
        total = part.drop(columns=["dimension", "group"]).sum()
        assert len(rows["parties"]) == total["parties"]
        assert (baseline["defaults"], stressed["defaults"]) == (total["defaults_baseline"], total["defaults"])
        assert ours == pytest.approx(total["ead"])
        for measure in ("bank_loss", "expected_loss"):
            assert baseline[measure] == pytest.approx(total[f"{measure}_baseline"], rel=1e-12, abs=1e-12)
            assert stressed[measure] == pytest.approx(total[measure], rel=1e-12, abs=1e-12)
    said = result.certificate
    for measure in ("defaults", "bank_loss", "bank_loss_before_contagion", "equity_lost", "shortfall"):
        assert said[measure] == pytest.approx(stressed[measure], rel=1e-12, abs=1e-12), measure
    assert said["baseline"]["bank_loss"] == pytest.approx(baseline["bank_loss"])
    assert len(result.parties) == stressed["parties_touched"]
    assert result.parties["guarantee_unmet"].sum() == pytest.approx(stressed["guarantee_unmet"])
    if not result.pd.empty:
        lost = result.pd["expected_loss_stressed"].sum()
        assert stressed["expected_loss"] == pytest.approx(lost, rel=1e-12)


@pytest.mark.parametrize("rule", ["threshold", "debtrank", "debtrank2012"])
@pytest.mark.parametrize("seed", range(3))
def test_two_scenarios_side_by_side_are_each_as_it_is_alone(seed: int, rule: str) -> None:
    mild = '[[shock]]\nparties = ["P1"]\nloss = 1.0\n[[shock]]\npd_multiplier = 1.5\n'
    rows = _both_regions(with_ratings(seed))
    if rule == "debtrank2012":
        known = {row["party_id"] for row in rows["financials"]}
        rows["financials"] += [{"party_id": f"P{i}", "equity": 50.0} for i in range(7) if f"P{i}" not in known]
    both = compared(rows, STORM, f'[contagion]\nrule = "{rule}"\n{mild}', rule=rule)
    storm, calm = compared(rows, STORM, rule=rule), compared(rows, mild, rule=rule)
    assert side(storm, "stressed") == pytest.approx(side(both, "stressed"), nan_ok=True)
    assert side(calm, "stressed") == pytest.approx(side(both, "baseline"), nan_ok=True)
    assert calm.groups["defaults"].sum() == both.groups["defaults_baseline"].sum()
    assert calm.groups["expected_loss"].sum() == pytest.approx(both.groups["expected_loss_baseline"].sum())
    pd = calm.pd.set_index("party_id")["pd_stressed"]
    assert pd.to_dict() == pytest.approx(both.pd.set_index("party_id")["pd"].dropna().to_dict() | {
        i: p for i, p in pd.items() if i not in set(both.pd["party_id"])
    })  # fmt: skip
    assert notes(both, "baseline is the scenario 'scenario'")
    assert notes(both, "differ in their parameters of portfolio: factors one there, sector_region here")


def test_scenarios_of_different_rules_are_compared_with_a_warning() -> None:
    both = compared(four(), FOUR, '[contagion]\nrule = "debtrank"\n[[shock]]\nparties = ["B"]\nloss = 0.5\n')
    assert notes(both, "warning: the two scenarios differ in their parameters of contagion: rule debtrank there")
    assert {"scenario", "against"} <= set(both.params)
    assert both.digest != compared(four(), FOUR).digest


def test_a_second_scenario_without_a_first_is_refused() -> None:
    with pytest.raises(UsageError, match="needs one to be compared"):
        compared(four(), None, FOUR)


@pytest.mark.parametrize("seed", range(2))
def test_another_order_of_rows_gives_the_same_bytes(seed: int) -> None:
    rows = _both_regions(with_ratings(40 + seed))
    one = compared(build_graph(tables_of(**rows), as_of=AS_OF), STORM, FOUR.replace('"A"', '"P1"'))
    other = compared(build_graph(turned(rows, seed), as_of=AS_OF), STORM, FOUR.replace('"A"', '"P1"'))
    assert one.to_json() == other.to_json()


def test_parties_in_default_before_the_scenario_are_in_the_baseline() -> None:
    rows = four()
    rows["financials"][2]["equity"] = -1.0
    rows["facilities"].append({"facility_id": "FG", "borrower_id": "G", "outstanding": 7.0})
    result = run(rows, scenario='[[shock]]\nparties = ["B"]\nloss = 0.1\n')
    assert (1.0, 1.0) == (side(result, "baseline")["defaults"], side(result, "stressed")["defaults"])
    assert 7.0 == side(result, "baseline")["bank_loss"] == side(result, "stressed")["bank_loss"]
    rows["parties"][2]["status"] = "defaulted"
    by_status = run(rows, scenario='[[shock]]\nparties = ["B"]\nloss = 0.1\n', start_from_status=True)
    assert 2.0 == side(by_status, "baseline")["defaults"]
    alone = run(rows, start_from_status=True)
    assert (1.0, 2.0) == (side(alone, "baseline")["defaults"], side(alone, "stressed")["defaults"])


def test_pds_alone_shock_nobody_and_that_is_said() -> None:
    result = run(four(), scenario="[[shock]]\npd_multiplier = 2.0\n")
    assert result.parties.empty
    assert result.importance.empty
    assert 12.8 == pytest.approx(side(result, "stressed")["expected_loss"])
    (said,) = notes(result, "only moves PDs")
    assert "default_above" in said
    assert "graphrisk portfolio --scenario FILE" in said


def test_default_above_puts_in_default_who_reaches_it_and_not_those_in_default_by_status() -> None:
    rows = four()
    rows["parties"][3]["status"] = "defaulted"
    text = 'default_above = 0.15\n[[shock]]\nwhere = {rating = "BB"}\npd_multiplier = 3.0\n'
    result = run(rows, scenario=text)
    assert ["D"] == result.parties.loc[result.parties["defaulted"], "party_id"].tolist()
    assert 20.0 == side(result, "stressed")["bank_loss"]
    assert notes(result, "1 parties start in default because their PD is at or above 0.15 (default_above); 0 of them")
    # The expected loss goes by the PD, not by the default that was assumed.
    assert 0.05 * 3 * 20 == pytest.approx(result.pd.set_index("party_id").loc["D", "expected_loss_stressed"])
    assert result.pd.set_index("party_id").loc["D", "default_at_start"]
    assert run(rows, scenario=text.replace("0.15", "0.1501")).parties.empty


def test_a_factor_move_changes_pds_by_the_closed_form() -> None:
    rows = four()
    text = """
    [portfolio]
    factors = "sector_region"
    rho = 0.2
    inter = 0.5
    [[shock]]
    factor = "market"
    move = -2.0
    [[shock]]
    factor = {region = "江苏"}
    move = -1.0
    [[shock]]
    parties = ["B"]
    pd_multiplier = 1.5
    """
    found = run(rows, scenario=text).pd.set_index("party_id")["pd_stressed"].to_dict()
    market, own = 0.2 * 0.5, 0.2 * 0.5 / 2  # variances: market, and one half each of sector and region

    def stressed(pd: float, region: float | None) -> float:
        pull = -2.0 * math.sqrt(market) + (0.0 if region is None else region * math.sqrt(own))
        rest = 1.0 - market - (0.0 if region is None else own)
        return float(norm.cdf((norm.ppf(pd) - pull) / math.sqrt(rest)))

    expected = {"A": stressed(0.02, None), "B": stressed(0.15, -1.0), "D": stressed(0.05, -1.0)}
    assert expected == pytest.approx(found, rel=1e-12)


def test_a_pd_of_one_stays_one_and_multipliers_multiply_up_to_one() -> None:
    rows = four()
    rows["parties"][2]["status"] = "defaulted"
    text = "[[shock]]\npd_multiplier = 0.5\n[[shock]]\nparties = ['B']\npd_multiplier = 40.0\n"
    found = run(rows, scenario=text).pd.set_index("party_id")["pd_stressed"].to_dict()
    assert {"A": 0.01, "B": 1.0, "D": 1.0} == pytest.approx(found)
    (said,) = notes(run(rows, scenario=text), "PDs reach 1")
    assert said.startswith("1 PDs")


def test_a_mild_move_that_lowers_pds_is_a_warning() -> None:
    result = run(four(), scenario='[[shock]]\nfactor = "market"\nmove = -0.1\n')
    assert side(result, "stressed")["expected_loss"] < side(result, "baseline")["expected_loss"]
    assert notes(result, "warning: the move lowers PDs")
    assert not notes(run(four(), scenario='[[shock]]\nfactor = "market"\nmove = -2\n'), "lowers PDs")


def test_parties_without_pd_are_told_with_their_share_of_ead() -> None:
    rows = four()
    rows["ratings"] = rows["ratings"][1:]
    text = '[[shock]]\nparties = ["A", "B"]\npd_multiplier = 2.0\n'
    result = run(rows, scenario=text)
    assert notes(result, "2 of 4 parties have no PD, 1 of them borrowers with 29.4% of EAD")
    assert notes(result, "shock[0]: 1 of the 2 parties it means (29.4% of EAD) have no PD to multiply")
    assert ["B", "D"] == sorted(result.pd["party_id"])
    filled = run(rows, scenario=f'[portfolio]\nmissing_pd = "0.02"\n{text}')
    assert 0.04 == pytest.approx(filled.pd.set_index("party_id").loc["A", "pd_stressed"])
    with pytest.raises(DataError, match="have no PD"):
        run(rows, scenario=f'[portfolio]\nmissing_pd = "refuse"\n{text}')


def test_no_pd_at_all_is_a_warning_where_pds_are_moved() -> None:
    rows = {name: table for name, table in four().items() if name != "ratings"}
    result = run(rows, scenario="[[shock]]\npd_multiplier = 2.0\n")
    assert notes(result, "warning: the scenario moves PDs, and no party has one")
    assert result.pd.empty
    assert math.isnan(side(result, "baseline")["expected_loss"])


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ('[[shock]]\nfactor = {sector = "C"}\nmove = -1', "shock[0].factor", 'factors = "sector"'),
        ('[portfolio]\nfactors = "sector"\n[[shock]]\nfactor = {region = "浙江"}\nmove = -1', "shock[0].factor",
         'factors = "sector_region"'),
        ('[portfolio]\nfactors = "sector"\n[[shock]]\nfactor = {sector = "C17"}\nmove = -1', "shock[0].factor",
         "first 1 characters"),
        ('[portfolio]\nfactors = "region"\n[[shock]]\nfactor = {region = "浙江省"}\nmove = -1', "shock[0].factor",
         "浙江"),
        ('[portfolio]\nfactors = "region"\n[[shock]]\nfactor = {region = ""}\nmove = -1', "shock[0].factor", "浙江"),
        ('[[shock]]\nfactor = "market"\nmove = -1\n[[shock]]\nfactor = "market"\nmove = -2', "shock[1].factor",
         "leave"),
        ('[[shock]]\nwhere = {rating = "BB"}\nrating_model = "intern"\npd_multiplier = 2', "shock[0].where.rating",
         "internal"),
        ('[[shock]]\nparties = ["AA"]\npd_multiplier = 2', "shock[0].parties", ""),
        ('[[shock]]\nwhere = {ratin = "BB"}\npd_multiplier = 2', "shock[0].where.ratin", "rating"),
    ],
)  # fmt: skip
def test_what_the_data_does_not_have_is_refused_with_its_path(text: str, where: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        run(four(), scenario=text)
    assert where == caught.value.where
    assert hint in caught.value.hint


def test_an_unknown_parameter_of_the_portfolio_table_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="portfolio") as caught:
        run(four(), scenario='[portfolio]\nfactor = "sector"\n[[shock]]\npd_multiplier = 2.0\n')
    assert "factors" in caught.value.hint


def test_an_expected_loss_is_the_same_by_any_rule() -> None:
    rows = four()
    one, other = (side(run(rows, scenario=FOUR, rule=rule), "stressed") for rule in ("threshold", "debtrank2012"))
    # The walk knows no collateral, so nothing that B owns falls in it; the loss given default does.
    assert one["expected_loss"] == pytest.approx(other["expected_loss"])
    assert math.isnan(other["bank_loss"])
    assert 1.0 == other["defaults"]
