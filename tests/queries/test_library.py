"""The queries that ship: documented in their header, and equal rows on every store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graphrisk.demo.world import AS_OF as DEMO_DAY
from graphrisk.demo.world import FEWEST, write_bank
from graphrisk.loading.run import load_files
from graphrisk.shipped import shipped
from graphrisk.statement import Query, check_portable, find_query, query_names
from graphrisk.stores.base import Rows, Store
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.neo4j.store import Neo4jStore
from tests.worlds.build import AS_OF, parties, ring, tables_of
from tests.worlds.whole import whole_world

NAMES = query_names()
ANCHORS = ("id", "from_id", "first_id")
LOANS = ("X1", "F0", "F1", "ST-TRIP-F")
"""Facilities of the books below: ids of parties name no loan."""
ELSEWHERE = {name for name in NAMES if name.startswith(("finbench_", "loan_", "guarantee_chain_"))} | {"layered_owners"}
"""Queries that need books of payments and chains (`test_fund_use`), or stored answers (`test_standing_alike`)."""


def ask(store: Store, name: str, **params: Any) -> Rows:
    query = find_query(name)
    return store.query(query.text, query.bind(params))


def anchored(query: Query, ids: list[str]) -> list[dict[str, Any]]:
    """Return parameters for a query: one set per id, or the defaults where it needs none; low thresholds."""
    low = {name: 1 for name in ("min_debtors", "min_facilities") if name in query.params}
    needed = [param.name for param in query.params.values() if param.required]
    if not needed:
        return [low]
    return [
        {
            **low,
            **{
                n: LOANS[i % len(LOANS)] if n == "facility_id" else one if n in ANCHORS else ids[(i + 1) % len(ids)]
                for n in needed
            },
        }
        for i, one in enumerate(ids)
    ]


def same_rows(first: Store, second: Store, ids: list[str]) -> dict[str, int]:
    """Ask every query of both stores; return how many rows each gave in all."""
    given = dict.fromkeys(NAMES, 0)
    for name in NAMES:
        query = find_query(name)
        for params in anchored(query, ids):
            rows = ask(first, name, **params)
            assert rows == ask(second, name, **params), (name, params)
            given[name] += len(rows.rows)
    return given


@pytest.fixture
def files_store(tmp_path: Path) -> Any:
    store = FilesStore(tmp_path / "store")
    yield store
    store.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_query_says_what_it_returns(name: str, files_store: FilesStore) -> None:
    query = find_query(name)
    check_portable(query.text)
    assert query.title
    assert query.about
    files_store.load(whole_world(), as_of=AS_OF)
    rows = ask(files_store, name, **anchored(query, ["P00", "P01"])[0])
    assert tuple(query.returns) == rows.columns


@pytest.mark.parametrize("name", NAMES)
def test_every_query_answers_on_a_world_without_anything(name: str, files_store: FilesStore) -> None:
    files_store.load({}, as_of=AS_OF)
    assert () == ask(files_store, name, **anchored(find_query(name), ["P00", "P01"])[0]).rows


def test_there_are_at_least_ten_and_nothing_else_in_the_folder() -> None:
    assert len(NAMES) >= 10
    assert {".cypher"} == {path.suffix for path in shipped("queries").iterdir()}


def test_rows_are_equal_on_both_stores_for_a_world_of_all_tables(
    files_store: FilesStore, neo4j_store: Neo4jStore
) -> None:
    for store in (files_store, neo4j_store):
        store.load(whole_world(), as_of=AS_OF)
    given = same_rows(files_store, neo4j_store, ["P00", "P01", "K-person", "X1"])
    silent = {name for name, rows in given.items() if rows == 0}
    assert {"fund_returns", "shared_owners"} == silent - ELSEWHERE


def test_rows_are_equal_on_both_stores_for_a_book_with_circles(
    files_store: FilesStore, neo4j_store: Neo4jStore
) -> None:
    for store in (files_store, neo4j_store):
        store.load(circles_and_returns(), as_of=AS_OF)
    given = same_rows(files_store, neo4j_store, ["P0", "P1", "O"])
    assert [] == [name for name in ("fund_returns", "over_guaranteed", "shared_owners") if given[name] == 0]


def test_rows_are_equal_on_both_stores_for_real_ownership_statements(
    files_store: FilesStore, neo4j_store: Neo4jStore, shared_data: Path
) -> None:
    loaded = load_files("bods", [shared_data / "bods_opencheck" / "all_demo.jsonl"], as_of=AS_OF, existing={})
    for store in (files_store, neo4j_store):
        store.load(loaded.tables, as_of=AS_OF)
    held = loaded.tables["ownership"]
    ids = sorted({*held["owner_id"].to_pylist()[:8], *held["owned_id"].to_pylist()[:8]})
    given = same_rows(files_store, neo4j_store, ids)
    assert given["related_parties"] > 0
    assert given["who_controls"] > 0


def test_rows_are_equal_on_both_stores_for_the_demo_bank(
    files_store: FilesStore, neo4j_store: Neo4jStore, tmp_path: Path
) -> None:
    story = write_bank(tmp_path / "bank", clients=FEWEST, seed=7)
    loaded = load_files("bank_csv", [tmp_path / "bank"], as_of=DEMO_DAY, existing={})
    for store in (files_store, neo4j_store):
        store.load(loaded.tables, as_of=DEMO_DAY)
    held = loaded.tables["parties"]["party_id"].to_pylist()
    planted = [one for one in held if one in story.to_json()]
    given = same_rows(files_store, neo4j_store, [*planted[:10], *held[:: len(held) // 5]])
    assert {"fund_returns"} >= {name for name, rows in given.items() if rows == 0} - ELSEWHERE


def circles_and_returns() -> dict[str, pa.Table]:
    """Two rings that share an arc, parallel contracts, an owner of two, money going round."""
    book: dict[str, Any] = ring(3, equity=30.0, due=50.0)
    book["parties"] += parties("O", "H")
    book["guarantees"] += [
        {"guarantee_id": "G8", "guarantor_id": "P0", "debtor_id": "P1", "amount": 7.0},
        {"guarantee_id": "G9", "guarantor_id": "P0", "debtor_id": "P1", "amount": 9.0},
        {"guarantee_id": "GS", "guarantor_id": "P2", "debtor_id": "P2", "amount": 1.0},
    ]
    from datetime import date

    book["ownership"] = [
        {"owner_id": "O", "owned_id": "P0", "share_min": 0.2, "share_max": 0.3},
        {"owner_id": "O", "owned_id": "P0", "share_min": 0.1, "share_max": 0.3},
        {"owner_id": "O", "owned_id": "H", "share_min": 0.5, "share_max": 0.5},
        {"owner_id": "H", "owned_id": "P1", "share_min": 0.5, "share_max": 1.0},
    ]
    book["fund_flows"] = [
        {"payer_id": "P0", "payee_id": "P1", "amount": 5.0, "paid_on": date(2026, 1, 1)},
        {"payer_id": "P1", "payee_id": "P2", "amount": 4.0, "paid_on": date(2026, 1, 2)},
        {"payer_id": "P2", "payee_id": "P0", "amount": 4.5, "paid_on": date(2026, 1, 3)},
        {"payer_id": "P2", "payee_id": "P0", "amount": 9.0, "paid_on": date(2025, 1, 3)},
    ]
    return tables_of(**book)


def past_and_future() -> dict[str, pa.Table]:
    """What holds on the day, beside what ended by then, begins later, or is in another currency."""
    from datetime import date

    ended, later = {"to_on": AS_OF}, {"from_on": date(2026, 10, 1)}
    holds = {"from_on": AS_OF, "to_on": date(2026, 10, 1)}
    return tables_of(
        parties=parties("A", "B", "C", "D", "E"),
        guarantees=[
            {"guarantee_id": "G1", "guarantor_id": "A", "debtor_id": "B", "amount": 5.0, **holds},
            {"guarantee_id": "G2", "guarantor_id": "B", "debtor_id": "A", "amount": 5.0, **ended},
            {"guarantee_id": "G3", "guarantor_id": "B", "debtor_id": "A", "amount": 5.0, **later},
            {"guarantee_id": "G4", "guarantor_id": "A", "debtor_id": "C", "amount": 7.0, "currency": "USD"},
        ],
        ownership=[
            {"owner_id": "D", "owned_id": "A", "share_min": 0.6, "share_max": 0.6},
            {"owner_id": "E", "owned_id": "D", "share_min": 0.6, "share_max": 0.6, **ended},
            {"owner_id": "E", "owned_id": "A", "share_min": 0.1, "share_max": 0.1, **later},
            {"owner_id": "D", "owned_id": "C", "share_min": 0.5, "share_max": 0.5, **ended},
        ],
        facilities=[
            {"facility_id": "F1", "borrower_id": "A", "outstanding": 10.0},
            {"facility_id": "F2", "borrower_id": "A", "outstanding": 3.0, "currency": "USD"},
            {"facility_id": "F3", "borrower_id": "B", "outstanding": 3.0},
        ],
        collateral=[
            {"collateral_id": "K", "kind": "cash", "value": 9.0},
            {"collateral_id": "L", "kind": "cash", "value": 9.0},
        ],
        pledges=[
            {"facility_id": "F1", "collateral_id": "K"},
            {"facility_id": "F2", "collateral_id": "K"},
            {"facility_id": "F3", "collateral_id": "K", **ended},
            {"facility_id": "F1", "collateral_id": "L"},
            {"facility_id": "F3", "collateral_id": "L", **later},
        ],
        ties=[{"a_id": "A", "b_id": "E", "kind": "phone", **ended}],
        financials=[
            {"party_id": "A", "period_end_on": date(2025, 12, 31), "equity": 4.0},
            {"party_id": "A", "period_end_on": date(2026, 12, 31), "equity": 400.0},
        ],
        fx=[
            {"currency": "CNY", "as_of_on": date(2026, 1, 1), "rate": 1.0},
            {"currency": "USD", "as_of_on": date(2026, 1, 1), "rate": 7.0},
        ],
    )


def test_rows_are_equal_on_both_stores_where_relations_ended_or_begin_later(
    files_store: FilesStore, neo4j_store: Neo4jStore
) -> None:
    for store in (files_store, neo4j_store):
        store.load(past_and_future(), as_of=AS_OF)
    same_rows(files_store, neo4j_store, ["A", "B", "D", "E"])


def test_only_what_holds_on_the_day_of_the_snapshot_counts(files_store: FilesStore) -> None:
    files_store.load(past_and_future(), as_of=AS_OF)
    assert () == ask(files_store, "guarantee_circles").rows
    assert () == ask(files_store, "guarantee_reach", id="B").rows
    assert (("A", "A", "company", 2, 2, 0),) == ask(files_store, "hub_guarantors", min_debtors=1).rows
    assert [("D", 1)] == [(row[0], row[3]) for row in ask(files_store, "who_controls", id="A").rows]
    assert ["D"] == [row[0] for row in ask(files_store, "related_parties", id="A").rows]
    assert () == ask(files_store, "shared_owners").rows
    assert ["B", "C", "D"] == sorted(row[2] for row in ask(files_store, "neighbourhood", id="A").rows)
    assert [("A", 5.0, 4.0, "beyond_net_assets"), ("A", 7.0, None, "unknown")] == [
        (r[0], r[4], r[5], r[7]) for r in ask(files_store, "over_guaranteed").rows
    ]  # what it has in dollars nobody knows
    assert [("K", ["F1", "F2"])] == [(row[0], row[5]) for row in ask(files_store, "shared_collateral").rows]
    assert () == ask(files_store, "common_neighbours", first_id="A", second_id="E").rows
    steps = ask(files_store, "path_between", from_id="E", to_id="A").rows
    assert [("OWNS", "2026-10-01", None)] == [(row[2], *row[5:]) for row in steps], "a step is told with its period"


def test_a_sum_over_several_currencies_is_no_number(files_store: FilesStore) -> None:
    files_store.load(past_and_future(), as_of=AS_OF)
    card = ask(files_store, "party_card", id="A")
    said = dict(zip(card.columns, card.rows[0], strict=True))
    assert (2, None, None) == (said["facilities"], said["outstanding"], said["outstanding_currency"])
    assert (2, None, None) == (said["guarantees_given"], said["guaranteed_out"], said["guaranteed_out_currency"])
    assert (0, 0.0, None) == (said["guarantees_received"], said["guaranteed_in"], said["guaranteed_in_currency"])
    assert ("2025-12-31", 4.0, "CNY") == (said["accounts_on"], said["equity"], said["equity_currency"])
    shared = ask(files_store, "shared_collateral")
    assert [None, None] == [
        shared.rows[0][shared.columns.index(name)] for name in ("outstanding", "outstanding_currency")
    ]


@pytest.fixture
def book(files_store: FilesStore) -> FilesStore:
    files_store.load(circles_and_returns(), as_of=AS_OF)
    return files_store


def test_circles_are_found_once_each_with_their_weakest_contract(book: FilesStore) -> None:
    # P1 -> P0 (50), P2 -> P1 (50), P0 -> P2 (50), and P0 -> P1 (7 and 9)
    assert (
        (2, ["P0", "P1"], 2, 9.0),
        (3, ["P0", "P2", "P1"], 1, 50.0),
    ) == ask(book, "guarantee_circles").rows


def test_reach_follows_guarantees_as_far_as_asked(book: FilesStore) -> None:
    assert (("P1", "P1", 1, 2), ("P2", "P2", 1, 1)) == ask(book, "guarantee_reach", id="P0", depth="1").rows
    two = ask(book, "guarantee_reach", id="P0", depth=2).rows
    # P0 -> P1 twice directly and once over P2; P0 -> P2 directly: P2's guarantee for itself is no step
    assert (("P1", "P1", 1, 3), ("P2", "P2", 1, 1)) == two


def test_parcels_of_an_owner_add_up(book: FilesStore) -> None:
    rows = ask(book, "shared_owners", min_share=0.25).rows
    assert [("O", "O", "H", 0.5, "P0")] == [row[:5] for row in rows]
    assert rows[0][5] == pytest.approx(0.3)
    assert () == ask(book, "shared_owners", min_share=0.4).rows


def test_money_comes_back_only_in_the_order_of_days(book: FilesStore) -> None:
    rows = ask(book, "fund_returns", id="P0").rows
    assert ((["P0", "P1", "P2", "P0"], [5.0, 4.0, 4.5], "2026-01-01", "2026-01-03", 4.0),) == rows


def test_the_top_of_a_party_is_found_through_its_holding(book: FilesStore) -> None:
    assert (("O", "O", "company", 2, 0.25, False, False, None),) == ask(book, "who_controls", id="P1").rows


def test_guarantors_are_measured_by_their_latest_accounts(book: FilesStore) -> None:
    rows = ask(book, "over_guaranteed", ratio=2).rows
    assert (("P0", "P0", "CNY", 3, 66.0, 30.0, 2.2, "beyond_net_assets"),) == rows


def test_a_card_adds_up_what_a_party_owes_and_stands_for(book: FilesStore) -> None:
    card = ask(book, "party_card", id="P1")
    said = dict(zip(card.columns, card.rows[0], strict=True))
    assert (1, 50.0, 1, 50.0, 3, 66.0, 1, 0, "2025-12-31", 30.0, *["CNY"] * 4) == tuple(list(said.values())[7:])


def test_the_way_between_two_parties_is_told_step_by_step(book: FilesStore) -> None:
    rows = ask(book, "path_between", from_id="H", to_id="P2").rows
    assert [1, 2] == [row[0] for row in rows]
    assert ("H", "OWNS", "P1") == rows[0][1:4]
    assert () == ask(book, "path_between", from_id="H", to_id="H").rows


def owned_in_circles() -> dict[str, pa.Table]:
    """X is held by a ring of three that nobody else holds, Y by a ring under a person, Z by one that holds itself."""
    half = {"share_min": 0.5, "share_max": 0.5}
    return tables_of(
        parties=[*parties("R1", "R2", "R3", "X", "S1", "S2", "Y", "T", "Z"), {"party_id": "M", "kind": "person"}],
        ownership=[
            *({"owner_id": a, "owned_id": b, **half} for a, b in (("R1", "R2"), ("R2", "R3"), ("R3", "R1"))),
            {"owner_id": "R1", "owned_id": "X", "share_min": 0.8, "share_max": 0.9},
            *({"owner_id": a, "owned_id": b, **half} for a, b in (("S1", "S2"), ("S2", "Y"), ("M", "S2"))),
            {"owner_id": "T", "owned_id": "T", "share_min": 0.1, "share_max": 0.1},
            {"owner_id": "T", "owned_id": "Z", **half},
        ],
        control=[{"controller_id": "S2", "controlled_id": "S1"}],
    )


def test_owners_that_own_one_another_are_named_with_their_circle(
    files_store: FilesStore, neo4j_store: Neo4jStore
) -> None:
    for store in (files_store, neo4j_store):
        store.load(owned_in_circles(), as_of=AS_OF)
        tops = {
            one: [(r[0], r[3], r[6], r[7]) for r in ask(store, "who_controls", id=one).rows]
            for one in ("X", "R1", "Y", "Z", "T", "S1")
        }
        assert [
            ("R1", 1, True, ["R1", "R2", "R3", "R1"]),
            ("R3", 2, True, ["R3", "R1", "R2", "R3"]),
            ("R2", 3, True, ["R2", "R3", "R1", "R2"]),
        ] == tops["X"]
        assert [("R3", 1), ("R2", 2)] == [row[:2] for row in tops["R1"]]
        # a person stands above the ring of S1 and S2, so the ring is not at the top
        assert [("M", 2, False, None)] == tops["Y"] == tops["S1"]
        assert [("T", 1, True, ["T", "T"])] == tops["Z"]  # its own shares put nobody above it
        assert [] == tops["T"]


def test_a_guarantee_for_oneself_is_in_no_sum_of_a_guarantor(files_store: FilesStore) -> None:
    files_store.load(
        tables_of(
            parties=parties("A", "B", "U"),
            facilities=[
                {"facility_id": "F1", "borrower_id": "B", "outstanding": 10.0, "lender_id": "A"},
                {"facility_id": "F2", "borrower_id": "B", "outstanding": 10.0},
            ],
            guarantees=[
                {"guarantor_id": "A", "debtor_id": "A", "amount": 100.0},
                {"guarantor_id": "A", "debtor_id": "B", "facility_id": "F1", "amount": 50.0},
                {"guarantor_id": "A", "debtor_id": "B", "facility_id": "F2", "amount": 7.0},
                {"guarantor_id": "U", "debtor_id": "A", "amount": 3.0},
            ],
            financials=[{"party_id": "A", "equity": 5.0}],
        ),
        as_of=AS_OF,
    )
    assert [("A", 1, 7.0, "beyond_net_assets"), ("U", 1, 3.0, "unknown")] == [
        (r[0], r[3], r[4], r[7]) for r in ask(files_store, "over_guaranteed").rows
    ]
    hubs = ask(files_store, "hub_guarantors", min_debtors=1).rows
    assert [("A", 1, 2), ("U", 1, 1)] == [(r[0], r[3], r[4]) for r in hubs]
    card = ask(files_store, "party_card", id="A")
    said = dict(zip(card.columns, card.rows[0], strict=True))
    assert (2, 57.0, 1, 3.0) == tuple(
        said[name] for name in ("guarantees_given", "guaranteed_out", "guarantees_received", "guaranteed_in")
    )
