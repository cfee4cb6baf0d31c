"""What a shock adds, in sentences: the first notes of a run."""

from __future__ import annotations

from collections.abc import Callable

from graphrisk.cascade.added import Added, unmet_calls
from graphrisk.cascade.run import Spread
from graphrisk.cascade.sentences import Words


def headline(done: Spread, more: Added) -> list[str]:
    """Return what the shock of a run adds to the unshocked one, then what happens without it; base currency."""
    base, said = done.unshocked, []
    money = Words(done).money
    if done.base is not None:
        shocked = int((done.shock.shocked & more.default).sum())
        others = int(more.default.sum()) - shocked
        paid = float(done.balance.line_paid.sum() - base.balance.line_paid.sum())
        unmet = float(unmet_calls(done.balance).sum() - unmet_calls(base.balance).sum())
        how = f"puts {_parties(shocked)} in default and brings {_parties(others)} down with "
        how += "it" if shocked == 1 else "them"
        if not shocked:
            how = f"brings {_parties(others)} down"
        said.append(
            f"The shock {how}: {money(done.bank_loss - base.bank_loss)} of bank loss added and "
            f"{money(done.equity_lost - base.equity_lost)} of equity lost."
        )
        if paid or unmet:
            cannot = f", and cannot pay {_change(money, unmet)}" if unmet else ""
            said.append(f"Guarantors pay {_change(money, paid)}{cannot}.")
    anyway = int(base.run.state.failed.sum())
    if anyway:
        broken = int((base.run.failed_in == 0).sum())
        beside = ", not counted here" if done.base is not None else ""
        said.append(
            f"{_parties(anyway)} {'fails' if anyway == 1 else 'fail'} without any shock ({broken:,} in default at the "
            f"start): {money(base.bank_loss)} of bank loss{beside} (contagion_base lists them)."
        )
    if done.base is not None and more.spared:
        said.append(
            f"{more.spared:,} parties, facilities or calls lose less with the shock than without it: a guarantor that "
            "gets poorer pays one facility less and leaves more to another."
        )
    return said


def _change(money: Callable[[float], str], amount: float) -> str:
    return f"{money(abs(amount))} {'more' if amount >= 0.0 else 'less'}"


def _parties(count: int) -> str:
    return f"{count:,} {'party' if count == 1 else 'parties'}"
