"""What is expected without a delivery is what a run without it gives, against totals that are larger or smaller."""

from __future__ import annotations

import pytest

from tests.analyze.contagion_books import Rows
from tests.analyze.test_sensitivity import contracts
from tests.worlds.build import parties


def trade(material_cost: float | None, sales: float | None) -> Rows:
    """S and U sell B 10 and 20, T 5; D, E and F buy 10, 20 and 5 of B."""
    return {
        "parties": parties("B", "D", "E", "F", "S", "T", "U"),
        "financials": [
            {"party_id": "B", "equity": 900.0, "sales": sales, "material_cost": material_cost},
            *({"party_id": i, "equity": 9.0} for i in "DEFSTU"),
        ],
        "supplies": [
            *({"supplier_id": i, "buyer_id": "B", "amount": a} for i, a in (("S", 10.0), ("U", 20.0), ("T", 5.0))),
            *({"supplier_id": "B", "buyer_id": i, "amount": a} for i, a in (("D", 10.0), ("E", 20.0), ("F", 5.0))),
        ],
    }


@pytest.mark.parametrize(
    ("material_cost", "gone", "left"), [(70.0, 30 / 70, 20 / 70), (30.0, 30 / 35, 20 / 30), (1.0, 30 / 35, 20 / 25)]
)
def test_inputs(material_cost: float, gone: float, left: float) -> None:
    """Both makers fail. Without the smaller delivery B buys at least what its accounts say."""
    _, found = contracts(trade(material_cost, 500.0), "B", {"S": 1.0, "U": 1.0})
    (row,) = [row for row in found if (row["from_id"], row["to_id"]) == ("S", "B")]
    assert row["effect_on_loss"] == pytest.approx((500.0 - material_cost) * (gone - left))
    assert row["adjoint_effect"] == pytest.approx(row["effect_on_loss"])


@pytest.mark.parametrize(
    ("sales", "gone", "left"), [(70.0, 30 / 70, 20 / 70), (30.0, 30 / 35, 20 / 30), (6.0, 30 / 35, 20 / 25)]
)
def test_orders(sales: float, gone: float, left: float) -> None:
    _, found = contracts(trade(1.0, sales), "B", {"D": 1.0, "E": 1.0})
    (row,) = [row for row in found if (row["from_id"], row["to_id"]) == ("B", "D")]
    assert row["effect_on_loss"] == pytest.approx((sales - 1.0) * (gone - left))
    assert row["adjoint_effect"] == pytest.approx(row["effect_on_loss"])
