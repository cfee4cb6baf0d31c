"""Concentration: how much hangs on how few."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.industries import with_industry_names
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records


def answer(result: Result, reader: Reader) -> Answer:
    """Return the largest share of each dimension in sentences, then the groups and guarantors."""
    sentences = []
    dimensions = {row["dimension"]: row for row in records(result.dimensions)}
    if obligors := dimensions.get("obligor"):
        sentences.append(
            reader.pick(
                f"The ten largest borrowers owe {reader.percent(obligors['top_10'])} of {reader.money(obligors['ead'])}, "
                f"the largest {reader.percent(obligors['top_1'])}; the book is as concentrated as "
                f"{obligors['effective_number'] or 0:,.0f} equal loans.",
                f"最大十户占贷款余额 {reader.money(obligors['ead'])} 的 {reader.percent(obligors['top_10'])}，"
                f"最大一户占 {reader.percent(obligors['top_1'])}；集中程度相当于 {obligors['effective_number'] or 0:,.0f} "
                "笔等额贷款。",
            )
        )
    groups = with_industry_names(result.groups[result.groups["group"].notna()], reader.graph, reader.lang)
    for dimension, english, chinese in (("industry", "industry", "行业"), ("region", "region", "地区")):
        rows = groups[groups["dimension"] == dimension]
        if len(rows):
            top = rows.iloc[0]
            sentences.append(
                reader.pick(
                    f"The largest {english} is {top['group']} with {reader.percent(top['share'])}.",
                    f"最大{chinese}：{top['group']}，占 {reader.percent(top['share'])}。",
                )
            )
    if len(result.guarantors):
        top = result.guarantors.iloc[0]
        sentences.append(
            reader.pick(
                f"{reader.party(top['guarantor_id'])} stands behind most: {reader.money(top['ead_behind'])} "
                f"({reader.percent(top['share'])}).",
                f"担保余额最大的担保人是{reader.party(top['guarantor_id'])}：{reader.money(top['ead_behind'])}"
                f"（{reader.percent(top['share'])}）。",
            )
        )
    tables = (
        show(
            result,
            reader,
            "concentration_dimensions",
            title=reader.pick("How concentrated the book is", "各维度集中度"),
            first=("dimension", "groups", "top_1", "top_5", "top_10", "effective_number"),
            then=("known_share", "ead", "hhi", "top_20"),
        ),
        show(
            result,
            reader,
            "concentration_groups",
            title=reader.pick("The largest groups", "最大分组"),
            frame=groups.sort_values("ead", ascending=False, kind="stable"),
            first=("dimension", "group", "ead", "share", "obligors"),
        ),
        show(
            result,
            reader,
            "concentration_guarantors",
            title=reader.pick("Guarantors that most stands on", "最主要的担保人"),
            first=("guarantor_id", "ead_behind", "share", "cap_behind", "net_assets"),
            then=("cap_to_net_assets", "obligors", "facilities", "in_circle"),
        ),
    )
    return Answer(sentences=tuple(sentences), tables=tables)
