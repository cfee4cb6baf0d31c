"""Limits: the answer in sentences, then uses from the highest step of the ladder down, and our own related parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result
from graphrisk.standing.group_id import named_after

if TYPE_CHECKING:
    import pandas as pd


def answer(result: Result, reader: Reader) -> Answer:
    """Return the headline, the uses and the related parties."""
    tables = (
        show(
            result,
            reader,
            "limits_use",
            title=reader.pick("Use of limits, breaches first", "限额占用（超限在前）"),
            frame=_named(result.use, result, reader),
            first=("subject_id", "name", "subject", "measure", "exposure_after", "use", "limit", "ladder"),
            then=("headroom", "indirect", "internal_limit", "recognised_mitigation", "level", "legal_basis"),
        ),
        show(
            result,
            reader,
            "limits_related_parties",
            title=reader.pick("Our own related parties", "本行关联方"),
            frame=_named(result.related_parties, result, reader),
            first=("subject_id", "name", "subject", "exposure_after", "use", "limit", "level"),
            then=("why", "parties", "legal_basis"),
        ),
    )
    said = _in_chinese(result, reader) if reader.zh else result.certificate["headline"]
    return Answer(sentences=tuple(said), tables=tuple(one for one in tables if len(one.frame)))


def _named(uses: pd.DataFrame, result: Result, reader: Reader) -> pd.DataFrame:
    """Return uses with the name of the client; a group is called after the client of its id."""
    import pandas as pd

    groups, clients = uses["subject"] == "group", _clients(result)
    ids = [
        named_after(str(one), clients.get(str(one), ())) if group else str(one)
        for one, group in zip(uses["subject_id"], groups, strict=True)
    ]
    names = []
    for name, group in zip(reader.names(ids), groups, strict=True):
        names.append(name if name is None or not group else reader.pick(f"{name} and others", f"{name}等"))
    return uses.assign(name=pd.Series(names, index=uses.index, dtype=object))


def _clients(result: Result) -> dict[str, list[str]]:
    """Return the clients of the groups whose ids are not plainly those of a client."""
    members = result.members
    numbered = members[members["group_id"].str.contains("#", regex=False)]
    return {str(name): list(part) for name, part in numbered.groupby("group_id", observed=True)["party_id"]}


_MEASURES = {"exposure": "风险暴露", "loan": "贷款", "exposure_others": "非机构成员的风险暴露"}
_CAPITALS = {"tier1": "一级资本净额", "net_capital": "资本净额"}


def _in_chinese(result: Result, reader: Reader) -> list[str]:
    use, related = result.use, result.related_parties
    known = use[use["use"].notna()]
    if known.empty:
        said = [f"列示 {len(use):,} 项限额占用，但本行资本未知，无法计算比例。"]
    else:
        many, first = known["ladder"].value_counts().to_dict(), known.iloc[0]
        above = many.get("red", 0) + many.get("orange", 0)
        whose = str(first["subject_id"])
        if first["subject"] == "group":
            named = reader.name(named_after(whose, _clients(result).get(whose, ())))
            whose = f"{named}等组成的集团（{whose}）" if named else f"集团 {whose}"
        else:
            whose = reader.party(whose)
        said = [
            f"突破法定限额 {many.get('breach', 0):,} 项，突破内部限额 {above:,} 项，接近 {many.get('yellow', 0):,} 项，"
            f"关注 {many.get('blue', 0):,} 项，充足 {many.get('none', 0):,} 项。",
            f"占用最高的是{whose}：{_MEASURES[str(first['measure'])]}占{_CAPITALS[str(first['capital'])]}的 "
            f"{first['use']:.2%}，限额 {first['limit']:.0%}（{first['legal_basis']}）。",
        ]
    if len(related):
        whole = related.iloc[0]
        share = "" if whole["use"] != whole["use"] else f"，占资本净额 {whole['use']:.2%}"
        said.append(f"本行关联方缓释后合计 {reader.money(whole['exposure_after'])}{share}。")
    return [*said, f"规则：{result.certificate['version']}。"]
