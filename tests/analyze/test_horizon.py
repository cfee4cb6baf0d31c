"""One set of totals and one horizon in every analyzer that spreads losses over deliveries.

S earns 10 m a year by sales of 310 m, 3 m of them to B. Without B it loses 96,774.19 in twelve months and fails, since
its equity is 60,000; in three months it loses 24,193.55 and stands. The bank lends B 1 m and S 38 m.
"""

from __future__ import annotations

from typing import Any

import pytest

from graphrisk.analyze import explain, intervene, portfolio
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.scenario import parse_scenario
from tests.analyze.contagion_books import Rows
from tests.analyze.contagion_runs import graph_from, party, run
from tests.worlds.build import parties

LOST = 10e6 * 3 / 310
STORY = '[contagion]\nhorizon_months = {0}\n[portfolio]\nhorizon_months = {0}\n[[shock]]\nparties = ["B"]\nloss = 1.0\n'
HORIZONS = pytest.mark.parametrize(("months", "bank_loss"), [(12, 39e6), (3, 1e6)])


def book() -> Rows:
    return {
        "parties": parties("B", "S"),
        "financials": [
            {"party_id": "S", "equity": 60_000.0, "sales": 310e6, "material_cost": 280e6, "operating_costs": 20e6},
            {"party_id": "B", "equity": 10e6, "sales": 50e6, "material_cost": 40e6},
        ],
        "facilities": [
            {"facility_id": "L1", "borrower_id": "S", "outstanding": 38e6},
            {"facility_id": "L2", "borrower_id": "B", "outstanding": 1e6},
        ],
        "supplies": [{"supplier_id": "S", "buyer_id": "B", "amount": 3e6, "essential": False}],
    }


def _run(module: Any, inputs: Inputs, **given: Any) -> Result:
    params = parse_params(module.Params, given, where=module.__name__)
    found: Result = module.run(graph_from(book()), params, inputs=inputs, progress=silent)
    return found


@HORIZONS
def test_contagion_and_a_scenario(months: int, bank_loss: float) -> None:
    one = run(book(), {"B": 1.0}, horizon_months=months, all_rows=True)
    other = run(book(), scenario=STORY.format(months), all_rows=True)
    for result in (one, other):
        lost = (LOST / 4, 0.0) if months == 3 else (LOST, 10e6 - LOST)  # in default it stops: the rest of the year
        assert lost == pytest.approx((party(result, "S")["loss_supplies"], party(result, "S")["loss_own_stop"]))
        assert result.certificate["bank_loss"] == pytest.approx(bank_loss)
        assert any(note.startswith(f"horizon_months={months}:") for note in result.notes)


@HORIZONS
def test_importance(months: int, bank_loss: float) -> None:
    scores = run(book(), horizon_months=months).importance.set_index("party_id")
    assert scores.loc["B", "bank_loss_caused"] == pytest.approx(bank_loss)
    assert scores.loc["B", "defaults_caused"] == (months == 12)


@HORIZONS
def test_explain(months: int, bank_loss: float) -> None:
    result = _run(explain, Inputs(shocks={"B": 1.0}), party="S", horizon_months=months)
    (contract,) = [row for row in result.to_dict()["tables"]["explain_contracts"] if row["kind"] == "supplies"]
    assert contract["effect_on_bank_loss"] == pytest.approx(bank_loss - 1e6)


@HORIZONS
def test_intervene(months: int, bank_loss: float) -> None:
    """The capital that S lacks is what the delivery takes beyond its equity, not the year that it loses by failing."""
    result = _run(intervene, Inputs(shocks={"B": 1.0}), horizon_months=months, steps=1, actions=("capital",))
    assert result.certificate["measure_before"] == pytest.approx(bank_loss)
    actions = result.to_dict()["tables"]["intervene_candidates"]
    capital = [row["size"] for row in actions if row["action"] == "capital" and row["party_id"] == "S"]
    assert capital == pytest.approx([LOST - 60_000.0] if months == 12 else [], rel=1e-3)


@HORIZONS
def test_portfolio(months: int, bank_loss: float) -> None:
    """B is in default for certain: every scenario loses the same."""
    story = parse_scenario(STORY.format(months))
    result = _run(
        portfolio, Inputs(scenario=story), missing_pd="0", scenarios=50, importance_sampling=False, **story.portfolio
    )
    summary = {row["measure"]: row for row in result.to_dict()["tables"]["portfolio_summary"]}
    assert summary["EL"]["with_contagion"] == pytest.approx(bank_loss)
    assert summary["EL"]["without_contagion"] == pytest.approx(1e6)


def test_unknown_totals_are_the_first_warning() -> None:
    rows = book()
    rows["financials"] = [{"party_id": "S", "equity": 60_000.0}, {"party_id": "B", "equity": 10e6}]
    said = "warning: 2 of 2 firms in the supply layer do not say what they sell or buy in all"
    graph = graph_from(rows)

    def first_warning(result: Result) -> str:
        return next(note for note in result.notes if note.startswith("warning"))

    assert first_warning(run(graph, {"B": 1.0})).startswith(said)
    assert first_warning(run(graph)).startswith(said)
    for module, given in ((explain, {"party": "S"}), (intervene, {}), (portfolio, {"missing_pd": "0"})):
        params = parse_params(module.Params, given, where="test")
        result = module.run(graph, params, inputs=Inputs(shocks={"B": 1.0}), progress=silent)
        assert first_warning(result).startswith(said), module.__name__
