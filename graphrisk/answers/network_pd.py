"""Network PD: who is riskier than its own rating says, by how much, and whose survival would help."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return what the network adds in defaults, who is hit hardest and by whom, how sure it is; then the parties."""
    said, parties = result.certificate, result.parties
    if parties.empty:
        return Answer(sentences=(reader.pick("Nobody in this book has a PD.", "本数据中没有违约概率。"),))
    moved = parties[parties["add_on"] > 0]
    sentences = [
        reader.pick(
            f"Own PDs expect {said['defaults_own']:,.1f} defaults within a year, with the network "
            f"{said['defaults_net']:,.1f}; {reader.count(len(moved), 'party is', 'parties are')} riskier than by "
            f"{'its' if len(moved) == 1 else 'their'} own PD.",
            f"按自身违约概率预计一年违约 {said['defaults_own']:,.1f} 户，计入网络后 {said['defaults_net']:,.1f} 户；"
            f"{len(moved):,} 户的风险高于自身评级。",
        )
    ]
    if len(moved):
        first = moved.iloc[0]
        points = first["add_on_points"]
        in_points = reader.pick(f", {points:,.0f} points", f"，{points:,.0f} 分") if points == points else ""
        sentences.append(
            reader.pick(
                f"Hit hardest is {reader.party(first['party_id'])}: {reader.percent(first['pd_own'])} by itself, "
                f"{reader.percent(first['pd_net'])} with the network{in_points}.",
                f"受影响最大的是{reader.party(first['party_id'])}：自身 {reader.percent(first['pd_own'])}，"
                f"计入网络 {reader.percent(first['pd_net'])}{in_points}。",
            )
        )
        if isinstance(first["source_1"], str):
            sentences.append(
                reader.pick(
                    f"It would gain most from the survival of {reader.party(first['source_1'])}: "
                    f"{reader.percent(first['fall_1'])} less.",
                    f"{reader.party(first['source_1'])}若不违约，其违约概率下降 {reader.percent(first['fall_1'])}，作用最大。",
                )
            )
    drawn = len(parties) - said["exact"]
    if drawn:
        sentences.append(
            reader.pick(
                f"{reader.count(drawn, 'party is', 'parties are')} simulated, with an interval (pd_low, pd_high); "
                f"{said['exact']:,} are exact.",
                f"{drawn:,} 户为模拟结果并附区间（pd_low、pd_high），{said['exact']:,} 户为精确值。",
            )
        )
    tables = (
        show(
            result,
            reader,
            "network_pd_parties",
            title=reader.pick("What the network adds, most first", "网络带来的增量（由大到小）"),
            frame=moved if len(moved) else parties,
            first=("party_id", "pd_own", "pd_net", "add_on_points", "source_1"),
            then=("fall_1", "pd_low", "pd_high", "method"),
        ),
        show(
            result,
            reader,
            "network_pd_parts",
            title=reader.pick("Parts of the book", "各关联部分"),
            first=("part", "parties", "rated", "defaults_own", "defaults_net", "method"),
        ),
        show(result, reader, "network_pd_bounds", first=("party_id", "pd_net", "non_backtracking", "noisy_or")),
    )
    return Answer(sentences=tuple(sentences), tables=tables)
