from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphrisk.errors import GraphRiskError
from graphrisk.loading.report import LoadRefused
from graphrisk.loading.run import load_files
from tests.loading.loads import EXPOSURES, OWN, PARTIES, load, own_loader, refused, rejects, write
from tests.worlds.build import AS_OF


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


def test_a_mistake_in_a_loader_refuses_the_load_with_a_report(tmp_path: Path) -> None:
    folder = tmp_path / "loaders" / "mine"
    folder.mkdir(parents=True)
    (folder / "loader.toml").write_text('[inputs.parties]\nglobb = "x.csv"\n', encoding="utf-8")
    with pytest.raises(LoadRefused) as caught:
        load_files("mine", [tmp_path], as_of=AS_OF, existing={}, own_loaders=tmp_path / "loaders")
    document = caught.value.report.to_dict()
    assert ("mine", []) == (document["loader"], document["tables"])
    assert "unknown key 'globb'" == document["error"]["message"]
    assert "did you mean glob?" in document["error"]["hint"]
