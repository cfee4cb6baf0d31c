"""Who bears a loss: round by round, from failed borrowers to guarantors, the bank and other lenders; sums kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk
    from graphrisk.views.shocks.effect import ShockEffect

SMALLEST = 0.01
"""Smallest part of the shortfall that is a band of its own."""
BORROWERS, GUARANTORS = 9, 7
"""Most bands drawn on either side; the rest is one band each."""


def rounds_table(run: ShockEffect) -> list[dict[str, Any]]:
    """Return for each round how many the shock brings down and what their facilities cost beyond the unshocked run.

    What is lost on a borrower that the shock does not bring down counts in the last round. Where the rule follows no
    facilities the costs are not known, and None.
    """
    parties, rounds = run.parties, run.rounds
    fell = {p: int(r) for p, r in zip(parties["party_id"], parties["fell"], strict=True) if r >= 0}
    nothing = 0.0 if run.knows_facilities else None
    out: list[dict[str, Any]] = [
        {"failed": 0, "bank_loss": nothing, "lender_loss": nothing, "guarantor_paid": nothing}
        for _ in range(rounds + 1)
    ]
    for number in fell.values():
        out[number]["failed"] += 1
    if run.knows_facilities:
        held: Any = run.facilities
        for row in held.itertuples():
            at = out[fell.get(row.borrower_id, rounds)]
            at["bank_loss" if _own(row) else "lender_loss"] += float(row.lost)
            at["guarantor_paid"] += float(row.paid)
    return out


def _own(row: Any) -> bool:
    return row.lender_id is None or row.lender_id != row.lender_id


def bearers(desk: Desk, run: ShockEffect) -> list[dict[str, Any]]:
    """Return flows of what the shock adds to the shortfall: from borrower to guarantor, bank or other lender.

    Their sum is the shortfall added, but for pairs between which less is lost than without the shock: those are left
    out.
    """
    facilities: Any = run.facilities
    calls: Any = run.calls
    if not len(facilities):
        return []
    lang = desk.lang
    borrower_of = dict(zip(facilities["facility_id"], facilities["borrower_id"], strict=True))
    flows: dict[tuple[str, str], float] = {}
    for row in facilities.itertuples():
        _add(flows, row.borrower_id, "bank" if _own(row) else "lenders", float(row.lost))
    for row in calls.itertuples():
        if row.facility_id in borrower_of:
            _add(flows, borrower_of[row.facility_id], f"party:{row.guarantor_id}", float(row.more_paid))
    flows = {key: amount for key, amount in flows.items() if amount > 0}
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
    at = int(desk.page_graph.graph.locate("parties", [key])[0]) if key else -1
    return desk.name(at) if at >= 0 else names["others"]


def fractions(run: ShockEffect) -> list[int]:
    """Return how many parties lose 0-10 %, ..., 90-100 % of their equity by the shock, of those that lose anything."""
    before, lost = (run.parties[name].astype("float64").to_numpy() for name in ("before", "lost"))
    able = (before > 0) & (lost > 0)
    part = np.clip(lost[able] / before[able], 0.0, 1.0)
    return [int(n) for n in np.histogram(part, bins=np.linspace(0.0, 1.0, 11))[0]]
