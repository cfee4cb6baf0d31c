"""What is said first of a party that is explained."""

from __future__ import annotations

from graphrisk.cascade.run import Spread
from graphrisk.cascade.sentences import Words
from graphrisk.model.note import Note


def fails_anyway(base: Spread, party: int, words: Words, more: float) -> Note:
    """Return that a party fails without the shock too, and what the shock adds."""
    fell = int(base.run.failed_in[party])
    return Note(
        "fails_anyway",
        f"{words.party(party)} fails without the shock too, in round {fell} of the "
        f"unshocked run; the shock adds {words.money(more)} to its loss.",
        f"{words.party(party)} 未受冲击也违约（未受冲击运行的第 {fell} 轮）；冲击使其损失增加 {words.money_zh(more)}。",
    )


def adds_nothing(party: int, words: Words) -> Note:
    """Return that the run without the shock is explained."""
    return Note(
        "shock_adds_nothing",
        f"The shock adds nothing to what {words.party(party)} loses: below is the run without it.",
        f"冲击没有增加 {words.party(party)} 的损失：以下为未受冲击的运行。",
    )


def loses_nothing(party: int, words: Words) -> Note:
    """Return that there is nothing to explain."""
    return Note(
        "loses_nothing",
        f"{words.party(party)} loses nothing under this shock and does not fail",
        f"{words.party(party)} 在此冲击下没有损失，也不违约",
    )


def answer(done: Spread, party: int, words: Words, lost: float) -> Note:
    """Return in a sentence whether the party fails, by what, and what it loses."""
    who, when = words.party(party), int(done.run.failed_in[party])
    newly = bool(done.newly_failed[party])
    how = f"fails in round {when} (cause {done.causes[party]})" if newly else "does not fail by it"
    how_zh = f"在第 {when} 轮违约（原因 {done.causes[party]}）" if newly else "不因此违约"
    if done.base is None:
        how_zh = how_zh if newly else "不违约"
        how = how if newly else "does not fail"
        return Note(
            "answer",
            f"Without any shock {who} {how} and loses {words.money(lost)}.",
            f"未受冲击时 {who} {how_zh}，损失 {words.money_zh(lost)}。",
        )
    return Note(
        "answer",
        f"{who} {how}: the shock adds {words.money(lost)} to its loss.",
        f"{who} {how_zh}：冲击使其损失增加 {words.money_zh(lost)}。",
    )
