"""Segments: how the clients fall into groups, which hold most of the defaults, what the groups have in common."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records


def answer(result: Result, reader: Reader) -> Answer:
    """Return how many segments there are and where defaults gather; then clusters, rules and their cross table."""
    said, summary = result.certificate, result.summary
    if result.members.empty:
        return Answer(sentences=(reader.pick("There is no client to put into segments.", "没有可分群的客户。"),))
    sentences = [
        reader.pick(
            f"{reader.count(said['clients'], 'client')} in {said['rule_segments']:,} segments by rules, {said['clusters']:,} "
            f"clusters of profiles ({reader.percent(said['explained'])} of their spread) and {said['communities']:,} "
            "communities.",
            f"{said['clients']:,} 户客户：按规则 {said['rule_segments']:,} 群，画像聚类 {said['clusters']:,} 类（解释差异 "
            f"{reader.percent(said['explained'])}），网络社群 {said['communities']:,} 个。",
        )
    ]
    for kind, english, chinese in (("cluster", "cluster", "聚类"), ("community", "community", "社群")):
        rows = [row for row in records(summary[summary["kind"] == kind]) if row["defaulted"]]
        if rows:
            top = max(rows, key=lambda row: (row["defaulted"], row["defaulted"] / row["parties"]))
            named = reader.party(top["segment"]) if kind == "community" else top["segment"]
            sentences.append(
                reader.pick(
                    f"Defaults gather most in {english} {named}: {top['defaulted']:,} of "
                    f"{reader.count(top['parties'], 'client')}.",
                    f"违约最集中的{chinese}是 {named}：{top['parties']:,} 户中 {top['defaulted']:,} 户。",
                )
            )
    rules = summary[summary["kind"] == "rule"]
    tables = (
        show(
            result,
            reader,
            "segments_clusters",
            title=reader.pick("Clusters of profiles, the lowest first", "画像聚类（由低到高）"),
        ),
        show(
            result,
            reader,
            "segments_summary",
            title=reader.pick("Segments by rules, most exposure first", "规则分群（余额由大到小）"),
            frame=rules,
            first=("segment", "parties", "exposure", "defaulted"),
            then=("exposure_share", "mean_pd", "score"),
        ),
        show(
            result,
            reader,
            "segments_cross",
            title=reader.pick("Two kinds at once, most clients first", "交叉表（户数由多到少）"),
            first=("segment_a", "segment_b", "parties", "lift"),
            then=("kind_a", "kind_b", "exposure", "defaulted"),
        ),
    )
    return Answer(sentences=tuple(sentences), tables=tables)
