"""What the firms of a district deliver to one another, owe one another and pay one another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from graphrisk.demo.credit import Loans
from graphrisk.demo.dice import Dice, Floats, Ints, fraction, rounded
from graphrisk.demo.filling import TODAY, fill, where, words
from graphrisk.demo.firms import Block
from graphrisk.demo.sectors import INDUSTRIES

_HEAVY = 0.5
"""Share of a firm's sales or purchases from which one partner counts as a dependence (EBA/GL/2017/15: 50 %)."""


_REACH = np.array([0.4, 1.0, 1.5, 1.7])
"""How much more often a larger firm sells to other clients than its sales say: the smallest sell to households."""


def traded(block: Block, loans: Loans) -> dict[str, pa.Table]:
    """Return the rows of `supplies`, `exposures`, `dependencies` and `fund_flows`.

    A firm's deliveries stay within its sales, its purchases within its material cost.
    """
    dice = block.dice("trade")
    supplier, buyer, amount = _deliveries(block, dice)
    n = len(supplier)
    ids = block.ids
    essential = dice.flags(n, 0.12)
    terms = block.dice("terms of supply")
    supplies = fill(
        "supplies",
        n,
        supplier_id=ids.take(pa.array(supplier)),
        buyer_id=ids.take(pa.array(buyer)),
        amount=amount,
        currency="CNY",
        product=words([one.product for one in INDUSTRIES], block.industry[supplier]),
        essential=essential,
        from_on=TODAY - 30 - terms.whole(n, 1500),
        to_on=np.where(terms.flags(n, 0.2), TODAY + 1 + terms.whole(n, 1000), -1),
        source="demo",
    )
    return {
        "supplies": supplies,
        "exposures": _claims(block, dice, supplier, buyer, amount),
        "dependencies": _dependencies(block, dice, supplier, buyer, amount),
        "fund_flows": _payments(block, loans, dice, supplier, buyer, amount),
    }


def _deliveries(block: Block, dice: Dice) -> tuple[Ints, Ints, Floats]:
    """Return supplier, buyer and yearly amount: suppliers drawn in proportion to their sales and reach.

    Whoever is in default neither delivers nor buys any more: partners have left, and have written off what it owed.
    """
    firms = np.flatnonzero(~np.isnan(block.sales) & (block.status != 2) & ~block.guarantor)
    if len(firms) < 2:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, np.zeros(0)
    several = 1 + dice.whole(len(firms), np.array([2, 4, 6, 10])[block.size[firms]])
    buyer = np.repeat(firms, several)
    supplier = firms[dice.pick(len(buyer), block.sales[firms] * _REACH[block.size[firms]])]
    fresh = np.unique(supplier * block.count + buyer, return_index=True)[1]
    keep = np.zeros(len(buyer), dtype=bool)
    keep[fresh] = True
    keep &= supplier != buyer
    supplier, buyer = supplier[keep], buyer[keep]
    part = dice.uniform(len(buyer), 0.05, 1.0)
    used = dice.uniform(block.count, 0.3, 0.78)[buyer]
    whole = np.bincount(buyer, part, minlength=block.count)[buyer]
    wanted = block.material[buyer] * used * part / whole
    sold = np.bincount(supplier, wanted, minlength=block.count)
    room = np.minimum(1.0, 0.85 * block.sales / np.maximum(sold, 1.0))
    amount = np.floor(wanted * room[supplier] / 1000.0) * 1000.0
    there = amount > 0
    return supplier[there], buyer[there], amount[there]


def _claims(block: Block, dice: Dice, supplier: Ints, buyer: Ints, amount: Floats) -> pa.Table:
    """Trade credit of one to three months on half of the deliveries, and a few loans between firms.

    Nobody gives one buyer credit for more than half of its own net assets.
    """
    at = np.flatnonzero(dice.flags(len(supplier), 0.5))
    owed = rounded(amount[at] * dice.uniform(len(at), 0.08, 0.25), 1000.0)
    owed = np.minimum(owed, np.floor(block.equity[supplier[at]] / 2000.0) * 1000.0)
    lenders = np.flatnonzero((block.size >= 2) & (block.equity > 2e6))
    lenders = lenders[dice.flags(len(lenders), 0.04)]
    debtors = dice.whole(len(lenders), block.count)
    fine = (debtors != lenders) & ~block.person[debtors] & (block.status[debtors] != 2)
    lenders, debtors = lenders[fine], debtors[fine]
    lent = rounded(block.equity[lenders] * dice.uniform(len(lenders), 0.01, 0.06), 10_000.0)
    creditor = np.concatenate([supplier[at], lenders])
    debtor = np.concatenate([buyer[at], debtors])
    total = np.concatenate([owed, lent])
    kind = np.repeat([0, 1], [len(at), len(lenders)])
    there = np.flatnonzero(total > 0)
    return fill(
        "exposures",
        len(there),
        creditor_id=block.ids.take(pa.array(creditor[there])),
        debtor_id=block.ids.take(pa.array(debtor[there])),
        amount=total[there],
        currency="CNY",
        lgd=fraction(dice.uniform(len(there), 0.4, 0.9), 2),
        kind=words(("trade_credit", "loan"), kind[there]),
        source="demo",
    )


def _dependencies(block: Block, dice: Dice, supplier: Ints, buyer: Ints, amount: Floats) -> pa.Table:
    """Who sells at least half to one buyer, or buys at least half from one supplier."""
    receipts, spending = amount / block.sales[supplier], amount / block.material[buyer]
    one, other = np.flatnonzero(receipts >= _HEAVY), np.flatnonzero(spending >= _HEAVY)
    k = len(one) + len(other)
    return fill(
        "dependencies",
        k,
        dependent_id=block.ids.take(pa.array(np.concatenate([supplier[one], buyer[other]]))),
        on_id=block.ids.take(pa.array(np.concatenate([buyer[one], supplier[other]]))),
        criterion=words(("receipts", "expenditure"), np.repeat([0, 1], [len(one), len(other)])),
        ratio=fraction(np.concatenate([receipts[one], spending[other]])),
        replaceable=dice.flags(k, 0.4),
        upstream=dice.flags(k, 0.05),
        source="demo",
    )


def _payments(block: Block, loans: Loans, dice: Dice, supplier: Ints, buyer: Ints, amount: Floats) -> pa.Table:
    """A month's bill for half of the deliveries; some are paid out of the buyer's first loan."""
    at = np.flatnonzero(dice.flags(len(supplier), 0.5))
    paid = np.maximum(rounded(amount[at] / 12.0 * dice.uniform(len(at), 0.6, 1.4), 100.0), 100.0)
    first = loans.first[buyer[at]]
    from_loan = (first >= 0) & dice.flags(len(at), 0.15)
    columns: dict[str, Any] = {}
    if loans.count:
        columns["facility_id"] = where(from_loan, loans.ids.take(pa.array(np.maximum(first, 0))))
    return fill(
        "fund_flows",
        len(at),
        payer_id=block.ids.take(pa.array(buyer[at])),
        payee_id=block.ids.take(pa.array(supplier[at])),
        amount=paid,
        currency="CNY",
        paid_on=TODAY - dice.whole(len(at), 180),
        source="demo",
        **columns,
    )
