"""Groups, limits, relations and prechecks are answered to a Chinese reader without a word of English."""

from __future__ import annotations

import re
from typing import Any

import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.analyze.needs import computed
from graphrisk.answers.base import answer_of
from graphrisk.answers.column_words import column_word, table_word, value_word
from graphrisk.answers.reader import Reader
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from tests.analyze.prechecks import prechecked_with_graph
from tests.worlds.build import graph_of

NAMES = ("甲公司", "乙公司", "丙公司", "丁公司", "戊先生")
ENGLISH = re.compile(r"\b(of|the|is|are|depends|controls|votes|head|same|owns|guarantees|address|client|group|loans)\b")


def book() -> dict[str, list[dict[str, Any]]]:
    return {
        "parties": [
            {"party_id": one, "name": one, "is_client": True, "kind": "person" if one.endswith("先生") else "company"}
            for one in NAMES
        ],
        "facilities": [
            {"facility_id": f"贷{k}", "borrower_id": one, "outstanding": 90.0 + k} for k, one in enumerate(NAMES)
        ],
        "financials": [{"party_id": one, "equity": 40.0, "sales": 100.0} for one in NAMES],
        "control": [{"controller_id": "甲公司", "controlled_id": "乙公司", "basis": "board"}],
        "ownership": [{"owner_id": "乙公司", "owned_id": "丙公司", "share_min": 0.6, "share_max": 0.7}],
        "dependencies": [{"dependent_id": "丁公司", "on_id": "丙公司", "criterion": "repayment_source"}],
        "guarantees": [{"guarantee_id": "保1", "guarantor_id": "戊先生", "debtor_id": "丁公司", "amount": 50.0}],
        "supplies": [{"supplier_id": "丙公司", "buyer_id": "戊先生", "amount": 80.0}],
        "ties": [{"a_id": "甲公司", "b_id": "戊先生", "kind": "address"}],
    }


def told(result: Result, graph: RiskGraph) -> str:
    declared = {table.name: table for table in find_analyzer(result.analyzer).TABLES}
    answer = answer_of(result, Reader(lang="zh", graph=graph, tables=declared))
    words = [*answer.sentences]
    for table in answer.tables:
        words += [str(cell) for name in table.first + table.then if name in ("evidence", "why", "detail", "reason")
                  and name in table.frame for cell in table.frame[name]]  # fmt: skip
    return "\n".join(words)


@pytest.mark.parametrize(
    ("analyzer", "params", "said"),
    [
        ("groups", {}, "5 户客户属于 1 个关联客户组"),
        ("groups", {"party": "丁公司"}, "依赖 丙公司：还款来源，人工认定"),
        ("groups", {"party": "乙公司"}, "甲公司 控制该户（董事会）"),
        ("limits", {"tier1": 1000.0}, "占用最高的是集团 丁公司：风险暴露占一级资本净额的 46.00%"),
        ("limits", {}, "但本行资本未知，无法计算比例"),
        ("relations", {}, "地址：甲公司 - 戊先生"),
    ],
)
def test_answers_are_chinese(analyzer: str, params: dict[str, Any], said: str) -> None:
    graph = graph_of(**book())
    found = told(computed(graph)(Ask(key=analyzer, analyzer=analyzer, params=params)), graph)
    assert said in found
    assert not ENGLISH.search(re.sub(r"规则：.*", "", found)), found  # the rule has its own name


def test_a_precheck_is_told_in_chinese() -> None:
    proposed = {"guarantees": [{"guarantee_id": "保2", "guarantor_id": "丁公司", "debtor_id": "戊先生", "amount": 9.0}]}
    found = told(*prechecked_with_graph(book(), proposed, loss_added=1.0))
    for said in ("其违约新增的本行损失", "对外担保上限与净资产之比", "户的 2 笔贷款"):
        assert said in found
    assert not ENGLISH.search(found), found


@pytest.mark.parametrize("analyzer", ["groups", "limits", "relations", "collateral", "precheck", "changes"])
def test_every_table_column_and_category_has_a_chinese_word(analyzer: str) -> None:
    chinese = re.compile("[\u4e00-\u9fff]")
    for table in find_analyzer(analyzer).TABLES:
        assert chinese.search(table_word(table.name, "zh")), table.name
        for column in table.columns:
            if not column.name.endswith("_zh"):  # shown in the place of its twin
                assert chinese.search(column_word(column.name, "zh", table.name)), (table.name, column.name)
            for value in column.choices:
                assert chinese.search(value_word(value, "zh")), (table.name, value)


def test_a_client_whose_own_id_looks_like_that_of_a_group_keeps_its_name_and_gives_it_to_its_group() -> None:
    graph = graph_of(
        parties=[{"party_id": one, "name": f"Firm {one}", "is_client": True} for one in ("A", "A#2", "B", "C", "D")],
        facilities=[{"facility_id": one, "borrower_id": one, "outstanding": 90.0} for one in ("A", "A#2", "B", "C")],
        dependencies=[{"dependent_id": a, "on_id": b} for a, b in (("A", "B"), ("A", "C"), ("A#2", "D"))],
    )
    result = computed(graph)(Ask(key="limits", analyzer="limits", params={"tier1": 1000.0}))
    shown = answer_of(
        result, Reader(lang="en", graph=graph, tables={t.name: t for t in find_analyzer("limits").TABLES})
    )
    uses = shown.tables[0].frame
    names = {
        (kind, one): name for kind, one, name in zip(uses["subject"], uses["subject_id"], uses["name"], strict=True)
    }
    assert names["client", "A#2"] == "Firm A#2"
    assert names["group", "A"] == names["group", "A#2"] == "Firm A and others"
    assert names["group", "A#2#2"] == "Firm A#2 and others"
