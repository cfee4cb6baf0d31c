"""One synchronous sweep of the map: steps 1 to 6 from the state of the sweep before.

Every loss of a party is kept as a line, named as `cause` names it; the columns of the tables are sums of lines.

Left open and chosen: a loan that a party lent and that stays unpaid is a line `exposure:<lender>-<borrower>` of
`loss_exposures`; supply_default=none has no meaning without deliveries, a shock then takes equity; with them an
amount of a shock is that part of equity as a part of production; the extra shortfall of a joint facility under
recourse < 1 is added where phi > 1e-9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tests.reference import calls, pledges, production, valuation
from tests.reference.book import Book
from tests.reference.settings import Settings, Shock

DEFAULT = 1e-12  # default is equity <= this part of max(|E0|, 1)
UNMET = 1e-9  # a call is unmet above this part of what was asked
COLUMNS = ("loss_shock", "loss_exposures", "loss_ownership", "loss_supplies", "loss_own_stop", "loss_collateral")
Lines = dict[str, dict[str, float]]  # party: {line: amount}


@dataclass
class State:
    """Where the book stands after a sweep. Equity is null where it is unknown."""

    equity: dict[str, float | None]
    failed: set[str]
    production: production.Production
    price: dict[str, float]
    lost_as_lender: dict[str, float]
    lines: Lines = field(default_factory=dict)
    column: dict[str, dict[str, float]] = field(default_factory=dict)
    phi: dict[str, float] = field(default_factory=dict)
    recovery: dict[str, float] = field(default_factory=dict)
    shortfall: dict[str, float] = field(default_factory=dict)
    calls: calls.Calls = field(default_factory=lambda: calls.Calls({}, {}))

    def unmet(self, book: Book, party: str) -> dict[str, float]:
        """Return what the party was asked and did not pay, by guarantee."""
        result: dict[str, float] = {}
        for guarantee in book.guarantees:
            if guarantee.guarantor == party:
                for pair, asked in self.calls.asked.items():
                    if pair[0] == guarantee.id:
                        rest = asked - self.calls.paid[pair]
                        result[guarantee.id] = result.get(guarantee.id, 0.0) + rest
        return result

    def paid_for(self, facility: str) -> float:
        return sum(paid for pair, paid in self.calls.paid.items() if pair[1] == facility)


def taken_at_the_start(book: Book, settings: Settings, shock: Shock, party: str) -> float:
    """Return what the shock takes of the party's equity: at most all of it, nothing where there is none."""
    equity = book.equity[party]
    if equity is None or equity <= 0 or takes_production(book, settings):
        return 0.0
    return min(equity, shock.fraction.get(party, 0.0) * equity + shock.amount.get(party, 0.0))


def takes_production(book: Book, settings: Settings) -> bool:
    """Return whether a shock takes production instead of equity."""
    return settings.supply_default == "none" and bool(book.deliveries)


def lost_at_the_start(book: Book, settings: Settings, shock: Shock, party: str) -> float:
    """Return the fraction that counts as lost of a party of unknown equity."""
    return 0.0 if takes_production(book, settings) else min(1.0, shock.fraction.get(party, 0.0))


def in_default(book: Book, settings: Settings, shock: Shock, party: str, equity: float | None) -> bool:
    """Return whether the party is in default by its equity, or by its shock where equity is unknown."""
    if equity is None:
        return lost_at_the_start(book, settings, shock, party) >= 1
    return equity <= DEFAULT * max(abs(book.equity[party]), 1.0)


def undistressed(book: Book) -> State:
    """Return the state before anything has happened."""
    return State(
        equity=dict(book.equity),
        failed=set(),
        production=production.undisturbed(book),
        price={asset.id: 1.0 for asset in book.assets},
        lost_as_lender=dict.fromkeys(book.parties, 0.0),
        lines={party: {} for party in book.parties},
        column={party: dict.fromkeys((*COLUMNS, "guarantee_paid"), 0.0) for party in book.parties},
        shortfall={facility.id: 0.0 for facility in book.facilities},
        recovery={facility.id: 0.0 for facility in book.facilities},
    )


def stopped(book: Book, settings: Settings, shock: Shock, state: State, party: str) -> float:
    """Return psi = max(psi0, omega(E))."""
    if settings.supply_default == "default":
        return 1.0 if party in state.failed else 0.0
    if settings.supply_default == "linear":
        shocked = lost_at_the_start(book, settings, shock, party)
        return valuation.lost_fraction(book, party, state.equity[party], party in state.failed, shocked)
    equity = book.equity[party] or 0.0
    by_amount = shock.amount.get(party, 0.0) / equity if equity > 0 else 0.0
    return min(1.0, shock.fraction.get(party, 0.0) + by_amount)


def sweep(book: Book, settings: Settings, shock: Shock, before: State, *, fixed_production: bool = False) -> State:
    """Return the state after one synchronous sweep."""
    taken = {party: taken_at_the_start(book, settings, shock, party) for party in book.parties}
    # 1. what part of a claim on each party is lost
    phi = {
        party: valuation.loss_on_a_claim(
            book,
            settings,
            party,
            before.equity[party],
            party in before.failed,
            lost_at_the_start(book, settings, shock, party),
            taken[party],
        )
        for party in book.parties
    }
    # 2. production
    after = undistressed(book)
    after.phi = phi
    if fixed_production:
        after.production = before.production
    elif book.deliveries:
        psi = {party: stopped(book, settings, shock, before, party) for party in book.parties}
        after.production = production.step(book, before.production, psi)
    # 3. prices, what collateral pays
    after.price = pledges.prices(book, settings, shock, phi)
    recovery, gives = pledges.cover(book, pledges.takings(book, after.price))
    after.recovery = recovery
    # 4. shortfalls
    after.shortfall = shortfalls(book, settings, phi, recovery)
    # the losses that are not calls
    for party in book.parties:
        add(after, party, "shock", "loss_shock", taken[party])
    lose_claims(book, after, phi)
    lose_shares(book, after, before)
    lose_profit(book, settings, after)
    lose_assets(book, after, phi, gives)
    # 5. calls, with the lender's losses of the sweep before
    after.calls = calls.call(book, after.shortfall, capacities(book, settings, after, before))
    # 6. equity
    close(book, settings, shock, after)
    return after


