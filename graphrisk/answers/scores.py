"""Classic scores: who lies in the zone of distress, who is nearest to default, how much of it is a proxy."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return the zones in numbers, the firm in distress that is nearest to default, and what could not be scored."""
    parties = result.parties
    if parties.empty:
        return Answer(sentences=(reader.pick("Nobody in this book has accounts.", "本数据中没有财务报表。"),))
    zones = parties["zone"].value_counts()
    distress, grey, safe = (int(zones.get(name, 0)) for name in ("distress", "grey", "safe"))
    scored = distress + grey + safe
    sentences = [
        reader.pick(
            f"{distress:,} of {reader.count(scored, 'party', 'parties')} with an Altman score "
            f"{'lies' if distress == 1 else 'lie'} in the zone of distress, {grey:,} in the grey one, {safe:,} in the safe "
            "one; a zone is no probability.",
            f"有 Altman 评分的 {scored:,} 户中，困境区 {distress:,} 户，灰色区 {grey:,} 户，安全区 {safe:,} 户；"
            "区间并非违约概率。",
        )
    ]
    near = parties[parties["distance_to_default"].notna()].sort_values("distance_to_default", kind="stable")
    if len(near):
        first = near.iloc[0]
        proxies = int(near["proxy"].astype("boolean").fillna(False).sum())
        sentences.append(
            reader.pick(
                f"Nearest to default is {reader.party(first['party_id'])}: {first['distance_to_default']:.2f} standard "
                f"deviations; {proxies:,} of {len(near):,} distances are proxies from book values.",
                f"距违约最近的是{reader.party(first['party_id'])}：{first['distance_to_default']:.2f} 个标准差；"
                f"{len(near):,} 个违约距离中 {proxies:,} 个为账面替代值。",
            )
        )
    if scored < len(parties):
        left = len(parties) - scored
        sentences.append(
            reader.pick(
                f"{reader.count(left, 'party has', 'parties have')} accounts without what any variant needs "
                "(scores_values says what is missing).",
                f"{left:,} 户的报表不足以计算任何变体（scores_values 说明所缺项目）。",
            )
        )
    tables = (
        show(
            result,
            reader,
            "scores_parties",
            title=reader.pick("Scores of the last statements, distress first", "最近一期评分（困境区在前）"),
            first=("party_id", "zone", "altman", "variant", "distance_to_default"),
            then=("merton_pd", "proxy", "ohlson_pd", "zmijewski_pd", "period_end_on"),
        ),
    )
    return Answer(sentences=tuple(sentences), tables=tables)
