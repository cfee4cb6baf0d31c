"""Check before signing: what breaks, what closes, what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphrisk.answers.base import Answer, Shown, show
from graphrisk.answers.column_words import value_word
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result

if TYPE_CHECKING:
    import pandas as pd


def answer(result: Result, reader: Reader) -> Answer:
    """Return whether the proposal may be signed, what it changes, and the loans that each guarantee reaches."""
    summary, chain = result.summary, result.chain
    if summary.empty:
        said = "Nothing is proposed: name a folder, graphrisk precheck FOLDER."
        return Answer(sentences=(reader.pick(said, "没有拟议合同：graphrisk precheck FOLDER。"),))
    rows = {row["measure"]: row for row in summary.to_dict("records")}
    sentences = [
        _verdict(summary, reader),
        _circles(result, reader),
        _groups(result, reader),
        _losses(rows, reader),
        _book(rows, reader),
    ]
    tables: list[Shown] = [
        show(
            result, reader, "precheck_summary", frame=_worded(summary, reader),
            title=reader.pick("Before and after signing", "签约前后对比"),
            first=("measure", "before", "after", "change", "threshold", "broken"), then=("party_id", "detail"),
        ),
        show(
            result, reader, "precheck_chain",
            title=reader.pick("Loans that each new guarantor reaches", "每笔新担保沿担保链可达的贷款"),
            first=("guarantor_id", "debtor_id", "loans_sum", "loans_count", "closes_circle"),
            then=("ok", "loans_before", "reach", "guarantee_id"),
        ),
        show(
            result, reader, "precheck_parties",
            title=reader.pick("Who gives or receives more", "担保变动的主体"),
            first=("party_id", "guaranteed_out_before", "guaranteed_out_after", "over_guarantee_after"),
            then=("ratio_after", "over_guarantee_before", "net_assets", "in_circle_after"),
        ),
    ]  # fmt: skip
    return Answer(sentences=tuple(one for one in sentences if one), tables=tuple(tables if len(chain) else tables[:1]))


def _verdict(summary: pd.DataFrame, reader: Reader) -> str:
    broken = summary[summary["broken"].fillna(False).astype(bool)]["measure"].tolist()
    held = int((~summary["broken"].isna()).sum()) - len(broken)
    if broken:
        named = reader.pick(", ", "、").join(value_word(str(one), reader.lang) for one in broken)
        return reader.pick(
            f"{reader.count(len(broken), 'threshold is', 'thresholds are')} broken: {named}; {held:,} "
            f"{'holds' if held == 1 else 'hold'}.",
            f"突破 {len(broken):,} 项阈值：{named}；{held:,} 项符合。",
        )
    if held:
        return reader.pick(
            f"No threshold is broken ({held:,} {'was' if held == 1 else 'were'} checked).",
            f"未突破任何阈值（检查 {held:,} 项）。",
        )
    return reader.pick(
        "No threshold is set, so nothing can be broken: --policy FILE sets them.", "未设阈值：用 --policy FILE 设定。"
    )


def _circles(result: Result, reader: Reader) -> str:
    circles, chain = result.circles, result.chain
    if circles.empty:
        closing = chain["closes_circle"].fillna(False).astype(bool) if len(chain) else chain
        if not len(chain) or not closing.any():
            return reader.pick("No circle of guarantees closes.", "没有担保圈闭合。")
        return reader.pick(
            "The guarantees add to circles that are there already, or longer than those listed.",
            "所涉担保位于已有的圈，或超过所列长度的圈。",
        )
    first = circles.iloc[0]
    around = " → ".join(reader.party(one) for one in [*first["circle"], first["circle"][0]][:6])
    return reader.pick(
        f"{reader.count(len(circles), 'circle')} of guarantees {'closes' if len(circles) == 1 else 'close'}, the shortest "
        f"{around} with {reader.money(first['amount'])} of guarantees.",
        f"闭合担保圈 {len(circles):,} 个，最短的是 {around}，担保合计 {reader.money(first['amount'])}。",
    )


def _groups(result: Result, reader: Reader) -> str:
    """Return which groups change, and which limits are broken after signing."""
    groups, limits = result.groups, result.limits
    over = limits[limits["level_after"] == "breach_legal"]
    said = []
    if len(groups):
        first = groups.iloc[0]
        merged = int((groups["change"] == "merged").sum())
        said.append(
            reader.pick(
                f"{reader.count(len(groups), 'group')} of connected clients {'changes' if len(groups) == 1 else 'change'}"
                f"{f', {merged:,} by merging' if merged else ''}; {first['group_id']} has then "
                f"{reader.count(int(first['clients_after']), 'client')} and {reader.money(first['exposure_after'])}.",
                f"变动的关联客户集团 {len(groups):,} 个，其中合并 {merged:,} 个；{first['group_id']} 变为 "
                f"{int(first['clients_after']):,} 户，{reader.money(first['exposure_after'])}。",
            )
        )
    if len(over):
        top = over.iloc[0]
        said.append(
            reader.pick(
                f"{reader.count(len(over), 'use')} above a legal line after signing: {top['subject']} {top['subject_id']} at "
                f"{top['use_after']:.1%} of {top['limit']:.0%}.",
                f"签约后 {len(over):,} 项突破法定限额：{top['subject_id']} 占用 {top['use_after']:.1%}，限额 {top['limit']:.0%}。",
            )
        )
    return reader.pick(" ", "").join(said)


def _losses(rows: dict[Any, Any], reader: Reader) -> str:
    found = []
    for role, english, chinese in (("debtor", "debtor", "债务人"), ("guarantor", "guarantor", "担保人")):
        row = rows.get(f"loss_{role}")
        if row is not None:
            found.append(
                reader.pick(
                    f"if {english} {reader.party(row['party_id'])} defaults the bank loses {reader.money(row['after'])}, "
                    f"now {reader.money(row['before'])}",
                    f"{chinese}{reader.party(row['party_id'])}违约，本行损失 {reader.money(row['after'])}，"
                    f"现为 {reader.money(row['before'])}",
                )
            )
    if not found:
        return ""
    text = reader.pick("; ", "；").join(found)
    return f"{text[:1].upper()}{text[1:]}{reader.pick('.', '。')}"


def _book(rows: dict[Any, Any], reader: Reader) -> str:
    loss, exposure = rows.get("expected_loss"), rows.get("exposure")
    if loss is None or exposure is None:
        return ""
    one = _moved(loss, reader.pick("Expected loss", "预期损失"), reader)
    other = _moved(exposure, reader.pick("exposure", "风险暴露"), reader)
    return reader.pick(f"{one}, {other}.", f"{one}，{other}。")


def _moved(row: dict[Any, Any], what: str, reader: Reader) -> str:
    if row["change"] != row["change"]:
        return reader.pick(f"{what} is not known", f"{what}不详")
    if not row["change"]:
        return reader.pick(f"{what} stays at {reader.money(row['after'])}", f"{what}保持 {reader.money(row['after'])}")
    by, to = reader.money(abs(row["change"])), reader.money(row["after"])
    return reader.pick(
        f"{what} {'rises' if row['change'] > 0 else 'falls'} by {by} to {to}",
        f"{what}{'增加' if row['change'] > 0 else '减少'} {by}，为 {to}",
    )


def _worded(summary: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Return the summary with its numbers as people write them: money short, ratios and counts plain."""
    frame = summary.copy()
    for name in ("before", "after", "change", "threshold"):
        frame[name] = [_figure(value, unit, reader) for value, unit in zip(summary[name], summary["unit"], strict=True)]
    return frame


def _figure(value: float, unit: str, reader: Reader) -> str:
    if value != value:
        return ""
    if unit == "money":
        return reader.money(value)
    return f"{value:,.2f}" if unit == "ratio" else f"{value:,.0f}"
