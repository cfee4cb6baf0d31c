from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from graphrisk.errors import UsageError
from graphrisk.graph.build import build_graph
from graphrisk.loading.report import LoadRefused
from graphrisk.loading.run import load_files
from graphrisk.model.catalog import CATALOG
from graphrisk.model.digest import fingerprint
from tests.loading.loads import EXPOSURES, PARTIES, load, refused, rejects, workbook, write
from tests.worlds.build import AS_OF


def test_a_folder_becomes_tables_that_a_graph_can_be_built_of(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"parties.csv": PARTIES, "exposures.csv": EXPOSURES})
    assert [10.0] == build_graph(loaded.tables, as_of=AS_OF).floats("exposures", "amount").tolist()
    assert fingerprint(loaded.tables) == loaded.report.fingerprint
    document = loaded.report.to_dict()
    assert {"loader", "as_of", "snapshot", "fingerprint", "tables", "records", "files", "notes"} <= set(document)
    assert (3, 3, []) == (document["records"]["read"], document["records"]["used"], document["records"]["set_aside"])
    assert ["party_id", "name", "kind"] == loaded.tables["parties"].column_names[:3]


def test_the_order_of_rows_and_columns_does_not_show(tmp_path: Path) -> None:
    one = load(tmp_path / "1", {"parties.csv": PARTIES, "exposures.csv": EXPOSURES})
    turned = "kind,party_id,name\nbank,B,乙\ncompany,A,甲\n"
    other = load(tmp_path / "2", {"parties.csv": turned, "exposures.csv": EXPOSURES})
    assert one.report.fingerprint == other.report.fingerprint


@pytest.mark.parametrize(
    ("row", "said", "shown"),
    [
        ('B,A,"1,234.5",CNY,', "amount is written with separators", "amount '1,234.5'"),
        ("B,A,ten,CNY,", "amount is not a number", "amount 'ten'"),
        ("B,A,NaN,CNY,", "amount is not a finite number", "amount 'NaN'"),
        ("B,A,-inf,CNY,", "amount is not a finite number", "amount '-inf'"),
        ("B,A,1e999,CNY,", "amount is not a finite number", "amount '1e999'"),
        ("B,A,-1,CNY,", "amount is negative", "amount '-1'"),
        ("B,A,,CNY,", "amount is empty and is required", "amount empty"),
        ("B,A,#REF!,CNY,", "amount is an error of the spreadsheet", "amount '#REF!'"),
        ("B,A,35%,CNY,", "amount is a percentage", "amount '35%'"),
        ("B,A,1,CNY,1.2", "lgd is above 1", "lgd '1.2'"),
        ("B,Z,1,CNY,", "debtor_id names no party that is loaded", "debtor_id 'Z'"),
        ("B,A,1,XQZ,", "no ISO 4217 code", "currency 'XQZ'"),
        ("B,A,1", "3 fields where the header has 5", "'B,A,1'"),
        ("B,A,1,CNY,,,", "7 fields where the header has 5", "'B,A,1,CNY,,,'"),
    ],
)
def test_a_bad_value_names_file_line_column_and_value(tmp_path: Path, row: str, said: str, shown: str) -> None:
    header = "creditor_id,debtor_id,amount,currency,lgd\n"
    loaded = load(tmp_path, {"parties.csv": PARTIES, "exposures.csv": f"{header}B,A,1,CNY,\n{row}\nB,A,2,CNY,35%\n"})
    ((reason, count, (example,)),) = rejects(loaded.report, "exposures")
    assert said in reason
    assert 1 == count
    assert example.startswith("exposures.csv, line 3: ")
    assert shown in example
    assert [1.0, 2.0] == loaded.tables["exposures"]["amount"].to_pylist()
    assert [None, 0.35] == loaded.tables["exposures"]["lgd"].to_pylist()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-01-31", date(2020, 1, 31)),
        ("2020/1/31", date(2020, 1, 31)),
        ("2020.01.31", date(2020, 1, 31)),
        ("20200131", date(2020, 1, 31)),
        ("2020-01-31 00:00:00", date(2020, 1, 31)),
        ("2020-01-31T00:00", date(2020, 1, 31)),
        ("2020-01-31 13:00:00", None),
        ("2020-02-30", None),
        ("31.01.2020", None),
        ("1/31/2020", None),
        ("43861", None),
        ("2020-1/31", None),
        ("٢٠٢٠-01-31", None),
    ],
)
def test_days_are_read_where_they_can_mean_one_day_only(tmp_path: Path, text: str, day: date | None) -> None:
    loaded = load(tmp_path, {"parties.csv": f"party_id,name,kind,incorporated_on\nA,a,company,\nB,b,company,{text}\n"})
    found = {row["party_id"]: row["incorporated_on"] for row in loaded.tables["parties"].to_pylist()}
    assert ({"A": None, "B": day} if day else {"A": None}) == found
    assert (day is None) == bool(rejects(loaded.report, "parties"))


