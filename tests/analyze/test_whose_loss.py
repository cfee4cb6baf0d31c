"""Our bank's loss is that of our own facilities; what other lenders lose is in their equity, and nowhere twice."""

from __future__ import annotations

from typing import Any

import pytest

from graphrisk.errors import ConvergenceError
from tests.analyze.contagion_books import Rows, random_book
from tests.analyze.contagion_reference import Reference
from tests.analyze.contagion_runs import run


def _two_lenders() -> Rows:
    """Return a book in which B owes our bank 60 and lender L 100; L has 300, and owes our bank 40."""
    return {
        "parties": [{"party_id": i} for i in "BL"],
        "financials": [{"party_id": "B", "equity": 50.0}, {"party_id": "L", "equity": 300.0}],
        "facilities": [
            {"facility_id": "OURS", "borrower_id": "B", "outstanding": 60.0},
            {"facility_id": "THEIRS", "borrower_id": "B", "lender_id": "L", "outstanding": 100.0},
            {"facility_id": "L1", "borrower_id": "L", "outstanding": 40.0},
        ],
    }


def test_a_shock_costs_our_bank_its_own_loans_and_the_other_lender_its_equity() -> None:
    found = run(_two_lenders(), {"B": 1.0})
    said = found.certificate
    assert (60.0, 60.0, 100.0) == (said["bank_loss"], said["bank_loss_before_contagion"], said["other_lenders_loss"])
    assert 150.0 == said["equity_lost"]
    rows = found.comparison.set_index("measure")["stressed"]
    assert (60.0, 60.0, 100.0, 160.0) == tuple(
        rows[name] for name in ("bank_loss", "own_bank_loss", "other_lenders_loss", "shortfall")
    )
    groups = found.groups[found.groups["dimension"] == "industry"]
    assert 60.0 == groups["bank_loss"].sum()


def test_importance_counts_no_unit_twice() -> None:
    table = run(_two_lenders()).importance.set_index("party_id")
    assert (160.0, 60.0) == (table.loc["B", "loss_caused"], table.loc["B", "bank_loss_caused"])
    assert (40.0, 40.0) == (table.loc["L", "loss_caused"], table.loc["L", "bank_loss_caused"])


@pytest.mark.parametrize("seed", range(12))
def test_bounds_and_totals_follow_the_same_count(seed: int) -> None:
    rows, chosen = random_book(seed), {"rule": ("threshold", "debtrank")[seed % 2], "max_rounds": 3_000}
    layers = ("exposures", "guarantees", "ownership", "collateral")
    settings: dict[str, Any] = {**chosen, "layers": layers}
    try:
        some, whole = run(rows, seed_work=0, **settings), run(rows, **settings)
    except ConvergenceError:
        return
    ours = [row["facility_id"] for row in rows["facilities"] if row["lender_id"] is None]
    unpaid = Reference(rows, rule=chosen["rule"], layers=layers).run().unpaid
    assert sum(unpaid[f] for f in ours) == pytest.approx(whole.certificate["bank_loss"], abs=1e-7)
    others = sum(v for f, v in unpaid.items() if f not in ours)
    assert others == pytest.approx(whole.certificate["other_lenders_loss"], abs=1e-7)
    truth = whole.importance.set_index("party_id").add_prefix("true_")
    both = some.importance.set_index("party_id").join(truth)
    both = both[both["true_exact"].astype(bool)]
    assert (both["lower"] <= both["true_loss_caused"] + 1e-6).all()
    assert (both["upper"] >= both["true_loss_caused"] - 1e-6).all()


def _maker() -> Rows:
    """Return a firm A in default that still delivers all that B, of whose profit is 50, needs."""
    return {
        "parties": [{"party_id": i} for i in "ABC"],
        "financials": [
            {"party_id": "A", "equity": -5.0, "sales": 100.0, "material_cost": 90.0},
            {"party_id": "B", "equity": 80.0, "sales": 150.0, "material_cost": 100.0},
            {"party_id": "C", "equity": 10.0},
        ],
        "supplies": [{"supplier_id": "A", "buyer_id": "B", "amount": 100.0}],
    }


def test_a_party_in_default_before_any_shock_causes_nothing_but_the_loss_of_its_production() -> None:
    """Where defaults do not stop production (supply_default=none), A still delivers: that can be lost."""
    plain = run(_maker()).importance.set_index("party_id")
    assert (0.0, 0.0) == (plain.loc["A", "loss_caused"], plain.loc["A", "upper"])
    own = run(_maker(), supply_default="none")
    row = own.importance.set_index("party_id").loc["A"]
    assert (50.0, 0.0, True, 0) == (
        row["loss_caused"], row["bank_loss_caused"], row["exact"], row["defaults_caused"],
    )  # fmt: skip
    shocked = run(_maker(), {"A": 1.0}, supply_default="none")
    assert 50.0 == shocked.certificate["equity_lost"]
    assert 50.0 == Reference(_maker(), supply_default="none").importance()["A"][0]  # type: ignore[index]
