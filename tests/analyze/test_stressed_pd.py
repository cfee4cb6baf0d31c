"""PDs under a scenario: multiplied, moved with the factors, missing, and turned into defaults at the start."""

from __future__ import annotations

import math

import pytest
from scipy.stats import norm

from graphrisk.errors import DataError, UsageError
from tests.analyze.contagion_runs import run
from tests.analyze.stress_runs import four, notes, side


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


def test_huge_multipliers_leave_a_pd_of_zero_at_zero() -> None:
    rows = four()
    rows["ratings"][0]["pd"] = 0.0
    text = "[[shock]]\npd_multiplier = 1e300\n" * 2 + '[[shock]]\nparties = ["D"]\npd_multiplier = 0\n'
    found = run(rows, scenario=text).pd.set_index("party_id")["pd_stressed"].to_dict()
    assert {"A": 0.0, "B": 1.0, "D": 0.0} == found


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


def test_a_move_of_a_factor_that_nobody_loads_on_is_a_warning() -> None:
    text = '[portfolio]\nfactors = "sector"\ninter = 0.0\n[[shock]]\nfactor = "market"\nmove = -2\n'
    assert notes(run(four(), scenario=text), "warning: the moves change no PD")
    assert not notes(run(four(), scenario=text.replace("inter = 0.0", "inter = 0.1")), "change no PD")


def test_a_limit_on_an_expected_loss_that_is_too_low_is_a_warning() -> None:
    rows = four()
    rows["ratings"] = rows["ratings"][1:]
    shock = '[[shock]]\nparties = ["B"]\nloss = 0.1\n'
    said = "expected_loss: 2 of 4 parties have no PD, 1 of them borrowers with 29.4% of EAD"
    assert notes(run(rows, scenario=f"[limits]\nmean_pd = 1\n{shock}"), said)[0].startswith("warning: expected_loss")
    assert notes(run(rows, scenario=shock), said)[0].startswith("expected_loss")
