"""Where a client stands in the network: guarantees given and received, circles, owners, suppliers and buyers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph

LAYERS = ("guarantees", "ownership", "supplies", "exposures", "ties")


def columns(graph: RiskGraph) -> dict[str, Any]:
    """Return guarantees over net assets and debt, mutual ones, circles, debtors whose call takes all that there is,
    degrees by relation, concentration of trade.

    A degree counts partners, not contracts; a relation of which the book holds nothing is NaN for everybody.
    """
    n = graph.size
    giver, debtor = graph.ends("guarantees")
    amount = graph.floats("guarantees", "amount")
    rows = (giver >= 0) & (debtor >= 0) & (giver != debtor) & ~np.isnan(amount)
    giver, debtor, amount = giver[rows], debtor[rows], amount[rows]
    given, received = (np.asarray(np.bincount(side, amount, minlength=n), dtype=np.float64) for side in (giver, debtor))
    equity, debt = graph.latest("equity"), graph.latest("total_liabilities")
    known = graph.rows("guarantees") > 0
    found: dict[str, Any] = {
        "guarantees_given_to_equity": over(given, equity) if known else np.full(n, np.nan),
        "guarantees_received_to_debt": over(received, debt) if known else np.full(n, np.nan),
        "mutual_guarantees": _mutual(giver, debtor, n) if known else np.full(n, np.nan),
        "in_circle": _in_circle(giver, debtor, n) if known else np.full(n, np.nan),
        "debtors_beyond_equity": _beyond_equity(graph, equity) if known else np.full(n, np.nan),
    }
    for layer in LAYERS:
        source, target = graph.ends(layer)
        found[f"{layer}_out"] = _partners(source, target, n) if graph.rows(layer) else np.full(n, np.nan)
        found[f"{layer}_in"] = _partners(target, source, n) if graph.rows(layer) else np.full(n, np.nan)
    seller, buyer = graph.ends("supplies")
    trade = graph.floats("supplies", "amount")
    found["buyer_concentration"] = _concentration(seller, buyer, trade, n)
    found["supplier_concentration"] = _concentration(buyer, seller, trade, n)
    return found


def neighbours_of(graph: RiskGraph) -> tuple[Positions, Positions]:
    """Return every pair of parties that a relation joins, both ways, each once, nobody with itself."""
    ends = [graph.ends(layer) for layer in LAYERS]
    a = np.concatenate([np.concatenate(pair) for pair in ends])
    b = np.concatenate([np.concatenate(pair[::-1]) for pair in ends])
    fine = (a >= 0) & (b >= 0) & (a != b)
    key = np.unique(a[fine] * graph.size + b[fine])
    return key // max(graph.size, 1), key % max(graph.size, 1)


def _partners(side: Positions, other: Positions, n: int) -> Floats:
    fine = (side >= 0) & (other >= 0) & (side != other)
    key = np.unique(side[fine] * n + other[fine])
    return np.bincount(key // max(n, 1), minlength=n).astype(np.float64)


def _mutual(giver: Positions, debtor: Positions, n: int) -> Floats:
    there, back = np.unique(giver * n + debtor), np.unique(debtor * n + giver)
    both = np.intersect1d(there, back)
    return np.bincount(both // max(n, 1), minlength=n).astype(np.float64)


def calls_on(graph: RiskGraph) -> tuple[Positions, Positions, Floats]:
    """Return (guarantor, debtor, call) of each pair: what the guarantor would have to pay if the debtor defaulted.

    A call is the amount times the loan's loss given default (the whole where none is stated), shared by all guarantors
    of the debtor whose net assets are known to be positive; of others nothing is said.
    """
    n, equity = graph.size, graph.latest("equity")
    giver, debtor = graph.ends("guarantees")
    lgd, loan = graph.floats("facilities", "lgd"), graph.positions("guarantees", "facility_id")
    part = np.where(loan >= 0, np.append(lgd, np.nan)[loan], np.nan)
    call = graph.floats("guarantees", "amount") * np.where(np.isnan(part), 1.0, part)
    able = np.append(equity > 0.0, False)[giver]
    fine = (giver >= 0) & (debtor >= 0) & (giver != debtor) & able & ~np.isnan(call)
    key, row = np.unique(giver[fine] * n + debtor[fine], return_inverse=True)
    whole = np.bincount(row, call[fine]) if len(key) else np.zeros(0)
    one, other = key // max(n, 1), key % max(n, 1)
    return one, other, whole / np.bincount(other, minlength=n)[other]


def _beyond_equity(graph: RiskGraph, equity: Floats) -> Floats:
    """Return for how many debtors a call takes all net assets of the party; NaN where these are unknown."""
    one, _, call = calls_on(graph)
    found = np.bincount(one[call > equity[one]], minlength=graph.size).astype(np.float64)
    return np.where(np.isnan(equity), np.nan, found)


def _in_circle(giver: Positions, debtor: Positions, n: int) -> Floats:
    """Return 1 where a party is in a circle of guarantees: in a strong component of several parties."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not n:
        return np.zeros(0)
    layer = coo_array((np.ones(len(giver)), (giver, debtor)), shape=(n, n)).tocsr()
    _, part = connected_components(layer, directed=True, connection="strong")
    large: NDArray[np.bool_] = np.bincount(part)[part] > 1
    return large.astype(np.float64)


def _concentration(side: Positions, other: Positions, amount: Floats, n: int) -> Floats:
    """Return the Herfindahl index of the partners of each party; NaN where it has none."""
    fine = (side >= 0) & (other >= 0) & (side != other) & (amount > 0.0)
    key, whose = np.unique(side[fine] * n + other[fine], return_inverse=True)
    part = np.bincount(whose, amount[fine]) if len(key) else np.zeros(0)
    holder = key // max(n, 1)
    total = np.bincount(holder, part, minlength=n)
    squares = np.bincount(holder, part**2, minlength=n)
    return np.asarray(np.divide(squares, total**2, out=np.full(n, np.nan), where=total > 0.0))


def over(top: Floats, bottom: Floats) -> Floats:
    """Return top / bottom: NaN where the bottom is unknown; 99 where it is used up and the top is not 0."""
    good = bottom > 0.0
    found = np.divide(top, bottom, out=np.full(len(top), np.nan), where=good)
    found[(bottom <= 0.0) & (top > 0.0)] = _USED_UP
    found[(bottom <= 0.0) & (top == 0.0)] = 0.0
    return np.asarray(np.minimum(found, _USED_UP))


_USED_UP = 99.0
"""What stands for more than can be: a promise without any net assets behind it."""
