"""What a scenario takes from equity before anybody's default spreads: its shocks, its prices, and by shares held."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from graphrisk.errors import ConvergenceError
from graphrisk.graph.book import Book
from graphrisk.graph.riskgraph import Floats
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.contagion.ledger import NOTHING, SCALE

Flags = npt.NDArray[np.bool_]
_SETTLED = 1e-12
_STEPS = 10_000


class FirstLosses(NamedTuple):
    """`equity` (n,): what is left, 0 where unknown; `sure` (n,): who is in default by the scenario alone."""

    equity: Floats
    sure: Flags


def money_taken(fraction: Floats, amount: Floats, equity: Floats, known: Flags) -> Floats:
    """Return the money that shocks take from each party (n,): never more than a positive equity."""
    whole = fraction * equity + amount
    able = known & (equity > NOTHING * np.maximum(np.abs(equity), 1.0))
    return np.where(able, np.where(fraction >= 1.0, equity, np.minimum(whole, equity)), 0.0)


def first_losses(book: Book, fraction: Floats, amount: Floats, *, prices: bool = True) -> FirstLosses:
    """Return equity after a scenario's shocks and the prices of `book`, and who is left without any.

    `prices` False: owners do not lose by the prices of what they own, because the layer collateral is left out.

    An owner loses its share of the fall of the firm's equity, as in contagion, over as many steps as there are. Whoever
    loses all it has is in default; so is a party shocked by 1. Equity of 0 or less before the scenario is no default.
    Raises ConvergenceError where firms own one another so far that losses go round without end.
    """
    ledger = book.ledger
    equity, known = ledger.equity, ledger.known
    direct = money_taken(fraction, amount, equity, known)
    if prices:
        direct = direct + np.where(known, book.price_loss(book.pledges.price), 0.0)
    fall = direct
    if direct.any() and len(book.stake):
        for _ in range(_STEPS):
            lost = np.maximum(equity, 0.0) - np.maximum(equity - fall, 0.0)
            more = direct + np.where(known, sum_by(book.stake_owner, book.stake * lost[book.stake_owned], len(fall)), 0)
            settled = np.abs(more - fall) <= _SETTLED * ledger.party[:, SCALE]
            fall = more
            if settled.all():
                break
        else:
            raise ConvergenceError(
                f"equity after the scenario did not settle in {_STEPS:,} steps: firms own one another by 100 % or more",
                hint="correct the shares of these firms, or leave out the layer ownership (--set layers=...)",
            )
    left = equity - fall
    nothing = NOTHING * ledger.party[:, SCALE]
    return FirstLosses(left, (fraction >= 1.0) | (known & (equity > nothing) & (left <= nothing)))
