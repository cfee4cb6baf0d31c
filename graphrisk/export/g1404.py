"""Large exposures to groups of clients and to economically dependent clients in the shape of China's form G1404.

One sheet, one line a group without banks: all that are above 2.5 % of Tier 1, or every group where our capital is not
known. Amounts are in 10,000 units of the base currency, ratios in per cent, both with two decimals. Columns of which
the data says nothing (securitisations, trading book, acceptances ...) are empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.answers.workbook import Heading, writing
from graphrisk.export.cells import single_file
from graphrisk.graph.riskgraph import RiskGraph, rows_that_say

if TYPE_CHECKING:
    import pyarrow as pa

FOR_PEOPLE = True
NEEDS: tuple[str, ...] = ()
"""Reads the book itself, no answers of analyzers, and takes no tables."""

REGIME = "cn"
UNIT = 10_000.0
COLUMNS = (
    "日期",
    "序号",
    "客户类型",
    "客户名称",
    "客户代码",
    "风险暴露总和",
    "其中不可豁免",
    "占一级资本净额比例",
    "其中不可豁免占比",
    "一般风险暴露",
    "其中各项贷款",
    "其中债券投资",
    "特定风险暴露",
    "资产管理产品",
    "其中信托产品",
    "其中非保本理财",
    "其中证券业资管产品",
    "资产证券化产品",
    "交易账簿风险暴露",
    "交易对手信用风险暴露",
    "潜在风险暴露",
    "其中银行承兑汇票",
    "其中跟单信用证",
    "其中保函",
    "其中贷款承诺",
    "其他风险暴露",
    "风险缓释转出的风险暴露(转入为负数)",
    "不考虑风险缓释作用的风险暴露总和",
)
_MONEY = frozenset(COLUMNS[5:7] + COLUMNS[9:])
_RATIOS = frozenset(("占一级资本净额比例", "其中不可豁免占比"))


def write(
    tables: Mapping[str, pa.Table],  # noqa: ARG001 - the book itself is read
    graph: RiskGraph,
    path: Path,
    *,
    reader: Any = None,  # noqa: ARG001 - the form is Chinese
    results: Sequence[Any] = (),  # noqa: ARG001
) -> list[Path]:
    """Write one workbook with the form; return it."""
    lines = form(graph)
    headings = [
        Heading(text=name, kind="money" if name in _MONEY or name in _RATIOS else "text", width=14) for name in COLUMNS
    ]
    with writing(single_file(path), graph.as_of) as book:
        book.sheet("G1404", headings, [[line.get(name) for name in COLUMNS] for line in lines], count=len(lines))
    return [path]


def form(graph: RiskGraph) -> list[dict[str, Any]]:
    """Return the lines of the form, the largest exposure first."""
    from graphrisk.credit.exposure_values import our_exposures, owed_by
    from graphrisk.regimes.exposure_rule import find_exposure_regime
    from graphrisk.standing.connected import connected, memberships

    rule = find_exposure_regime(REGIME).on(graph.as_of)[0]
    found = connected(graph, rule)
    ours = our_exposures(graph)
    groups = found.groups
    member, group = memberships(groups)
    owed = owed_by(ours, member, group, len(groups))
    bonds = owed_by(ours.only_bonds(graph), member, group, len(groups)).exposure
    undrawn = owed_by(ours.undrawn(), member, group, len(groups)).exposure
    bank = rows_that_say(graph, "parties", "kind", "bank")
    stated = graph.settings.get("capital.tier1")
    tier1 = float(stated) if stated else float("nan")
    after = owed.exposure - owed.mitigation
    names = graph.texts("parties", "name")
    lines: list[dict[str, Any]] = []
    for k in sorted(range(len(groups)), key=lambda k: (-float(after[k]), k)):
        large = tier1 != tier1 or owed.exposure[k] > rule.large * tier1
        if bank[list(groups[k].members)].all() or not large or owed.exposure[k] <= 0.0:
            continue
        ratio = None if tier1 != tier1 else round(100.0 * float(after[k]) / tier1, 2)
        lines.append(
            {
                "日期": graph.as_of.isoformat(),
                "序号": str(len(lines) + 1),
                "客户类型": "集团客户" if groups[k].basis == 1 else "经济依存客户",
                "客户名称": str(names[groups[k].head]),
                "客户代码": found.ids[k],
                "风险暴露总和": _units(after[k]),
                "其中不可豁免": _units(after[k]),
                "占一级资本净额比例": ratio,
                "其中不可豁免占比": ratio,
                "一般风险暴露": _units(owed.exposure[k] - undrawn[k]),
                "其中各项贷款": _units(owed.loan[k]),
                "其中债券投资": _units(bonds[k]),
                "潜在风险暴露": _units(undrawn[k]),
                "其中贷款承诺": _units(undrawn[k]),
                "风险缓释转出的风险暴露(转入为负数)": _units(owed.mitigation[k]),
                "不考虑风险缓释作用的风险暴露总和": _units(owed.exposure[k]),
            }
        )
    return lines


def _units(amount: float) -> float:
    return round(float(amount) / UNIT, 2)
