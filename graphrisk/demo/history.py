"""What the bank saw of its clients over the last year: account behaviour, events, the relationship."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.demo.credit import Loans
from graphrisk.demo.dice import Dice, Ints, fraction, rounded
from graphrisk.demo.filling import MONTHS, TODAY, fill, where, words
from graphrisk.demo.firms import Block
from graphrisk.demo.names import numbered

KINDS = ("default", "arrears", "lawsuit", "enforcement", "rating_change", "news", "restructuring")
DETAILS = (
    "逾期九十日以上，认定违约",
    "还款逾期",
    "被诉：买卖合同纠纷",
    "列为被执行人",
    "内部评级下调",
    "媒体报道：订单减少",
    "贷款展期并变更还款计划",
)


def behaviour(block: Block, loans: Loans) -> pa.Table:
    """Return twelve months of each borrower's account; trouble shows in the last months of who is late."""
    who = np.flatnonzero(loans.first >= 0)
    dice, n = block.dice("behaviour"), len(who)
    months = len(MONTHS)
    monthly = np.where(np.isnan(block.sales), block.bank_debt * 0.3, block.sales)[who] / 12.0 * block.wallet[who]
    late = np.zeros(block.count, dtype=np.int64)
    np.maximum.at(late, loans.borrower, loans.overdue)
    strained = (block.status[who] == 1) | (block.status[who] == 2)
    level = dice.uniform(n, 0.3, 0.85)
    tables = []
    for k, month in enumerate(MONTHS):
        fading = np.where(strained, 1.0 - 0.05 * k, 1.0)
        inflow = rounded(monthly * fading * dice.uniform(n, 0.75, 1.25), 100.0)
        outflow = rounded(monthly * dice.uniform(n, 0.75, 1.25) * np.where(strained, 1.0, fading), 100.0)
        used = np.clip(level + np.where(strained, 0.025 * k, 0.0) + dice.uniform(n, -0.08, 0.08), 0.0, 1.2)
        overdue = np.maximum(late[who] - 30 * (months - 1 - k), 0)
        tables.append(
            fill(
                "behaviour",
                n,
                party_id=block.ids.take(pa.array(who)),
                month_on=month,
                inflow=inflow,
                outflow=outflow,
                limit_utilisation=fraction(used, 3),
                days_past_due=overdue,
                overdraft_days=np.where(strained, dice.whole(n, 12), 0),
            )
        )
    return pa.concat_tables(tables)


def events(block: Block, loans: Loans) -> pa.Table:
    """Return defaults and arrears as the loans show them, and lawsuits, enforcement, news and the like."""
    dice = block.dice("events")
    strained = block.status == 1
    found = [_loan_events(block, loans, dice)]
    for kind, chance, more in ((2, 0.03, 0.15), (3, 0.005, 0.06), (4, 0.03, 0.35), (5, 0.04, 0.2), (6, 0.001, 0.06)):
        at = np.flatnonzero(dice.flags(block.count, np.where(strained, more, chance)) & ~block.person)
        found.append(_rows(block, dice, at, np.full(len(at), kind), TODAY - 3 - dice.whole(len(at), 600)))
    whole = pa.concat_tables(found)
    ids = numbered(f"E{block.district:02d}", np.arange(whole.num_rows))
    return whole.set_column(0, whole.schema.field(0), ids)


def _loan_events(block: Block, loans: Loans, dice: Dice) -> pa.Table:
    """One event per late loan of our own bank: a default after 90 days, arrears before."""
    late = np.flatnonzero((loans.overdue > 0) & ~loans.other_bank)
    kind = np.where(loans.overdue[late] > 90, 0, 1)
    happened = TODAY - loans.overdue[late] + np.where(kind == 0, 90, 0)
    table = _rows(block, dice, loans.borrower[late], kind, happened)
    for name, values in (
        ("facility_id", loans.ids.take(pa.array(late))),
        ("amount", pa.array(rounded(loans.outstanding[late]))),
        ("currency", pa.repeat("CNY", len(late))),
    ):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(at), values)
    return table


def _rows(block: Block, dice: Dice, clients: Ints, kind: Ints, happened: Ints) -> pa.Table:
    n = len(clients)
    known = np.minimum(happened + dice.whole(n, 25), TODAY)
    suit = (kind == 2) | (kind == 3)
    amount = np.where(suit, rounded(block.bank_debt[clients] * dice.uniform(n, 0.01, 0.2), 1000.0), np.nan)
    return fill(
        "events",
        n,
        event_id="",
        party_id=block.ids.take(pa.array(clients)),
        kind=words(KINDS, kind),
        occurred_on=happened,
        known_on=known,
        amount=amount,
        currency=where(suit, pa.repeat("CNY", n)),
        detail=words(DETAILS, kind),
        source="demo",
    )


def relationship(block: Block, loans: Loans, parties: pa.Table) -> pa.Table:
    """Return the profile of each client; tenure runs from the day it became one."""
    dice, n = block.dice("relationship"), block.count
    since = parties["client_since_on"].combine_chunks().cast(pa.int32()).to_numpy()
    has_loan = loans.first >= 0
    return fill(
        "relationship",
        n,
        party_id=block.ids,
        as_of_on=TODAY,
        products=1 + dice.whole(n, np.array([3, 5, 7, 9])[block.size]) + has_loan,
        tenure_months=pc.floor(pa.array((TODAY - since) / 30.4375)),
        contact_score=rounded(dice.uniform(n, 10.0, 100.0)),
        share_of_wallet=np.where(has_loan, block.wallet, 0.0),
        owner_credit_score=np.where(
            dice.flags(n, 0.1),
            np.nan,
            np.clip(rounded(690.0 - 35.0 * (block.grade - 3) + dice.normal(n, 0.0, 40.0)), 350, 850),
        ),
    )
