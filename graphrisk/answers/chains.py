"""Guarantee chains: who promised more than it owns, who stands behind one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphrisk.answers.base import Answer, Shown, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result

if TYPE_CHECKING:
    import pandas as pd


def answer(result: Result, reader: Reader) -> Answer:
    """Return the over-extended guarantors, the groups in circles, and the widest circles."""
    parties = result.parties
    gave = parties[parties["guaranteed_out"] > 0]
    over = gave[gave["over_guarantee"].isin(["no_net_assets", "beyond_net_assets"])]
    over = over.sort_values(["guaranteed_out", "party_id"], ascending=[False, True], kind="stable")
    unknown = gave[gave["over_guarantee"] == "unknown"]
    party = result.certificate.get("party")
    sentences = (
        _of_party(str(party), result, reader)
        if party
        else [
            _stretched(gave, over, reader),
            _unknown(unknown, reader),
            _groups(result.components, reader),
            _parts(result, reader),
        ]
    )
    chosen = (
        parties if party else over if len(over) else gave.sort_values("guaranteed_out", ascending=False, kind="stable")
    )
    tables: list[Shown] = [
        show(
            result,
            reader,
            "chains_parties",
            title=reader.pick(
                "Guarantors that promised more than they own" if len(over) and not party else "Guarantors",
                "担保额超过净资产的担保人" if len(over) and not party else "担保人",
            ),
            frame=chosen,
            first=("party_id", "guaranteed_out", "net_assets", "over_guarantee_ratio"),
            then=("debtors", "guaranteed_in", "in_circle", "component"),
        ),
        show(
            result,
            reader,
            "chains_components",
            title=reader.pick("Groups that stand behind one another", "互相担保的群组"),
            frame=result.components.sort_values(["amount", "component"], ascending=[False, True], kind="stable"),
            first=("component", "size", "amount", "parties"),
            then=("net_assets", "unknown_net_assets"),
        ),
        show(
            result,
            reader,
            "chains_circles",
            title=reader.pick("Circles, the largest weakest link first", "担保圈（按最弱环节金额排序）"),
            first=("parties", "length", "bottleneck_amount", "total_amount"),
        ),
    ]
    return Answer(sentences=tuple(one for one in sentences if one), tables=tuple(tables))


def _of_party(party: str, result: Result, reader: Reader) -> list[str]:
    """Return what one party promised and was promised, and the circles it stands in."""
    own = result.parties[result.parties["party_id"] == party]
    who = reader.party(party)
    if own.empty:
        return [reader.pick(f"{who} neither gives nor receives a guarantee.", f"{who}既未提供也未获得担保。")]
    row = own.iloc[0]
    gave, got = float(row["guaranteed_out"]), float(row["guaranteed_in"])
    circles = len(result.circles)
    return [
        reader.pick(
            f"{who} guarantees {reader.count(int(row['debtors']), 'party', 'parties')} for {reader.money(gave)}, with net "
            f"assets of {reader.money(row['net_assets'])}, and is guaranteed by "
            f"{reader.count(int(row['guarantors']), 'party', 'parties')} for {reader.money(got)}.",
            f"{who}为 {int(row['debtors']):,} 户担保 {reader.money(gave)}，净资产 {reader.money(row['net_assets'])}；"
            f"由 {int(row['guarantors']):,} 户为其担保 {reader.money(got)}。",
        ),
        reader.pick(
            f"It stands in {reader.count(circles, 'circle')} of guarantees." if circles else "It stands in no circle.",
            f"位于 {circles:,} 个担保圈中。" if circles else "不在任何担保圈中。",
        ),
    ]


def _stretched(gave: pd.DataFrame, over: pd.DataFrame, reader: Reader) -> str:
    if gave.empty:
        return reader.pick("No party guarantees another.", "没有任何担保关系。")
    if over.empty:
        return reader.pick(
            "No guarantor is known to have promised more than it owns.", "未发现担保额超过净资产的担保人。"
        )
    top = over.iloc[0]
    return reader.pick(
        f"{len(over):,} of {reader.count(len(gave), 'guarantor has', 'guarantors have')} promised more than they own, "
        f"{reader.money(over['guaranteed_out'].sum())} in all; the largest is {reader.party(top['party_id'])}: "
        f"{reader.money(top['guaranteed_out'])} promised on net assets of {reader.money(top['net_assets'])}.",
        f"{len(gave):,} 个担保人中有 {len(over):,} 个担保额超过净资产，合计 {reader.money(over['guaranteed_out'].sum())}；"
        f"最大的是{reader.party(top['party_id'])}：担保 {reader.money(top['guaranteed_out'])}，"
        f"净资产 {reader.money(top['net_assets'])}。",
    )


def _unknown(unknown: pd.DataFrame, reader: Reader) -> str:
    if unknown.empty:
        return ""
    total = reader.money(unknown["guaranteed_out"].sum())
    return reader.pick(
        f"Of {len(unknown):,} more, who promised {total}, nobody knows what they own.",
        f"另有 {len(unknown):,} 个担保人净资产不详，担保合计 {total}。",
    )


def _groups(components: pd.DataFrame, reader: Reader) -> str:
    if components.empty:
        return reader.pick("No parties stand behind one another in a circle.", "不存在担保圈。")
    pairs = int((components["size"] == 2).sum())
    larger = components[components["size"] > 2]
    if larger.empty:
        return reader.pick(f"{reader.count(pairs, 'pair')} of parties guarantee each other.", f"互保 {pairs:,} 对。")
    top = components.sort_values(["amount", "component"], ascending=[False, True], kind="stable").iloc[0]
    low, high = int(larger["size"].min()), int(larger["size"].max())
    sizes, chinese = (f"{low}", f"{low} 户") if low == high else (f"{low} to {high}", f"{low} 至 {high} 户")
    english = f"{reader.count(len(larger), 'group')} of {sizes} parties" + (
        f" and {reader.count(pairs, 'pair')}" if pairs else ""
    )
    stands = "stands" if len(larger) == 1 and not pairs else "stand"
    return reader.pick(
        f"{english} {stands} behind one another; the largest sum is {reader.money(top['amount'])} "
        f"among the {top['size']} around {reader.party(top['component'])}.",
        f"互相担保的群组 {len(larger):,} 个（{chinese}）" + (f"，互保 {pairs:,} 对" if pairs else "") + "；"
        f"金额最大的是{reader.party(top['component'])}所在的 {top['size']} 户，合计 {reader.money(top['amount'])}。",
    )


def _parts(result: Result, reader: Reader) -> str:
    """Return how the guarantee layer falls into parts, and how many guarantors are beyond a supervisor's line."""
    parts = result.parts
    if parts.empty:
        return ""
    top, broken = parts.iloc[0], result.findings[result.findings["level"] == "breach"]["party_id"].nunique()
    regime = str(result.certificate.get("regime", ""))
    return reader.pick(
        f"Guarantees join {int(parts['parties'].sum()):,} parties into {reader.count(len(parts), 'connected part')}; the one "
        f"with most loans has {int(top['parties']):,} parties, loans of {reader.money(top['loans'])} and "
        f"{reader.money(top['non_performing'])} non-performing. {reader.count(broken, 'guarantor is', 'guarantors are')} "
        f"beyond a line of the rules {regime}.",
        f"担保关系把 {int(parts['parties'].sum()):,} 户连成 {len(parts):,} 个担保圈；贷款最多的一个有 "
        f"{int(top['parties']):,} 户，贷款 {reader.money(top['loans'])}，其中不良 {reader.money(top['non_performing'])}。"
        f"突破规则（{regime}）的担保人 {broken:,} 户。",
    )
