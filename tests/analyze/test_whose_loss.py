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
    both = some.importance.set_index("party_id").join(whole.importance.set_index("party_id"), suffixes=("", "_true"))
    both = both[both["exact_true"].astype(bool)]
    assert (both["lower"] <= both["loss_caused_true"] + 1e-6).all()
    assert (both["upper"] >= both["loss_caused_true"] - 1e-6).all()
