"""portfolio under a scenario: the exact expected loss, the conditional model, equity before the draw, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from graphrisk.analyze.portfolio import Params, run
from graphrisk.errors import ConvergenceError, UsageError
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.scenario import parse_scenario
from tests.analyze import contagion_runs
from tests.analyze.books import Rows, turned
from tests.analyze.stress_runs import STORM as STORM_OF_ALL
from tests.analyze.stress_runs import both_regions, with_ratings
from tests.worlds.build import AS_OF, graph_of, tables_of


def portfolio(world: Rows | RiskGraph, text: str | None = None, against: str | None = None, **given: Any) -> Result:
    graph = world if isinstance(world, RiskGraph) else graph_of(**world)
    story, rival = (None if t is None else parse_scenario(t) for t in (text, against))
    settled = {**(story.portfolio if story else {}), **given}
    inputs = Inputs(scenario=story, against=rival)
    return run(graph, parse_params(Params, settled, where="portfolio"), inputs=inputs, progress=silent)


def cell(result: Result, measure: str, column: str, level: float | None = None) -> float:
    rows = result.summary
    chosen = rows[(rows["measure"] == measure) & (rows["level"].isna() if level is None else rows["level"] == level)]
    assert 1 == len(chosen)
    return float(chosen[column].iloc[0])


def notes(result: Result, text: str) -> list[str]:
    return [note for note in result.notes if text in note]


def loans(count: int = 200) -> Rows:
    """Return loans of two sectors and two regions with PDs of 1 % to 5 % and LGDs of 30 % to 70 %."""
    ids = [f"P{k:03d}" for k in range(count)]
    return {
        "parties": [
            {"party_id": i, "industry": "CK"[k % 2] + "1", "region": ("浙江", "江苏")[k // 2 % 2]}
            for k, i in enumerate(ids)
        ],
        "facilities": [
            {"facility_id": f"F{i}", "borrower_id": i, "outstanding": 10.0 + k % 7, "lgd": 0.3 + 0.1 * (k % 5)}
            for k, i in enumerate(ids)
        ],
        "ratings": [{"party_id": i, "pd": 0.01 + 0.01 * (k % 5), "grade": "AB"[k % 2]} for k, i in enumerate(ids)],
    }


def given_defaults(rows: Rows, pds: dict[str, float]) -> Rows:
    return {**rows, "ratings": [{"party_id": i, "pd": pd} for i, pd in pds.items()]}


STORM = """
[portfolio]
factors = "sector"
rho = 0.2
inter = 0.5
[[shock]]
factor = {sector = "C"}
move = -1.5
[[shock]]
where = {rating = "B", region = "浙江"}
pd_multiplier = 2.0
"""


def test_expected_loss_is_the_sum_of_stressed_pd_ead_lgd() -> None:
    rows = loans()
    result = portfolio(rows, STORM, scenarios=4000)
    own, rest = np.sqrt(0.2 * 0.5), np.sqrt(1.0 - 0.2 * 0.5)
    expected = 0.0
    for k, facility in enumerate(rows["facilities"]):
        pd = 0.01 + 0.01 * (k % 5)
        pd *= 2.0 if k % 2 == 1 and k // 2 % 2 == 0 else 1.0
        if k % 2 == 0:  # sector C
            pd = float(norm.cdf((norm.ppf(pd) + 1.5 * own) / rest))
        expected += pd * facility["outstanding"] * facility["lgd"]
    assert expected == pytest.approx(cell(result, "EL", "closed_form"), rel=1e-12)
    assert expected == pytest.approx(cell(result, "EL", "before_guarantors"), rel=1e-12)
    said = result.certificate
    assert expected == pytest.approx(said["expected_loss_simulated"], abs=3.5 * said["expected_loss_standard_error"])
    assert said["expected_loss_standard_error"] < 0.05 * expected
    stress = contagion_runs.run(rows, scenario=STORM).comparison.set_index("measure").loc["expected_loss"]
    assert expected == pytest.approx(stress["stressed"], rel=1e-12)
    assert stress["baseline"] == pytest.approx(result.comparison["baseline"].iloc[0], rel=1e-12)


def test_with_every_factor_held_the_rest_is_independent() -> None:
    """The market held: the same draws as of a book with the stressed PDs and no correlation, to the bit."""
    rows = loans()
    held = portfolio(rows, '[[shock]]\nfactor = "market"\nmove = -2\n', scenarios=1500)
    pds = held.contributions.set_index("party_id")["pd"].to_dict()
    for k, row in enumerate(rows["ratings"]):
        pd = float(norm.cdf((norm.ppf(0.01 + 0.01 * (k % 5)) + 2.0 * np.sqrt(0.15)) / np.sqrt(0.85)))
        assert pd == pytest.approx(pds[row["party_id"]], rel=1e-12)
    alone = portfolio(given_defaults(rows, pds), scenarios=1500, rho=0.0)
    for name in ("portfolio_summary", "portfolio_contributions", "portfolio_distribution"):
        assert alone.tables[name].to_csv() == held.tables[name].to_csv(), name


def test_what_stays_random_is_the_model_given_the_factors_held() -> None:
    """By brute force: factors drawn with the market at -1, losses counted; quantiles and mean within their error."""
    rows = loans(100)
    text = '[portfolio]\nfactors = "sector"\nrho = 0.3\ninter = 0.4\n[[shock]]\nfactor = "market"\nmove = -1\n'
    result = portfolio(rows, text, scenarios=20_000, levels="0.9,0.99")
    rng = np.random.default_rng(7)
    size, count = 100, 60_000
    pd = np.array([row["pd"] for row in rows["ratings"]])
    loss = np.array([row["outstanding"] * row["lgd"] for row in rows["facilities"]])
    sector = np.arange(size) % 2
    common, own = np.sqrt(0.3 * 0.4), np.sqrt(0.3 * 0.6)
    standing = common * -1.0 + own * rng.standard_normal((count, 2))[:, sector]
    standing = standing + np.sqrt(0.7) * rng.standard_normal((count, size))
    total = (standing < norm.ppf(pd)) @ loss
    error = total.std() / np.sqrt(count)
    assert total.mean() == pytest.approx(cell(result, "EL", "closed_form"), abs=4 * error)
    for level in (0.9, 0.99):
        low, high = (cell(result, "VaR", f"with_{end}", level) for end in ("low", "high"))
        brute = np.sort(total)[int(level * count) + np.array([-120, 120])]  # about four standard errors either side
        assert low <= brute[1]
        assert brute[0] <= high
        assert high - low < 0.2 * high


def test_the_book_without_the_scenario_stands_beside() -> None:
    rows = loans()
    stressed, calm = portfolio(rows, STORM, scenarios=1000), portfolio(
        rows, scenarios=1000, factors="sector", rho=0.2, inter=0.5
    )  # fmt: skip
    assert calm.comparison.empty
    table = stressed.comparison
    assert ["before_guarantors"] * 5 == table["losses"].tolist()[:5]
    for row in table.itertuples():
        level = None if np.isnan(row.level) else row.level
        assert row.baseline == cell(calm, row.measure, row.losses, level)
        assert row.stressed == cell(stressed, row.measure, row.losses, level)
        assert row.change == row.stressed - row.baseline
        assert row.change > 0.0
    storm = STORM.replace("rho = 0.2", "rho = 0.2\nscenarios = 1000")
    mild = storm.replace("-1.5", "-0.7")
    both, alone = portfolio(rows, storm, mild), portfolio(rows, mild)
    assert alone.comparison["stressed"].tolist() == both.comparison["baseline"].tolist()
    assert notes(both, "baseline is the scenario")


@pytest.mark.parametrize(
    "reading", ["", 'lgd_source = "collateral"\nmissing_pd = "0.03"', "recovery = 0.4\nrecourse = 0.7"]
)
@pytest.mark.parametrize("seed", range(6))
def test_stress_and_portfolio_say_the_same_expected_loss(seed: int, reading: str) -> None:
    """Shocks, prices, shares, PDs and factors at once: whoever is left without equity counts with a PD of 1 in both."""
    rows = both_regions(with_ratings(seed))
    text = STORM_OF_ALL.replace("default_above = 0.3", "").replace("[portfolio]", f"[portfolio]\n{reading}")
    stress = contagion_runs.run(rows, scenario=text).comparison.set_index("measure").loc["expected_loss"]
    result = portfolio(rows, text, scenarios=10, levels="0.5")
    assert stress["stressed"] == pytest.approx(cell(result, "EL", "closed_form"), rel=1e-12)
    assert stress["baseline"] == pytest.approx(result.comparison["baseline"].iloc[0], rel=1e-12)


def backed(**extra: Any) -> Rows:
    """D owes 50, half of it lost in default; G stands behind all of it with 20 and belongs to O by 60 %."""
    return {
        "parties": [{"party_id": i} for i in "DGO"],
        "financials": [{"party_id": i, "equity": e} for i, e in (("D", 5.0), ("G", 20.0), ("O", 30.0))],
        "facilities": [
            {"facility_id": "FD", "borrower_id": "D", "outstanding": 50.0, "lgd": 0.5},
            {"facility_id": "FO", "borrower_id": "O", "outstanding": 8.0, "lgd": 1.0},
        ],
        "guarantees": [{"guarantor_id": "G", "debtor_id": "D", "facility_id": "FD", "amount": 50.0}],
        "ownership": [{"owner_id": "O", "owned_id": "G", "share_min": 0.6, "share_max": 0.6}],
        "ratings": [{"party_id": "D", "pd": 0.25}],
        **extra,
    }


def test_a_party_that_loses_all_its_equity_defaults_for_certain() -> None:
    result = portfolio(backed(), '[[shock]]\nparties = ["D"]\nloss = 1.0\n', scenarios=400, levels="0.5")
    assert 25.0 == cell(result, "EL", "closed_form")
    assert 25.0 == cell(result, "VaR", "before_guarantors", 0.5)
    assert 5.0 == pytest.approx(cell(result, "EL", "without_contagion"))  # G pays its 20
    assert [1.0] == result.contributions.loc[result.contributions["party_id"] == "D", "pd"].tolist()
    assert notes(result, "1 parties (86.2% of EAD) default for certain")
    # An amount that takes all of it is the same, and a party without rating is drawn then too.
    rows = backed(ratings=[])
    amount = portfolio(rows, '[[shock]]\nparties = ["D"]\nloss_amount = 9.0\n', scenarios=400, levels="0.5")
    assert 25.0 == cell(amount, "EL", "closed_form")
    assert [1.0] == amount.contributions.loc[amount.contributions["party_id"] == "D", "pd"].tolist()


def test_a_partial_loss_lowers_equity_before_the_draw_and_goes_on_to_owners() -> None:
    """G keeps 10 of its 20, so 15 of D's 25 stay open; O, 60 % of G's owner, loses 6 before anybody is drawn."""
    rows = backed(ratings=[{"party_id": "D", "pd": 1.0}])
    half = portfolio(rows, '[[shock]]\nparties = ["G"]\nloss = 0.5\n', scenarios=200, levels="0.5")
    assert 15.0 == pytest.approx(cell(half, "EL", "with_contagion"))
    assert notes(half, "2 parties have 16.00 less equity before defaults are drawn")
    rows["financials"][2]["equity"] = 5.5  # O is in default for certain
    gone = portfolio(rows, '[[shock]]\nparties = ["G"]\nloss = 0.5\n', scenarios=200, levels="0.5")
    assert 15.0 + 8.0 == pytest.approx(cell(gone, "EL", "with_contagion"))
    assert 25.0 + 8.0 == pytest.approx(cell(gone, "EL", "closed_form"))


def crossed(share: float) -> Rows:
    """Two firms that own one another, each with 100 and a loan of 10 that is wholly lost in default."""
    return {
        "parties": [{"party_id": i} for i in "AB"],
        "financials": [{"party_id": i, "equity": 100.0} for i in "AB"],
        "facilities": [{"facility_id": f"F{i}", "borrower_id": i, "outstanding": 10.0, "lgd": 1.0} for i in "AB"],
        "ownership": [{"owner_id": o, "owned_id": f, "share_min": share, "share_max": share} for o, f in ("AB", "BA")],
    }


def test_losses_of_firms_that_own_one_another_come_back_to_them() -> None:
    """A loses 40 and, by half of B's half, 40 x (1 + 1/4 + 1/16 + ...) = 53.3; with 80 instead it has nothing left."""
    text = '[[shock]]\nparties = ["A"]\nloss_amount = 40\n'
    half = portfolio(crossed(0.5), text, scenarios=10, levels="0.5")
    assert notes(half, f"2 parties have {40 / 0.75 + 20 / 0.75:,.2f} less equity before defaults are drawn")
    assert 0.0 == cell(half, "EL", "closed_form")
    gone = portfolio(crossed(0.5), text.replace("40", "80"), scenarios=10, levels="0.5")
    assert 10.0 == cell(gone, "EL", "closed_form")
    # By all of one another the 40 go round until both have nothing left.
    assert 20.0 == cell(portfolio(crossed(1.0), text, scenarios=10, levels="0.5"), "EL", "closed_form")
    with pytest.raises(ConvergenceError, match="did not settle"):
        portfolio(crossed(1.0), text.replace("40", "0.001"), scenarios=10, levels="0.5")


