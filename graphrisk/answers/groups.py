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
        then=("path",),
    )
    declared = show(
        result,
        reader,
        "groups_declared",
        title=reader.pick("Declared groups against computed ones", "申报集团与识别结果对比"),
        first=("declared_id", "group_id", "status", "missing", "extra"),
    )
    order = (members, groups, changes, declared) if asked else (changes, groups, declared)
    return Answer(sentences=tuple(result.certificate["headline"]), tables=tuple(t for t in order if len(t.frame))[:3])
