"""Changes: what moved between two snapshots, the largest effect first."""

from __future__ import annotations

from typing import Any

from graphrisk.answers.base import Answer, show
from graphrisk.answers.column_words import value_word
from graphrisk.answers.notes import headline
from graphrisk.answers.reader import Reader
from graphrisk.answers.words_of_findings import finding_in_chinese
from graphrisk.model.figures import in_currency, money_pair
from graphrisk.model.result import Result, records


def answer(result: Result, reader: Reader) -> Answer:
    """Return how the book moved in sentences, then contracts, parties and networks."""
    said = result.certificate
    if "before" not in said:
        return Answer(sentences=tuple(headline(result, reader)))
    days = f"{said['before']} → {said['after']}"
    moved = any(len(table) for name, table in result.tables.items() if name != "changes_summary")
    if said["same"] or not moved:
        return Answer(sentences=(reader.pick(f"Nothing changed ({days}).", f"没有变动（{days}）。"),))
    found = {row["measure"]: row for row in records(result.summary)}
    sentences = [_exposure(found["exposure"], result, days, reader), _contracts(result, reader)]
    sentences += [_networks(found, result, reader), _worst(result, reader)]
    tables = (
        show(
            result,
            reader,
            "changes_parties",
            title=reader.pick("Parties, the largest effect first", "主体变动（按影响排序）"),
            frame=_told(result, "changes_parties", reader),
            first=("party_id", "change", "before", "after", "reason"),
            then=("difference", "pd_before", "pd_after"),
        ),
        show(
            result,
            reader,
            "changes_contracts",
            title=reader.pick("Contracts, the largest amount first", "合同变动（按金额排序）"),
            frame=_told(result, "changes_contracts", reader),
            first=("contract_id", "change", "before", "after", "reason"),
            then=("party_id", "other_id", "table"),
            unit_column="unit",
        ),
        _third(result, reader),
    )
    return Answer(sentences=tuple(one for one in sentences if one), tables=tables)


def _told(result: Result, name: str, reader: Reader) -> Any:
    """Return a table with its reasons in the reader's language."""
    table = result.tables[name]
    if not reader.zh or "reason_zh" not in table:  # kept by an earlier version
        return table
    return table.assign(reason=table["reason_zh"])


def _third(result: Result, reader: Reader) -> Any:
    """Return what else weighs most: scores where some moved, else circles, else findings."""
    limits = result.tables.get("changes_limits")  # none in what an earlier version kept
    if (
        limits is not None
        and len(limits)
        and (limits["level_before"].fillna("") != limits["level_after"].fillna("")).any()
    ):
        return show(
            result,
            reader,
            "changes_limits",
            title=reader.pick("Uses of limits that moved", "限额占用变动"),
            frame=_told(result, "changes_limits", reader),
            first=("subject_id", "change", "before", "after", "level_after", "reason"),
            then=("level_before", "use_after", "use_before"),
        )
    if len(result.scores):
        return show(
            result,
            reader,
            "changes_scores",
            title=reader.pick("Scores that moved", "风险指标变动"),
            frame=_told(result, "changes_scores", reader),
            first=("party_id", "score", "before", "after", "reason"),
            then=("change",),
            unit_column="unit",
        )
    title = reader.pick("Circles and findings", "担保圈与问题")
    if len(result.circles):
        return show(
            result, reader, "changes_circles", title=title, frame=_told(result, "changes_circles", reader),
            first=("group_id", "change", "before", "after", "reason"), then=("joined", "left", "difference"),
        )  # fmt: skip
    found = result.findings
    if reader.zh:
        keys = zip(found["check"], found["table"], found["after"].fillna(found["before"]), found["reason"], strict=True)
        told = [finding_in_chinese(check, reader.title(table), int(rows), said) for check, table, rows, said in keys]
        found = found.assign(reason=told)
    return show(
        result, reader, "changes_findings", title=title, frame=found,
        first=("check", "severity", "change", "before", "after", "reason"),
    )  # fmt: skip


def _exposure(row: dict[str, Any], result: Result, days: str, reader: Reader) -> str:
    gap = row["difference"] or 0.0
    counts = result.parties["change"].value_counts()
    new, gone, changed = (int(counts.get(name, 0)) for name in ("new", "gone", "changed"))
    both = money_pair(row["before"], row["after"], reader.lang)
    before, after = (in_currency(said, reader.lang, reader.currency) for said in both)
    if reader.zh:
        way = "不变" if not gap else f"{'增加' if gap > 0 else '减少'} {reader.money(abs(gap))}"
        return f"{days}：贷款余额由 {before} 变为 {after}（{way}）；主体新增 {new:,}、消失 {gone:,}、变动 {changed:,}。"
    way = "stays" if not gap else f"{'rises' if gap > 0 else 'falls'} by {reader.money(abs(gap))} from {before}"
    return (
        f"{days}: what is owed to the bank {way}{' to' if gap else ' at'} {after}; "
        f"{reader.count(new, 'party is', 'parties are')} new, {gone:,} gone, {changed:,} changed."
    )


def _contracts(result: Result, reader: Reader) -> str:
    if result.contracts.empty:
        return ""
    counts = result.contracts.groupby(["table", "change"], sort=True).size()
    parts = []
    for table in dict.fromkeys(name for name, _ in counts.index):
        kinds = [
            reader.pick(f"{many:,} {kind}", f"{value_word(kind, 'zh')} {many:,}")
            for kind in ("new", "gone", "changed")
            if (many := int(counts.get((table, kind), 0)))
        ]
        parts.append(f"{reader.title(table)} {reader.pick(', ', '、').join(kinds)}")
    return reader.pick(f"Contracts: {'; '.join(parts)}.", f"合同：{'；'.join(parts)}。")


def _networks(found: dict[str, dict[str, Any]], result: Result, reader: Reader) -> str:
    circles = result.circles
    if circles.empty and not found["over_guaranteed"]["difference"]:
        return ""
    counts = circles["change"].value_counts()
    new, gone, changed = (int(counts.get(name, 0)) for name in ("new", "gone", "changed"))
    over = found["over_guaranteed"]
    return reader.pick(
        f"Guarantee circles: {new:,} new, {gone:,} gone, {changed:,} changed; guarantors beyond their net assets "
        f"{over['before']:,.0f} → {over['after']:,.0f}.",
        f"担保圈：新增 {new:,}、消失 {gone:,}、变动 {changed:,}；担保超过净资产的担保人 "
        f"{over['before']:,.0f} → {over['after']:,.0f}。",
    )


def _worst(result: Result, reader: Reader) -> str:
    found = result.findings
    grave = found[(found["severity"] == "high") & (found["change"] == "new")]
    if len(grave):
        top = grave.iloc[0]
        said = finding_in_chinese(top["check"], reader.title(top["table"]), int(top["after"]), str(top["reason"]))
        return reader.pick(f"New in the data: {top['reason']}.", f"数据新问题：{said}。")
    return ""
