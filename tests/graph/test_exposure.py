from __future__ import annotations

import numpy as np
import pytest

from graphrisk.errors import UsageError
from graphrisk.graph.exposure import COMBINED, NETWORK_LAYERS, Arcs, arcs_of
from tests.worlds.build import graph_of, parties


def as_dict(arcs: Arcs) -> dict[tuple[int, int], float]:
    return dict(zip(zip(arcs.source.tolist(), arcs.target.tolist(), strict=True), arcs.weight.tolist(), strict=True))


def test_parallel_rows_add_up_and_a_party_with_itself_is_left_out_and_noted() -> None:
    graph = graph_of(
        parties=parties("A", "B"),
        guarantees=[
            {"guarantor_id": "A", "debtor_id": "B", "amount": 5.0},
            {"guarantor_id": "A", "debtor_id": "B", "amount": 7.0},
            {"guarantor_id": "B", "debtor_id": "B", "amount": 9.0},
        ],
    )
    arcs = arcs_of(graph, "guarantees")
    assert {(0, 1): 12.0} == as_dict(arcs)
    assert [2] == arcs.rows.tolist()
    assert ("In guarantees, 1 row of a party with itself was left out.",) == arcs.notes


def test_ownership_takes_the_upper_bound_and_an_unknown_share_counts_as_nothing() -> None:
    graph = graph_of(
        parties=parties("A", "B", "C"),
        ownership=[
            {"owner_id": "A", "owned_id": "B", "share_min": 0.2, "share_max": 0.3},
            {"owner_id": "A", "owned_id": "C", "share_min": 0.4},
            {"owner_id": "B", "owned_id": "C"},
        ],
    )
    arcs = arcs_of(graph, "ownership")
    assert {(0, 1): 0.3, (0, 2): 0.4, (1, 2): 0.0} == as_dict(arcs)
    assert ("In ownership, 1 row with no known amount was counted with weight 0.",) == arcs.notes


def test_an_asset_pledged_for_another_exposes_its_owner_by_what_the_loan_may_take() -> None:
    graph = graph_of(
        parties=parties("A", "B"),
        facilities=[
            {"facility_id": "F1", "borrower_id": "B", "outstanding": 100.0},
            {"facility_id": "F2", "borrower_id": "A", "outstanding": 100.0},
        ],
        collateral=[{"collateral_id": "C1", "owner_id": "A", "value": 60.0, "haircut": 0.5}],
        pledges=[
            {"facility_id": "F1", "collateral_id": "C1"},
            {"facility_id": "F1", "collateral_id": "C1", "allocated_amount": 12.0},
            {"facility_id": "F2", "collateral_id": "C1"},
        ],
    )
    assert {(0, 1): 42.0} == as_dict(arcs_of(graph, "pledges"))


def test_the_combined_graph_holds_what_one_may_lose_if_the_other_fails() -> None:
    graph = graph_of(
        parties=parties("A", "B", "C"),
        financials=[{"party_id": "B", "equity": 200.0}, {"party_id": "C", "equity": -50.0}],
        exposures=[{"creditor_id": "A", "debtor_id": "B", "amount": 10.0, "lgd": 0.4}],
        facilities=[{"facility_id": "F", "borrower_id": "B", "lender_id": "A", "outstanding": 3.0}],
        guarantees=[{"guarantor_id": "A", "debtor_id": "B", "amount": 5.0}],
        ownership=[
            {"owner_id": "A", "owned_id": "B", "share_min": 0.1, "share_max": 0.1},
            {"owner_id": "A", "owned_id": "C", "share_min": 1.0, "share_max": 1.0},
        ],
        supplies=[{"supplier_id": "B", "buyer_id": "C", "amount": 8.0}],
    )
    expected = {(0, 1): 0.4 * 10 + 3 + 5 + 0.1 * 200, (0, 2): 0.0, (1, 2): 8.0, (2, 1): 8.0}
    assert expected == pytest.approx(as_dict(arcs_of(graph, COMBINED)), abs=1e-12)


def test_arcs_are_ordered_and_read_only() -> None:
    graph = graph_of(
        parties=parties("A", "B", "C"),
        exposures=[{"creditor_id": a, "debtor_id": b, "amount": 1.0} for a, b in ("CA", "AB", "BA", "AC")],
    )
    arcs = arcs_of(graph, "exposures")
    assert [(0, 1), (0, 2), (1, 0), (2, 0)] == list(as_dict(arcs))
    with pytest.raises(ValueError):
        arcs.weight[0] = 2.0


def test_every_layer_of_an_empty_graph_is_empty() -> None:
    for layer in (*NETWORK_LAYERS, COMBINED):
        assert arcs_of(graph_of(), layer).size == 0
        assert np.float64 == arcs_of(graph_of(), layer).weight.dtype


def test_an_unknown_layer_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        arcs_of(graph_of(), "guarantee")
    assert "guarantees" in caught.value.hint