def test_falling_prices_raise_losses_given_default_and_take_from_owners() -> None:
    """The house of 40 covers 30 at a haircut of a quarter, and 15 after a fall by half: 0.5 x 50 + 15 = 40 are lost."""
    house = {
        "collateral": [{"collateral_id": "K", "owner_id": "O", "value": 40.0, "haircut": 0.25}],
        "pledges": [{"facility_id": "FD", "collateral_id": "K", "allocated_amount": 50.0}],
    }
    text = '[[shock]]\ncollateral = {kind = "real_estate"}\nprice = -0.5\n'
    stated = portfolio(backed(**house), text, scenarios=200, levels="0.5")
    # O, with 30, loses the 20 that its house falls by, and stands.
    assert 0.25 * 40.0 == pytest.approx(cell(stated, "EL", "closed_form"))
    assert notes(stated, "a stated LGD rises by what collateral covers less")
    secured = portfolio(backed(**house), text, scenarios=200, levels="0.5", lgd_source="collateral")
    assert 0.25 * 35.0 == pytest.approx(cell(secured, "EL", "closed_form"))
    poor = backed(**house)
    poor["financials"][2]["equity"] = 19.0
    assert 0.25 * 40.0 + 8.0 == pytest.approx(
        cell(portfolio(poor, text, scenarios=200, levels="0.5"), "EL", "closed_form")
    )


