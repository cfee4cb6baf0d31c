"""The canonical tables in Chinese, for notes and headings: each word stands here once."""

from __future__ import annotations

TABLES_ZH = {
    "parties": "主体",
    "facilities": "授信",
    "collateral": "抵质押物",
    "ownership": "持股",
    "control": "控制",
    "guarantees": "担保",
    "supplies": "供销",
    "exposures": "债权",
    "pledges": "抵质押",
    "dependencies": "经济依赖",
    "ties": "人员关联",
    "fund_flows": "资金往来",
    "financials": "财务报表",
    "behaviour": "账户行为",
    "events": "事件",
    "ratings": "评级",
    "relationship": "客户关系",
    "fx": "汇率",
    "co_borrowers": "共同借款人",
    "rebuttals": "反证",
    "declared_groups": "申报集团",
    "combined": "合并",
}
"""`combined` is the layer of all relations together."""


def table_zh(name: str) -> str:
    """Return a table or layer in Chinese; its own name where it has no word.

    >>> table_zh("ownership"), table_zh("mine")
    ('持股', 'mine')
    """
    return TABLES_ZH.get(name, name)
