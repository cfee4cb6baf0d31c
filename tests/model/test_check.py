from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from graphrisk.errors import DataError
from graphrisk.model.check import CheckedTables, check_tables
from graphrisk.model.rejects import examples_of
from tests.worlds.build import AS_OF, parties, ring, tables_of


def checked(configured: str | None = None, **rows: Any) -> CheckedTables:
    return check_tables(tables_of(**rows), as_of=AS_OF, configured_base=configured)


def refused(found: CheckedTables) -> dict[str, list[tuple[list[int], str]]]:
    out: dict[str, list[tuple[list[int], str]]] = {}
    for reject in found.rejects:
        out.setdefault(reject.table, []).append((reject.rows.tolist(), reject.reason))
    return out


def test_a_book_that_keeps_the_rules_passes_unchanged() -> None:
    tables = tables_of(**ring(4))
    found = check_tables(tables, as_of=AS_OF)
    assert () == found.rejects
    assert all(found.tables[name].equals(tables[name]) for name in tables)
    assert found.base_currency == "CNY"


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("amount", None, "amount is empty and is required"),
        ("amount", -1.0, "amount is negative"),
        ("amount", float("nan"), "amount is not a finite number"),
        ("amount", float("inf"), "amount is not a finite number"),
        ("lgd", 1.01, "lgd is above 1"),
        ("lgd", -0.01, "lgd is negative"),
        ("kind", "Loan", "kind is none of loan, trade_credit, bond, other"),
        ("currency", "RMB", "no ISO 4217 code: write CNY"),
        ("currency", "cny", "no ISO 4217 code: write CNY"),
        ("currency", "XQZ", "no ISO 4217 code"),
        ("debtor_id", "Z", "debtor_id names no party that is loaded"),
        ("creditor_id", None, "creditor_id is empty and is required"),
        ("creditor_id", "A\nB", "creditor_id holds a line break"),
    ],
)
def test_a_value_that_breaks_a_rule_refuses_its_row_alone(column: str, value: Any, said: str) -> None:
    good = {"creditor_id": "A", "debtor_id": "B", "amount": 1.0}
    found = checked(parties=parties("A", "B"), exposures=[good, {**good, column: value}, good])
    ((rows, reason),) = refused(found)["exposures"]
    assert [1] == rows
    assert said in reason
    assert 2 == found.tables["exposures"].num_rows


def test_a_row_is_refused_once_for_the_first_reason() -> None:
    found = checked(
        parties=parties("A"), exposures=[{"creditor_id": "Z", "debtor_id": "Y", "amount": -1.0, "lgd": 2.0}]
    )
    assert 1 == sum(len(reject.rows) for reject in found.rejects)


def test_a_repeated_key_keeps_the_first_row_also_when_the_rows_are_equal() -> None:
    found = checked(parties=[{"party_id": i} for i in ("A", "B", "A", "A")])
    assert [2, 3] == refused(found)["parties"][0][0]
    assert ["A", "B"] == found.tables["parties"]["party_id"].to_pylist()


def test_a_row_that_was_refused_does_not_take_the_key() -> None:
    found = checked(parties=[{"party_id": "A", "kind": "firm"}, {"party_id": "A", "kind": "bank"}])
    assert ["bank"] == found.tables["parties"]["kind"].to_pylist()


def test_a_key_of_several_columns_repeats_only_as_a_whole() -> None:
    found = checked(
        parties=parties("A", "B"),
        financials=[
            {"party_id": p, "period_end_on": d, "equity": e}
            for p, d, e in [
                ("A", date(2024, 12, 31), 1.0),
                ("B", date(2024, 12, 31), 1.0),
                ("A", date(2025, 12, 31), 1.0),
                ("A", date(2024, 12, 31), 2.0),
            ]
        ],
    )
    assert [3] == refused(found)["financials"][0][0]


def test_repeated_relations_are_separate_facts() -> None:
    row = {"creditor_id": "A", "debtor_id": "B", "amount": 1.0}
    assert 2 == checked(parties=parties("A", "B"), exposures=[row, row]).tables["exposures"].num_rows


def test_what_refers_to_a_refused_node_is_refused_with_its_reason() -> None:
    found = checked(
        parties=[{"party_id": "A"}, {"party_id": "B", "kind": "firm"}],
        facilities=[{"facility_id": "F", "borrower_id": "B", "outstanding": 1.0}],
        pledges=[{"facility_id": "F", "collateral_id": "H"}],
        collateral=[{"collateral_id": "H", "value": 1.0}],
    )
    said = refused(found)
    assert "borrower_id names a party that was rejected (kind is none of" in said["facilities"][0][1]
    assert "facility_id names a facility that was rejected (borrower_id names a party" in said["pledges"][0][1]