def test_a_loss_given_default_stays_at_one() -> None:
    house = {
        "collateral": [{"collateral_id": "K", "value": 100.0}],
        "pledges": [{"facility_id": "FD", "collateral_id": "K"}],
    }
    text = '[[shock]]\ncollateral = {kind = "real_estate"}\nprice = -1.0\n'
    result = portfolio(backed(**house), text, scenarios=200, levels="0.5")
    assert 0.25 * 50.0 == pytest.approx(cell(result, "EL", "closed_form"))


def test_what_portfolio_does_not_read_is_said() -> None:
    text = (
        'default_above = 0.1\n[contagion]\nrule = "debtrank"\n[limits]\ndefaults = 1\n[[shock]]\npd_multiplier = 2.0\n'
    )
    result = portfolio(backed(), text, scenarios=200, levels="0.5")
    assert notes(result, "[contagion] of the scenario is for graphrisk stress")
    assert notes(result, "limits and default_above of the scenario are for graphrisk stress")
    assert 0.5 * 25.0 == pytest.approx(cell(result, "EL", "closed_form"))
    rows = backed(financials=[{"party_id": "G", "equity": 20.0}])
    part = portfolio(rows, '[[shock]]\nparties = ["D"]\nloss = 0.5\n', scenarios=200, levels="0.5")
    assert notes(part, "warning: 1 parties without known equity lose a part of it")
    assert 0.25 * 25.0 == pytest.approx(cell(part, "EL", "closed_form"))


def test_a_second_scenario_without_a_first_is_refused() -> None:
    with pytest.raises(UsageError, match="needs one to be compared"):
        portfolio(backed(), None, STORM)


def test_another_order_of_rows_gives_the_same_bytes_under_a_scenario() -> None:
    rows = loans(60)
    one = portfolio(build_graph(tables_of(**rows), as_of=AS_OF), STORM, scenarios=300)
    other = portfolio(build_graph(turned(rows, 3), as_of=AS_OF), STORM, scenarios=300)
    assert one.to_json() == other.to_json()
