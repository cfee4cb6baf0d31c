from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from graphrisk.errors import DataError, UsageError
from graphrisk.graph.build import build_graph
from tests.worlds.build import AS_OF, graph_of, parties, ring, tables_of


def test_the_graph_does_not_depend_on_row_order() -> None:
    tables = tables_of(**ring(5))
    turned = {name: t.take(pa.array(range(t.num_rows - 1, -1, -1))) for name, t in tables.items()}
    one, other = build_graph(tables, as_of=AS_OF), build_graph(turned, as_of=AS_OF)
    assert one.fingerprint == other.fingerprint
    assert all(one.table(name).equals(other.table(name)) for name in one.tables)


def test_a_changed_amount_changes_the_fingerprint() -> None:
    assert graph_of(**ring(3)).fingerprint != graph_of(**ring(3, due=51.0)).fingerprint


def test_a_relation_that_ended_is_left_out_and_counted() -> None:
    graph = graph_of(
        parties=parties("A", "B"),
        ownership=[
            {"owner_id": "A", "owned_id": "B", "share_min": 0.5, "share_max": 0.5, "to_on": AS_OF},
            {"owner_id": "A", "owned_id": "B", "share_min": 0.2, "share_max": 0.2, "from_on": AS_OF},
        ],
    )
    assert graph.floats("ownership", "share_min").tolist() == [0.2]
    assert any("ownership: 1 of 2 rows left out" in note for note in graph.notes)


def test_nothing_is_said_of_tables_without_rows() -> None:
    assert () == graph_of(parties=parties("A", "B")).notes


def test_a_delivery_that_ended_is_left_out() -> None:
    delivery = {"supplier_id": "A", "buyer_id": "B", "currency": "CNY"}
    graph = graph_of(
        parties=parties("A", "B"),
        supplies=[delivery | {"amount": 5.0, "to_on": AS_OF}, delivery | {"amount": 7.0, "from_on": AS_OF}],
    )
    assert [7.0] == graph.floats("supplies", "amount").tolist()
    assert any("supplies: 1 of 2 rows left out" in note for note in graph.notes)


def test_equity_is_the_latest_known_on_the_day() -> None:
    graph = graph_of(
        parties=parties("A", "B"),
        financials=[
            {"party_id": "A", "period_end_on": date(2024, 12, 31), "equity": 5.0},
            {"party_id": "A", "period_end_on": date(2025, 12, 31), "equity": None},
            {"party_id": "A", "period_end_on": date(2026, 12, 31), "equity": 9.0},
        ],
    )
    np.testing.assert_array_equal([5.0, np.nan], graph.equity)


def test_amounts_are_converted_at_the_latest_rate_on_or_before_the_day() -> None:
    graph = graph_of(
        parties=parties("A", "B"),
        exposures=[{"creditor_id": "A", "debtor_id": "B", "amount": 10.0, "currency": "USD"}],
        fx=[
            {"currency": "CNY", "as_of_on": date(2026, 1, 1), "rate": 1.0},
            {"currency": "USD", "as_of_on": date(2026, 1, 1), "rate": 7.0},
            {"currency": "USD", "as_of_on": date(2026, 9, 30), "rate": 7.5},
            {"currency": "USD", "as_of_on": date(2026, 10, 1), "rate": 8.0},
        ],
    )
    assert graph.base_currency == "CNY"
    assert graph.floats("exposures", "amount").tolist() == [75.0]


def test_two_currencies_without_rates_are_refused() -> None:
    with pytest.raises(DataError, match="CNY, USD"):
        graph_of(
            parties=parties("A", "B"),
            exposures=[
                {"creditor_id": "A", "debtor_id": "B", "amount": 10.0, "currency": "USD"},
                {"creditor_id": "A", "debtor_id": "B", "amount": 10.0},
            ],
        )


def test_the_arrays_cannot_be_written_to() -> None:
    graph = graph_of(**ring(3))
    for array in (graph.equity, graph.floats("guarantees", "amount"), graph.ends("guarantees")[0], graph.party_ids):
        with pytest.raises(ValueError):
            array[0] = array[1]


def test_an_unknown_party_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        graph_of(**ring(3)).position("P9")
    assert "P0" in caught.value.hint


@pytest.mark.parametrize("seed", range(3))
def test_few_ids_are_found_where_many_are(seed: int) -> None:
    random = np.random.default_rng(seed)
    letters = [*"AZaz09-_ ", "\u00e9", "\u4f01", "\ufffd", "\U0001f600"]  # beyond and below the surrogates, too
    ids = sorted({"".join(random.choice(letters, random.integers(1, 4))) for _ in range(60)})
    graph = graph_of(parties=parties(*random.permutation(ids).tolist()))
    asked = [*random.permutation(ids).tolist(), "", "Z" * 9, "\U0001f600" * 5, None]
    many = graph.locate("parties", asked)
    assert many.tolist() == [int(graph.locate("parties", [one])[0]) for one in asked]
    assert [-1, -1, -1, -1] == many[-4:].tolist()
    assert ids == graph.party_ids[np.sort(many[:-4])].tolist()
    assert (0,) == graph.locate("parties", []).shape


def test_networkx_keeps_parallel_contracts() -> None:
    world = ring(3)
    world["guarantees"].append({**world["guarantees"][0], "guarantee_id": "G9"})
    graph = graph_of(**world)
    out = graph.to_networkx()
    assert out.number_of_edges("P1", "P0") == 2
    assert out.number_of_edges() == 4 + 3
    assert out.edges["P0", "F0", "F0"] == {"relation": "BORROWS"}


def test_repeated_rows_without_a_key_are_separate_facts() -> None:
    row = {"creditor_id": "A", "debtor_id": "B", "amount": 10.0}
    graph = graph_of(parties=parties("A", "B"), exposures=[row, row])
    keys = graph.texts("exposures", "row_key").tolist()
    assert [keys[0].rsplit("-")[0] + "-0", keys[0].rsplit("-")[0] + "-1"] == keys


def test_a_relation_keyed_by_several_columns_is_in_the_network() -> None:
    graph = graph_of(
        parties=parties("A", "B"),
        facilities=[{"facility_id": "F", "borrower_id": "A", "outstanding": 10.0}],
        co_borrowers=[{"facility_id": "F", "party_id": "B"}],
    )
    found = [
        key for _, _, key, data in graph.to_networkx().edges(keys=True, data=True) if data["relation"] == "CO_BORROWS"
    ]
    assert ["F|B"] == found
