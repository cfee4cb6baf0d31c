"""The workbook of guarantee circles: the supervisors' columns, cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from graphrisk.answers.reader import Reader
from graphrisk.errors import UsageError
from graphrisk.export import cn_circles
from graphrisk.exporting import export_tables
from tests.published.test_ownership import vector
from tests.worlds.build import graph_of


def _book(path: Path, lang: str) -> Any:
    graph = graph_of(
        parties=[
            {"party_id": "A", "name": "甲公司", "region": "浙江"},
            {"party_id": "B", "region": "江苏"},
            {"party_id": "C"},
        ],
        financials=[{"party_id": "A", "equity": 50.0, "total_assets": 90.0, "total_liabilities": 50.0}],
        facilities=[
            {"facility_id": "F1", "borrower_id": "A", "outstanding": 60.0, "limit_amount": 75.0},
            {"facility_id": "F2", "borrower_id": "B", "outstanding": 20.0, "classification": "次级"},
            {"facility_id": "F3", "borrower_id": "C", "outstanding": 20.0, "days_past_due": 10},
        ],
        guarantees=[
            {"guarantor_id": "A", "debtor_id": "B", "amount": 20.0},
            {"guarantor_id": "B", "debtor_id": "A", "amount": 60.0},
            {"guarantor_id": "A", "debtor_id": "C", "facility_id": "F3", "amount": 35.0},
        ],
    )  # fmt: skip
    cn_circles.write({}, graph, path, reader=Reader(lang=lang, graph=graph))
    return openpyxl.load_workbook(path)


def test_the_columns_are_those_of_the_supervisors_table(tmp_path: Path) -> None:
    made = _book(tmp_path / "circles.xlsx", "en")
    heads, row = [[cell.value for cell in line] for line in made["Circles"].iter_rows()]
    said = {str(head).removesuffix(" (CNY)"): value for head, value in zip(heads, row, strict=True)}
    wanted = [name.removesuffix(" %") for name in vector("cn_guarantee_circle_rules")["columns_per_circle"]]
    assert [] == [name for name in wanted if name not in said]
    assert {
        "name": "甲公司 circle", "region": "浙江", "firms": 3, "lending banks": 1, "guarantee relations": 3,
        "loans": 100.0,
        "guaranteed loans": 100.0, "guaranteed loans / (assets - liabilities)": 2.5, "mutually guaranteed loans": 80.0,
        "share of core client": 0.6, "share of the three largest": 1.0, "NPL": 20.0, "NPL ratio": 0.2,
        "overdue up to 90 days": 20.0, "off-balance": 15.0,
    }.items() <= said.items()  # fmt: skip
    findings = [[cell.value for cell in line] for line in made["Findings"].iter_rows()][1:]
    assert [("A", "net assets", "breach"), ("B", "net assets", "unknown")] == [(f[0], f[2], f[3]) for f in findings]


def test_it_speaks_the_language_of_the_project(tmp_path: Path) -> None:
    made = _book(tmp_path / "circles.xlsx", "zh")
    assert ["汇总", "担保圈", "规模分布", "圈内企业", "规则检查"] == made.sheetnames
    assert "甲公司担保圈" == made["担保圈"]["A2"].value


def test_it_takes_no_table(tmp_path: Path) -> None:
    graph = graph_of(parties=[{"party_id": "A"}])
    given: Any = (None, graph, "en", ["parties"], "cn-circles", tmp_path / "x.xlsx")
    with pytest.raises(UsageError, match="workbook of its own"):
        export_tables(*given, whole=dict, scored=len, result_of=len)  # type: ignore[arg-type]
