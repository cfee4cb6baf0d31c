"""Who owns and controls whom: the controllers at the top, the largest shares, circles of owners."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return how many are controlled and by whom, then control at the top, shares over several steps, circles."""
    control, shares, circles = result.control, result.integrated, result.cycles
    sure = control[control["certain"].fillna(False).astype(bool)]
    top = sure[sure["ultimate"].fillna(False).astype(bool)]
    over_others = shares[shares["direct_max"] == 0]
    sentences = []
    if len(shares):
        owners = reader.count(shares["owner_id"].nunique(), "owner holds", "owners hold")
        sentences.append(
            reader.pick(
                f"{owners} shares in {reader.count(shares['owned_id'].nunique(), 'party', 'parties')}; "
                f"{len(over_others):,} of {len(shares):,} holdings run over others only.",
                f"{shares['owner_id'].nunique():,} 个持有人在 {shares['owned_id'].nunique():,} 个主体中持股；"
                f"{len(shares):,} 条穿透持股中有 {len(over_others):,} 条完全经由他人。",
            )
        )
    if len(control):
        heads = top["controller_id"].nunique()
        sentences.append(
            reader.pick(
                f"{reader.count(sure['controlled_id'].nunique(), 'party is', 'parties are')} controlled for certain, by "
                f"{reader.count(heads, 'controller', 'controllers')} at the top.",
                f"{sure['controlled_id'].nunique():,} 个主体确定受控，最终控制方 {heads:,} 个。",
            )
        )
    if not len(shares) and not len(control):
        sentences.append(
            reader.pick("Nobody in this book owns or controls anybody.", "本数据中没有任何持股或控制关系。")
        )
    if len(circles):
        closed = int(circles["closed"].astype(bool).sum())
        sentences.append(
            reader.pick(
                f"{reader.count(len(circles), 'group of parties owns itself in a circle', 'groups own themselves in circles')}"
                f"{f', {closed:,} of them whole' if closed else ''}.",
                f"{len(circles):,} 组主体循环持股{f'，其中 {closed:,} 组完全封闭' if closed else ''}。",
            )
        )
    tables = (
        show(
            result,
            reader,
            "ownership_control",
            title=reader.pick("Control, the controllers at the top first", "控制关系（最终控制方在前）"),
            first=("controller_id", "controlled_id", "votes_min"),
            then=("votes_max", "certain", "basis", "path"),
            hidden=("proof",),
        ),
        show(
            result,
            reader,
            "ownership_integrated",
            title=reader.pick("Shares over all ways, the largest first", "穿透持股（由大到小）"),
            first=("owner_id", "owned_id", "capital_min", "capital_max"),
            then=("direct_min", "votes_min", "over_subscribed"),
        ),
        show(result, reader, "ownership_cycles", first=("cycle", "spectral_radius", "closed")),
    )
    return Answer(sentences=tuple(sentences), tables=tables)
