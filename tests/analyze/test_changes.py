"""What changed between two snapshots: by hand on small books, and the same from the command line."""

from __future__ import annotations

import copy
import dataclasses
import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.errors import DataError
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.loads import PastLoad, PastTable
from graphrisk.model.result import Inputs, Result, records
from graphrisk.progress import silent
from graphrisk.stores.open import open_store
from graphrisk.workspace import Workspace
from tests.worlds.build import AS_OF, parties, ring, tables_of

Rows = dict[str, list[dict[str, Any]]]
NEXT = date(2026, 10, 31)


def graph(rows: Rows, as_of: date = AS_OF, **more: Any) -> RiskGraph:
    return build_graph(tables_of(**rows), as_of=as_of, snapshot=f"{as_of}.1", **more)


def changes(old: Rows, new: Rows, **kept: Any) -> Result:
    analyzer = find_analyzer("changes")
    inputs = Inputs(before=graph(old), kept=kept)
    return analyzer.run(graph(new, NEXT), analyzer.Params(), inputs=inputs, progress=silent)


def pieces_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it comes of a large file: in pieces."""
    return pd.concat([table.iloc[:1], table.iloc[1:]], ignore_index=True)


def by_key(table: Any, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in records(table)}


@pytest.fixture
def book() -> Rows:
    return copy.deepcopy(ring(4))


def test_the_same_book_has_no_changes(book: Rows) -> None:
    result = changes(book, copy.deepcopy(book))
    assert {0} == {len(table) for name, table in result.tables.items() if name != "changes_summary"}
    assert result.certificate["same"]
    assert [0.0] * len(result.summary) == result.summary["difference"].fillna(0.0).tolist()


def test_the_order_of_rows_is_no_change(book: Rows) -> None:
    turned = {name: list(reversed(rows)) for name, rows in book.items()}
    result = changes(book, turned)
    assert {0} == {len(table) for name, table in result.tables.items() if name != "changes_summary"}


def test_a_loan_that_grew_is_told_at_its_party_with_its_reason(book: Rows) -> None:
    later = copy.deepcopy(book)
    later["facilities"][1]["outstanding"] = 80.0
    result = changes(book, later)
    row = by_key(result.parties, "party_id")["P1"]
    assert (50.0, 80.0, 30.0, "changed") == (row["before"], row["after"], row["difference"], row["change"])
    assert "facility F1: outstanding 50 → 80" == row["reason"]
    contract = by_key(result.contracts, "contract_id")["F1"]
    assert ("facilities", "changed", 30.0) == (contract["table"], contract["change"], contract["difference"])
    assert ["P1"] == result.parties["party_id"].tolist()


def test_new_and_gone_parties_and_contracts_balance_the_book(book: Rows) -> None:
    later = copy.deepcopy(book)
    later["parties"] = [*later["parties"][1:], *parties("N")]
    for name in ("financials", "facilities"):
        later[name] = later[name][1:]
    later["guarantees"] = [g for g in later["guarantees"] if "P0" not in (g["guarantor_id"], g["debtor_id"])]
    later["facilities"].append(
        {"facility_id": "FN", "borrower_id": "N", "outstanding": 7.0, "start_on": date(2026, 10, 3)}
    )
    result = changes(book, later)
    rows = by_key(result.parties, "party_id")
    assert ("gone", "new") == (rows["P0"]["change"], rows["N"]["change"])
    assert "began on 2026-10-03" == by_key(result.contracts, "contract_id")["FN"]["reason"]
    exposure = by_key(result.summary, "measure")["exposure"]
    assert exposure["difference"] == pytest.approx(result.parties["difference"].sum()) == 7.0 - 50.0
    assert [("gone", 4, None)] == [
        (row["change"], row["parties_before"], row["parties_after"]) for row in records(result.circles)
    ]


def test_the_largest_effect_stands_first(book: Rows) -> None:
    later = copy.deepcopy(book)
    for k, due in enumerate((51.0, 90.0, 10.0, 50.0)):
        later["facilities"][k]["outstanding"] = due
    result = changes(book, later)
    assert ["P1", "P2", "P0"] == result.parties["party_id"].tolist()
    assert ["F1", "F2", "F0"] == result.contracts["contract_id"].tolist()


def test_a_rating_moves_the_pd_and_is_the_reason(book: Rows) -> None:
    book["ratings"] = [{"party_id": "P2", "pd": 0.01, "grade": "A"}]
    later = copy.deepcopy(book)
    later["ratings"].append({"party_id": "P2", "pd": 0.2, "grade": "C", "as_of_on": date(2026, 10, 15)})
    result = changes(book, later)
    row = by_key(result.parties, "party_id")["P2"]
    assert (0.01, 0.2) == (row["pd_before"], row["pd_after"])
    assert "rating A (PD 1.00%) → C (PD 20.00%)" == row["reason"]
    score = by_key(result.scores, "score")["pd"]
    assert pytest.approx(0.19) == score["difference"]


def test_accounts_that_sink_make_a_guarantor_over_extended(book: Rows) -> None:
    book["financials"] = [{**row, "equity": 60.0} for row in book["financials"]]
    later = copy.deepcopy(book)
    later["financials"].append({"party_id": "P3", "equity": 5.0, "period_end_on": date(2026, 6, 30)})
    result = changes(book, later)
    assert (
        "equity 60 → 5 (accounts of 2026-06-30); guarantees given: within net assets → beyond net assets"
        == (by_key(result.parties, "party_id")["P3"]["reason"])
    )
    score = by_key(result.scores, "score")["over_guarantee"]
    assert ("P3", "ok → beyond net assets") == (score["party_id"], score["reason"])
    assert 1.0 == by_key(result.summary, "measure")["over_guaranteed"]["difference"]


def test_a_circle_that_takes_in_a_party_is_the_same_circle(book: Rows) -> None:
    later = copy.deepcopy(book)
    later["parties"] += parties("A")
    later["guarantees"] += [
        {"guarantee_id": "GX", "guarantor_id": "A", "debtor_id": "P0", "amount": 9.0},
        {"guarantee_id": "GY", "guarantor_id": "P0", "debtor_id": "A", "amount": 9.0},
    ]
    (circle,) = records(changes(book, later).circles)
    assert ("changed", 4, 5, ["A"], []) == tuple(
        circle[name] for name in ("change", "parties_before", "parties_after", "joined", "left")
    )
    assert (200.0, 218.0) == (circle["before"], circle["after"])
    assert "guarantees GX new; GY new" == circle["reason"]


def test_a_network_that_falls_apart_keeps_its_larger_piece(book: Rows) -> None:
    later = copy.deepcopy(book)
    later["guarantees"] = [
        {"guarantee_id": "G0", "guarantor_id": "P1", "debtor_id": "P0", "facility_id": "F0", "amount": 50.0},
        {"guarantee_id": "G2", "guarantor_id": "P3", "debtor_id": "P2", "facility_id": "F2", "amount": 50.0},
    ]
    found = {row["group_id"]: row for row in records(changes(book, later).groups)}
    assert {"P0": "changed", "P2": "new"} == {name: row["change"] for name, row in found.items()}
    assert ["P2", "P3"] == found["P0"]["left"]


def test_rows_without_a_key_are_matched_by_their_ends_and_a_note_says_so(book: Rows) -> None:
    book["exposures"] = [
        {"creditor_id": "P0", "debtor_id": "P1", "amount": 3.0},
        {"creditor_id": "P0", "debtor_id": "P1", "amount": 4.0},
    ]
    later = copy.deepcopy(book)
    later["exposures"][0]["amount"] = 30.0
    result = changes(book, later)
    row = by_key(result.contracts, "contract_id")["P0 -> P1"]
    assert (7.0, 34.0) == (row["before"], row["after"])
    assert any("exposures" in note and "no key" in note for note in result.notes)


def test_what_groups_rest_on_is_compared_with_the_rest(book: Rows) -> None:
    book["co_borrowers"] = [
        {"facility_id": "F0", "party_id": "P2", "mode": "several", "share": 0.3},
        {"facility_id": "F0", "party_id": "P3", "mode": "joint_several"},
    ]
    book["dependencies"] = [{"dependent_id": "P0", "on_id": "P1", "ratio": 0.4, "criterion": "receipts"}]
    book["declared_groups"] = [{"group_id": "G", "party_id": one} for one in ("P0", "P1")]
    book["rebuttals"] = [
        {"a_id": "P0", "b_id": "P1", "kind": "control", "expires_on": NEXT},
        {"a_id": "P2", "b_id": "P3", "kind": "economic", "decided_on": date(2026, 10, 15)},
    ]
    later = copy.deepcopy(book)
    later["co_borrowers"] = [{"facility_id": "F0", "party_id": "P2", "mode": "several", "share": 0.5}]
    later["dependencies"][0].update(ratio=0.6, replaceable=True)
    later["declared_groups"][1]["party_id"] = "P2"
    found = {(row["table"], row["contract_id"]): row for row in records(changes(book, later).contracts)}
    assert {
        ("co_borrowers", "F0: P2"): ("changed", 0.3, 0.5, "share 0.3 → 0.5"),
        ("co_borrowers", "F0: P3"): ("gone", None, None, "no longer in the data"),
        ("dependencies", "P0 -> P1 (receipts)"): ("changed", 0.4, 0.6, "ratio 0.4 → 0.6; replaceable unknown → True"),
        ("declared_groups", "G: P1"): ("gone", None, None, "no longer in the data"),
        ("declared_groups", "G: P2"): ("new", None, None, "new"),
        ("rebuttals", "P0 -> P1 (control)"): ("gone", None, None, "ended on 2026-10-31"),
        ("rebuttals", "P2 -> P3 (economic)"): ("new", None, None, "began on 2026-10-15"),
    } == {key: (row["change"], row["before"], row["after"], row["reason"]) for key, row in found.items()}
    assert ("P2", "P0") == tuple(found["co_borrowers", "F0: P2"][k] for k in ("party_id", "other_id"))


def test_uses_of_limits_that_moved_are_told_with_their_steps(book: Rows) -> None:
    later = copy.deepcopy(book)
    later["facilities"][0]["outstanding"] = 260.0
    later["facilities"][1]["outstanding"] = 40.0
    limits = find_analyzer("limits")
    params = limits.Params(tier1=1000.0)
    kept = [limits.run(graph(rows, day), params, inputs=Inputs(), progress=silent)
            for rows, day in ((book, AS_OF), (later, NEXT))]  # fmt: skip
    found = records(changes(book, later, limits=tuple(kept)).limits)
    in_pieces = [dataclasses.replace(one, tables={k: pieces_of(t) for k, t in one.tables.items()}) for one in kept]
    assert found == records(changes(book, later, limits=tuple(in_pieces)).limits)
    names = ("subject_id", "subject", "before", "after", "use_before", "use_after", "level_before", "level_after")
    assert [
        ("P0", "client", 50.0, 260.0, 0.05, 0.26, "ok", "breach_legal"),
        ("P0", "group", 200.0, 400.0, 0.2, 0.4, "breach_internal", "breach_legal"),  # all four fall together
        ("P1", "client", 50.0, 40.0, 0.05, 0.04, "ok", "ok"),
    ] == [tuple(row[name] for name in names) for row in found]
    assert "facility F0: outstanding 50 → 260" == found[0]["reason"]
    assert "授信 F0：余额 50 → 260" == found[0]["reason_zh"]


def test_a_group_that_gets_another_name_is_compared_with_itself() -> None:
    def day(*groups: str, more: float = 0.0) -> Rows:
        ids = sorted({*"".join(groups)})
        return {
            "parties": [{"party_id": one, "is_client": True} for one in ids],
            "facilities": [
                {"facility_id": f"F{one}", "borrower_id": one, "outstanding": 10.0 + more * (one == "E")} for one in ids
            ],
            "control": [{"controller_id": one[0], "controlled_id": other} for one in groups for other in one[1:]],
        }

    limits = find_analyzer("limits")
    sides = (day("BCD", "EF"), day("BCDA", "EF", more=5.0))  # A joins the first: its name was B
    kept = [limits.run(graph(rows, on), limits.Params(tier1=100.0), inputs=Inputs(), progress=silent)
            for rows, on in zip(sides, (AS_OF, NEXT), strict=True)]  # fmt: skip
    assert {("B", one) for one in "BCD"} | {("E", one) for one in "EF"} == {*zip(*(
        kept[0].members[name] for name in ("group_id", "party_id")), strict=True)}  # fmt: skip
    found = records(changes(*sides, limits=tuple(kept)).limits)
    names = ("subject_id", "before_id", "change", "before", "after")
    assert [("A", "B", "changed", 30.0, 40.0), ("E", "E", "changed", 20.0, 25.0)] == sorted(
        tuple(row[name] for name in names) for row in found if row["subject"] == "group"
    )
    back = records(changes(sides[1], day("BCD"), limits=(kept[1], kept[0])).limits)
    assert ("B", "A", "changed") in {tuple(row[name] for name in names[:3]) for row in back}


def test_an_amount_that_moved_by_the_exchange_rate_alone_is_told_as_that(book: Rows) -> None:
    book["facilities"][0]["currency"] = "USD"
    book["fx"] = [
        {"currency": "CNY", "as_of_on": date(2026, 1, 1), "rate": 1.0},
        {"currency": "USD", "as_of_on": date(2026, 9, 1), "rate": 7.0},
    ]
    later = copy.deepcopy(book)
    later["fx"].append({"currency": "USD", "as_of_on": date(2026, 10, 20), "rate": 7.7})
    row = by_key(changes(book, later).contracts, "contract_id")["F0"]
    assert "outstanding only by the exchange rate of USD (350 → 385)" == row["reason"]


def test_unknown_is_not_zero(book: Rows) -> None:
    later = copy.deepcopy(book)
    later["guarantees"][0]["amount"] = None
    row = by_key(changes(book, later).contracts, "contract_id")["G0"]
    assert row["after"] is None
    assert "amount 50 → unknown" in row["reason"]


def test_findings_of_quality_come_and_go(book: Rows) -> None:
    quality = find_analyzer("quality")
    later = copy.deepcopy(book)
    later["facilities"][0]["maturity_on"] = date(2026, 10, 1)
    sides = tuple(
        quality.run(graph(rows, day), quality.Params(), inputs=Inputs(), progress=silent)
        for rows, day in ((book, AS_OF), (later, NEXT))
    )
    found = by_key(changes(book, later, quality=sides).findings, "check")
    assert ("new", None, 1) == tuple(found["past_maturity"][name] for name in ("change", "before", "after"))


def test_rows_rejected_since_are_told_although_quality_is_kept(tmp_path: Path, book: Rows) -> None:
    workspace = Workspace(tmp_path, store=f"files:{tmp_path / 'store'}")
    store = open_store(workspace.config.store)
    for day, due in ((AS_OF, 50.0), (NEXT, 60.0)):
        book["facilities"][0]["outstanding"] = due
        store.load(tables_of(**book), as_of=day)
        Workspace(tmp_path, store=store.url, as_of=day).analyze("quality")
    assert "rejected_rows" not in set(workspace.analyze("changes").findings["check"])
    lost = PastTable(table="parties", read=9, rejected=2, reasons=(("no kind", 2),), examples=("line 2",))
    store.remember([PastLoad(loader="bank", as_of=AS_OF), PastLoad(loader="bank", as_of=NEXT, tables=(lost,))])
    assert "rejected_rows" in set(workspace.analyze("changes").findings["check"])


def test_snapshots_in_two_base_currencies_are_refused(book: Rows) -> None:
    later = {
        name: [
            {**row, "currency": "EUR"} if name in ("facilities", "guarantees", "financials") else row for row in rows
        ]
        for name, rows in book.items()
    }
    with pytest.raises(DataError, match="CNY and EUR"):
        changes(book, later)


def test_a_book_of_many_parties_is_compared_in_seconds() -> None:
    rng = np.random.default_rng(1)
    size = 20_000
    ids = [f"P{k:06d}" for k in range(size)]
    rows: Rows = {
        "parties": parties(*ids),
        "financials": [{"party_id": i, "equity": 50.0} for i in ids],
        "facilities": [{"facility_id": f"F{i}", "borrower_id": i, "outstanding": 10.0} for i in ids],
        "guarantees": [
            {"guarantee_id": f"G{k}", "guarantor_id": ids[a], "debtor_id": ids[b], "amount": 5.0}
            for k, (a, b) in enumerate(rng.integers(0, size, (size, 2)))
            if a != b
        ],
    }
    later = {
        **rows,
        "facilities": [{**row, "outstanding": 11.0} if k % 3 == 0 else row for k, row in enumerate(rows["facilities"])],
    }
    old, new = graph(rows), graph(later, NEXT)
    analyzer = find_analyzer("changes")
    begun = time.process_time()
    result = analyzer.run(new, analyzer.Params(), inputs=Inputs(before=old), progress=silent)
    spent = time.process_time() - begun
    assert (size + 2) // 3 == len(result.parties)
    assert spent < 2.0, f"{size:,} parties took {spent:.1f} s"


def test_the_command_compares_days_and_versions_of_one_day(tmp_path: Path) -> None:
    def run(*arguments: Any) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "graphrisk", *map(str, arguments), "--project", str(tmp_path)],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    data = tmp_path / "data"
    data.mkdir()
    for day, due in (("2026-06-30", 10), ("2026-09-30", 20), ("2026-09-30", 25)):
        also = "" if due == 25 else "B,乙公司,company\n"
        (data / "parties.csv").write_text(f"party_id,name,kind\nA,甲,company\n{also}", "utf-8")
        (data / "facilities.csv").write_text(f"facility_id,borrower_id,currency,outstanding\nFA,A,CNY,{due}\n", "utf-8")
        if due == 10:
            alone = run("diff")
            assert 4 == alone.returncode, "no snapshot at all"
        assert 0 == run("load", "bank_csv", data, "--as-of", day).returncode
        if due == 10:
            assert "no earlier snapshot" in run("diff").stdout
    pairs: dict[tuple[str, ...], tuple[float, float]] = {
        (): (20.0, 25.0),
        ("2026-06-30",): (10.0, 25.0),
        ("2026-06-30", "2026-09-30.1"): (10.0, 20.0),
        ("2026-09-30.1", "2026-09-30.2"): (20.0, 25.0),
    }
    for given, expected in pairs.items():
        done = run("diff", *given, "--format", "json")
        assert 0 == done.returncode, done.stderr
        row, *left = json.loads(done.stdout)["tables"]["changes_parties"]
        assert (expected[1] == 25.0) == (["B"] == [one["party_id"] for one in left])
        assert expected == (row["before"], row["after"]), given
    shown = run("diff").stdout
    assert shown.startswith(
        "2026-09-30.1 → 2026-09-30.2: what is owed to the bank rises by 5 CNY from 20 CNY to 25 CNY"
    )
    assert "乙公司" in shown, "who is gone is named as the earlier snapshot does"
    (tmp_path / "graphrisk.toml").write_text('language = "zh"\n', "utf-8")
    assert "合同：授信 变化 1。" in run("diff").stdout
    assert 2 == run("diff", "2026-09-30.7").returncode
    assert 2 == run("diff", "2026-01-01").returncode
