"""The price layer of the joint map: assets that are sold lower the price of their class.

Source: the price of R. Cifuentes, G. Ferrucci, H. S. Shin, "Liquidity risk and contagion", Journal of the European
Economic Association 3 (2005): exp(-beta x value sold / depth). What is sold of a class is the value that its pledges
take, in proportion to their borrowers' loss fractions, at the price before the impact, so that prices only fall.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from graphrisk.kernels.contagion.collateral import recoveries
from graphrisk.kernels.contagion.ledger import (
    BORROWER,
    COLLATERAL,
    LOSS,
    PLEDGES,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
)
from graphrisk.kernels.contagion.sweep import mark, set_shortfall
from graphrisk.kernels.contagion.valuation import losses_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledges:
    """The pledges of a book, by asset and rank, and the assets; prices before any impact."""

    facility: Ints  # (pledges,)
    asset: Ints
    rank: Ints
    allocated: Floats
    owner: Ints  # who loses what the pledge pays, -1: nobody else
    due: Floats  # (facilities,)
    value: Floats  # (assets,) appraised
    price: Floats  # (assets,) 1 + the scenario's change
    haircut: Floats  # (assets,)
    asset_owner: Ints  # (assets,)
    classes: Ints  # (assets,) assets of one class share a price


def covered_at(pledges: Pledges, price: Floats) -> tuple[Floats, Floats]:
    """Return (what collateral pays of each facility, of that what each pledge pays) at prices (assets,)."""
    return recoveries(
        facility=pledges.facility,
        asset=pledges.asset,
        rank=pledges.rank,
        allocated=pledges.allocated,
        due=pledges.due,
        value=pledges.value,
        lending_value=price * (1.0 - pledges.haircut),
    )


def sold_in_all(pledges: Pledges, pays: Floats) -> Floats:
    """Return the value that each pledge sells where its borrower loses all (pledges,); `pays`: as of `covered_at`."""
    worth = pledges.price[pledges.asset] * (1.0 - pledges.haircut[pledges.asset])
    part = np.divide(pays, worth, out=np.zeros(len(pays)), where=worth > 0.0)
    return part * pledges.price[pledges.asset]


@dataclass(slots=True, kw_only=True)
class PriceLayer:
    """Prices of one run: before each sweep they follow what is sold, and the ledger follows them.

    `ledger` is changed in place (uncovered, pledged): it must belong to the run alone. `sold_in_all` (pledges,): value
    that each pledge sells where its borrower loses all.
    """

    pledges: Pledges
    beta: float
    depth: Floats  # (classes,)
    order: Ints  # the pledge of each row of ledger.pledged
    price: Floats = field(init=False)
    covered: Floats = field(init=False)
    pays: Floats = field(init=False)
    sold_in_all: Floats = field(init=False)

    def begin(self, _ledger: Ledger, _state: State, /) -> None:
        """Start from the prices before any impact."""
        own = self.pledges
        self.price = own.price.copy()
        self.covered, self.pays = covered_at(own, self.price)
        self.sold_in_all = sold_in_all(own, self.pays)

    def go_on(self, base: PriceLayer, ledger: Ledger, state: State, /) -> None:
        """Start from the prices at the end of the unshocked run: they fall in the first sweep, with what pays then."""
        self.begin(ledger, state)
        self.price = base.price.copy()
        self.covered, self.pays = covered_at(self.pledges, self.price)

    def before_sweep(self, ledger: Ledger, rule: Rule, state: State, /) -> float:
        """Let prices fall by what is sold now; return the largest change of a price."""
        own, price = self.pledges, self._prices_now(ledger, rule, state)
        change = float(np.abs(price - self.price).max(initial=0.0))
        if change == 0.0:
            return 0.0
        covered, pays = covered_at(own, price)
        fall = np.zeros(ledger.party.shape[0])
        owned = own.asset_owner >= 0
        np.add.at(fall, own.asset_owner[owned], ((self.price - price) * own.value)[owned])
        ledger.uncovered[:] = own.due - covered
        pledged = pays[self.order]
        _revalue(ledger, rule, state, pledged, fall)
        self.price, self.covered, self.pays = price, covered, pays
        return change

    def one_more(self, ledger: Ledger, rule: Rule, state: State, /) -> float:
        """Return the largest change of a price that one more step would make; nothing is changed."""
        return float(np.abs(self._prices_now(ledger, rule, state) - self.price).max(initial=0.0))

    def _prices_now(self, ledger: Ledger, rule: Rule, state: State) -> Floats:
        """Return the prices (assets,) at what is sold in a state."""
        own = self.pledges
        loss = losses_now(rule, ledger.party, state.money, state.failed)
        sold = self.sold_in_all * loss[ledger.facility[BORROWER, own.facility]]
        by_class = np.bincount(own.classes[own.asset], weights=sold, minlength=len(self.depth))
        part = np.divide(by_class, self.depth, out=np.zeros(len(self.depth)), where=self.depth > 0.0)
        price: Floats = own.price * np.exp(-self.beta * part)[own.classes]
        return price


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def set_pledged(ledger: Ledger, state: State, row: int, pays: float, loss: float) -> None:
    """Let a pledge of another (a row of `ledger.pledged`) pay `pays` where all is lost; its pledger loses the change.

    `loss`: the loss fraction of the borrower that has been passed on to the pledger.
    """
    more = (pays - ledger.pledged[row]) * loss
    ledger.pledged[row] = pays
    if more != 0.0:
        state.money[ledger.pledger[row], COLLATERAL] += more
        mark(state, ledger.pledger[row], False)


@njit(cache=True, nogil=True, error_model="numpy")
def _revalue(ledger: Ledger, rule: Rule, state: State, pledged: Floats, fall: Floats) -> None:
    """Bring shortfalls, pledgers and owners up to date with new prices."""
    for i in range(len(fall)):
        if fall[i] != 0.0:
            state.money[i, COLLATERAL] += fall[i]
            mark(state, i, False)
    for f in range(len(ledger.uncovered)):
        loss = state.money[ledger.facility[BORROWER, f], LOSS]
        for p in range(ledger.facility_start[PLEDGES, f], ledger.facility_start[PLEDGES, f + 1]):
            set_pledged(ledger, state, p, pledged[p], loss)
        set_shortfall(ledger, rule, state, f, loss)
