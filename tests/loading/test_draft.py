"""A draft of a loader from own files: headers in Chinese and English, by exact and near words; then it loads."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from graphrisk.errors import UsageError
from graphrisk.loading.draft import draft_loader
from graphrisk.loading.header_words import _WORDS
from graphrisk.loading.headers import fold, read_headers, unit_above
from graphrisk.loading.samples import samples_of
from graphrisk.model.catalog import CATALOG

FILES = {
    "客户信息_20260930.csv": "客户号,客户名称,客户类型,是否授信客户,成立日期,客户经理\n"
    "0010001,东海纺织有限公司,企业,是,2003年05月12日,王\n"
    "0010002,新河印染有限公司,企业,是,2009年11月02日,李\n0090001,示例自然人甲,个人,否,,王\n",
    "借据.csv": "借据明细表 单位:万元\n借据号|客户号|币种|余额|到期日|逾期天数\n"
    "LN001|0010001|人民币|4,200.00|20270109|0\n"
    "LN002|0010002|人民币|2,000.00|20270131|-\n",
    "股东.csv": "股东编号,被投资企业,持股比例\n0090001,0010001,60\n0010001,0010002,35.5\n",
    "担保合同.csv": "担保合同号,担保人客户号,被担保人客户号,借据号,担保金额（万元）,担保方式\n"
    "DB1,0010001,0010002,LN002,100,连带责任保证\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exports"
    made.mkdir()
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8" if name.startswith("担保") else "gb18030")
    return made


def drafted(folder: Path) -> tuple[dict[str, Any], Any]:
    draft = draft_loader("core", [folder])
    return tomllib.loads(draft.text)["inputs"], draft


def test_each_file_finds_its_table(folder: Path) -> None:
    _, draft = drafted(folder)
    assert {
        "客户信息_20260930.csv": "parties",
        "借据.csv": "facilities",
        "股东.csv": "ownership",
        "担保合同.csv": "guarantees",
    } == dict(draft.fills)


def test_encoding_delimiter_title_units_and_dates_are_said(folder: Path) -> None:
    inputs, _ = drafted(folder)
    loans, clients = inputs["facilities"], inputs["parties"]
    assert ("gb18030", "|", 1, ",", ["-"]) == tuple(
        loans[key] for key in ("encoding", "delimiter", "skip_lines", "thousands", "null")
    )
    assert {"outstanding": 10000} == loans["scale"]
    assert {"amount": 10000} == inputs["guarantees"]["scale"]
    assert {"share_min": 0.01, "share_max": 0.01} == inputs["ownership"]["scale"]
    assert ["%Y年%m月%d日"] == clients["date_format"]
    assert "客户信息_*.csv" == clients["glob"]
    assert {"企业": "company", "个人": "person"} == clients["values"]["kind"]
    assert {"是": True, "否": False} == clients["values"]["is_client"]
    assert {"人民币": "CNY"} == loans["values"]["currency"]


def test_what_is_not_known_is_asked_for_with_examples(folder: Path) -> None:
    _, draft = drafted(folder)
    assert '# SAY what this is, or leave it: "客户经理"  # e.g. 王, 李' in draft.text
    assert any("SAY mode of guarantees" in line for line in draft.left)
    assert '# SAY: mode = "several"' in draft.text


def test_the_draft_loads_once_what_is_left_is_said(folder: Path, tmp_path: Path) -> None:
    def run(*arguments: Any) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "graphrisk", *map(str, arguments), "--project", str(tmp_path)],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    done = run("new", "--loader", "core", folder, "--format", "json")
    assert 0 == done.returncode, done.stderr
    file = Path(json.loads(done.stdout)["loader"])
    load = ("load", "core", folder, "--as-of", "2026-09-30", "--format", "json")
    refused = run(*load)
    assert 3 == refused.returncode
    assert "mode" in refused.stdout, "says what is left to map"
    file.write_text(file.read_text("utf-8").replace('# SAY: mode = "several"', 'mode = "several"'), "utf-8")
    done = run(*load)
    assert 0 == done.returncode, done.stdout + done.stderr
    loaded = {table["table"]: table["rows_loaded"] for table in json.loads(done.stdout)["tables"]}
    assert {"parties": 3, "facilities": 2, "ownership": 2, "guarantees": 1} == loaded
    rows = run("query", "--cypher", "MATCH (f:Facility) RETURN f.outstanding AS due ORDER BY due", "--format", "json")
    assert [{"due": 2.0e7}, {"due": 4.2e7}] == json.loads(rows.stdout)
    assert 2 == run("new", "--loader", "core", folder).returncode, "a draft is never overwritten unasked"


def test_english_headers_near_words_and_european_numbers(tmp_path: Path) -> None:
    file = tmp_path / "fin.csv"
    file.write_text(
        "customer_id;period_end;revenue;total_asets;net worth\nA;31.12.2025;1.234,50;2.000,00;900,25\n", "utf-8"
    )
    draft = draft_loader("own", [file])
    given = tomllib.loads(draft.text)["inputs"]["financials"]
    expected = {"customer_id": "party_id", "period_end": "period_end_on", "revenue": "sales"}
    assert {**expected, "total_asets": "total_assets", "net worth": "equity"} == given["rename"]
    assert (";", ",", ".", ["%d.%m.%Y"]) == tuple(
        given[k] for k in ("delimiter", "decimal", "thousands", "date_format")
    )
    assert any("CHECK that total_asets is total_assets" in line for line in draft.left)


def test_sheets_of_a_workbook_are_inputs_of_their_own(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    ratings = book.active
    ratings.title = "评级"
    for row in (["内部评级清单"], ["客户编号", "评级日期", "信用等级", "违约概率(%)"], ["A", "2026-06-30", "BB", 1.2]):
        ratings.append(row)
    assets = book.create_sheet("押品")
    for row in (["押品编号", "押品类型", "权属人", "评估价值(万元)"], ["K1", "房地产", "A", 500]):
        assets.append(row)
    book.save(tmp_path / "其他.xlsx")
    given = tomllib.loads(draft_loader("own", [tmp_path / "其他.xlsx"]).text)["inputs"]
    assert ("评级", 1, {"pd": 0.01}) == tuple(given["ratings"][k] for k in ("sheet", "skip_lines", "scale"))
    assert "押品" == given["collateral"]["sheet"]
    assert {"房地产": "real_estate"} == given["collateral"]["values"]["kind"]


def test_a_file_that_fits_no_table_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "weather.csv").write_text("station,rain,wind\n1,2,3\n", "utf-8")
    draft = draft_loader("own", [tmp_path / "weather.csv"])
    assert () == draft.fills
    assert any("SAY which table" in line for line in draft.left)
    assert '#   "rain"  # e.g. 2' in draft.text


def test_the_files_of_bank_csv_are_read_as_they_are(tmp_path: Path) -> None:
    from graphrisk.shipped import shipped

    example = shipped("loaders") / "bank_csv" / "example"
    for file in sorted(example.glob("*.csv")):
        if file.stem in _WORDS:
            (reading,) = [read_headers(sample) for sample in samples_of(file)]
            assert file.stem == reading.table, file
            assert all(match.exact and match.header == match.column for match in reading.matches)


def test_every_word_belongs_to_a_column_that_is_declared() -> None:
    assert [] == [(t, c) for t, columns in _WORDS.items() for c in columns if c not in CATALOG[t].names]


@pytest.mark.parametrize(
    ("header", "folded", "factor"),
    [
        ("余额（万元）", "余额", 1e4),
        (" Net Worth ", "networth", 1.0),
        ("持股比例(%)", "持股比例", 0.01),
        ("金额_亿元", "金额", 1e8),
    ],
)
def test_a_header_is_folded_and_its_unit_read(header: str, folded: str, factor: float) -> None:
    assert (folded, factor) == fold(header)


def test_a_unit_above_the_header_counts_for_the_table() -> None:
    assert [1e4, 1.0, 1e3, 1.0] == [unit_above(text) for text in ("单位：万元", "单位:元", "2026 单位 千元", "万元户")]


def test_a_wrong_name_or_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name of a loader"):
        draft_loader("my bank", [tmp_path])
    with pytest.raises(UsageError, match="no such file"):
        draft_loader("own", [tmp_path / "none.csv"])
    (tmp_path / "x.docx").write_bytes(b"PK")
    with pytest.raises(UsageError, match="is not read"):
        draft_loader("own", [tmp_path / "x.docx"])


def test_an_empty_file_and_a_header_that_stands_twice_are_said(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("", "utf-8")
    (tmp_path / "twice.csv").write_text("客户号,客户名称,客户类型,客户类型\nA1,甲,企业,国企\n", "utf-8")
    draft = draft_loader("mine", [tmp_path])
    assert (("twice.csv", "parties"),) == draft.fills
    assert [
        "empty.csv: SAY nothing: it is empty, leave it out of the load",
        "twice.csv: SAY which is meant: columns of its header are both called 客户类型",
    ] == list(draft.left)
