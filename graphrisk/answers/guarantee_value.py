"""Guarantee value: what guarantees really save, which promise most in vain, whose promises exceed their means."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return cover as stated and after capacity, expected loss saved, and who promised beyond its means."""
    said, contracts, guarantors = result.certificate, result.contracts, result.guarantors
    if contracts.empty:
        return Answer(sentences=(reader.pick("Nobody in this book gave a guarantee.", "本数据中没有担保。"),))
    sentences = [
        reader.pick(
            f"Guarantees of {reader.money(said['stated_cover'])} stand behind our loans; after the means of those who "
            f"gave them, they cover {reader.money(said['effective_cover'])}.",
            f"本行贷款的担保共 {reader.money(said['stated_cover'])}；考虑担保人代偿能力后有效覆盖 "
            f"{reader.money(said['effective_cover'])}。",
        ),
        reader.pick(
            f"They save {reader.money(said['el_saved'])} of {reader.money(said['el_without'])} expected loss of the "
            "guaranteed loans a year.",
            f"每年为被担保贷款减少预期损失 {reader.money(said['el_saved'])}（共 {reader.money(said['el_without'])}）。",
        ),
    ]
    near = contracts[contracts["relation"] != "unrelated"]
    works = contracts["effectiveness"].astype("float64")
    if len(near) and near["effectiveness"].notna().any():
        inside = float(near["effectiveness"].astype("float64").mean())
        apart = works[contracts["relation"] == "unrelated"].mean()
        more = (
            reader.pick(f"; of others {reader.percent(apart)}", f"；其他为 {reader.percent(apart)}")
            if apart == apart
            else ""
        )
        sentences.append(
            reader.pick(
                f"{len(near):,} of {reader.count(len(contracts), 'contract')} come from under one controller or out of one "
                f"circle: they stand in {reader.percent(inside)} of the defaults on average{more}.",
                f"{len(contracts):,} 笔中 {len(near):,} 笔来自同一控制人或同一担保圈：平均在 {reader.percent(inside)} 的违约中有效{more}。",
            )
        )
    over = guarantors[guarantors["beyond"] > 0]
    if len(over):
        first = over.iloc[0]
        sentences.append(
            reader.pick(
                f"{reader.count(len(over), 'guarantor has', 'guarantors have')} promised beyond their means, most of all "
                f"{reader.party(first['party_id'])} by {reader.money(first['beyond'])}.",
                f"{len(over):,} 户担保人的担保超过其代偿能力，最多的是{reader.party(first['party_id'])}，超出 "
                f"{reader.money(first['beyond'])}。",
            )
        )
    tables = (
        show(
            result,
            reader,
            "guarantee_value_contracts",
            title=reader.pick("What each guarantee saves", "各担保合同的价值"),
            first=(
                "guarantee_id",
                "guarantor_id",
                "debtor_id",
                "relation",
                "effectiveness",
                "effective_cover",
                "el_saved",
            ),
            then=("amount", "capacity", "why"),
        ),
        show(
            result,
            reader,
            "guarantee_value_guarantors",
            title=reader.pick("Who promised beyond its means", "担保超过代偿能力的担保人"),
            first=("party_id", "promised", "capacity", "beyond"),
            then=("contracts", "capacity_ratio", "el_saved"),
        ),
        show(
            result,
            reader,
            "guarantee_value_clients",
            title=reader.pick("Guaranteed borrowers", "被担保借款人"),
            first=("party_id", "ead", "stated_cover", "effective_cover", "el_saved"),
            then=("cover_ratio", "el_without"),
        ),
    )
    return Answer(sentences=tuple(sentences), tables=tables)