def test_leading_zeros_of_ids_are_kept(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"parties.csv": "party_id,name,kind\n007,a,company\n7,b,company\n1e3,c,company\n"})
    assert ["007", "7", "1e3"] == loaded.tables["parties"]["party_id"].to_pylist()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"parties.csv": ""}, "is empty"),
        ({"parties.csv": "party_id,name,kind\n"}, "no row to load"),
        ({"parties.csv": "A,甲,company\nB,乙,bank\n"}, "is the header missing?"),
        ({"parties.csv": "party_id,kind\nA,bank\n"}, "has no column name"),
        ({"parties.csv": "party_id,name,kind,NAME\nA,a,bank,b\n"}, "both called 'NAME'"),
        ({"parties.csv": "party_id,name,kind,\nA,a,bank,b\n"}, "column 4 has values and no name"),
        ({"parties.csv": PARTIES.encode("gb18030")}, "line 2 is not utf-8"),
        ({"parties.parquet": b"PAR1 broken"}, "cannot be read as Parquet"),
        ({"parties.parquet": b""}, "is empty"),
        ({"parties.xlsx": b"PK broken"}, "no Excel workbook"),
        ({"parties.csv": PARTIES, "parties.parquet": b"x"}, "parties comes twice"),
        ({"readme.md": "x"}, "no file to load"),
        ({"parties.csv": "party_id,name,kind\nA,a,firm\n"}, "no row could be loaded"),
        ({"parties.csv": PARTIES, "exposures.csv": EXPOSURES + "B,A,1,USD\n"}, "CNY, USD and no exchange rates"),
    ],
)
def test_a_load_is_refused_as_a_whole_with_a_report(tmp_path: Path, files: Mapping[str, Any], said: str) -> None:
    error = refused(tmp_path, files)
    assert said in error.message
    assert error.hint
    assert 3 == error.exit_code


def test_a_gbk_export_is_read_with_its_encoding(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"parties.csv": PARTIES.encode("gb18030")}, encoding="gb18030")
    assert ["甲", "乙"] == loaded.tables["parties"]["name"].to_pylist()
    assert "gb18030" in refused(tmp_path).hint


def test_strict_refuses_a_load_with_any_reject_and_says_which(tmp_path: Path) -> None:
    files = {"parties.csv": PARTIES + "C,c,firm\n"}
    assert 2 == load(tmp_path, files).tables["parties"].num_rows
    error = refused(tmp_path, files, strict=True)
    assert "1 rows were rejected (parties.csv, line 4: party_id 'C', kind 'firm'" in error.message


def test_new_and_missing_columns_are_findings(tmp_path: Path) -> None:
    report = load(tmp_path, {"parties.csv": "party_id,name,kind,colour\nA,a,bank,red\n"}).report
    assert ("colour",) == report.tables[0].new_columns
    assert "country" in report.tables[0].missing_columns
    assert "kind" not in report.tables[0].missing_columns


def test_files_that_fit_nothing_are_named(tmp_path: Path) -> None:
    report = load(tmp_path, {"parties.csv": PARTIES, "partys.csv": PARTIES, ".hidden.csv": "x"}).report
    (note,) = report.notes
    assert "partys.csv was not read" in note
    assert "did you mean parties?" in note
    with pytest.raises(LoadRefused, match="fits no input"):
        load_files("bank_csv", [tmp_path / "partys.csv"], as_of=AS_OF, existing={})
    with pytest.raises(LoadRefused, match="no such file"):
        load_files("bank_csv", [tmp_path / "absent"], as_of=AS_OF, existing={})


def test_a_file_that_cannot_be_read_is_named_and_no_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def open_in_excel(self: Path) -> bytes:
        if self.name == "exposures.csv":
            raise PermissionError(13, "Permission denied", str(self))
        return read(self)

    write(tmp_path, {"parties.csv": PARTIES, "exposures.csv": EXPOSURES})
    monkeypatch.setattr(Path, "read_bytes", open_in_excel)
    error = refused(tmp_path)
    assert "cannot be read: Permission denied" == error.message
    assert str(tmp_path / "exposures.csv") == error.where
    assert "Excel" in error.hint


