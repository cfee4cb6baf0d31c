"""The sentences of `owners` in Chinese, made from the columns of its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records

if TYPE_CHECKING:
    import pandas as pd

_WORDS = {
    "ownership": "持有",
    "control": "控制该主体，持有",
    "ownership_and_control": "持股并控制，持有",
    "undisclosed": "（已申报但未列名）持有",
}
_SHOWN = 5


def headline(result: Result, reader: Reader) -> list[str]:
    """Return the answer in one to four sentences."""
    said = result.certificate
    rule = f"{said['regime']}（{said['version']}，规则日 {said['day']}）"
    if result.params.get("listed"):
        return [_list(result.tables["owners_listed"]), f"规则：{rule}。"]
    owners, party = result.tables["owners_owners"], result.params.get("party")
    sentences = [_one(owners, str(party), reader)] if party else _book(owners)
    if "against" in said:
        count = result.tables["owners_changes"]["change"].value_counts().to_dict()
        other = said["against"]
        sentences.append(
            f"按 {other['regime']}（{other['version']}），新增受益所有人 {count.get('becomes', 0):,} 个，"
            f"不再是受益所有人 {count.get('ceases', 0):,} 个。"
        )
    return [*sentences, f"规则：{rule}。"]


def _book(owners: pd.DataFrame) -> list[str]:
    named = owners[~owners["basis"].isin(["senior_manager", "undisclosed"])]
    sure = named[named["certain"].fillna(False).astype(bool)]
    said = [
        f"{sure['owner_id'].nunique():,} 人是 {sure['party_id'].nunique():,} 个主体的确定受益所有人；"
        f"另有 {len(named) - len(sure):,} 对可能成立。"
    ]
    hidden = owners[owners["basis"] == "undisclosed"]
    if len(hidden):
        said.append(f"{hidden['party_id'].nunique():,} 个主体有已申报但未列名的所有人。")
    return said


def _one(owners: pd.DataFrame, party: str, reader: Reader) -> str:
    called = reader.party(party)
    graph = reader.graph
    if graph is not None and str(graph.texts("parties", "kind")[graph.position(party)]) == "person":
        return f"{called}是自然人：受益所有人只针对企业等主体查询。"
    if owners.empty:
        return f"本数据中{called}没有受益所有人，也没有高级管理人员的记录。"
    parts = []
    for row in records(owners.head(_SHOWN)):
        name = reader.party(row["owner_id"])
        if row["basis"] == "senior_manager":
            parts.append(f"{name}（无受益所有人时的高级管理人员）")
        else:
            sure = "确定" if row["certain"] else "可能"
            parts.append(f"{name}{_WORDS[str(row['basis'])]} {_span(row['capital_min'], row['capital_max'])}（{sure}）")
    more = f"；另有 {len(owners) - _SHOWN:,} 个" if len(owners) > _SHOWN else ""
    return f"{called}：{'；'.join(parts)}{more}。"


def _span(low: float | None, high: float | None) -> str:
    if low is None or high is None or low != low or high != high:
        return "份额不详"
    if abs(high - low) < 1e-9:
        return f"{100 * low:.4g}%"
    return f"{100 * low:.4g}% 至 {100 * high:.4g}%"


def _list(found: pd.DataFrame) -> str:
    sure = int(found["reached"].fillna(False).astype(bool).sum())
    maybe = int(found["reached"].isna().sum())
    flags = int(found["red_flag"].fillna(False).astype(bool).sum())
    more = f"，另有 {maybe:,} 个取决于未知持股" if maybe else ""
    return f"名单确定触及 {sure:,} 个主体{more}；需警惕 {flags:,} 个。"
