from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.loading.loads import EXPOSURES, PARTIES, load, refused, rejects, workbook, write


def test_parquet_keeps_its_types_and_gives_the_same_as_csv(tmp_path: Path) -> None:
    csv_load = load(tmp_path / "csv", {"parties.csv": PARTIES, "exposures.csv": EXPOSURES})
    folder = write(tmp_path / "pq", {"parties.csv": PARTIES})
    table = pa.table(
        {
            "creditor_id": pa.array(["B"]).dictionary_encode(),
            "debtor_id": pa.array(["A"], pa.large_string()),
            "amount": pa.array([10], pa.int32()),
            "currency": ["CNY"],
        }
    )
    pq.write_table(table, folder / "exposures.parquet")
    assert csv_load.report.fingerprint == load(folder).report.fingerprint


def test_ids_kept_as_floats_in_parquet_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"party_id": [1.0], "name": ["a"], "kind": ["bank"]}), tmp_path / "parties.parquet")
    error = refused(tmp_path)
    assert "party_id is of type double" in error.message
    assert "parties.parquet" in error.where


def test_whole_numbers_as_ids_are_taken_and_noted_and_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    table = pa.table({"party_id": [7], "name": ["a"], "kind": ["bank"]})
    pq.write_table(table, tmp_path / "parties.parquet")
    loaded = load(tmp_path)
    assert ["7"] == loaded.tables["parties"]["party_id"].to_pylist()
    assert "leading zeros" in loaded.report.notes[0]
    days = pa.table({"facility_id": ["F"], "borrower_id": ["7"], "currency": ["CNY"], "outstanding": [1.0]})
    days = days.append_column("days_past_due", pa.array([2**64 - 1], pa.uint64()))
    pq.write_table(days, tmp_path / "facilities.parquet")
    assert "days_past_due of type uint64 does not fit" in refused(tmp_path).message


def test_a_workbook_with_a_sheet_per_table_is_read(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["party_id", "name", "kind", "incorporated_on", "is_client"],
        ["001", "甲", "company", datetime(2020, 1, 2), True],  # noqa: DTZ001 - as a cell has it
        [12345, "b", "bank", date(2020, 1, 2), False],
        [None, None, None, None, None],
        [1234567890123456789, "c", "company", None, None],
        ["D", "=1+1", "company", None, None],
        ["E", "#N/A", "company", None, None],
        ["F", "f", "company", None, None, "beyond"],
    ]
    loaded = load(
        tmp_path,
        {
            "bank.xlsx": workbook(
                {
                    "Parties": rows,
                    "exposures": [["creditor_id", "debtor_id", "amount", "currency"], ["001", "12345", 1.5, "CNY"]],
                }
            )
        },
    )
    assert ["001", "12345"] == loaded.tables["parties"]["party_id"].to_pylist()
    assert [date(2020, 1, 2)] * 2 == loaded.tables["parties"]["incorporated_on"].to_pylist()
    assert [True, False] == loaded.tables["parties"]["is_client"].to_pylist()
    assert [1.5] == loaded.tables["exposures"]["amount"].to_pylist()
    found = {example.partition(":")[0]: reason for reason, _, (example,) in rejects(loaded.report, "parties")}
    assert "rounded" in found["bank.xlsx, sheet Parties, row 5"]
    assert "formula without a stored value" in found["bank.xlsx, sheet Parties, row 6"]
    assert "error value" in found["bank.xlsx, sheet Parties, row 7"]
    assert "beyond the 5 columns" in found["bank.xlsx, sheet Parties, row 8"]


def test_a_formula_gives_its_stored_value(tmp_path: Path) -> None:
    data = workbook({"parties": [["party_id", "name", "kind"], ["A", "=X", "bank"]]})
    import io
    import zipfile

    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        for item in source.infolist():
            content = source.read(item)
            if item.filename.endswith("sheet1.xml"):
                content = content.replace(b"<f>X</f><v />", b"<f>X</f><v>7</v>").replace(
                    b"<f>X</f><v></v>", b"<f>X</f><v>7</v>"
                )
            out.writestr(item, content)
    loaded = load(tmp_path, {"parties.xlsx": target.getvalue()})
    assert ["7"] == loaded.tables["parties"]["name"].to_pylist()
