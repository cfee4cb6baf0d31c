"""The bank's book in one district: facilities and the assets behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphrisk.demo.dice import Flags, Floats, Ints, fraction, rounded
from graphrisk.demo.filling import TODAY, fill, where, words
from graphrisk.demo.firms import Block
from graphrisk.demo.names import numbered
from graphrisk.demo.network import Network
from graphrisk.demo.sectors import PROVINCES

USD_RATE = 7.1
"""CNY for one USD on the as-of date, by the demo's own table `fx`."""

BANKS = ("B01", "B02", "B03", "B04", "B05", "B06")
_PRODUCTS = ("流动资金贷款", "固定资产贷款", "银行承兑汇票", "贸易融资", "经营性物业贷款", "个人经营贷款")
_CLASSES = ("正常", "关注", "次级", "可疑", "损失")
_KINDS = ("real_estate", "equipment", "inventory", "receivables", "shares", "cash", "other")
_KIND_WEIGHTS = (0.52, 0.15, 0.10, 0.12, 0.04, 0.05, 0.02)
_HAIRCUTS = np.array([0.30, 0.50, 0.50, 0.40, 0.50, 0.0, 0.60])
_ASSET_CLASSES = ("工业厂房", "通用设备", "库存商品", "应收账款", "非上市股权", "保证金存款", "其他资产", "商业用房")
_TERMS = np.array([365, 365, 730, 1095, 1825])


_LGD = ((0.15, 0.45), (0.40, 0.70), (0.60, 0.90))
"""Loss given default before any guarantor pays, least and most: of secured loans, of unsecured ones, of loans that
joint-guarantee groups stand behind (our judgement)."""

_NOT_WRITTEN_OFF = 0.5
"""What is still on the books of a loan in default: the rest is paid, sold or written off (our judgement)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loans:
    """The facilities of a district as columns (m,): `borrower` is a position in the block, amounts in CNY.

    `first` is each client's first facility, always of our own bank (-1 where it has none).
    """

    borrower: Ints
    ids: pa.Array
    outstanding: Floats
    dollars: Flags
    overdue: Ints
    start: Ints
    maturity: Ints
    other_bank: Flags
    secured: Flags
    lgd: Floats
    first: Ints

    @property
    def count(self) -> int:
        """The number of facilities."""
        return len(self.borrower)


def make_loans(block: Block, network: Network) -> Loans:
    """Return the facilities of the clients; whoever is guaranteed has one, members of a joint group no other."""
    dice, n = block.dice("book"), block.count
    several = np.where(dice.flags(n, 0.12), 0, 1 + dice.whole(n, np.array([1, 2, 3, 4])[block.size]))
    several[block.status == 3] = 0
    several[block.guarantor] = 0
    several[block.members] = 1
    several[block.layer[network.debtor]] = np.maximum(several[block.layer[network.debtor]], 1)
    several[block.status == 2] = np.maximum(several[block.status == 2], 1)
    borrower = np.repeat(np.arange(n), several)
    m = len(borrower)
    start_of = np.cumsum(several) - several
    part = dice.uniform(m, 0.3, 1.0)
    whole = np.bincount(borrower, part, minlength=n)[borrower]
    due = np.maximum(rounded((block.bank_debt * block.wallet)[borrower] * part / whole, 10_000.0), 10_000.0)
    rank = np.arange(m) - start_of[borrower]
    other_bank = (rank > 0) & dice.flags(m, 0.1)
    due[(rank > 0) & dice.flags(m, 0.06)] = 0.0  # a line not drawn
    status = block.status[borrower]
    kept = np.maximum(rounded(due * _NOT_WRITTEN_OFF, 10_000.0), 10_000.0)
    due = np.where((status == 2) & (due > 0), kept, due)
    overdue = np.where(status == 2, 91 + dice.whole(m, 420), 0)
    overdue = np.where((status == 1) & dice.flags(m, 0.45), 1 + dice.whole(m, 89), overdue)
    overdue[due == 0] = 0
    joint = np.isin(borrower, block.members)  # they have nothing to pledge: so they guarantee one another
    secured = dice.flags(m, 0.45) & (due > 0) & ~other_bank & ~joint
    low = np.where(secured, _LGD[0][0], np.where(joint, _LGD[2][0], _LGD[1][0]))
    high = np.where(secured, _LGD[0][1], np.where(joint, _LGD[2][1], _LGD[1][1]))
    start = TODAY - 40 - dice.whole(m, 700) - overdue
    term = _TERMS[dice.whole(m, len(_TERMS))]
    run_out = (overdue > 90) & dice.flags(m, 0.4)  # past maturity and unpaid; the others are late with an instalment
    maturity = np.where(run_out, np.maximum(start + 30, TODAY - overdue), np.maximum(start + term, TODAY + 30))
    return Loans(
        borrower=borrower,
        ids=numbered("F", 10 * block.number[borrower] + rank, 8),
        outstanding=due,
        dollars=(block.size[borrower] >= 2) & dice.flags(m, 0.08),
        overdue=overdue,
        start=start,
        maturity=maturity,
        other_bank=other_bank,
        secured=secured,
        lgd=fraction(low + (high - low) * dice.uniform(m), 2),
        first=np.where(several > 0, start_of, -1),
    )


def own_currency(loans: Loans, amounts: Floats) -> Floats:
    """Return CNY amounts of the facilities in the facility's own currency, whole thousands of dollars."""
    return np.where(loans.dollars, rounded(amounts / USD_RATE, 1000.0), amounts)