def add(state: State, party: str, line: str, column: str, amount: float) -> None:
    """Add a loss of `party` to its line and to its column."""
    if amount != 0:
        state.lines[party][line] = state.lines[party].get(line, 0.0) + amount
        state.column[party][column] += amount


def shortfalls(book: Book, settings: Settings, phi: dict[str, float], recovery: dict[str, float]) -> dict[str, float]:
    """Return S_f = (due - K) phi, and for jointly guaranteed ones (1 - recourse)(1 - phi)(due - K) more."""
    result = {}
    for facility in book.facilities:
        bare = max(0.0, facility.due - recovery[facility.id])
        part = phi[facility.borrower]
        joint = any(g.liability == "joint" and facility.id in g.facilities for g in book.guarantees)
        result[facility.id] = bare * part
        if joint and part > 1e-9:
            result[facility.id] += (1 - settings.recourse) * (1 - part) * bare
    return result


def lose_claims(book: Book, after: State, phi: dict[str, float]) -> None:
    """Exposures: amount x lgd x phi of the debtor."""
    for claim in book.claims:
        line = f"exposure:{claim.creditor}-{claim.debtor}"
        add(after, claim.creditor, line, "loss_exposures", claim.amount * claim.lgd * phi[claim.debtor])


def lose_shares(book: Book, after: State, before: State) -> None:
    """Ownership: share x the fall of the equity above 0 of the firm owned."""
    for stake in book.stakes:
        first, now = book.equity[stake.owned], before.equity[stake.owned]
        if first is not None:
            fall = max(first, 0.0) - max(now, 0.0)
            add(after, stake.owner, f"ownership:{stake.owned}", "loss_ownership", stake.share * fall)


def lose_profit(book: Book, settings: Settings, after: State) -> None:
    """Production: what others' stopping costs, and what the party's own stop adds to it."""
    for party in book.parties:
        profit = production.profit_at_risk(book, settings, party)
        for line, part in after.production.channel[party].items():
            add(after, party, line, "loss_supplies", profit * part)
        own = after.production.lost(party) - after.production.others[party]
        add(after, party, f"own_stop:{party}", "loss_own_stop", profit * max(own, 0.0))


def lose_assets(book: Book, after: State, phi: dict[str, float], gives: list[float]) -> None:
    """Collateral: the fall of the price to every owner, and to pledgers what their assets pay for others."""
    owner = {asset.id: asset.owner for asset in book.assets}
    borrower = {facility.id: facility.borrower for facility in book.facilities}
    for asset in book.assets:
        if asset.owner is not None:
            fall = asset.value * (1 - after.price[asset.id])
            add(after, asset.owner, f"collateral:{asset.id}", "loss_collateral", fall)
    for pledge, amount in zip(book.pledges, gives, strict=True):
        pledger = owner[pledge.asset]
        if pledger is not None and pledger != borrower[pledge.facility]:
            paid = amount * phi[borrower[pledge.facility]]
            add(after, pledger, f"collateral:{pledge.asset}", "loss_collateral", paid)


def capacities(book: Book, settings: Settings, after: State, before: State) -> dict[str, float]:
    """Return y = max(0, E0 - s - all losses that are not calls), with the lender's losses of the sweep before."""
    result = {}
    for guarantee in book.guarantees:
        party = guarantee.guarantor
        first = book.equity[party]
        if settings.capacity == "unlimited" or (first is None and settings.missing_capacity == "caps"):
            result[party] = math.inf
        elif first is None:
            result[party] = 0.0
        else:
            losses = sum(after.column[party][column] for column in COLUMNS)
            result[party] = max(0.0, first - losses - before.lost_as_lender[party])
    return result


def close(book: Book, settings: Settings, shock: Shock, after: State) -> None:
    """Book what guarantors paid and lenders lost, and read off equity and who is in default."""
    guarantor = {guarantee.id: guarantee.guarantor for guarantee in book.guarantees}
    for pair, paid in after.calls.paid.items():
        add(after, guarantor[pair[0]], f"guarantee:{pair[0]}", "guarantee_paid", paid)
    for facility in book.facilities:
        if facility.lender is not None:
            unpaid = after.shortfall[facility.id] - after.paid_for(facility.id)
            after.lost_as_lender[facility.lender] += unpaid
            add(after, facility.lender, f"exposure:{facility.lender}-{facility.borrower}", "loss_exposures", unpaid)
    asked, unmet = {}, {}
    for pair, amount in after.calls.asked.items():
        party = guarantor[pair[0]]
        asked[party] = asked.get(party, 0.0) + amount
        unmet[party] = unmet.get(party, 0.0) + amount - after.calls.paid[pair]
    for party in book.parties:
        first = book.equity[party]
        after.equity[party] = None if first is None else first - sum(after.column[party].values())
        by_call = unmet.get(party, 0.0) > UNMET * asked.get(party, 0.0)
        if by_call or in_default(book, settings, shock, party, after.equity[party]):
            after.failed.add(party)
