"""A channel of loss is one file: a toy takes part in every answer without another edit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze import contagion, explain, portfolio
from graphrisk.analyze.contagion import Params
from graphrisk.graph.channels import channels
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from tests.worlds.build import graph_of, parties

TOY = Path(__file__).with_name("toy_channel.py")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the toy as another package would be: a module and an entry point on the path."""
    (tmp_path / "toy_channel.py").write_text(TOY.read_text("utf-8"), encoding="utf-8")
    info = tmp_path / "toy_channel-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-channel\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[graphrisk.channels]\nfund_flows = toy_channel\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    channels.cache_clear()
    yield
    channels.cache_clear()


def _graph() -> RiskGraph:
    """P pays B 1,200 and C 600 a year; B also lends 30 to P; the bank lent 40 to B, whose equity is 120."""
    day = date(2026, 6, 1)
    return graph_of(
        parties=parties("B", "C", "P"),
        financials=[{"party_id": p, "equity": e} for p, e in (("B", 120.0), ("C", 500.0), ("P", 10.0))],
        exposures=[{"creditor_id": "B", "debtor_id": "P", "amount": 30.0}],
        facilities=[{"facility_id": "FB", "borrower_id": "B", "outstanding": 40.0}],
        fund_flows=[
            {"payer_id": "P", "payee_id": "B", "amount": 1200.0, "paid_on": day},
            {"payer_id": "P", "payee_id": "C", "amount": 600.0, "paid_on": day},
        ],
        ratings=[{"party_id": p, "pd": 0.1, "as_of_on": day, "model": "own"} for p in ("B", "C", "P")],
    )


SHOCK = Inputs(shocks={"P": 1.0})


def _contagion(shocked: Inputs = SHOCK, **given: Any) -> Any:
    return contagion.run(_graph(), Params(rule="threshold", **given), inputs=shocked, progress=silent)


def test_without_it_nobody_else_fails() -> None:
    found = _contagion()
    assert 0.0 == found.certificate["bank_loss"]
    rows = found.tables["contagion_parties"].set_index("party_id")
    assert 30.0 == rows.loc["B", "loss_exposures"]


@pytest.mark.usefixtures("toy")
def test_the_toy_takes_part_in_a_run_and_the_books_close() -> None:
    found = _contagion()
    rows = found.tables["contagion_parties"].set_index("party_id")
    assert [130.0, 50.0] == rows.loc[["B", "C"], "loss_exposures"].tolist(), "30 lent and a month of 1,200; of 600"
    assert [True, False] == rows.loc[["B", "C"], "defaulted"].tolist()
    assert 40.0 == found.certificate["bank_loss"]
    assert max(found.certificate["residual"], found.certificate["conservation_residual"]) <= 1e-9
    assert "exposure:B-P" == rows.loc["B", "cause"]
    assert any("a month of payments" in str(note) for note in found.notes)


@pytest.mark.usefixtures("toy")
def test_the_toy_takes_part_in_importance_and_can_be_left_out() -> None:
    scores = _contagion(Inputs()).tables["contagion_importance"].set_index("party_id")
    assert 120.0 + 50.0 + 40.0 == pytest.approx(scores.loc["P", "loss_caused"])
    alone = _contagion(Inputs(), layers=("exposures",)).tables["contagion_importance"].set_index("party_id")
    assert 30.0 == pytest.approx(alone.loc["P", "loss_caused"])


@pytest.mark.usefixtures("toy")
def test_the_toy_takes_part_in_a_portfolio() -> None:
    params = portfolio.Params(scenarios=400, seed=1, rule="threshold")
    found = portfolio.run(_graph(), params, inputs=Inputs(), progress=silent)
    assert "fund_flows" in found.certificate["layers"]
    risk = found.tables["portfolio_summary"].set_index("measure").loc["EL"]
    assert float(risk["with_contagion"]) > float(risk["without_contagion"]) + 1.0, "B falls with P, too"


@pytest.mark.usefixtures("toy")
def test_explain_names_the_contract_of_the_toy_and_tries_without_it() -> None:
    params = explain.Params(rule="threshold", party="B")
    found = explain.run(_graph(), params, inputs=SHOCK, progress=silent)
    lines = found.tables["explain_lines"]
    assert [100.0, 30.0] == lines["amount"].tolist()
    key = str(_graph().texts("fund_flows", "row_key")[int(np.argmax(_graph().floats("fund_flows", "amount")))])
    assert key == lines["contract_id"].iloc[0]
    tried = found.tables["explain_contracts"].set_index("contract_id")
    assert key in tried.index


@pytest.mark.usefixtures("toy")
def test_the_toy_is_a_debt_where_claims_are_valued_by_what_a_debtor_owes() -> None:
    """P owes B 30 and 100, C 50, and has what covers them: 190. Shocked by its 10 it still pays all 180."""
    rich = _graph()
    found = contagion.run(rich, Params(rule="en", all_rows=True), inputs=SHOCK, progress=silent)
    rows = found.tables["contagion_parties"].set_index("party_id")
    assert [0.0, 0.0] == rows.loc[["B", "C"], "loss_exposures"].tolist()
    merton = contagion.run(rich, Params(rule="merton", sigma=0.4, all_rows=True), inputs=SHOCK, progress=silent)
    lost = merton.tables["contagion_parties"].set_index("party_id").loc[["B", "C"], "loss_exposures"]
    assert 130.0 / 50.0 == pytest.approx(lost["B"] / lost["C"]), "each in proportion to what it is owed"