def test_a_file_of_no_known_name_is_told_what_the_loader_reads_each_name_once(tmp_path: Path) -> None:
    (tmp_path / "partys.csv").write_text(PARTIES, encoding="utf-8")
    with pytest.raises(LoadRefused) as caught:
        load_files("bank_csv", [tmp_path / "partys.csv"], as_of=AS_OF, existing={})
    assert "did you mean parties? bank_csv reads parties, facilities, " in caught.value.hint
    assert 1 == caught.value.hint.count(".parquet")
    with pytest.raises(LoadRefused) as caught:
        load_files("wiod", [tmp_path / "partys.csv"], as_of=AS_OF, existing={})
    assert caught.value.hint.endswith("wiod reads *nodes*.csv, *edges*.csv")


def test_the_same_file_given_twice_is_read_once_and_a_copy_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, {"parties.csv": PARTIES, "exposures.csv": EXPOSURES})
    loaded = load_files("bank_csv", [folder, folder / "exposures.csv"], as_of=AS_OF, existing={})
    assert 1 == loaded.tables["exposures"].num_rows
    copy = write(tmp_path / "copy", {"exposures.csv": EXPOSURES})
    with pytest.raises(LoadRefused, match="its rows would count twice"):
        load_files("bank_csv", [folder, copy], as_of=AS_OF, existing={})


def test_a_table_in_a_file_and_in_a_workbook_beside_it_is_refused(tmp_path: Path) -> None:
    rows = [["creditor_id", "debtor_id", "amount", "currency"], ["B", "A", 10, "CNY"]]
    error = refused(
        tmp_path, {"parties.csv": PARTIES, "exposures.csv": EXPOSURES, "bank.xlsx": workbook({"exposures": rows})}
    )
    assert "exposures comes twice" in error.message


def test_rejected_rows_go_to_a_file_that_a_spreadsheet_opens_harmlessly(tmp_path: Path) -> None:
    text = "party_id,name,kind,extra\nA,a,bank,\nB,\"=cmd|' /C calc'!A0\",firm,-5\nC,c\n"
    report = load(tmp_path / "in", {"parties.csv": text}, rejects_dir=tmp_path / "out").report
    (path,) = report.reject_files
    assert Path(path).read_bytes().startswith(b"\xef\xbb\xbf")
    with Path(path).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [("parties.csv", "4"), ("parties.csv", "3")] == [(row["file"], row["line"]) for row in rows]
    assert "C,c" == rows[0]["line as it stands"]
    assert ("B", "'=cmd|' /C calc'!A0", "firm", "-5") == tuple(
        rows[1][c] for c in ("party_id", "name", "kind", "extra")
    )
    assert () == load(tmp_path / "in", {"parties.csv": PARTIES}, rejects_dir=tmp_path / "out").report.reject_files
    assert not Path(path).exists()


def test_an_unknown_loader_or_encoding_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="bank_cvs") as error:
        load(tmp_path, {"parties.csv": PARTIES}, loader="bank_cvs")
    assert "bank_csv" in error.value.hint
    with pytest.raises(UsageError):
        load(tmp_path, loader="../bank_csv")
    with pytest.raises(UsageError, match="gb1803"):
        load(tmp_path, encoding="gb1803")
    with pytest.raises(UsageError):
        load(tmp_path, encoding="base64")


def test_a_table_left_empty_between_others_takes_nothing_from_the_account(tmp_path: Path) -> None:
    """The template of `graphrisk new` asks for it: a header alone for each table that the bank does not have."""
    empty = {f"{name}.csv": ",".join(table.names) + "\n" for name, table in CATALOG.items()}
    ratings = "party_id,as_of_on,model,pd\nA,2026-06-30,own,0.01\nB,2026-06-30,own,2\n"
    loaded = load(tmp_path, {**empty, "parties.csv": PARTIES, "exposures.csv": EXPOSURES, "ratings.csv": ratings})
    assert (5, 4) == (loaded.report.read, loaded.report.used)
    assert ["ratings.csv, line 3: party_id 'B', as_of_on '2026-06-30', model 'own', pd '2'"] == [
        example for _, _, examples in rejects(loaded.report, "ratings") for example in examples
    ]
