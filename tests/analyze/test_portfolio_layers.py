"""Portfolio over the whole contagion map: each scenario of a run is a run of contagion with the drawn parties down."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.analyze import contagion
from graphrisk.analyze.portfolio import Params, run
from graphrisk.cascade.obligors import obligors_of
from graphrisk.cascade.stages import stages_of
from graphrisk.errors import ConvergenceError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.portfolio.copula import factor_model
from graphrisk.kernels.portfolio.default_spread import Losses
from graphrisk.kernels.portfolio.simulation import es_contributions, plan, simulate
from graphrisk.kernels.portfolio.tilting import draw_scenarios
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.analyze.contagion_books import Rows, random_book
from tests.worlds.build import graph_of, parties


def rated_book(seed: int) -> RiskGraph:
    """Return a random book with every layer, a PD for most parties, nobody in default before the draw."""
    rows = random_book(seed, size=10)
    dice = np.random.default_rng(seed + 7)
    for row in rows["financials"]:
        row["equity"] = max(row["equity"], 1.0)
    rows["ratings"] = [
        {"party_id": row["party_id"], "pd": float(dice.uniform(0.02, 0.4))}
        for row in rows["parties"]
        if dice.random() < 0.8
    ]
    return graph_of(**{name: table for name, table in rows.items() if table})


def portfolio(graph: RiskGraph, **given_: Any) -> Result:
    return run(graph, parse_params(Params, given_, where="portfolio"), inputs=Inputs(), progress=silent)


# Collateral stays in: where it is left out, contagion has nothing covered, portfolio what its LGD says.
COMMON = {
    "rule": st.sampled_from(["threshold", "debtrank"]),
    "supply_default": st.sampled_from(["default", "linear"]),
    "schedule": st.sampled_from(["joint", "staged"]),
    "impact_beta": st.sampled_from([0.0, 1.5]),
    "impact_depth": st.sampled_from([None, 60.0]),
    "recovery": st.sampled_from([0.0, 0.25]),
    "recourse": st.sampled_from([1.0, 0.5]),
    "capacity": st.sampled_from(["net_assets", "unlimited"]),
    "missing_capacity": st.sampled_from(["zero", "caps"]),
    "layers": st.sampled_from(
        [None, ("guarantees", "supplies", "collateral"), ("exposures", "collateral", "ownership")]
    ),
    "tolerance": st.just(1e-12),
}


@given(seed=st.integers(0, 100_000), common=st.fixed_dictionaries(COMMON))
@settings(deadline=None, max_examples=40)
def test_a_scenario_loses_what_contagion_says_of_the_drawn_parties(seed: int, common: dict[str, Any]) -> None:
    graph = rated_book(seed)
    params = Params(lgd_source="collateral", **common)
    given_ = obligors_of(graph, params)
    _, second = stages_of(given_, params, [])
    chosen = plan(factor_model(given_.pd, given_.loadings), given_.loss, scenarios=5, seed=seed, stage=second)
    ran = simulate(chosen)
    draws = draw_scenarios(chosen.sampler, np.arange(5), seed, chosen.parts).draws
    whole = contagion.Params(**common, max_rounds=5000)
    due = float(given_.book.due.sum())
    for scenario in range(5):
        down = draws.party[draws.start[scenario] : draws.start[scenario + 1]]
        inputs = Inputs(shocks={str(graph.party_ids[p]): 1.0 for p in down})
        try:
            rows = contagion.run(graph, whole, inputs=inputs, progress=silent).facilities
        except ConvergenceError:
            assert ran.untold[scenario] > 0.0
            continue
        lender = dict(
            zip(graph.texts("facilities", "facility_id"), graph.texts("facilities", "lender_id"), strict=True)
        )
        ours = [lender[facility] is None for facility in rows["facility_id"]]
        assert rows["bank_loss"][ours].sum() == pytest.approx(ran.total[scenario], rel=1e-9, abs=1e-9 * due)


def test_the_layers_change_what_is_lost_and_the_bits_do_not_depend_on_the_workers() -> None:
    graph = rated_book(5)
    found = {
        name: portfolio(graph, scenarios=600, **options).summary["with_contagion"].tolist()
        for name, options in {
            "all": {},
            "prices": {"impact_beta": 1.5},
            "no supplies": {"layers": "exposures,guarantees,ownership,collateral"},
            "recovery": {"recovery": 0.5},
        }.items()
    }
    assert 4 == len({tuple(values) for values in found.values()})
    assert found["prices"][0] > found["all"][0] > found["no supplies"][0]
    assert found["recovery"][0] < found["all"][0]
    every = {"impact_beta": 1.5, "rule": "debtrank", "supply_default": "linear", "scenarios": 600}
    tables = [
        {name: frame.to_csv(float_format="%r") for name, frame in portfolio(graph, workers=w, **every).tables.items()}
        for w in (1, 2, 4)
    ]
    assert tables[0] == tables[1] == tables[2]


def supplier(**more: Any) -> Rows:
    """Return a book in which B lives on the parts of S and has a profit of 30 on an equity of 20."""
    rows: Rows = {
        "parties": parties("B", "S"),
        "financials": [
            {"party_id": "S", "equity": 5.0},
            {"party_id": "B", "equity": 20.0, "sales": 100.0, "material_cost": 70.0},
        ],
        "supplies": [{"supplier_id": "S", "buyer_id": "B", "amount": 10.0, "essential": True}],
        "facilities": [
            {"facility_id": "FB", "borrower_id": "B", "outstanding": 50.0, "lgd": 0.4},
            {"facility_id": "FS", "borrower_id": "S", "outstanding": 10.0, "lgd": 1.0},
        ],
        "ratings": [{"party_id": "S", "pd": 0.1}],
    }
    return {**rows, **more}


def test_a_supplier_s_default_takes_its_buyer_along() -> None:
    def var(**options: Any) -> float:
        summary = portfolio(graph_of(**supplier()), scenarios=2000, levels="0.97", rho=0.0, **options).summary
        return float(summary.loc[summary["measure"] == "VaR", "with_contagion"].iloc[0])

    assert 30.0 == var()
    assert 10.0 == var(layers="exposures")
    # A quarter is recovered of what either loan loses.
    assert 22.5 == pytest.approx(var(recovery=0.25))


def test_a_stated_lgd_rises_by_what_prices_take() -> None:
    rows: Rows = {
        "parties": parties("A"),
        "facilities": [{"facility_id": "F", "borrower_id": "A", "outstanding": 100.0, "lgd": 0.2}],
        "collateral": [{"collateral_id": "C", "owner_id": "A", "value": 100.0}],
        "pledges": [{"facility_id": "F", "collateral_id": "C"}],
        "ratings": [{"party_id": "A", "pd": 0.1}],
    }
    result = portfolio(graph_of(**rows), scenarios=2000, levels="0.97", rho=0.0, impact_beta=0.5)
    var = result.summary[result.summary["measure"] == "VaR"]
    assert [20.0] == var["without_contagion"].tolist()
    assert [20.0 + 100.0 * (1.0 - np.exp(-0.5))] == pytest.approx(var["with_contagion"].tolist())


def test_what_has_no_effect_is_said() -> None:
    graph = graph_of(**supplier())
    notes = portfolio(graph, scenarios=50, impact_beta=1.0).notes
    assert "warning: impact_beta has no effect, because nothing is pledged" in notes
    notes = portfolio(graph, scenarios=50, impact_beta=1.0, layers="supplies").notes
    assert "warning: impact_beta has no effect, because the layer collateral is left out" in notes
    idle = supplier(financials=[{"party_id": "S", "equity": 5.0}, {"party_id": "B", "equity": 20.0}])
    (note,) = [note for note in portfolio(graph, scenarios=4000, rho=0.0).notes if "layer supplies: " in note]
    assert note.startswith("warning: most of the loss goes through the layer supplies: with contagion")
    assert "EL is 3." in note
    assert "would be 1.00 without it" in note
    assert any("supplies takes no profit" in note for note in portfolio(graph_of(**idle), scenarios=50).notes)
    assert any(note.startswith("recovery=0.5") for note in portfolio(graph, scenarios=50, recovery=0.5).notes)


def test_es_moves_with_one_loan_s_loss_as_its_contribution_says_with_contagion() -> None:
    """Euler by finite differences: what one borrower's loss adds to ES, per unit, in a book with every layer."""
    graph = rated_book(5)
    params = Params(levels=(0.9,))
    given_ = obligors_of(graph, params)
    _, second = stages_of(given_, params, [])
    chosen = plan(
        factor_model(given_.pd, given_.loadings), given_.loss, scenarios=4000, seed=3, stage=second, shift_level=0.9
    )

    def es(part: np.ndarray) -> float:
        """ES where each unit of what is lost of party i counts part[i]; the defaults are the same."""

        def stage(draws: Any) -> Losses:
            lost = second(draws)
            return lost._replace(amount=lost.amount * part[lost.unit])

        return simulate(dataclasses.replace(chosen, stage=stage)).tail(0.9).es

    parts = es_contributions(simulate(chosen), 0.9, units=graph.size)
    assert (parts > 0.0).sum() >= 3
    step = 1e-5
    for party in np.argsort(-parts)[:4]:
        up, down = np.ones(graph.size), np.ones(graph.size)
        up[party] += step
        down[party] -= step
        assert (es(up) - es(down)) / (2 * step) == pytest.approx(parts[party], rel=1e-5)


def test_the_precision_gained_is_said_in_plain_scenarios() -> None:
    result = portfolio(rated_book(5), scenarios=1500, levels="0.9", layers="exposures,guarantees")
    (level,) = result.certificate["levels"]
    spent = 1500 + result.certificate["pilot_scenarios"]
    (note,) = [note for note in result.notes if note.startswith("importance sampling: at 0.9")]
    assert f"as closely as {level['variance_reduction'] * spent:,.0f} plain ones" in note
