"""The tables of a run, with the rows and in the order that the definition gives.

Parties without `all_rows`: those shocked, those that fail only with the shock, any change of guarantee paid or
unmet, and every party that the shock moves by more than 1e-9 of max(|E0|, 1). Facilities: those of the base or the
shocked run with a shortfall; a call wherever its facility is listed and it was called, or is the cause of a
default that is added. Order: default_added first, then what is added, largest first, then id.

Left open and chosen: for a party without known equity "moved" is the sum of its lines, beyond 1e-9 of it, and a
change of production moves too; a null loss_added is ordered as nothing added; loss_fraction is 1 where equity was
not above 0; "any change" of guarantees is more than 1e-9 of max(|E0|, 1); `collateral_recovery` is K phi, what
collateral pays in this run.
"""

from __future__ import annotations

from tests.reference.book import Book
from tests.reference.run import Result
from tests.reference.settings import Settings
from tests.reference.sweep import COLUMNS, State

MOVED = 1e-9


def party_row(book: Book, result: Result, party: str) -> dict:
    """Return the row of contagion_parties."""
    base, hit = result.base.state, result.hit.state
    first = book.equity[party]
    added = party in hit.failed and party not in base.failed
    story = result.hit if added else result.base
    row = {
        "party_id": party,
        "shocked": party in result.shocked,
        "equity": first,
        "equity_base": base.equity[party],
        "equity_after": hit.equity[party],
        "loss_added": None if first is None else base.equity[party] - hit.equity[party],
        "loss_fraction": loss_fraction(first, hit.equity[party]),
        "defaulted": party in hit.failed,
        "default_added": added,
        "default_round": story.default_round.get(party),
        "cause": story.cause.get(party),
        "production_lost": hit.production.lost(party),
        "guarantee_paid": hit.column[party]["guarantee_paid"],
        "guarantee_unmet": sum(hit.unmet(book, party).values()),
    }
    return row | {column: hit.column[party][column] for column in COLUMNS}


def loss_fraction(first: float | None, after: float | None) -> float | None:
    """Return clip((equity - equity_after) / equity, 0, 1)."""
    if first is None or after is None:
        return None
    return min(max((first - after) / first, 0.0), 1.0) if first > 0 else 1.0


def is_listed(book: Book, result: Result, party: str) -> bool:
    """Return whether the party's row is shown without `all_rows`."""
    base, hit = result.base.state, result.hit.state
    known = book.equity[party]
    size = sum(hit.column[party].values()) if known is None else known
    scale = MOVED * max(abs(known or 0.0), 1.0)
    paid = hit.column[party]["guarantee_paid"] - base.column[party]["guarantee_paid"]
    unmet = sum(hit.unmet(book, party).values()) - sum(base.unmet(book, party).values())
    moved = sum(hit.column[party].values()) - sum(base.column[party].values())
    failed = party in hit.failed and party not in base.failed
    stopped = hit.production.lost(party) - base.production.lost(party)
    money = abs(moved) > MOVED * max(abs(size), 1.0)
    return party in result.shocked or failed or money or max(abs(paid), abs(unmet)) > scale or abs(stopped) > MOVED


def parties(book: Book, settings: Settings, result: Result) -> list[dict]:
    rows = [party_row(book, result, p) for p in book.parties if settings.all_rows or is_listed(book, result, p)]

    def order(row: dict) -> tuple:
        return (not row["default_added"], -(row["loss_added"] or 0.0), row["party_id"])

    return sorted(rows, key=order)


def bank_loss(state: State, facility: str) -> float:
    """Return what of the facility's shortfall nobody pays."""
    return state.shortfall[facility] - state.paid_for(facility)


def listed_facilities(book: Book, settings: Settings, result: Result) -> list[str]:
    base, hit = result.base.state.shortfall, result.hit.state.shortfall
    return [f.id for f in book.facilities if settings.all_rows or base[f.id] > 0 or hit[f.id] > 0]


def facilities(book: Book, settings: Settings, result: Result) -> list[dict]:
    base, hit = result.base.state, result.hit.state
    listed = set(listed_facilities(book, settings, result))
    rows = [
        {
            "facility_id": f.id,
            "borrower_id": f.borrower,
            "lender_id": f.lender,
            "outstanding": f.due,
            "collateral_recovery": hit.recovery[f.id] * hit.phi[f.borrower],
            "shortfall": hit.shortfall[f.id],
            "guarantor_paid": hit.paid_for(f.id),
            "bank_loss": bank_loss(hit, f.id),
            "bank_loss_base": bank_loss(base, f.id),
            "bank_loss_added": bank_loss(hit, f.id) - bank_loss(base, f.id),
        }
        for f in book.facilities
        if f.id in listed
    ]
    return sorted(rows, key=lambda row: (-row["bank_loss_added"], row["facility_id"]))


def calls(book: Book, settings: Settings, result: Result) -> list[dict]:
    base, hit = result.base.state.calls, result.hit.state.calls
    listed = set(listed_facilities(book, settings, result))
    named = {row["cause"] for row in parties(book, settings, result) if row["default_added"]}
    rows = []
    for guarantee in book.guarantees:
        for facility in guarantee.facilities:
            pair = (guarantee.id, facility)
            called = max(hit.asked.get(pair, 0.0), base.asked.get(pair, 0.0)) > 0
            if (
                not (facility in listed and called)
                and not settings.all_rows
                and f"guarantee:{guarantee.id}" not in named
            ):
                continue
            paid_base, paid = base.paid.get(pair, 0.0), hit.paid.get(pair, 0.0)
            rows.append(
                {
                    "guarantee_id": guarantee.id,
                    "guarantor_id": guarantee.guarantor,
                    "facility_id": facility,
                    "called": hit.asked.get(pair, 0.0),
                    "paid": paid,
                    "unmet": hit.asked.get(pair, 0.0) - paid,
                    "paid_base": paid_base,
                    "paid_added": paid - paid_base,
                    "unmet_base": base.asked.get(pair, 0.0) - paid_base,
                }
            )
    return sorted(rows, key=lambda row: (-row["paid_added"], row["guarantee_id"], row["facility_id"]))
