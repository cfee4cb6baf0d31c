"""The supply layer of a book against totals, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphrisk.graph.deliveries import Deliveries, deliveries
from tests.worlds.build import graph_of

Rows = list[dict[str, Any]]


def _firm(name: str, industry: str | None = None) -> dict[str, Any]:
    return {"party_id": name, "industry": industry}


def _made(firms: Rows, financials: Rows, supplies: Rows, *, months: float = 12.0) -> Deliveries:
    return deliveries(graph_of(parties=firms, financials=financials, supplies=supplies), True, months)


def _of(supplier: str, buyer: str, amount: float, *, essential: bool = False) -> dict[str, Any]:
    return {"supplier_id": supplier, "buyer_id": buyer, "amount": amount, "essential": essential}


def test_orders_and_inputs_are_parts_of_what_is_sold_and_bought_in_all() -> None:
    made = _made(
        [_firm("B"), _firm("S")],
        [
            {"party_id": "S", "sales": 40.0, "material_cost": 30.0},
            {"party_id": "B", "sales": 90.0, "material_cost": 50.0},
        ],
        [_of("S", "B", 10.0)],
    )
    assert made.supply is not None
    assert [0.25] == made.supply.order.tolist()
    assert [0.2] == made.supply.weight.tolist()
    assert () == made.warnings


def test_recorded_sums_above_the_accounts_are_taken() -> None:
    made = _made(
        [_firm("B"), _firm("S"), _firm("T")],
        [
            {"party_id": "S", "sales": 4.0, "material_cost": 1.0},
            {"party_id": "T", "sales": 100.0, "material_cost": 1.0},
            {"party_id": "B", "sales": 90.0, "material_cost": 5.0},
        ],
        [_of("S", "B", 10.0), _of("T", "B", 30.0)],
    )
    assert made.supply is not None
    assert [0.25, 0.75] == made.supply.weight.tolist()  # of 40 bought, by S and T
    assert [1.0, 0.3] == made.supply.order.tolist()


def test_an_essential_input_is_measured_by_what_is_recorded_of_its_industry() -> None:
    made = _made(
        [_firm("B"), _firm("S", "C1"), _firm("T", "C1"), _firm("U", "C2")],
        [{"party_id": "B", "sales": 900.0, "material_cost": 500.0}],
        [_of("S", "B", 10.0, essential=True), _of("T", "B", 30.0, essential=True), _of("U", "B", 5.0)],
    )
    assert made.supply is not None
    weight = dict(zip(made.supply.supplier.tolist(), made.supply.weight.tolist(), strict=True))
    assert {1: 0.25, 2: 0.75, 3: 0.01} == weight


def test_a_market_holds_the_sales_of_all_its_parties_in_the_layer_or_not() -> None:
    firms = [_firm("B", "C2"), _firm("Big", "C1"), _firm("Dark", "C1"), _firm("S", "C1"), _firm("Far", "C3")]
    made = _made(
        firms,
        [
            {"party_id": "S", "sales": 40.0, "material_cost": 1.0},
            {"party_id": "Big", "sales": 300.0, "material_cost": 1.0},  # delivers to nobody here
            {"party_id": "Far", "sales": 7.0, "material_cost": 1.0},
        ],
        [_of("S", "B", 10.0), _of("Dark", "B", 5.0)],
    )
    assert made.supply is not None
    place = sorted(row["party_id"] for row in firms).index("S")
    assert 345.0 == made.supply.market_sales[made.supply.market[place]]
    assert [0.0, 300.0, 5.0, 7.0, 40.0] == made.supply.sales.tolist()  # B, Big, Dark, Far, S


def test_profit_is_what_is_left_of_sales_over_the_horizon() -> None:
    firms = [_firm(name) for name in "ABCDE"]
    accounts = [
        {"party_id": "A", "sales": 100.0, "material_cost": 60.0, "operating_costs": 25.0},
        {"party_id": "B", "sales": 100.0, "material_cost": 60.0},
        {"party_id": "C", "sales": 100.0, "material_cost": 60.0, "operating_costs": 50.0},
        {"party_id": "D", "sales": 100.0},
    ]
    made = _made(firms, accounts, [_of("A", "B", 1.0), _of("C", "D", 1.0), _of("C", "E", 1.0)])
    assert [15.0, 40.0, 0.0, 0.0, 0.0] == made.profit.tolist()
    assert any("2 of 5 parties in the supply layer lack" in note for note in made.notes)
    quarter = _made(firms, accounts, [_of("A", "B", 1.0)], months=3.0)
    assert [3.75, 10.0, 0.0, 0.0, 0.0] == quarter.profit.tolist()
    assert any(note.startswith("horizon_months=3:") for note in quarter.notes)


def test_a_warning_says_how_much_of_the_layer_has_unknown_totals() -> None:
    firms = [_firm(name) for name in "ABCD"]
    accounts = [
        {"party_id": "A", "sales": 100.0, "material_cost": 60.0},
        {"party_id": "B", "sales": 100.0, "material_cost": 60.0},
        {"party_id": "D", "sales": 100.0},
    ]
    made = _made(firms, accounts, [_of("A", "B", 50.0), _of("C", "B", 20.0), _of("A", "D", 10.0), _of("A", "C", 20.0)])
    # C sells 20 of 100 without known sales; C and D buy 30 of 100 without known material cost
    (warning,) = made.warnings
    assert warning.startswith("warning: 2 of 4 firms in the supply layer do not say")
    assert "sales of 1 suppliers, material_cost of 2 buyers; 50.0% of the deliveries" in warning
    assert () == _made(firms, accounts, [_of("A", "B", 50.0), _of("A", "D", 1.0, essential=True)]).warnings


def test_without_deliveries_there_is_no_layer() -> None:
    graph = graph_of(parties=[_firm("A")], financials=[{"party_id": "A", "sales": 9.0, "material_cost": 1.0}])
    made = deliveries(graph, True, 12.0)
    assert made.supply is None
    np.testing.assert_array_equal([0.0], made.profit)
    assert () == made.notes
