"""Profile: a client's dimensions with their evidence, or the clients that stand lowest."""

from __future__ import annotations

from typing import Any

from graphrisk.answers.base import Answer, show
from graphrisk.answers.column_words import value_word
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records


def answer(result: Result, reader: Reader) -> Answer:
    """Return one client's profile where one was asked for, else who stands lowest."""
    clients = records(result.parties)
    if not clients:
        return Answer(sentences=(reader.pick("There is no client to score.", "没有可评分的客户。"),))
    return _of_one(result, reader, clients[0]) if len(clients) == 1 else _of_all(result, reader, clients)


def _of_one(result: Result, reader: Reader, row: dict[str, Any]) -> Answer:
    name, version = reader.party(row["party_id"]), result.certificate["policy_version"]
    known = reader.percent(row["coverage"])
    if row["score"] is None:
        nothing = reader.pick(
            f"Nothing that policy {version} looks at is known of {name}.",
            f"政策 {version} 所看的指标中，{name}全部缺失。",
        )
        return Answer(sentences=(nothing,))
    moved = row["trend"]
    trend = (
        "" if moved is None else reader.pick(f", {moved:+.1f} since the last snapshot", f"，较上次快照 {moved:+.1f}")
    )
    low, high = (value_word(row[k], reader.lang) for k in ("weakest", "strongest"))
    sentences = [
        reader.pick(
            f"{name} scores {row['score']:.0f} of 100 under policy {version}{trend}; {known} of what it looks at is known.",
            f"{name}在政策 {version} 下得 {row['score']:.0f} 分（满分 100）{trend}；指标覆盖 {known}。",
        ),
        reader.pick(f"Weakest in {low}, strongest in {high}.", f"最弱：{low}；最强：{high}。"),
    ]
    worst = [r for r in records(result.indicators) if r["score"] < 25][:3]
    if worst:
        said = "; ".join(f"{value_word(r['indicator'], reader.lang)} {r['value']:,.3g}" for r in worst)
        sentences.append(reader.pick(f"What pulls it down: {said}.", f"主要失分项：{said}。"))
    tables = (
        show(
            result,
            reader,
            "profile_dimensions",
            title=reader.pick("The six dimensions", "六个维度"),
            first=("dimension", "score", "coverage", "evidence"),
            then=("weight", "trend"),
        ),
        show(
            result,
            reader,
            "profile_indicators",
            title=reader.pick("What each comes from", "各指标来源"),
            first=("dimension", "indicator", "value", "score"),
            then=("source", "rows", "weight", "scale"),
        ),
    )
    return Answer(sentences=tuple(sentences), tables=tables)


def _of_all(result: Result, reader: Reader, clients: list[dict[str, Any]]) -> Answer:
    scored = [row for row in clients if row["score"] is not None]
    version = result.certificate["policy_version"]
    sentences = [
        reader.pick(
            f"{reader.count(len(scored), 'client is', 'clients are')} scored under policy {version}; on average "
            f"{reader.percent(result.certificate['coverage'])} of what it looks at is known.",
            f"政策 {version} 下 {len(scored):,} 户有评分；平均指标覆盖 {reader.percent(result.certificate['coverage'])}。",
        )
    ]
    if scored:
        first = scored[0]
        weak = value_word(first["weakest"], reader.lang)
        sentences.append(
            reader.pick(
                f"Lowest is {reader.party(first['party_id'])} with {first['score']:.0f} of 100, weakest in {weak}.",
                f"最低的是{reader.party(first['party_id'])}：{first['score']:.0f} 分，最弱：{weak}。",
            )
        )
        fell = [row for row in scored if row["trend"] is not None and row["trend"] < -5.0]
        if fell:
            sentences.append(
                reader.pick(
                    f"{reader.count(len(fell), 'client has', 'clients have')} lost more than 5 points since the last "
                    "snapshot.",
                    f"较上次快照下降超过 5 分的有 {len(fell):,} 户。",
                )
            )
    tables = (
        show(
            result,
            reader,
            "profile_parties",
            title=reader.pick("Clients, the lowest first", "客户（由低到高）"),
            first=("party_id", "score", "coverage", "weakest"),
            then=("trend", "strongest", "segment"),
        ),
    )
    return Answer(sentences=tuple(sentences), tables=tables)