def facilities(block: Block, loans: Loans) -> pa.Table:
    """Return the rows of `facilities`."""
    dice, m = block.dice("facilities"), loans.count
    due = own_currency(loans, loans.outstanding)
    used = dice.uniform(m, 0.45, 1.0)
    limit = np.where(due > 0, np.ceil(due / used / 10_000.0) * 10_000.0, 10_000.0 * (1 + dice.whole(m, 200)))
    person = block.person[loans.borrower]
    product = np.where(person, 5, np.where(loans.dollars, 3, dice.pick(m, (0.55, 0.18, 0.12, 0.07, 0.08))))
    watched = block.status[loans.borrower] == 1
    graded = np.searchsorted([1, 91, 181, 361], loans.overdue, side="right")
    return fill(
        "facilities",
        m,
        facility_id=loans.ids,
        borrower_id=block.ids.take(pa.array(loans.borrower)),
        lender_id=where(loans.other_bank, words(BANKS, dice.whole(m, len(BANKS)))),
        product=words(_PRODUCTS, product),
        currency=words(("CNY", "USD"), loans.dollars.astype(np.int64)),
        limit_amount=limit,
        outstanding=due,
        lgd=loans.lgd,
        rate=fraction(dice.uniform(m, 0.031, 0.068) + np.where(person, 0.01, 0.0)),
        start_on=loans.start,
        maturity_on=loans.maturity,
        days_past_due=loans.overdue,
        classification=words(_CLASSES, np.maximum(graded, watched.astype(np.int64))),
        source="demo",
    )


def secured(block: Block, loans: Loans) -> tuple[pa.Table, pa.Table]:
    """Return the rows of `collateral` and `pledges`: each asset behind one loan, some also behind the next, in rank 2.

    Assets cover what they secure; pledging beyond the value is left to the story.
    """
    dice = block.dice("collateral")
    chosen = np.flatnonzero(loans.secured)
    k = len(chosen)
    borrower = loans.borrower[chosen]
    kind = dice.pick(k, _KIND_WEIGHTS)
    asset_class = np.where((kind == 0) & dice.flags(k, 0.5), 7, kind)
    haircut = _HAIRCUTS[kind]
    following = np.minimum(chosen + 1, loans.count - 1)
    shares = dice.flags(k, 0.12) & (loans.borrower[following] == borrower) & (following > chosen)
    shares &= (loans.outstanding[following] > 0) & ~loans.other_bank[following]
    covered = loans.outstanding[chosen] + np.where(shares, loans.outstanding[following], 0.0)
    value = np.ceil(covered * dice.uniform(k, 1.0, 1.9) / (1.0 - haircut) / 10_000.0) * 10_000.0
    ids = numbered("K", 10 * block.number[borrower] + (chosen - loans.first[borrower]), 8)
    owners = where(
        dice.flags(k, 0.88) | block.person[borrower],
        block.ids.take(pa.array(borrower)),
        numbered("P", 2 * block.number[borrower], 8),
    )
    region = words(list(PROVINCES), block.province[borrower])
    assets = fill(
        "collateral",
        k,
        collateral_id=ids,
        name=words(_ASSET_CLASSES, asset_class),
        kind=words(_KINDS, kind),
        owner_id=owners,
        value=value,
        currency="CNY",
        valued_on=TODAY - 20 - dice.whole(k, 330) - np.where(dice.flags(k, 0.05), 400, 0),
        haircut=haircut,
        asset_class=words(_ASSET_CLASSES, asset_class),
        region=region,
        source="demo",
    )
    also = np.flatnonzero(shares)
    facility = np.concatenate([chosen, following[also]])
    asset = np.concatenate([np.arange(k), also])
    allocated = dice.flags(len(facility), 0.25)
    pledges = fill(
        "pledges",
        len(facility),
        facility_id=loans.ids.take(pa.array(facility)),
        collateral_id=ids.take(pa.array(asset)),
        rank=np.repeat([1, 2], [k, len(also)]),
        allocated_amount=np.where(allocated, loans.outstanding[facility], np.nan),
        currency=where(allocated, pa.repeat("CNY", len(facility))),
        from_on=loans.start[facility],
        to_on=np.where(dice.flags(len(facility), 0.3), np.maximum(loans.maturity[facility], TODAY) + 730, -1),
        source="demo",
    )
    return assets, pledges
