"""The report of the committee: one page without scripts, the same bytes for the same data, English and Chinese."""

from __future__ import annotations

import dataclasses
import html
import re
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import graphrisk as gr
from graphrisk.analyze.base import find_analyzer
from graphrisk.answers.reader import Reader
from graphrisk.errors import UsageError
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from graphrisk.report.base import ReportDesk, find_section, needs, section_names, sections_of
from graphrisk.report.charts import bars, pairs
from graphrisk.reporting import write_answer, write_report
from tests.analyze.books import Rows, book
from tests.cli.conftest import run_cli
from tests.worlds.build import graph_of, parties, ring

HOSTILE = "<img src=x onerror=alert(1)>"
FILES = {
    "parties.csv": "party_id,name,kind,is_client,region,industry\n"
    f"A,{HOSTILE},company,true,浙江,C\nB,乙公司,company,true,浙江,C\n"
    "C,丙公司,company,true,江苏,F\n",
    "financials.csv": "party_id,period_end_on,currency,equity\n"
    "A,2025-12-31,CNY,30\nB,2025-12-31,CNY,30\nC,2025-12-31,CNY,30\n",
    "facilities.csv": "facility_id,borrower_id,currency,outstanding\nFA,A,CNY,50\nFB,B,CNY,50\nFC,C,CNY,50\n",
    "guarantees.csv": "guarantee_id,guarantor_id,debtor_id,facility_id,amount,currency,mode\n"
    "G1,B,A,FA,50,CNY,several\nG2,C,B,FB,50,CNY,several\nG3,A,C,FC,50,CNY,several\n",
    "ratings.csv": "party_id,as_of_on,model,pd\nA,2026-06-30,own,0.02\nB,2026-06-30,own,0.02\nC,2026-06-30,own,0.02\n",
}
SCENARIO = 'name = "half of the equity is gone"\n[[shock]]\nparties = ["A"]\nloss = 1.0\n[limits]\nbank_loss = 10.0\n'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two snapshots of the circle of three, and a scenario whose limit breaks."""
    folder = tmp_path_factory.mktemp("bank")
    (folder / "data").mkdir()
    for name, text in FILES.items():
        (folder / "data" / name).write_text(text, "utf-8")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "half.toml").write_text(SCENARIO, "utf-8")
    workspace = gr.open(folder)
    workspace.load("bank_csv", folder / "data", as_of="2026-06-30")
    (folder / "data" / "facilities.csv").write_text(
        FILES["facilities.csv"].replace("FA,A,CNY,50", "FA,A,CNY,80"), "utf-8"
    )
    workspace.load("bank_csv", folder / "data", as_of="2026-09-30")
    workspace.close()
    return folder


@pytest.fixture(scope="module")
def english(project: Path) -> str:
    return write_report(gr.open(project), project / "report.html").read_text("utf-8")


def test_it_has_every_section_in_order(english: str) -> None:
    titles = re.findall(r"<h2>(.*?)</h2>", english)
    assert [
        "The book at a glance",
        "The ten most dangerous clients",
        "Guarantee circles and over-guarantee",
        "Concentration",
        "Stress",
        "What changed",
        "Data quality and rejected rows",
        "Method and certificate",
    ] == titles


def test_it_runs_nothing_and_asks_nobody(english: str) -> None:
    assert "<script" not in english
    assert "default-src 'none'" in english
    assert [] == re.findall(r"(?:src|href|action)\s*=", english.replace("img src", "").replace("src=x", ""))
    assert " style=" not in english, "the policy allows the style sheet alone"
    assert HOSTILE not in english
    assert "&lt;img src=x" in english
    assert "@page{size:A4" in english


def test_numbers_are_those_that_can_be_worked_out_by_hand(english: str) -> None:
    assert "3 borrowers owe the bank 180 CNY on 3 loans." in english
    assert "FA" in english, "the contract by which most is lost"
    assert "what is owed to the bank rises by 30 CNY from 150 CNY to 180 CNY" in english
    row = next(line for line in re.findall(r"<tr>(.*?)</tr>", english) if "half of the equity" in line)
    assert "bank loss" in row or "bank_loss" in row, "the limit that broke"


def test_the_same_data_gives_the_same_bytes(project: Path, english: str) -> None:
    again = write_report(gr.open(project), project / "again.html").read_text("utf-8")
    assert english == again


def test_in_chinese_headings_and_sentences_are_chinese(project: Path) -> None:
    text = write_report(gr.open(project), project / "zh.html", lang="zh").read_text("utf-8")
    assert '<html lang="zh-CN">' in text
    assert ["组合概览", "最危险的十个客户", "担保圈与过度担保", "集中度"] == re.findall(r"<h2>(.*?)</h2>", text)[:4]
    assert "3 户借款人共欠本行 180元" in text


def test_as_a_workbook_it_has_the_words_and_the_tables(project: Path) -> None:
    made = openpyxl.load_workbook(write_report(gr.open(project), project / "report.xlsx"))
    said = [row[0].value for row in made["Summary"].iter_rows()]
    assert "The ten most dangerous clients" in said
    assert "The ten most dangerous clients" in made.sheetnames
    assert len(made.sheetnames) >= 8


def test_what_could_not_be_run_is_said(project: Path, tmp_path: Path) -> None:
    broken = project / "scenarios" / "broken.toml"
    broken.write_text('[[shock]]\nparties = ["NOBODY"]\nloss = 0.5\n', "utf-8")
    try:
        text = write_report(gr.open(project), tmp_path / "r.html").read_text("utf-8")
    finally:
        broken.unlink()
    assert "broken.toml is not in this report: no party has the id" in html.unescape(text)


def test_another_ending_is_refused(project: Path) -> None:
    with pytest.raises(UsageError, match=r"is no \.docx"):
        write_report(gr.open(project), project / "report.docx")


def test_pdf_says_what_it_needs(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    result = gr.open(project).analyze("chains")
    with pytest.raises(UsageError) as caught:
        write_answer(result, project / "chains.pdf")
    assert "graphrisk[pdf]" in caught.value.hint
    assert not (project / "chains.pdf").exists()


def test_any_answer_goes_into_a_page_or_a_workbook(project: Path, tmp_path: Path) -> None:
    for name in ("diff.html", "diff.xlsx"):
        done = run_cli("diff", "--project", project, "-o", tmp_path / name)
        assert 0 == done.code, done.err
    page = (tmp_path / "diff.html").read_text("utf-8")
    assert "what is owed to the bank rises by 30 CNY" in page
    assert "<script" not in page
    assert {"Summary", "Parties", "Contracts"} <= set(openpyxl.load_workbook(tmp_path / "diff.xlsx").sheetnames)
    done = run_cli("report", "--project", project, "-o", tmp_path / "r.html", "--lang", "zh")
    assert 0 == done.code, done.err
    assert "组合概览" in (tmp_path / "r.html").read_text("utf-8")


WORLDS: dict[str, Rows] = {
    "empty": {},
    "parties alone": {"parties": parties("A", "B")},
    "ring": ring(4),
    "book": book(1),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("world", WORLDS)
def test_every_world_gives_sections_that_can_be_read(world: str, lang: str) -> None:
    graph = graph_of(**WORLDS[world])
    results: dict[str, Any] = {}
    for name in needs():
        analyzer = find_analyzer(name)
        params = analyzer.Params(scenarios=60) if name == "portfolio" else analyzer.Params()
        results[name] = analyzer.run(graph, params, inputs=Inputs(), progress=silent)
    declared = {table.name: table for name in results for table in find_analyzer(name).TABLES}
    made = sections_of(ReportDesk(graph=graph, lang=lang, results=results, declared=declared))
    assert made
    for section in made:
        assert section.title
        lines = " ".join(section.sentences)
        assert [] == re.findall(r"\bnan\b|\bNone\b|<NA>", lines), section.title


def test_who_is_gone_is_named_in_what_changed() -> None:
    earlier = graph_of(**{**ring(2), "parties": [*parties("P0", "P1"), {"party_id": "D", "name": "丁公司"}]})
    later, analyzer = graph_of(**ring(2)), find_analyzer("changes")
    result = analyzer.run(later, analyzer.Params(), inputs=Inputs(before=earlier), progress=silent)
    declared = {table.name: table for table in analyzer.TABLES}
    result = dataclasses.replace(result, reader=Reader(graph=later, before=earlier, tables=declared))
    desk = ReportDesk(graph=later, lang="en", results={"changes": result}, declared=declared)
    section = find_section("changes").section(desk)
    assert section is not None
    shown, reader = section.tables[0]
    assert ["D"] == shown.frame["party_id"].tolist()
    assert "丁公司" == reader.name("D")
    assert "CNY" == Reader(graph=graph_of(parties=parties("A")), before=earlier).currency


def test_a_section_is_found_by_its_order() -> None:
    orders = [find_section(name).ORDER for name in section_names()]
    assert sorted(orders) == orders
    assert len(orders) == len(set(orders))


def test_bars_are_as_long_as_their_numbers_and_labels_are_no_tags() -> None:
    chart = bars("t", [("<b>", 100.0, "100"), ("x", 50.0, "50"), ("zero", 0.0, "0")])
    lengths = [float(width) for width in re.findall(r'<rect x="230"[^>]*width="([\d.]+)"', chart)]
    assert [2.0, 1.0, 0.0] == [length / lengths[1] for length in lengths]
    assert "<b>" not in chart
    assert "" == pairs("t", [])
