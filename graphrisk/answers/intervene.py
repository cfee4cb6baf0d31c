"""Intervene: what to do, what it saves, what it costs."""

from __future__ import annotations

from typing import Any

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records

_MONEY = frozenset({"bank_loss", "equity_lost", "loss"})
_MEASURES = {"bank_loss": "本行损失", "equity_lost": "净资产损失", "loss": "总损失", "defaults": "违约户数"}
_DONE = {
    "cut": "压降{who}的授信 {contract} {money}",
    "capital": "为{who}补充资本 {money}",
    "collateral": "为{who}的授信 {contract} 追加抵质押 {money}",
    "guarantor": "为{who}的授信 {contract} 增加担保人{other}，担保 {money}",
    "release": "解除{who}的担保 {contract}（上限 {money}）",
    "split": "拆分担保圈：解除{who}的担保 {contract}（上限 {money}）",
    "claim": "压降{who}的债权 {contract} {money}",
    "stake": "出售{who}的持股 {contract} {money}",
    "delivery": "由{other}接替 {contract} 向{who}的年供货 {money}",
}
"""What each kind of action is, in Chinese; the English stands in the tables."""


def answer(result: Result, reader: Reader) -> Answer:
    """Return the actions in sentences, then the best candidates."""
    said = result.certificate
    actions, best = _told(result, reader, "intervene_actions"), _told(result, reader, "intervene_best")
    details = ((reader.pick("The best single actions", "最佳单项措施"), tuple(best)),) if best else ()
    sentences = actions[:3]
    if len(actions) > 3:
        sentences.append(
            reader.pick(f"{len(actions) - 3} more actions are in the table.", f"另有 {len(actions) - 3} 项措施见表。")
        )
    if not actions:
        sentences.append(reader.pick("No action was found that helps.", "未找到有效措施。"))
    elif said.get("reached") is not None:
        cost = reader.money(said.get("cost"))
        sentences.append(
            reader.pick(
                f"Together they cost {cost}"
                + (" and reach the target." if said["reached"] else "; the target is NOT reached."),
                f"合计成本 {cost}，" + ("达到目标。" if said["reached"] else "未达到目标。"),
            )
        )
    unit = "money" if str(said.get("measure", "bank_loss")) in _MONEY else ""
    candidates = result.candidates.assign(unit="base currency" if unit else "")
    tables = (
        show(
            result,
            reader,
            "intervene_actions",
            title=reader.pick("What to do, in order", "建议措施（按次序）"),
            first=("action", "party_id", "contract_id", "size", "cost"),
            then=("guarantor_id", "cumulative_cost"),
        ),
        show(
            result,
            reader,
            "intervene_candidates",
            title=reader.pick("Single actions, the most saved for its cost first", "单项措施（按单位成本效果排序）"),
            frame=candidates,
            first=("action", "party_id", "contract_id", "cost", "effect", "measure_after"),
            then=("size", "guarantor_id", "effect_per_cost"),
            unit_column="unit",
        ),
    )
    return Answer(sentences=tuple(sentences), details=details, tables=tables)


def _told(result: Result, reader: Reader, table: str) -> list[str]:
    """Return the actions of a table in sentences."""
    rows = records(result.tables[table])
    if not reader.zh:
        return [str(row["sentence"]) for row in rows]
    measure = str(result.certificate.get("measure", "bank_loss"))
    return [_in_chinese(row, measure, reader) for row in rows]


def _in_chinese(row: dict[str, Any], measure: str, reader: Reader) -> str:
    def said(value: Any) -> str:
        return reader.money(value) if measure in _MONEY else f"{value:,.0f} 户"

    done = _DONE[str(row["action"])].format(
        who=reader.party(row["party_id"]),
        contract=row["contract_id"],
        other=reader.party(row["guarantor_id"]),
        money=reader.money(row["size"]),
    )
    if "saves" in row:
        unit = f"（{row['cost_unit']}）" if row["cost_unit"] else ""
        return f"{done}：减少{_MEASURES[measure]} {said(row['saves'])}，成本 {reader.money(row['cost'])}{unit}。"
    after = "不可计算" if row["measure_after"] is None else said(row["measure_after"])
    return f"{done}：{_MEASURES[measure]}由 {said(row['measure_before'])} 变为 {after}。"
