"""A stress beside the book without it: measures, groups, PDs, limits, and a second scenario, by hand and by sums."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest

from graphrisk.analyze import contagion
from graphrisk.errors import UsageError
from graphrisk.graph.build import build_graph
from graphrisk.scenario import MEASURES
from tests.analyze.books import turned
from tests.analyze.contagion_runs import graph_from, run
from tests.analyze.stress_runs import FOUR, STORM, both_regions, compared, four, notes, side, with_ratings
from tests.analyze.test_contract import WORLDS
from tests.worlds.build import AS_OF, tables_of


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
        "other_lenders_loss": 0,
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


@pytest.mark.parametrize("seed", range(12))
def test_the_groups_of_every_dimension_sum_to_the_totals(seed: int) -> None:
    rows = both_regions(with_ratings(seed))
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
    whole = run(rows, scenario=STORM, all_rows=True).parties
    lost = whole.loc[:, whole.columns.str.match("loss_(?!added|fraction)|guarantee_")].abs().sum(axis=1) > 0.0
    assert int((whole["defaulted"] | lost).sum()) == stressed["parties_touched"]
    assert whole["guarantee_unmet"].sum() == pytest.approx(stressed["guarantee_unmet"])
    if not result.pd.empty:
        lost = result.pd["expected_loss_stressed"].sum()
        assert stressed["expected_loss"] == pytest.approx(lost, rel=1e-12)


@pytest.mark.parametrize("rule", ["threshold", "debtrank", "debtrank2012"])
@pytest.mark.parametrize("seed", range(3))
def test_two_scenarios_side_by_side_are_each_as_it_is_alone(seed: int, rule: str) -> None:
    mild = '[[shock]]\nparties = ["P1"]\nloss = 1.0\n[[shock]]\npd_multiplier = 1.5\n'
    rows = both_regions(with_ratings(seed))
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
    rows = both_regions(with_ratings(40 + seed))
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


def test_an_expected_loss_is_the_same_by_any_rule() -> None:
    rows = four()
    one, other = (side(run(rows, scenario=FOUR, rule=rule), "stressed") for rule in ("threshold", "debtrank2012"))
    # The walk knows no collateral, so nothing that B owns falls in it; the loss given default does.
    assert one["expected_loss"] == pytest.approx(other["expected_loss"])
    assert math.isnan(other["bank_loss"])
    assert 1.0 == other["defaults"]


@pytest.mark.parametrize("world", sorted(WORLDS))
@pytest.mark.parametrize("text", [STORM, "[[shock]]\npd_multiplier = 2.0\n"])
def test_every_world_gives_clean_tables_under_a_scenario(world: str, text: str) -> None:
    rows = WORLDS[world]
    there = {row.get("region") for row in rows.get("parties", [])}
    text = text.replace('["浙江", "江苏"]', str(sorted(there - {None})[:1] or ["nowhere"]).replace("'", '"'))
    if "nowhere" in text:
        text = text.replace('[[shock]]\nfactor = {region = ["nowhere"]}\nmove = -1\n', "")
    result = compared(graph_from(rows), text)
    declared = {table.name: table for table in contagion.TABLES}
    assert list(declared) == list(result.tables)
    said = json.loads(result.to_json())
    for name, table in declared.items():
        assert list(table.names) == list(result.tables[name].columns)
        assert not result.tables[name].duplicated(list(table.key)).any(), name
        for column in table.columns:
            values = [row[column.name] for row in said["tables"][name] if row[column.name] is not None]
            if column.choices:
                assert set(values) <= set(column.choices)
    for note in result.notes:
        assert not {"nan", "None", "inf"} & set(note.replace(",", " ").replace(".", " ").split()), note


@pytest.mark.parametrize("seed", range(4))
def test_a_worse_scenario_never_has_a_lower_expected_loss_or_fewer_defaults(seed: int) -> None:
    rows = with_ratings(seed)
    found = []
    for times, move, above, price in ((1.0, -1.0, 0.5, -0.1), (1.5, -1.5, 0.4, -0.2), (3.0, -3.0, 0.3, -0.7)):
        text = (
            f"default_above = {above}\n[[shock]]\npd_multiplier = {times}\n"
            f'[[shock]]\nfactor = "market"\nmove = {move}\n'
            f'[[shock]]\ncollateral = {{kind = "real_estate"}}\nprice = {price}\n'
        )
        found.append(side(run(rows, scenario=text), "stressed"))
    for mild, hard in pairwise(found):
        for measure in ("expected_loss", "mean_pd", "defaults", "equity_lost"):
            assert mild[measure] <= hard[measure] * (1 + 1e-12), measure
        assert mild["collateral_value"] >= hard["collateral_value"]
