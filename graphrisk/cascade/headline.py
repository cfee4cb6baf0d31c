"""What a shock adds, in sentences: the first notes of a run."""

from __future__ import annotations

from collections.abc import Callable

from graphrisk.cascade.added import Added, unmet_calls
from graphrisk.cascade.run import Spread
from graphrisk.cascade.sentences import Words
from graphrisk.model.note import Note


def headline(done: Spread, more: Added) -> list[Note]:
    """Return what the shock of a run adds to the unshocked one, then what happens without it; base currency."""
    base = done.unshocked
    said: list[Note] = []
    money, zh = Words(done).money, Words(done).money_zh
    if done.base is not None:
        shocked = int((done.shock.shocked & more.default).sum())
        others = int(more.default.sum()) - shocked
        paid = float(done.balance.line_paid.sum() - base.balance.line_paid.sum())
        unmet = float(unmet_calls(done.balance).sum() - unmet_calls(base.balance).sum())
        how = f"puts {_parties(shocked)} in default and brings {_parties(others)} down with "
        how += "it" if shocked == 1 else "them"
        if not shocked:
            how = f"brings {_parties(others)} down"
        bank, equity = done.bank_loss - base.bank_loss, done.equity_lost - base.equity_lost
        said.append(
            Note(
                "shock_adds",
                f"The shock {how}: {money(bank)} of bank loss added and {money(equity)} of equity lost.",
                f"冲击使 {shocked:,} 户直接违约、另有 {others:,} 户随之违约：新增本行损失 {zh(bank)}，"
                f"新增净资产损失 {zh(equity)}。",
            )
        )
        if paid or unmet:
            cannot = f", and cannot pay {_change(money, unmet)}" if unmet else ""
            lacking = f"，无力支付的{_change_zh(zh, unmet)}" if unmet else ""
            text = f"Guarantors pay {_change(money, paid)}{cannot}."
            said.append(Note("guarantors_pay", text, f"担保人代偿{_change_zh(zh, paid)}{lacking}。"))
    anyway = int(base.run.state.failed.sum())
    if anyway:
        broken = int((base.run.failed_in == 0).sum())
        beside = ", not counted here" if done.base is not None else ""
        outside = "（不计入此处）" if done.base is not None else ""
        said.append(
            Note(
                "fail_anyway",
                f"{_parties(anyway)} {'fails' if anyway == 1 else 'fail'} without any shock ({broken:,} in default at "
                f"the start): {money(base.bank_loss)} of bank loss{beside} (contagion_base lists them).",
                f"未受冲击也违约的有 {anyway:,} 户（其中 {broken:,} 户起始即违约）："
                f"本行损失 {zh(base.bank_loss)}{outside}，见 contagion_base。",
            )
        )
    if done.base is not None and more.spared:
        said.append(
            Note(
                "some_are_spared",
                f"{more.spared:,} parties, facilities or calls lose less with the shock than without it: a guarantor "
                "that gets poorer pays one facility less and leaves more to another.",
                f"{more.spared:,} 户（笔）在冲击下的损失反而更少：担保人变穷后对一笔融资少付，对另一笔就多留。",
            )
        )
    return said


def _change(money: Callable[[float], str], amount: float) -> str:
    return f"{money(abs(amount))} {'more' if amount >= 0.0 else 'less'}"


def _change_zh(money: Callable[[float], str], amount: float) -> str:
    return f"{'增加' if amount >= 0.0 else '减少'} {money(abs(amount))}"


def _parties(count: int) -> str:
    return f"{count:,} {'party' if count == 1 else 'parties'}"
