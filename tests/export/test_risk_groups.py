"""Groups of connected clients in forms of others: FIRE entities and the Chinese form G1404."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from graphrisk.export import fire, g1404
from graphrisk.graph.riskgraph import RiskGraph
from tests.published.test_ownership import vector
from tests.worlds.build import graph_of


def book() -> RiskGraph:
    graph = graph_of(
        parties=[*({"party_id": one, "size": "small", "country": "CN"} for one in "ABCD"),
                 {"party_id": "H", "name": "甲控股"}, {"party_id": "OURS", "kind": "bank"}],
        facilities=[{"facility_id": f"F{one}", "borrower_id": one, "outstanding": due, "limit_amount": limit}
                    for one, due, limit in (("A", 4e6, 5e6), ("B", 3e6, None), ("C", 2e6, None), ("D", 1e6, None))],
        exposures=[{"creditor_id": "OURS", "debtor_id": "A", "amount": 2e6, "kind": "bond"}],
        control=[{"controller_id": "H", "controlled_id": one} for one in "AB"],
        dependencies=[{"dependent_id": "D", "on_id": one} for one in "ABC"],
        collateral=[{"collateral_id": "K", "kind": "cash", "value": 5e5}],
        pledges=[{"facility_id": "FB", "collateral_id": "K"}],
    )  # fmt: skip
    return replace(graph, settings={**graph.settings, "bank.party_id": "OURS", "capital.tier1": "1e8"})


def test_a_client_of_several_groups_loses_none_in_fire(tmp_path: Path) -> None:
    graph = graph_of(
        parties=[{"party_id": one} for one in "ABCD"],
        facilities=[{"facility_id": f"F{one}", "borrower_id": one, "outstanding": due}
                    for one, due in (("A", 1.0), ("B", 5.0), ("C", 3.0), ("D", 1.0))],
        dependencies=[{"dependent_id": "D", "on_id": one} for one in "ABC"],
    )  # fmt: skip
    (file,) = fire.write({}, graph, tmp_path / "fire.json")
    found = {one["id"]: one for one in json.loads(file.read_text("utf-8"))["data"]["entity"]}
    assert {"B", "C", "A"} == set(found["D"]["risk_groups"])
    assert ["B", "C", "A"] == found["D"]["risk_groups"]
    assert ("B", "C") == (found["D"]["risk_group_id"], found["D"]["risk_group_id_2"])
    assert ["A"] == found["A"]["risk_groups"]
    assert "risk_group_id_2" not in found["A"]
    entity = next(one for one in fire.entities(book()) if one["id"] == "A")
    assert {"type": "small_sme", "date": "2026-09-30T00:00:00Z", "parent_id": "H"}.items() <= entity.items()


def test_the_form_g1404_has_the_columns_of_the_form_and_its_sums_agree(tmp_path: Path) -> None:
    assert tuple(vector("g1404_shape")["columns"]) == g1404.COLUMNS
    (file,) = g1404.write({}, book(), tmp_path / "g1404.xlsx")
    head, *lines = [[cell.value for cell in line] for line in openpyxl.load_workbook(file)["G1404"].iter_rows()]
    assert list(g1404.COLUMNS) == head
    (first, second) = (dict(zip(head, line, strict=True)) for line in lines)
    assert ("经济依存客户", "甲控股", "A") == (first["客户类型"], first["客户名称"], first["客户代码"])
    assert {
        "风险暴露总和": 1050.0,
        "占一级资本净额比例": 10.5,
        "一般风险暴露": 1000.0,
        "其中各项贷款": 800.0,
        "其中债券投资": 200.0,
        "潜在风险暴露": 100.0,
        "其中贷款承诺": 100.0,
        "风险缓释转出的风险暴露(转入为负数)": 50.0,
        "不考虑风险缓释作用的风险暴露总和": 1100.0,
    }.items() <= first.items()
    parts = ("一般风险暴露", "特定风险暴露", "交易账簿风险暴露", "交易对手信用风险暴露", "潜在风险暴露", "其他风险暴露")
    for line in (first, second):
        total = sum(line[name] or 0.0 for name in parts) - line["风险缓释转出的风险暴露(转入为负数)"]
        assert total == pytest.approx(line["风险暴露总和"])
    assert "C" == second["客户代码"]
