"""What people read in Chinese: findings, and how a loss came about."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from graphrisk.analyze.base import analyzer_names, find_analyzer
from graphrisk.analyze.needs import computed
from graphrisk.analyze.quality.analysis import CHECKS, summary_notes
from graphrisk.analyze.quality.check import Scope
from graphrisk.answers import words_of_tools
from graphrisk.answers.base import answer_of
from graphrisk.answers.coded_words import in_chinese
from graphrisk.answers.column_words import column_word, table_word, value_word
from graphrisk.answers.reader import Reader
from graphrisk.answers.words_of_findings import finding_in_chinese, names_in_chinese
from graphrisk.model.ask import Ask
from graphrisk.model.catalog import CATALOG
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.views.base import view_names
from tests.analyze.books import book
from tests.analyze.test_changes import changes, graph
from tests.worlds.build import AS_OF, graph_of, parties, ring

HAN = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b(the|of|and|was|were|loses|fails|have|has|with|from)\b")


def reader_of(name: str, graph: Any, lang: str = "zh") -> Reader:
    return Reader(lang=lang, graph=graph, tables={table.name: table for table in find_analyzer(name).TABLES})


def test_every_analyzer_and_view_has_a_chinese_line() -> None:
    assert set(analyzer_names()) == set(words_of_tools.ANALYZERS)
    assert set(view_names()) == set(words_of_tools.VIEWS)


def test_every_category_heading_and_title_of_an_answer_has_chinese_words() -> None:
    tables = [*CATALOG.values(), *(table for name in analyzer_names() for table in find_analyzer(name).TABLES)]
    names = {"lei", "pagerank", "merton", "ohlson", "zmijewski", "altman_em", "altman_z", "altman_z1", "altman_z2"}
    names |= {"aalen_johansen", "jlt"}
    for table in tables:
        for column in table.columns:
            assert HAN.search(column_word(column.name, "zh", table.name)) or column.name in names, column.name
            for value in column.choices or ():
                assert HAN.search(value_word(value, "zh")) or value in names, (table.name, value)
        assert table.role != "score" or HAN.search(table_word(table.name, "zh")), table.name


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("cause", "guarantee:G1", "担保 G1"),
        ("segment", "C / micro / clean / old", "C / 微型 / 良好 / 老客户"),
        ("segment", "micro", "微型"),
        ("fact", "financials.total_assets", "财务报表.总资产"),
        ("evidence", "days_past_due 0 → 100", "逾期天数 0 → 100"),
        ("codes", "missing 32", "缺失 32"),
        ("definition", "(current_assets - inventory) / current_liabilities", "(流动资产 - 存货) / 流动负债"),
        ("scale", "0 at 90, 100 at 0", "90 得 0 分，0 得 100 分"),
        ("name", "missing", "missing"),
        ("severity", "medium", "中"),
        ("ratio", "cash", "现金比率"),
    ],
)
def test_codes_in_columns_of_text_are_read_in_chinese(column: str, text: str, said: str) -> None:
    assert said == in_chinese(column, text)


def test_every_check_has_chinese_words() -> None:
    assert {check.name for check in CHECKS} == names_in_chinese()
    assert "another package's words" == finding_in_chinese("elsewhere", "表", 3, "another package's words")


@pytest.mark.parametrize("seed", [2, 5])
def test_findings_are_told_in_chinese(seed: int) -> None:
    graph = graph_of(**book(seed))
    found = computed(graph)(Ask(key="quality", analyzer="quality", params={}))
    answer = answer_of(found, reader_of("quality", graph))
    (table,) = [shown.frame for shown in answer.tables if shown.table == "quality_findings"]
    assert len(table) == len(found.findings) > 3
    for text in (*answer.sentences, *table["finding"], *table["action"]):
        assert not ENGLISH.search(text), text
    for note in summary_notes(found):
        assert not ENGLISH.search(note.chinese), note.chinese
    assert isinstance(Scope(graph=graph, params=None).shared, dict)
    plain = answer_of(found, reader_of("quality", graph, "en")).tables[0].frame
    assert plain["finding"].tolist() == found.findings["finding"].tolist()


def explained(party: str, shock: dict[str, float], rows: dict[str, Any]) -> tuple[Result, Reader]:
    graph = graph_of(**rows)
    explain = find_analyzer("explain")
    found = explain.run(graph, explain.Params(party=party), inputs=Inputs(shocks=shock), progress=silent)
    return found, reader_of("explain", graph)


def test_how_a_guarantor_falls_is_told_in_chinese() -> None:
    rows = ring(4)
    rows["parties"] = [{**row, "name": f"甲{k}"} for k, row in enumerate(rows["parties"])]
    found, reader = explained("P2", {"P0": 1.0}, rows)
    answer = answer_of(found, reader)
    assert answer.sentences == ("甲2（P2）在第 2 轮违约（原因：担保 G1）：冲击使其损失增加 30元。",)
    details = dict(answer.details)
    assert [len(found.path), len(found.lines), len(found.contracts)] == [len(lines) for lines in details.values()]
    way = details["传导过程"]
    assert way[0] == "甲0（P0）初始即受到冲击。"
    assert way[-1] == "甲2（P2）为甲1（P1）（授信 F1）提供的担保 G1 被要求代偿：支付 30元。甲2（P2）在第 2 轮违约。"
    assert "另有 20元 无力代偿" in details["损失构成（由大到小）"][0]
    for lines in details.values():
        assert not [line for line in lines if ENGLISH.search(line) or "None" in line]


@pytest.mark.parametrize("seed", [1, 3, 7])
def test_every_kind_of_line_has_chinese_words(seed: int) -> None:
    rows = book(seed)
    found, reader = explained("P03", {"P01": 1.0, "P05": 1.0}, rows)
    answer = answer_of(found, reader)
    told = [line for _, lines in answer.details for line in lines] + list(answer.sentences)
    assert told
    assert not [line for line in told if ENGLISH.search(line) or re.search(r"None|nan", line)]


def test_a_party_that_loses_nothing_is_told_so() -> None:
    found, reader = explained("P1", {"A": 1.0}, {**ring(2), "parties": [*ring(2)["parties"], *parties("A")]})
    assert answer_of(found, reader).sentences == ("P1在该冲击下没有损失，也不违约。",)


def test_reasons_of_changes_are_told_in_chinese() -> None:
    old, new = ring(4), copy.deepcopy(ring(4))
    new["facilities"][1]["outstanding"] = 80_000.0
    new["facilities"].append({"facility_id": "FN", "borrower_id": "P0", "outstanding": 9.0, "start_on": AS_OF})
    new["guarantees"] = [row for row in new["guarantees"] if row["guarantee_id"] != "G2"]
    new["guarantees"].append({"guarantee_id": "GX", "guarantor_id": "P0", "debtor_id": "P2", "amount": 5.0})
    new["financials"][3] = {**new["financials"][3], "equity": -1.0}
    new["parties"][2] = {**new["parties"][2], "status": "watch"}
    new["ratings"] = [{"party_id": "P1", "grade": "C", "pd": 0.2}]
    new["parties"] += parties("N")
    result = changes(old, new)
    reader = Reader(
        lang="zh", graph=graph(new), tables={table.name: table for table in find_analyzer("changes").TABLES}
    )
    answer = answer_of(result, reader)
    told = {row["party_id"]: row["reason"] for row in answer.tables[0].frame.to_dict("records")}
    assert told["P1"].startswith("授信 F1：余额 50 → 8万；")
    assert "评级 无违约概率 → C (PD 20.00%)" in told["P1"]
    assert told["N"] == "新增主体"
    assert "状态 未知 → 关注" in told["P2"]
    assert "净资产 30 → -1（2025-12-31 报表）" in told["P3"]
    assert "新增授信 FN：9" in told["P0"]
    for table in answer.tables:
        for reason in table.frame["reason"]:
            assert not re.search(r"\b(new|gone|changed|unknown|rating|equity|guarantee|facility|began|no)\b", reason), (
                reason
            )
    assert (result.parties["reason"] != result.parties["reason_zh"]).all()
