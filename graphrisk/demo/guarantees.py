"""The guarantee contracts of a district: the sparse layer, joint-guarantee lending, guarantee companies, owners."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa

from graphrisk.demo.calibration import COMPANY_MULTIPLE, OWNER_GUARANTEES
from graphrisk.demo.credit import Loans, own_currency
from graphrisk.demo.dice import Flags, Floats, Ints, rounded
from graphrisk.demo.filling import fill, where, words
from graphrisk.demo.firms import Block
from graphrisk.demo.joint import Joint
from graphrisk.demo.names import numbered
from graphrisk.demo.network import Network

_ONE_BORROWER = 0.04
"""The most a guarantee company gives for one borrower, over all it gives."""

_COMPANY_DEBTORS = 0.22
"""Chance that a guarantee company stands for a firm whom no other layer guarantees: our judgement."""

_STILL_OWED = 0.3
"""Guarantees of one guarantor behind loans in default, over its net assets, at most: the bank has called them, and what
is left is paid in instalments (our judgement). So nobody falls over what has happened already."""


def guaranteed(block: Block, loans: Loans, network: Network, joint: Joint) -> tuple[pa.Table, Block]:
    """Return the rows of `guarantees`, and the block with the accounts of guarantee companies set by what they gave."""
    given = np.zeros(block.count)
    layers = (
        _sparse(block, loans, network, given),
        _joint(block, loans, joint),
        _companies(block, loans, given),
    )
    tables = [table for table in layers if table is not None]
    tables.append(_owners(block, loans))
    return pa.concat_tables(tables), _with_companies(block, given)


def _sparse(block: Block, loans: Loans, network: Network, given: Floats) -> pa.Table | None:
    """The published network's contracts, each on the debtor's first loan or on all its loans.

    A cap is the loan or a part of it, but seldom more than the guarantor's own net assets.
    """
    dice, k = block.dice("guarantees"), len(network.guarantor)
    if not k:
        return None
    guarantor, debtor = block.layer[network.guarantor], block.layer[network.debtor]
    all_loans = dice.flags(k, 0.2)
    part = np.array([1.0, 1.0, 1.0, 0.7, 0.5, 0.3])[dice.whole(k, 6)]
    bearable = np.nan_to_num(block.equity, nan=3e6)[guarantor] * 0.4 * dice.lognormal(k, 1.0)
    bearable[block.guarantor[guarantor]] = np.inf
    due = np.where(all_loans, _total(block, loans)[debtor], loans.outstanding[loans.first[debtor]])
    wanted = np.minimum(due * part, np.maximum(bearable, 200_000.0))
    cap = _left_of(block, guarantor, debtor, np.maximum(np.ceil(wanted / 10_000.0), 1.0) * 10_000.0)
    several = dice.flags(k, 0.28)
    alone = np.bincount(debtor, minlength=block.count)[debtor] == 1
    company = block.guarantor[guarantor]
    np.add.at(given, guarantor[company], cap[company])
    return _rows(
        block, loans, "G", guarantor, debtor, cap, all_loans,
        share=np.where(several & alone & dice.flags(k, 0.5), 1.0, np.nan),
        mode=words(("joint_several", "several"), several.astype(np.int64)),
        liability=words(("joint", "general", None), dice.pick(k, (0.7, 0.2, 0.1))),
        rank=pa.array(np.ones(k, dtype=np.int64), mask=dice.flags(k, 0.1)),
        open_ended=dice.flags(k, 0.5),
    )  # fmt: skip


def _joint(block: Block, loans: Loans, joint: Joint) -> pa.Table | None:
    """Every member of a group stands behind the whole loan of every other, jointly and severally."""
    if not len(joint.guarantor):
        return None
    guarantor, debtor = block.members[joint.guarantor], block.members[joint.debtor]
    due = np.ceil(loans.outstanding[loans.first[debtor]] / 10_000.0) * 10_000.0
    cap = _left_of(block, guarantor, debtor, due)
    return _rows(block, loans, "J", guarantor, debtor, cap, np.zeros(len(cap), dtype=bool))


def _companies(block: Block, loans: Loans, given: Floats) -> pa.Table | None:
    """Guarantee companies stand behind loans of micro and small firms that nobody else guarantees.

    They bear 80 % of a loan and leave 20 % to the bank, as the guarantee system for small firms has it. One borrower is
    at most about a tenth of their net assets (State Council order 683 of 2017, article 16; remembered, not read again).
    """
    if not len(block.companies):
        return None
    dice = block.dice("guarantee companies")
    free = np.ones(block.count, dtype=bool)
    free[block.layer] = free[block.members] = False
    free &= ~block.person & ~block.guarantor & (block.size < 2) & (loans.first >= 0) & (block.status < 2)
    debtor = np.flatnonzero(free & dice.flags(block.count, _COMPANY_DEBTORS))
    debtor = debtor[loans.outstanding[loans.first[debtor]] > 0]
    guarantor = block.companies[dice.whole(len(debtor), len(block.companies))]
    cap = np.maximum(rounded(loans.outstanding[loans.first[debtor]] * 0.8, 10_000.0), 10_000.0)
    cap = np.minimum(cap, np.ceil(_total_of(guarantor, cap, block.count)[guarantor] * _ONE_BORROWER / 10_000.0) * 1e4)
    np.add.at(given, guarantor, cap)
    return _rows(block, loans, "W", guarantor, debtor, cap, np.zeros(len(cap), dtype=bool))


def _owners(block: Block, loans: Loans) -> pa.Table:
    """The principal owner of most firms below large stands behind all its loans, after every other guarantor.

    The bank does not know what an owner has, so it counts on nothing. Behind loans in default the owner has been
    called, and the contract is spent.
    """
    dice = block.dice("owners' guarantees")
    total = _total(block, loans)
    willing = dice.flags(block.count, OWNER_GUARANTEES)
    fine = willing & ~block.person & ~block.guarantor & (block.size < 3) & (block.status != 2) & (total > 0)
    debtor = np.flatnonzero(fine)
    return _rows(
        block, loans, "O", None, debtor, np.ceil(total[debtor] / 10_000.0) * 10_000.0,
        np.bincount(loans.borrower, minlength=block.count)[debtor] > 1,
        rank=np.full(len(debtor), 2),
    )  # fmt: skip


def _rows(
    block: Block,
    loans: Loans,
    letter: str,
    guarantor: Ints | None,
    debtor: Ints,
    cap: Floats,
    all_loans: Flags,
    open_ended: Flags | None = None,
    **more: Any,
) -> pa.Table:
    """Return rows of `guarantees`; the guarantor is the debtor's principal owner where None.

    A cap in CNY becomes one of the facility's currency where the contract names a facility.
    """
    k = len(debtor)
    facility = loans.first[debtor]
    dollars = ~all_loans & loans.dollars[facility]
    amount = np.where(dollars, np.maximum(own_currency(loans, loans.outstanding)[facility], 1000.0), cap)
    amount = np.where(dollars, np.minimum(amount, np.ceil(cap / 7100.0) * 1000.0), amount)
    until = np.zeros(k, dtype=bool) if open_ended is None else open_ended
    terms = {"mode": "joint_several", "liability": "joint", "rank": 1} | more
    names = numbered("P", 2 * block.number[debtor], 8) if guarantor is None else block.ids.take(pa.array(guarantor))
    return fill(
        "guarantees",
        k,
        guarantee_id=numbered(f"{letter}{block.district:02d}", np.arange(k)),
        guarantor_id=names,
        debtor_id=block.ids.take(pa.array(debtor)),
        facility_id=where(~all_loans, loans.ids.take(pa.array(facility))),
        amount=amount,
        currency=words(("CNY", "USD"), dollars.astype(np.int64)),
        from_on=loans.start[facility],
        to_on=np.where(until, loans.maturity[facility] + 730, -1),
        source="demo",
        **terms,
    )


def _total(block: Block, loans: Loans) -> Floats:
    """Return what each client owes in all its facilities, CNY."""
    return _total_of(loans.borrower, loans.outstanding, block.count)


def _total_of(party: Ints, amount: Floats, count: int) -> Floats:
    total: Floats = np.bincount(party, amount, minlength=count).astype(np.float64)
    return total


def _left_of(block: Block, guarantor: Ints, debtor: Ints, cap: Floats) -> Floats:
    """Return the caps, those behind loans in default cut to what their guarantors can still pay in instalments."""
    called = block.status[debtor] == 2
    contracts = np.maximum(np.bincount(guarantor[called], minlength=block.count), 1)
    room = np.nan_to_num(np.maximum(block.equity, 0.0)) * _STILL_OWED / contracts
    able = np.maximum(np.floor(room[guarantor] / 1000.0) * 1000.0, 1000.0)
    return np.where(called & ~block.guarantor[guarantor], np.minimum(cap, able), cap)


def _with_companies(block: Block, given: Floats) -> Block:
    """Return the block in which guarantee companies have net assets of a half to a fifth of what they guarantee."""
    at = np.flatnonzero(block.guarantor)
    multiple = block.dice("net assets of guarantee companies").uniform(len(at), *COMPANY_MULTIPLE)
    columns = {name: getattr(block, name).copy() for name in ("assets", "equity", "sales", "material", "ebit")}
    columns["equity"][at] = np.maximum(np.ceil(given[at] / multiple / 10_000.0) * 10_000.0, 1e6)
    columns["assets"][at] = columns["equity"][at] * 1.25
    columns["sales"][at] = rounded(np.maximum(given[at], 1e6) * 0.02, 1000.0)
    columns["material"][at] = 0.0
    columns["ebit"][at] = rounded(columns["sales"][at] * 0.4, 1000.0)
    return dataclasses.replace(block, **columns)
