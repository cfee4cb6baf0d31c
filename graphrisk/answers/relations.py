"""Relations: the hidden links first, then who is related by law or contract, and likely duplicates."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return how many clients are related and by what, and the pairs, the signals and the duplicates."""
    pairs, common, alike = result.pairs, result.common, result.duplicates
    both = pairs[pairs["clients"] == 2].drop_duplicates(["a_id", "b_id"])
    hidden = pairs[pairs["hidden"].fillna(False).astype(bool)]
    single = hidden.drop_duplicates(["a_id", "b_id"])
    sentences = [
        reader.pick(
            f"{reader.count(len(both), 'pair of clients is', 'pairs of clients are')} related; {len(single):,} of them by nothing "
            "but what they share (hints for review, in no group by themselves).",
            f"{len(both):,} 对客户存在关联，其中 {len(single):,} 对仅因共用信息而关联（仅为核查线索，不自动归入任何集团）。",
        )
    ]
    if len(single):
        top = single.iloc[0]
        sentences.append(
            reader.pick(
                f"First of these: {reader.party(top['a_id'])} and {reader.party(top['b_id'])}: {top['evidence']}.",
                f"首要线索：{reader.party(top['a_id'])}与{reader.party(top['b_id'])}：{top['evidence_zh']}。",
            )
        )
    if len(common):
        most = common.iloc[0]
        sentences.append(
            reader.pick(
                f"{len(common):,} values or third parties are too common to be a link; most so {most['source']} "
                f"{most['value']!r}, shared by {most['parties']:,}.",
                f"{len(common):,} 个取值或第三方过于常见，不作为关联；最常见的是 {most['source']} “{most['value']}”，"
                f"共 {most['parties']:,} 个主体共用。",
            )
        )
    if len(alike):
        sentences.append(
            reader.pick(
                f"{reader.count(len(alike), 'pair of parties looks', 'pairs of parties look')} like one under two ids.",
                f"{len(alike):,} 对主体疑似同一主体的两个编号。",
            )
        )
    tables = (
        show(
            result,
            reader,
            "relations_pairs",
            title=reader.pick(
                "Clients that nothing but hints relates" if len(hidden) else "Who is related to whom",
                "仅由线索关联的客户" if len(hidden) else "关联关系",
            ),
            frame=hidden.reset_index(drop=True) if len(hidden) else pairs,
            first=("a_id", "b_id", "kind", "strength", "evidence"),
            then=("outstanding", "via_id"),
        ),
        show(
            result,
            reader,
            "relations_duplicates",
            title=reader.pick("Parties that look like one", "疑似重复主体"),
            first=("a_id", "b_id", "score", "why"),
            then=("outstanding",),
        ),
        show(
            result,
            reader,
            "relations_signals",
            title=reader.pick("Signals that come together", "同时出现的风险信号"),
            first=("signal_a", "signal_b", "scope", "lift", "together", "before"),
            then=("support", "days"),
        ),
    )
    return Answer(sentences=tuple(sentences), tables=tables)
