"""Who bears a loss: round by round, from failed borrowers to guarantors, the bank and other lenders; sums kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.views.words import say

if TYPE_CHECKING:
    from graphrisk.views.picture import Desk

SMALLEST = 0.01
"""Smallest part of the shortfall that is a band of its own."""
BORROWERS, GUARANTORS = 9, 7
"""Most bands drawn on either side; the rest is one band each."""


def rounds_table(parties: Any, facilities: Any, rounds: int) -> list[dict[str, Any]]:
    """Return for each round how many fail and what their facilities cost the bank, guarantors and other lenders.

    Without facilities (None) the costs are not known, and None.
    """
    fell = {
        p: int(r)
        for p, r, d in zip(parties["party_id"], parties["default_round"].fillna(-1), parties["defaulted"], strict=True)
        if d
    }
    nothing = None if facilities is None else 0.0
    out: list[dict[str, Any]] = [
        {"failed": 0, "bank_loss": nothing, "lender_loss": nothing, "guarantor_paid": nothing}
        for _ in range(rounds + 1)
    ]
    for number in fell.values():
        if 0 <= number <= rounds:
            out[number]["failed"] += 1
    if facilities is not None:
        for row in facilities.itertuples():
            number = fell.get(row.borrower_id, -1)
            at = out[number] if 0 <= number <= rounds else out[rounds]
            own = row.lender_id is None or row.lender_id != row.lender_id
            at["bank_loss" if own else "lender_loss"] += float(row.bank_loss)
            at["guarantor_paid"] += float(row.guarantor_paid)
    return out


def bearers(desk: Desk, facilities: Any, calls: Any) -> list[dict[str, Any]]:
    """Return flows of the shortfall: from borrower to guarantor, bank or other lender. Their sum is the shortfall."""
    if facilities is None or not len(facilities):
        return []
    lang = desk.lang
    borrower_of = dict(zip(facilities["facility_id"], facilities["borrower_id"], strict=True))
    flows: dict[tuple[str, str], float] = {}
    for row in facilities.itertuples():
        own = row.lender_id is None or row.lender_id != row.lender_id
        _add(flows, row.borrower_id, "bank" if own else "lenders", float(row.bank_loss))
    paid_by_call = 0.0
    if calls is not None:
        for row in calls.itertuples():
            if row.facility_id in borrower_of:
                _add(flows, borrower_of[row.facility_id], f"party:{row.guarantor_id}", float(row.paid))
                paid_by_call += float(row.paid)
    rest = float(facilities["guarantor_paid"].sum()) - paid_by_call
    if rest > 1e-6 * max(paid_by_call, 1.0):
        _add(flows, "", "guarantors", rest)
    least = SMALLEST * sum(flows.values())
    left = _largest(flows, 0, BORROWERS, least)
    right = _largest({k: v for k, v in flows.items() if k[1].startswith("party:")}, 1, GUARANTORS, least)
    drawn: dict[tuple[str, str], float] = {}
    for (borrower, bearer), amount in flows.items():
        a = borrower if borrower in left else "others"
        b = bearer if not bearer.startswith("party:") or bearer in right else "guarantors"
        drawn[a, b] = drawn.get((a, b), 0.0) + amount
    names = {key: say(lang, f"bearer.{key}") for key in ("bank", "lenders", "guarantors", "others")}
    return [
        {"from": _name(desk, a, names), "to": _name(desk, b.removeprefix("party:"), names), "amount": amount}
        for (a, b), amount in sorted(drawn.items(), key=lambda item: (-item[1], item[0]))
        if amount > 0
    ]


def _add(flows: dict[tuple[str, str], float], a: str, b: str, amount: float) -> None:
    flows[a, b] = flows.get((a, b), 0.0) + amount


def _largest(flows: Mapping[tuple[str, str], float], side: int, most: int, least: float) -> set[str]:
    total: dict[str, float] = {}
    for key, amount in flows.items():
        total[key[side]] = total.get(key[side], 0.0) + amount
    return set(sorted((n for n in total if total[n] >= least), key=lambda name: (-total[name], name))[:most])


def _name(desk: Desk, key: str, names: Mapping[str, str]) -> str:
    if key in names:
        return names[key]
    at = int(desk.book.graph.locate("parties", [key])[0]) if key else -1
    return desk.name(at) if at >= 0 else names["others"]


def fractions(parties: Any) -> list[int]:
    """Return how many parties lost 0-10 %, ..., 90-100 % of their equity, of those that lost anything."""
    lost = parties["loss_fraction"].astype("float64").to_numpy()
    lost = lost[lost > 0]
    return [int(n) for n in np.histogram(lost, bins=np.linspace(0.0, 1.0, 11))[0]]
