"""Source columns that nothing takes, and that look like one that the table lacks: `share` for share_min, share_max."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

from graphrisk.loading.gather import Gathered

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WEAK = frozenset(
    ["id", "on", "at", "of", "is", "the", "no", "nr", "num", "number", "code", "name", "type", "date", "day", "dt",
     "flag", "value", "pct", "percent", "percentage", "cny", "rmb", "usd", "eur", "hkd", "jpy", "gbp", "ccy", "yuan",
     "元", "万元", "亿元"]
)  # fmt: skip
"""Words that say how a thing is written, not which thing it is."""
_CLOSE = 0.8
"""Similarity (difflib's ratio) from which two words are one with a slip: rates, outstandng, incorporation."""
_CHINESE = {
    "持股": ("share_min", "share_max"), "出资比例": ("share_min", "share_max"), "股权比例": ("share_min", "share_max"),
    "占比": ("share_min", "share_max"), "股份": ("share_min", "share_max"),
    "表决权": ("votes_min", "votes_max"), "投票权": ("votes_min", "votes_max"),
    "利率": ("rate",), "余额": ("outstanding",), "额度": ("limit_amount",), "授信": ("limit_amount",),
    "到期": ("maturity_on", "to_on"), "起始": ("start_on", "from_on"), "放款": ("start_on",),
    "逾期天数": ("days_past_due",), "五级分类": ("classification",), "违约损失率": ("lgd",), "违约概率": ("pd",),
    "产品": ("product",), "币种": ("currency",), "行业": ("industry",), "地区": ("region",), "省": ("region",),
    "规模": ("size",), "状态": ("status",), "统一社会信用代码": ("national_id",), "注册号": ("national_id",),
    "证件号": ("national_id",), "成立日期": ("incorporated_on",), "上市": ("listed",), "国家": ("country",),
    "电话": ("phone",), "地址": ("address",),
    "净资产": ("equity",), "所有者权益": ("equity",), "总资产": ("total_assets",), "资产总计": ("total_assets",),
    "总负债": ("total_liabilities",), "负债合计": ("total_liabilities",), "营业收入": ("sales",), "销售": ("sales",),
    "营业成本": ("material_cost",), "净利润": ("net_income",), "担保金额": ("amount",), "金额": ("amount",),
    "评估日": ("valued_on",), "折扣": ("haircut",), "抵押顺位": ("rank",), "等级": ("grade",), "关键": ("essential",),
}  # fmt: skip

_ENGLISH = {
    "percentage": ("share_min", "share_max"), "percent": ("share_min", "share_max"), "pct": ("share_min", "share_max"),
    "voting": ("votes_min", "votes_max"), "stake": ("share_min", "share_max"),
    "holding": ("share_min", "share_max"), "ownership": ("share_min", "share_max"),
    "voting share": ("votes_min", "votes_max"), "voting rights": ("votes_min", "votes_max"),
    "due date": ("maturity_on",), "end date": ("maturity_on", "to_on"), "dpd": ("days_past_due",),
    "overdue days": ("days_past_due",), "days overdue": ("days_past_due",), "credit limit": ("limit_amount",),
    "coupon": ("rate",), "class": ("classification",), "loan class": ("classification",), "pledger": ("owner_id",),
    "province": ("region",), "sector": ("industry",), "established": ("incorporated_on",),
    "founded": ("incorporated_on",),
    "revenue": ("sales",), "turnover": ("sales",), "net profit": ("net_income",), "net assets": ("equity",),
    "cogs": ("material_cost",), "inventories": ("inventory",), "haircut rate": ("haircut",), "priority": ("rank",),
}  # fmt: skip


def near_columns(header: str, lacking: Iterable[str]) -> tuple[str, ...]:
    """Return which of the `lacking` columns a header may have meant; the equal ones alone where there are any."""
    plain = unicodedata.normalize("NFKC", header)
    said = _words(plain)
    names = list(dict.fromkeys(lacking))
    meant = {target for words, targets in _CHINESE.items() if words in plain for target in targets}
    meant |= set(_ENGLISH.get(" ".join(said), ())) | set(_ENGLISH.get(" ".join(_strong(said)), ()))
    for alike in (_equal, lambda _, name: "_".join(name) in meant, _part):
        found = tuple(name for name in names if alike(said, _words(name)))
        if found:
            return found
    return ()


def near_of(gathered: Gathered) -> dict[str, list[str]]:
    """Return by table what to say of source columns that nothing takes and that look like one that is lacking.

    A column that the loader ignores by its name was decided upon; one that falls under `ignore = ["*"]` was not.
    """
    said: dict[str, dict[str, None]] = {}
    for table, source, fitted in gathered.fed:
        decided = {header.casefold() for header in source.input.ignore} | set(fitted.source.values())
        for header in source.raw.columns.column_names:
            if header in decided or header.strip().casefold() in decided:
                continue
            near = near_columns(header, fitted.missing_columns)
            if near:
                told = f"column {header.strip()} is not used: did you mean {', '.join(near)}?"
                said.setdefault(table, {})[f"{source.raw.label}: {told}"] = None
    return {table: list(told) for table, told in said.items()}


def _words(name: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_CAMEL.sub("_", name))]


def _strong(words: list[str]) -> list[str]:
    return [word for word in words if word not in _WEAK]


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    return min(len(one), len(other)) >= 4 and difflib.SequenceMatcher(None, one, other).ratio() >= _CLOSE


def _equal(said: list[str], name: list[str]) -> bool:
    """Whether two names have the same words, in any order, written together or with a slip."""
    if "".join(said) == "".join(name) or (len("".join(name)) >= 6 and _same("".join(said), "".join(name))):
        return True
    one, other = _strong(said), _strong(name)
    return bool(one) and len(one) == len(other) and all(any(_same(a, b) for b in other) for a in one)


def _part(said: list[str], name: list[str]) -> bool:
    """Whether one name is part of the other: `share` of share_min; `rate`, at the end, of interest_rate."""
    one, other = _strong(said), _strong(name)
    if not one or not other:
        return False
    if len(one) < len(other):
        return all(any(_same(a, b) for b in other) for a in one)
    return len(one) > len(other) and _same(one[-1], other[-1]) and all(any(_same(a, b) for a in one) for b in other)