def test_nodes_refused_before_the_check_give_their_reason() -> None:
    tables = tables_of(parties=parties("A"), exposures=[{"creditor_id": "A", "debtor_id": "B", "amount": 1.0}])
    found = check_tables(tables, as_of=AS_OF, refused={"parties": [("listed is no flag", pa.array(["B"]))]})
    assert "debtor_id names a party that was rejected (listed is no flag)" == found.rejects[0].reason


def test_no_stub_node_is_made_where_a_whole_table_is_missing() -> None:
    found = checked(exposures=[{"creditor_id": "A", "debtor_id": "B", "amount": 1.0}])
    assert 0 == found.tables["exposures"].num_rows


@pytest.mark.parametrize(
    ("row", "fine"),
    [
        ({"from_on": date(2020, 1, 1), "to_on": date(2020, 1, 2)}, True),
        ({"from_on": date(2020, 1, 1), "to_on": date(2020, 1, 1)}, False),
        ({"from_on": date(2020, 1, 2), "to_on": date(2020, 1, 1)}, False),
        ({"to_on": date(2020, 1, 1)}, True),
        ({"share_min": 0.5, "share_max": 0.5}, True),
        ({"share_min": 0.51, "share_max": 0.5}, False),
        ({"votes_min": 0.51, "votes_max": 0.5}, False),
        ({"share_min": 0.5}, True),
        ({"owner_id": "B"}, True),  # an own holding is a finding of quality
    ],
)
def test_bounds_and_dates_stand_in_order(row: dict[str, Any], fine: bool) -> None:
    found = checked(parties=parties("A", "B"), ownership=[{"owner_id": "A", "owned_id": "B", **row}])
    assert fine == (found.tables["ownership"].num_rows == 1)


def test_a_rebuttal_that_ends_before_it_begins_is_refused() -> None:
    days = [(date(2026, 1, 1), None), (date(2026, 1, 1), date(2026, 1, 2)), (date(2026, 1, 2), date(2026, 1, 2))]
    given = [{"a_id": "A", "b_id": "B", "decided_on": first, "expires_on": last} for first, last in days]
    found = checked(parties=parties("A", "B"), rebuttals=given)
    assert 2 == found.tables["rebuttals"].num_rows
    assert "decided_on is not before expires_on: it would hold on no day" == found.rejects[0].reason


def guarantees(*rows: dict[str, Any]) -> CheckedTables:
    common = {"guarantor_id": "A", "debtor_id": "B", "facility_id": "F", "amount": 1.0}
    return checked(
        parties=parties("A", "B", "C"),
        facilities=[
            {"facility_id": "F", "borrower_id": "B", "outstanding": 1.0},
            {"facility_id": "F2", "borrower_id": "B", "outstanding": 1.0},
        ],
        guarantees=[{**common, **row} for row in rows],
    )


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([{"share": 0.6}, {"share": 0.4}], 2),
        ([{"share": 0.6}, {"share": 0.4 + 5e-10}], 2),
        ([{"share": 0.6}, {"share": 0.4 + 2e-9}], 0),
        ([{"share": 0.6}, {"share": 0.5, "mode": "joint_several"}], 2),
        ([{"share": 0.6}, {}], 0),
        ([{"share": 0.6}, {"rank": 2}], 2),
        ([{"share": 0.6}, {"share": 0.6, "rank": 1}], 0),  # no rank is rank 1
        ([{"share": 0.6}, {"share": 0.6, "facility_id": "F2"}], 2),
        ([{"share": 0.6}, {"share": 0.6, "to_on": AS_OF}], 2),  # it has ended
        ([{"share": 0.6}, {"share": 0.6, "facility_id": None}], 1),  # behind every facility, so behind F too
        ([{"share": 0.6, "facility_id": None}, {"share": 0.6, "facility_id": None}], 0),
        ([{"share": 0.6, "facility_id": None}, {"facility_id": None}], 0),
        ([{"debtor_id": "C"}], 0),
        ([{"debtor_id": "C", "facility_id": None}], 1),
        ([{"rank": 0}], 0),
        ([{}, {}, {}], 3),
    ],
)
def test_shares_of_one_facility_and_rank_fit_together(rows: list[dict[str, Any]], kept: int) -> None:
    found = guarantees(*rows)
    assert kept == found.tables["guarantees"].num_rows, found.rejects


