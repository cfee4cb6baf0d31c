"""Where a loan's money went, and the public FinBench reads: against plain Python, and equal on both stores."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from graphrisk.statement import find_query
from graphrisk.stores.base import Store
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.neo4j.store import Neo4jStore
from tests.queries import fund_use_reference as plain
from tests.worlds.build import AS_OF, tables_of

IDS = [f"P{k}" for k in range(7)]
WINDOW = (date(2026, 2, 1), date(2026, 7, 1))
READS = [
    *("finbench_cr1", "finbench_cr8", "finbench_cr9", "finbench_cr10", "finbench_cr11", "finbench_cr12"),
    *("loan_use_by_payee", "loan_money_returns", "guarantee_chain_sums"),
]


def book(seed: int) -> plain.Rows:
    """A small bank: payments on days that all differ, loans of two currencies, ties, shares and guarantees."""
    draw = random.Random(seed)
    days = [date(2026, 1, 1) + timedelta(days=k) for k in draw.sample(range(250), 24)]
    kinds = ["company", "company", "person", "company", "person", "company", "bank"]
    period = lambda: draw.choice([{}, {"from_on": WINDOW[0]}, {"from_on": date(2025, 5, 5)}, {"to_on": AS_OF}])  # noqa: E731
    pair = lambda: draw.sample(IDS, 2)  # noqa: E731
    loans = [
        {
            "facility_id": f"F{k}",
            "borrower_id": draw.choice(IDS[:4]),
            "currency": draw.choice(["CNY", "CNY", "USD"]),
            "outstanding": float(draw.randint(5, 20)),
            "limit_amount": draw.choice([None, 20.0]),
            "start_on": draw.choice([None, days[k]]),
        }
        for k in range(4)
    ]
    flows = []
    for day in days:
        payer, payee = draw.choice([*(pair() for _ in range(9)), ["P1", "P1"]])
        own = [loan["facility_id"] for loan in loans if loan["borrower_id"] == payer]
        flows.append(
            {
                "payer_id": payer,
                "payee_id": payee,
                "amount": float(draw.randint(1, 12)),
                "currency": draw.choice(["CNY", "CNY", "CNY", "USD"]),
                "paid_on": day,
                "facility_id": draw.choice([None, *own, *own]),
            }
        )
    return {
        "parties": [
            {"party_id": i, "kind": kind, "status": draw.choice(["active", "defaulted", None])}
            for i, kind in zip(IDS, kinds, strict=True)
        ],
        "facilities": loans,
        "fund_flows": flows,
        "ties": [
            dict(zip(("a_id", "b_id"), pair(), strict=True)) | {"kind": draw.choice(["phone", "family"])} | period()
            for _ in range(7)
        ],
        "ownership": [dict(zip(("owner_id", "owned_id"), pair(), strict=True)) | period() for _ in range(8)],
        "guarantees": [
            dict(zip(("guarantor_id", "debtor_id"), pair(), strict=True))
            | {"guarantee_id": f"G{k}", "amount": float(draw.randint(1, 9)), "currency": draw.choice(["CNY", "USD"])}
            | period()
            for k in range(10)
        ],
        "fx": [{"currency": c, "as_of_on": date(2026, 1, 1), "rate": r} for c, r in (("CNY", 1.0), ("USD", 7.0))],
    }


def rows(store: Store, name: str, **params: Any) -> list[dict[str, Any]]:
    query = find_query(name)
    found = store.query(query.text, query.bind({key: value for key, value in params.items() if value is not None}))
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


@pytest.fixture(scope="module", params=range(3))
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[plain.Rows, Store]]:
    made = book(request.param)
    store = FilesStore(tmp_path_factory.mktemp("fund") / "store")
    store.load(tables_of(**made), as_of=AS_OF)
    yield made, store
    store.close()


LIMITS = [(500, None, None), (1, None, None), (2, *WINDOW)]


@pytest.mark.parametrize(("most", "first", "last"), LIMITS)
def test_media_of_blocked_parties_along_payments(told: Any, most: int, first: Any, last: Any) -> None:
    made, store = told
    for one in IDS:
        found = rows(store, "finbench_cr1", id=one, truncation_limit=most, start_on=first, end_on=last)
        expected = plain.medium(made, AS_OF, one, most, first, last)
        assert expected == {tuple(row.values()) for row in found}, one
        assert len(expected) == len(found)


@pytest.mark.parametrize(("threshold", "most"), [(0.0, 500), (0.3, 500), (0.2, 1)])
def test_the_trace_of_a_loan(told: Any, threshold: float, most: int) -> None:
    made, store = told
    for loan in made["facilities"]:
        found = rows(store, "finbench_cr8", facility_id=loan["facility_id"], threshold=threshold, truncation_limit=most)
        expected = plain.trace(made, loan, threshold, most)
        assert set(expected) == {row["payee_id"] for row in found}
        for row in found:
            ratio, distance, left = expected[row["payee_id"]]
            assert (distance, left) == (row["distance"], row["left_out"])
            assert row["ratio"] == pytest.approx(ratio, rel=1e-12)
        order = [(-row["distance"], -row["ratio"], row["payee_id"]) for row in found]
        assert sorted(order) == order


@pytest.mark.parametrize(("first", "last"), [(None, None), WINDOW])
def test_loans_beside_the_money_that_runs_through(told: Any, first: Any, last: Any) -> None:
    made, store = told
    kind = {p["party_id"]: p["kind"] for p in made["parties"]}
    for one in IDS:
        own = [f for f in made["facilities"] if f["borrower_id"] == one]
        ids = {f["facility_id"] for f in own}
        lent = [
            (f["outstanding"] if f["limit_amount"] is None else f["limit_amount"], f["currency"])
            for f in own
            if plain.inside(f["start_on"], first, last)
        ]
        moved = [
            e for e in made["fund_flows"] if plain.inside(e["paid_on"], first, last) and e["payer_id"] != e["payee_id"]
        ]
        back = [e for e in moved if e["payer_id"] == one and kind[e["payee_id"]] == "bank" and e["facility_id"] in ids]
        gone = [e for e in moved if e["payer_id"] == one and e not in back]
        came = [e for e in moved if e["payee_id"] == one]
        several = len({c for _, c in lent} | {e["currency"] for e in (*back, *gone, *came)}) > 1
        sums = [sum(v for v, _ in lent), *(sum(e["amount"] for e in part) for part in (back, came, gone))]
        expected = (
            [None] * 7
            if several
            else [
                sums[0] / sums[1] if back else -1.0,
                sums[0] / sums[3] if gone else -1.0,
                sums[2] / sums[3] if gone else -1.0,
                *sums,
            ]
        )
        (row,) = rows(store, "finbench_cr9", id=one, start_on=first, end_on=last)
        assert [*expected, 0] == list(row.values())


def test_how_alike_two_investors_are(told: Any) -> None:
    made, store = told
    for k, one in enumerate(IDS):
        other = IDS[(k + 3) % len(IDS)]
        for first, last in ((None, None), WINDOW):
            held = [
                {
                    h["owned_id"]
                    for h in made["ownership"]
                    if h["owner_id"] == who and plain.holds(h, AS_OF) and plain.inside(h.get("from_on"), first, last)
                }
                for who in (one, other)
            ]
            both, either = len(held[0] & held[1]), len(held[0] | held[1])
            (row,) = rows(store, "finbench_cr10", first_id=one, second_id=other, start_on=first, end_on=last)
            assert [both / either if either else 0.0, both, either] == list(row.values())


@pytest.mark.parametrize(("most", "first", "last"), LIMITS)
def test_guarantee_chains(told: Any, most: int, first: Any, last: Any) -> None:
    made, store = told
    given = {"truncation_limit": most, "start_on": first, "end_on": last}
    for one in IDS:
        steps, left = plain.chain(made, AS_OF, one, most, first, last)
        reached = [debtor for step in steps for debtor in step["fresh"]]
        loans = [f for f in made["facilities"] if f["borrower_id"] in reached]
        total = sum(f["outstanding"] if f["limit_amount"] is None else f["limit_amount"] for f in loans)
        (row,) = rows(store, "finbench_cr11", id=one, **given)
        mixed = len({f["currency"] for f in loans}) > 1
        assert [None if mixed else total, len(loans), len(reached)] == list(row.values())[:3]
        assert left == row["left_out"]
        sums = rows(store, "guarantee_chain_sums", id=one, **given)
        assert [step["step"] for step in steps] == [row["step"] for row in sums]
        for step, row in zip(steps, sums, strict=True):
            owed = [f for f in made["facilities"] if f["borrower_id"] in step["fresh"]]
            caps = step["used"]
            assert step["fresh"] == row["debtors"]
            assert (len(caps), len(owed), left) == (row["contracts"], row["loans"], row["left_out"])
            mixed = len({g["currency"] for g in caps}) > 1
            assert row["guaranteed"] == (None if mixed else sum(g["amount"] for g in caps))
            mixed = len({f["currency"] for f in owed}) > 1
            assert row["outstanding"] == (None if mixed else sum(f["outstanding"] for f in owed))


def test_payments_to_firms(told: Any) -> None:
    made, store = told
    kind = {p["party_id"]: p["kind"] for p in made["parties"]}
    for one in IDS:
        paid: dict[str, list[dict[str, Any]]] = {}
        for e in made["fund_flows"]:
            if e["payer_id"] == one and e["payee_id"] != one and kind[e["payee_id"]] != "person":
                paid.setdefault(e["payee_id"], []).append(e)
        found = {row["company_id"]: row for row in rows(store, "finbench_cr12", id=one)}
        assert set(paid) == set(found)
        for firm, flows in paid.items():
            money = {e["currency"] for e in flows}
            row = found[firm]
            assert row["paid"] == (sum(e["amount"] for e in flows) if len(money) == 1 else None)
            assert (len(flows), 0) == (row["payments"], row["left_out"])
    cut = rows(store, "finbench_cr12", id="P0", truncation_limit=1)
    whole = rows(store, "finbench_cr12", id="P0")
    assert sum(row["payments"] for row in cut) + (cut[0]["left_out"] if cut else 0) == sum(
        row["payments"] for row in whole
    )


def test_the_use_of_a_loan_by_payee(told: Any) -> None:
    made, store = told
    for loan in made["facilities"]:
        lent = loan["outstanding"] if loan["limit_amount"] is None else loan["limit_amount"]
        used: dict[tuple[str, str], list[float]] = {}
        for e in made["fund_flows"]:
            if e["facility_id"] == loan["facility_id"] and e["payer_id"] == loan["borrower_id"]:
                used.setdefault((e["payee_id"], e["currency"]), []).append(e["amount"])
        found = rows(store, "loan_use_by_payee", facility_id=loan["facility_id"])
        assert set(used) == {(row["payee_id"], row["currency"]) for row in found}
        for row in found:
            amounts = used[row["payee_id"], row["currency"]]
            assert (sum(amounts), len(amounts)) == (row["paid"], row["payments"])
            assert row["related_by"] == plain.links(made, loan["borrower_id"], row["payee_id"], AS_OF)
            same = row["currency"] == loan["currency"]
            assert row["share"] == (pytest.approx(sum(amounts) / lent) if same else None)


@pytest.mark.parametrize(("most", "days"), [(500, 400), (500, 30), (1, 60)])
def test_loan_money_that_comes_back(told: Any, most: int, days: int) -> None:
    made, store = told
    expected = []
    for loan in made["facilities"]:
        borrower = loan["borrower_id"]
        start = [
            e
            for e in made["fund_flows"]
            if e["payer_id"] == borrower and e["payee_id"] != borrower and e["facility_id"] == loan["facility_id"]
        ]

        def goes(way: list[plain.Row], e: plain.Row, borrower: str = borrower) -> bool:
            end, been = way[-1], [borrower, *(x["payee_id"] for x in way)]
            return (
                end["payee_id"] != borrower
                and e["payer_id"] == end["payee_id"]
                and end["paid_on"] <= e["paid_on"] <= end["paid_on"] + timedelta(days=days)
                and e not in way
                and (e["payee_id"] == borrower or e["payee_id"] not in been)
            )

        found, left = plain.ways(start, made, 4, most, goes)
        before = len(expected)
        for way in found:
            end = way[-1]["payee_id"]
            by = ["itself"] if end == borrower else plain.links(made, borrower, end, AS_OF)
            same = {e["currency"] for e in way} == {loan["currency"]}
            amounts = [e["amount"] for e in way] if same else None
            if by:
                parties = [borrower, *(e["payee_id"] for e in way)]
                money = (amounts, way[0]["paid_on"].isoformat(), way[-1]["paid_on"].isoformat())
                low = min(amounts) if amounts else None
                expected.append((loan["facility_id"], borrower, end, by, parties, *money, low, left))
        if left and len(expected) == before:
            expected.append((loan["facility_id"], borrower, None, [], *[None] * 5, left))
    got = rows(store, "loan_money_returns", days=days, truncation_limit=most, limit=10_000)
    assert sorted(map(repr, expected)) == sorted(repr(tuple(row.values())) for row in got)
    for one in IDS[:2]:
        mine = [row for row in got if row["borrower_id"] == one]
        again = rows(store, "loan_money_returns", id=one, days=days, truncation_limit=most, limit=10_000)
        assert mine == again


def test_a_chain_that_is_longer_than_five_steps_says_so(tmp_path: Path) -> None:
    ids = [f"C{k}" for k in range(8)]
    store = FilesStore(tmp_path / "store")
    store.load(
        tables_of(
            parties=[{"party_id": i} for i in ids],
            guarantees=[{"guarantor_id": a, "debtor_id": b, "amount": 1.0} for a, b in pairwise(ids)],
        ),
        as_of=AS_OF,
    )
    told = {one: rows(store, "finbench_cr11", id=one)[0] for one in ("C0", "C2")}
    store.close()
    assert [(5, True), (5, False)] == [(row["parties"], row["goes_on"]) for row in told.values()]


def test_both_stores_give_the_same_rows(tmp_path: Path, neo4j_store: Neo4jStore) -> None:
    files = FilesStore(tmp_path / "store")
    for seed in (1, 4):
        made = book(seed)
        for store in (files, neo4j_store):
            store.load(tables_of(**made), as_of=AS_OF)
        given = dict.fromkeys(READS, 0)
        for name in READS:
            query = find_query(name)
            needed = [p.name for p in query.params.values() if p.required]
            for k, one in enumerate(IDS[:4]):
                asked = {n: f"F{k}" if n == "facility_id" else IDS[k + 1] if n == "second_id" else one for n in needed}
                for extra in ({}, {"truncation_limit": 1} if "truncation_limit" in query.params else {}):
                    params = query.bind({**asked, **extra})
                    here = files.query(query.text, params)
                    assert here == neo4j_store.query(query.text, params), (seed, name, asked, extra)
                    given[name] += len(here.rows)
        assert not {name for name, count in given.items() if count == 0} - {"finbench_cr1"}
    files.close()
