from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.graph.build import build_graph
from graphrisk.loading.report import LoadRefused, LoadReport
from graphrisk.loading.run import Loaded, load_files
from graphrisk.model.digest import fingerprint
from tests.worlds.build import AS_OF

PARTIES = "party_id,name,kind\nA,甲,company\nB,乙,bank\n"
EXPOSURES = "creditor_id,debtor_id,amount,currency\nB,A,10,CNY\n"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def load(folder: Path, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Loaded:
    options = {"as_of": AS_OF, "existing": {}, **options}
    loaded = load_files(options.pop("loader", "bank_csv"), [write(folder, files or {})], **options)
    balanced(loaded.report)
    return loaded


def refused(folder: Path, files: Mapping[str, str | bytes] | None = None, **options: Any) -> LoadRefused:
    with pytest.raises(LoadRefused) as error:
        load(folder, files, **options)
    balanced(error.value.report)
    document = error.value.report.to_dict()
    assert error.value.message == document["error"]["message"]
    json.dumps(document)
    return error.value


def balanced(report: LoadReport) -> None:
    for table in report.tables:
        assert table.rows_read == table.rows_loaded + table.rows_rejected
    assert report.read == report.used + sum(aside.count for aside in report.set_aside)


def rejects(report: LoadReport, table: str) -> list[tuple[str, int, tuple[str, ...]]]:
    (found,) = [one for one in report.tables if one.table == table]
    return [(reject.reason, reject.count, reject.examples) for reject in found.rejects]


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


def workbook(sheets: Mapping[str, list[list[Any]]]) -> bytes:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


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


OWN = """
[inputs.parties]
glob = "parties.csv"
[inputs.exposures]
glob = "exposures.csv"
"""


def own_loader(folder: Path, name: str, text: str, **sql: str) -> Path:
    write(folder / name, {"loader.toml": text, **{f"{table}.sql": query for table, query in sql.items()}})
    return folder


def test_two_loaders_meet_in_one_snapshot(tmp_path: Path) -> None:
    own = own_loader(tmp_path / "loaders", "los", OWN)
    first = load(tmp_path / "1", {"parties.csv": PARTIES, "exposures.csv": EXPOSURES})
    second = load(
        tmp_path / "2",
        {
            "parties.csv": "party_id,name,kind,country\nA,甲,company,CN\nB,other,bank,CN\nC,丙,company,CN\n",
            "exposures.csv": "creditor_id,debtor_id,amount,currency\nB,C,5,CNY\nB,A,10,CNY\n",
        },
        loader="los",
        own_loaders=own,
        existing=first.tables,
    )
    ((reason, _, (example,)),) = rejects(second.report, "parties")
    assert "bank_csv" in reason
    assert "los" in reason
    assert "parties.csv, line 3" in example
    rows = {row["party_id"]: row for row in second.tables["parties"].to_pylist()}
    assert ("bank_csv+los", "CN") == (rows["A"]["loader"], rows["A"]["country"])
    assert ("bank_csv", None) == (rows["B"]["loader"], rows["B"]["country"])
    assert 3 == second.tables["exposures"].num_rows
    again = load(tmp_path / "1", existing=second.tables)
    assert again.report.fingerprint == second.report.fingerprint


def test_a_load_that_would_take_away_what_another_loader_refers_to_is_refused(tmp_path: Path) -> None:
    own = own_loader(tmp_path / "loaders", "los", OWN)
    first = load(tmp_path / "1", {"parties.csv": PARTIES})
    second = load(tmp_path / "2", {"exposures.csv": EXPOSURES}, loader="los", own_loaders=own, existing=first.tables)
    error = refused(tmp_path / "3", {"parties.csv": "party_id,name,kind\nB,乙,bank\n"}, existing=second.tables)
    assert "1 rows of exposures that loader los brought would no longer stand" in error.message
    assert "debtor_id 'A'" in error.message


def test_a_reload_is_the_same_snapshot_and_a_smaller_one_forgets(tmp_path: Path) -> None:
    first = load(tmp_path, {"parties.csv": PARTIES, "exposures.csv": EXPOSURES})
    again = load(tmp_path, existing=first.tables)
    assert first.report.fingerprint == again.report.fingerprint
    assert all(first.tables[name].equals(again.tables[name]) for name in first.tables)
    smaller = load(tmp_path, {"exposures.csv": EXPOSURES.splitlines()[0] + "\n"}, existing=first.tables)
    assert "exposures" not in smaller.tables


def test_a_user_maps_own_files_and_headers_without_python(tmp_path: Path) -> None:
    toml = """
    title = "核心系统导出"
    [inputs.clients]
    table = "parties"
    glob = "客户*.txt"
    encoding = "gb18030"
    delimiter = "|"
    skip_lines = 1
    date_format = ["%Y年%m月%d日", "%Y%m%d"]
    null = ["NULL", "-"]
    ignore = ["备注"]
    [inputs.clients.rename]
    "客户号" = "party_id"
    "客户名称" = "name"
    "是否本行客户" = "is_client"
    "成立日期" = "incorporated_on"
    [inputs.clients.constants]
    kind = "company"
    country = "CN"
    [inputs.clients.values.is_client]
    "是" = true
    "否" = false
    [inputs.persons]
    table = "parties"
    glob = "自然人.csv"
    rename = { "证件号" = "party_id", "姓名" = "name" }
    constants = { kind = "person" }
    [inputs.ownership]
    glob = "股权.csv"
    thousands = "."
    decimal = ","
    delimiter = ";"
    rename = { "股东" = "owner_id", "公司" = "owned_id", "比例" = "share_min", "比例上限" = "share_max" }
    scale = { share_min = 0.01, share_max = 0.01 }
    [expect.parties]
    min_rows = 5
    filled = { industry = 0.9 }
    """
    own = own_loader(tmp_path / "loaders", "core", toml)
    clients = (
        "导出 2026-09-30\n客户号|客户名称|是否本行客户|成立日期|备注|等级\n"
        "001|甲公司|是|2001年02月03日|x|A\n002|乙公司|否|20010203|-|B\n003|丙公司|NULL|-||\n"
    )
    loaded = load(
        tmp_path / "in",
        {
            "客户2026.txt": clients.encode("gb18030"),
            "自然人.csv": "证件号,姓名\nP1,示例\n",
            "股权.csv": "股东;公司;比例;比例上限\nP1;001;35,5;1.035,5\nP1;002;35,5;35,5\n",
        },
        loader="core",
        own_loaders=own,
    )
    rows = {row["party_id"]: row for row in loaded.tables["parties"].to_pylist()}
    assert [True, False, None, None] == [rows[k]["is_client"] for k in ("001", "002", "003", "P1")]
    assert [date(2001, 2, 3)] * 2 == [rows[k]["incorporated_on"] for k in ("001", "002")]
    assert ["company", "person"] == [rows[k]["kind"] for k in ("001", "P1")]
    assert [0.355] == loaded.tables["ownership"]["share_min"].to_pylist()
    assert ("等级",) == loaded.report.tables[0].new_columns
    ((reason, _, (example,)),) = rejects(loaded.report, "ownership")
    assert "share_max is above 1" in reason
    assert "share_max (比例上限) '1.035,5'" in example
    assert 2 == sum("expectation broken" in note for note in loaded.report.notes)


@pytest.mark.parametrize(
    ("toml", "said", "hint"),
    [
        ("[inputs.parties]\nglobb = 'x'", "unknown key 'globb'", "did you mean glob?"),
        ("[inputs.partys]\nglob = 'x'", "fills no table", "did you mean parties"),
        ("[inputs.x]\ntable = 'partys'", "no table is called 'partys'", "parties"),
        ("[inputs.parties.rename]\na = 'nme'", "parties has no column 'nme'", "name"),
        ("[inputs.parties.rename]\na = 'name'\nb = 'name'", "several source columns", ""),
        ("[inputs.parties]\ndelimiter = ';;'", "cannot part columns", ""),
        ("[inputs.parties]\nencoding = 'gbk2'", "no encoding is called", ""),
        ("[inputs.parties.scale]\nname = 2", "name is not a number", ""),
        ("[inputs.parties.rename]\n客户号 = 'party_id'", "not valid TOML", "stand in quotes"),
        ("name = 'x'", "its folder", ""),
        ("", "has no [inputs.NAME]", ""),
        ("[expect.parties]\nmin = 1\n[inputs.parties]\n", "unknown key 'min'", "min_rows"),
    ],
)
def test_a_mistake_in_a_loader_is_named_with_its_key(tmp_path: Path, toml: str, said: str, hint: str) -> None:
    own = own_loader(tmp_path / "loaders", "mine", toml)
    with pytest.raises(GraphRiskError) as error:
        load(tmp_path / "in", {"parties.csv": PARTIES}, loader="mine", own_loaders=own)
    assert said in error.value.message
    assert hint in error.value.hint
    assert "loader.toml" in error.value.where


def test_hostile_sql_of_a_loader_is_refused_and_the_report_says_so(tmp_path: Path) -> None:
    own = own_loader(
        tmp_path / "loaders",
        "evil",
        "[inputs.source]\nglob = '*.csv'",
        parties="COPY (SELECT * FROM source) TO 'x.csv'",
    )
    error = refused(tmp_path / "in", {"a.csv": "a\n1\n"}, loader="evil", own_loaders=own)
    assert "COPY where one SELECT is wanted" in error.message


def test_sql_reads_text_whatever_the_file_keeps(tmp_path: Path) -> None:
    own = own_loader(
        tmp_path / "loaders",
        "some",
        "[inputs.source]\nglob = ['*.csv', '*.parquet']\ncolumns = ['id', 'n']",
        parties="SELECT _record, id || '/' || n AS party_id, 'x' AS name, 'bank' AS kind FROM source",
    )
    folder = write(tmp_path / "in", {"a.csv": "id,n\n01,1\n"})
    pq.write_table(pa.table({"id": [2], "n": [1.5]}), folder / "b.parquet")
    assert ["01/1", "2/1.5"] == load(folder, loader="some", own_loaders=own).tables["parties"]["party_id"].to_pylist()


def test_a_record_that_no_select_takes_is_counted(tmp_path: Path) -> None:
    own = own_loader(
        tmp_path / "loaders",
        "some",
        "[inputs.source]\nglob = '*.csv'\ncolumns = ['id']",
        parties="SELECT _record, id AS party_id, id AS name, 'bank' AS kind FROM source WHERE id <> 'B'",
        set_aside="SELECT _record, 'not ours' AS reason FROM source WHERE id = 'none'",
    )
    report = load(tmp_path / "in", {"a.csv": "id,new\nA,\nB,\nC,\n"}, loader="some", own_loaders=own).report
    assert (3, 2) == (report.read, report.used)
    assert [("no table of the loader takes it", ("a.csv, line 3",))] == [
        (a.reason, a.examples) for a in report.set_aside
    ]
    assert ("new",) == report.tables[0].new_columns