def test_of_a_set_of_shares_that_does_not_fit_the_settled_rows_stay() -> None:
    tables = tables_of(
        parties=parties("A", "B"),
        facilities=[{"facility_id": "F", "borrower_id": "B", "outstanding": 1.0}],
        guarantees=[
            {"guarantor_id": "A", "debtor_id": "B", "facility_id": "F", "amount": 1.0, "share": s} for s in (0.6, 0.6)
        ],
    )
    found = check_tables(tables, as_of=AS_OF, settled={"guarantees": 1})
    assert [[1]] == [reject.rows.tolist() for reject in found.rejects]


MONEY = {"creditor_id": "A", "debtor_id": "B", "amount": 1.0}


def test_with_rates_a_row_whose_currency_has_none_by_the_day_is_refused() -> None:
    found = checked(
        parties=parties("A", "B"),
        exposures=[{**MONEY, "currency": c} for c in ("CNY", "USD", "EUR", "GBP")],
        fx=[
            {"currency": "CNY", "as_of_on": AS_OF, "rate": 1.0},
            {"currency": "USD", "as_of_on": AS_OF, "rate": 7.0},
            {"currency": "EUR", "as_of_on": date(2027, 1, 1), "rate": 8.0},
            {"currency": "GBP", "as_of_on": AS_OF, "rate": 0.0},
        ],
    )
    assert ["CNY", "USD"] == found.tables["exposures"]["currency"].to_pylist()
    assert "CNY" == found.base_currency
    assert "rate is 0" in refused(found)["fx"][0][1]


def test_without_rates_two_currencies_are_refused_as_a_whole_and_named_with_their_tables() -> None:
    with pytest.raises(DataError, match="CNY, USD") as error:
        checked(parties=parties("A", "B"), exposures=[MONEY, {**MONEY, "currency": "USD"}])
    assert "USD in exposures" in error.value.where
    assert "table fx" in error.value.hint


def test_without_rates_the_configured_base_decides() -> None:
    found = checked("USD", parties=parties("A", "B"), exposures=[MONEY, {**MONEY, "currency": "USD"}])
    assert ["USD"] == found.tables["exposures"]["currency"].to_pylist()


@pytest.mark.parametrize(("currency", "kept"), [("CNY", 1), ("USD", 0)])
def test_a_pledge_without_currency_stands_only_where_no_other_could_be_meant(currency: str, kept: int) -> None:
    found = checked(
        parties=parties("A"),
        facilities=[{"facility_id": "F", "borrower_id": "A", "outstanding": 1.0, "currency": currency}],
        collateral=[{"collateral_id": "H", "value": 1.0}],
        pledges=[{"facility_id": "F", "collateral_id": "H", "allocated_amount": 1.0, "currency": None}],
        fx=[{"currency": c, "as_of_on": AS_OF, "rate": r} for c, r in (("CNY", 1.0), ("USD", 7.0))],
    )
    assert kept == found.tables["pledges"].num_rows


def test_the_order_of_rows_does_not_decide_except_among_repeated_keys() -> None:
    tables = tables_of(**ring(4))
    tables["exposures"] = tables_of(
        exposures=[{**MONEY, "creditor_id": c, "debtor_id": "P1"} for c in ("P0", "Z", "P2")]
    )["exposures"]
    turned = {name: t.take(pa.array(range(t.num_rows - 1, -1, -1))) for name, t in tables.items()}
    one, other = (check_tables(t, as_of=AS_OF) for t in (tables, turned))
    assert all(
        sorted(map(str, one.tables[n].to_pylist())) == sorted(map(str, other.tables[n].to_pylist())) for n in tables
    )


def test_examples_name_the_row_its_key_and_the_value() -> None:
    tables = tables_of(parties=[{"party_id": f"P{i}", "kind": "firm"} for i in range(9)])
    (reject,) = check_tables(tables, as_of=AS_OF).rejects
    examples = examples_of(reject, tables["parties"], ("party_id",))
    assert 5 == len(examples)
    assert "row 1: party_id 'P0', kind 'firm'" == examples[0]


def test_a_table_or_type_that_is_not_ours_is_refused() -> None:
    with pytest.raises(DataError, match="no table is called"):
        check_tables({"party": pa.table({})}, as_of=AS_OF)
    with pytest.raises(DataError, match="type int64"):
        check_tables({"parties": pa.table({"party_id": [1]})}, as_of=AS_OF)
