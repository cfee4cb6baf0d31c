"""Groups of connected clients: the answer in sentences, then groups, members, and what changed or differs."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return the headline, and what answers: changes where two days are compared, groups, members of one party's."""
    asked = result.params.get("party") is not None
    changes = show(
        result,
        reader,
        "groups_changes",
        title=reader.pick("What changed", "变化"),
        first=("party_id", "change", "reason"),
        then=("group_id", "before_id"),
    )
    groups = show(
        result,
        reader,
        "groups_groups",
        title=reader.pick("Groups of connected clients, the largest exposure first", "关联客户组（按风险暴露排序）"),
        first=("group_id", "clients", "exposure", "basis"),
        then=("head_id", "reported_as"),
        hidden=("parties",),
    )
    members = show(
        result,
        reader,
        "groups_members",
        title=reader.pick("Who stands in them, and why", "成员及依据"),
        first=("group_id", "party_id", "basis", "evidence"),
        then=("recorded_in", "path"),
    )
    declared = show(
        result,
        reader,
        "groups_declared",
        title=reader.pick("Declared groups against computed ones", "申报集团与识别结果对比"),
        first=("declared_id", "group_id", "status", "missing", "extra"),
    )
    order = (members, groups, changes, declared) if asked else (changes, groups, declared)
    said = _in_chinese(result, reader) if reader.zh else result.certificate["headline"]
    return Answer(sentences=tuple(said), tables=tuple(t for t in order if len(t.frame))[:3])


_BASIS = {"control": "控制", "economic": "经济依存", "both": "控制与经济依存"}


def _in_chinese(result: Result, reader: Reader) -> list[str]:
    groups, members, declared = result.groups, result.members, result.declared
    party, against = result.params.get("party"), result.certificate.get("against")
    if party is not None:
        said = [_one_in_chinese(result, reader, str(party))]
    elif groups.empty:
        said = ["数据中没有因控制或经济依存而关联的客户。"]
    else:
        twice, first = int((members["party_id"].value_counts() > 1).sum()), groups.iloc[0]
        said = [
            f"{members['party_id'].nunique():,} 户客户属于 {len(groups):,} 个关联客户组，其中 {twice:,} 户属于多个组。",
            f"风险暴露最大的是{reader.party(first['head_id'])}的组（{first['group_id']}）：{reader.money(first['exposure'])}，"
            f"{int(first['clients']):,} 户。",
        ]
    if against is not None:
        many = result.changes["change"].value_counts().to_dict()
        came, went = (sum(many.get(name, 0) for name in names) for names in (_CAME, _WENT))
        said.append(f"自 {against['as_of']} 以来：新增成员关系 {came:,} 项，消失 {went:,} 项。")
    if len(declared):
        many = declared["status"].value_counts().to_dict()
        equal, different, missing, undeclared = (many.get(name, 0) for name in _DECLARED)
        said.append(
            f"申报集团：一致 {equal:,} 个，不一致 {different:,} 个，未识别 {missing:,} 个；识别但未申报 {undeclared:,} 个。"
        )
    return [*said, f"规则：{result.certificate['regime']}（{result.certificate['version']}）。"]


_CAME, _WENT = ("joins", "new_group"), ("leaves", "gone_group")
_DECLARED = ("equal", "different", "not_found", "undeclared")
_NAMED = 5
"""Groups of one party that are named."""


def _one_in_chinese(result: Result, reader: Reader, party: str) -> str:
    mine = result.members[result.members["party_id"] == party]
    if mine.empty:
        around = f"，但有 {len(result.groups):,} 个组的客户经其关联" if len(result.groups) else ""
        return f"{reader.party(party)}不属于任何关联客户组{around}。"
    told = [
        f"{row['group_id']}（{_BASIS.get(str(row['basis']), '')}：{row['evidence_zh']}）"
        for row in mine.head(_NAMED).to_dict("records")
    ]
    more = f"，另有 {len(mine) - _NAMED:,} 个" if len(mine) > _NAMED else ""
    return f"{reader.party(party)}属于 {len(mine):,} 个关联客户组：{'；'.join(told)}{more}。"
