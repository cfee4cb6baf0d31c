"""Property: of every rejected row every fault that was put into it is told, once, and no other."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random

import pytest

from tests.loading.loads import load
from tests.worlds.build import AS_OF

ROWS = 30
FAULTS: dict[str, dict[str, tuple[str, ...]]] = {
    "parties": {
        "name": ("",),
        "kind": ("firma", "企业", ""),
        "is_client": ("是", "?"),
        "incorporated_on": ("2001-13-01",),
    },
    "facilities": {
        "borrower_id": ("Z", ""),
        "lender_id": ("Z",),
        "currency": ("RMB", "XQZ", "USD", ""),
        "outstanding": ("ten", "-1", "", "NaN"),
        "lgd": ("1.2", "a"),
        "days_past_due": ("1.5", "-3"),
    },
    "guarantees": {"guarantor_id": ("Z", ""), "amount": ("x", "-1"), "currency": ("cny", "USD"), "mode": ("连带", "")},
}
REFERENCES = {
    "parties": {},
    "facilities": {"borrower_id": "parties", "lender_id": "parties"},
    "guarantees": {"guarantor_id": "parties", "debtor_id": "parties", "facility_id": "facilities"},
}


def good(table: str, i: int) -> dict[str, str]:
    party = f"P{i % 10}"
    return {
        "parties": {"party_id": f"P{i}", "name": "n", "kind": "company", "is_client": "1",
                    "incorporated_on": "2001-01-01"},
        "facilities": {"facility_id": f"F{i}", "borrower_id": party, "lender_id": "", "currency": "CNY",
                       "outstanding": "1", "lgd": "0.4", "days_past_due": "0"},
        "guarantees": {"guarantee_id": f"G{i}", "guarantor_id": f"P{(i + 1) % 10}", "debtor_id": party,
                       "facility_id": f"F{i}", "amount": "1", "currency": "CNY", "mode": "several"},
    }[table]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_every_fault_of_every_row_is_told(tmp_path: Path, seed: int) -> None:
    dice = Random(seed)
    books: dict[str, list[dict[str, str]]] = {}
    wrong: dict[tuple[str, int], set[str]] = {}
    for table, faults in FAULTS.items():
        books[table] = [good(table, i) for i in range(ROWS)]
        for i, row in enumerate(books[table]):
            wrong[table, i + 2] = {c for c in faults if dice.random() < 0.12}
            row.update({c: dice.choice(faults[c]) for c in sorted(wrong[table, i + 2])})
    files = {}
    for table, rows in books.items():
        stream = io.StringIO()
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        files[f"{table}.csv"] = stream.getvalue()
    out = tmp_path / "out"
    report = load(tmp_path / "in", files, base_currency="CNY", rejects_dir=out).report
    told: dict[tuple[str, int], list[str]] = {}
    for table in books:
        with (out / f"bank_csv_{AS_OF}" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                assert (table, int(row["line"])) not in told, "a row is rejected once"
                told[table, int(row["line"])] = [part.partition(" ")[0] for part in row["reason"].split(" | ")]
    for (table, line), columns in wrong.items():
        row = books[table][line - 2]
        for column, target in REFERENCES[table].items():  # whoever refers to a rejected row is at fault there
            number = row[column][1:]
            if number and (target, int(number) + 2) in told:
                columns.add(column)
        assert sorted(columns) == sorted(told.get((table, line), [])), (table, line, row)
    for one in report.tables:
        assert ROWS == one.rows_read
        assert one.rows_rejected == sum(reject.count for reject in one.rejects) <= sum(f.count for f in one.faults)
