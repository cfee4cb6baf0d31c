"""What a shock adds, in sentences: the first notes of a run."""

from __future__ import annotations

from graphrisk.cascade.added import Added, unmet_calls
from graphrisk.cascade.run import Spread


def headline(done: Spread, more: Added) -> list[str]:
    """Return what the shock of a run adds to the unshocked one, then what happens without it; base currency."""
    currency = done.book.graph.base_currency
    unit = f" {currency}" if currency else ""
    base, said = done.unshocked, []
    if done.base is not None:
        shocked = int((done.shock.shocked & more.default).sum())
        others = int(more.default.sum()) - shocked
        paid = float(done.balance.line_paid.sum() - base.balance.line_paid.sum())
        unmet = float(unmet_calls(done.balance).sum() - unmet_calls(base.balance).sum())
        said.append(
            f"the shock puts {_parties(shocked)} in default and brings {_parties(others)} down with "
            f"{'it' if shocked == 1 else 'them'}: {done.bank_loss - base.bank_loss:,.2f}{unit} of bank loss added and "
            f"{done.equity_lost - base.equity_lost:,.2f}{unit} of equity lost"
        )
        if paid or unmet:
            said.append(f"guarantors pay {paid:,.2f}{unit} more, and cannot pay {unmet:,.2f}{unit} more")
    anyway = int(base.run.state.failed.sum())
    if anyway:
        broken = int((base.run.failed_in == 0).sum())
        beside = " beside the shock" if done.base is not None else ""
        said.append(
            f"{_parties(anyway)} {'fails' if anyway == 1 else 'fail'} without any shock ({broken:,} in default at the "
            f"start): {base.bank_loss:,.2f}{unit} of bank loss{beside}, listed in contagion_base"
        )
    if done.base is not None and more.spared:
        said.append(
            f"{more.spared:,} parties or facilities lose less with the shock than without it: a guarantor that gets "
            "poorer pays one facility less and leaves more to another"
        )
    return said


def _parties(count: int) -> str:
    return f"{count:,} {'party' if count == 1 else 'parties'}"
