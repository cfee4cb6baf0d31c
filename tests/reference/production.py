"""Step 2: one step of production, with what a firm sells and buys in all as denominators.

    s_out_i = max(sales_i, recorded deliveries of i)          s_in_j = max(material_cost_j, recorded purchases of j)
    sigma_i = min(1, s_out_i / sum over the market of i of s_out_l h^d_l)              (1 where nothing is available)
    essential input of industry k:   loss_k = sum over suppliers i in k of sigma_i (1 - h^d_i) W_ij / (all W of k to j)
    other inputs together:           loss   = sum over i of sigma_i (1 - h^d_i) W_ij / s_in_j
    h^d_j = max(0, min(1 - psi_j, 1 - largest loss_k, 1 - loss))
    h^u_i = max(0, min(1 - psi_i, 1 - sum over buyers j of (W_ij / s_out_i) (1 - h^u_j)))

The market of a party is its industry, over ALL parties of the book; without industry it is its own market.

Of what a firm loses, others' stopping costs it what they took before it stopped itself, or more than it had stopped:
sweep by sweep, of the fall from x to x' the part up to what others alone would cost (the larger of both losses) is
theirs, the rest its own.

Left open and chosen: the sum of an essential input runs over all recorded deliveries of the supplier's industry to that
buyer (a supplier without industry is its own); the lines of a firm's loss are those of the channel that binds, in
proportion.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.book import Book
from tests.reference.settings import Settings


@dataclass
class Production:
    """What is left of each party's production: by its inputs, by its orders; and which deliveries cost it what part."""

    down: dict[str, float]
    up: dict[str, float]
    others: dict[str, float]
    channel: dict[str, dict[str, float]]

    def lost(self, party: str) -> float:
        return 1.0 - min(self.down[party], self.up[party])


def market_of(book: Book, party: str) -> str:
    """Return the industry, or a market of the party's own."""
    return book.industry[party] or "own market of " + party


def sold_in_all(book: Book) -> dict[str, float]:
    """Return s_out."""
    recorded = dict.fromkeys(book.parties, 0.0)
    for delivery in book.deliveries:
        recorded[delivery.supplier] += delivery.amount
    return {party: max(book.sales[party] or 0.0, recorded[party]) for party in book.parties}


def bought_in_all(book: Book) -> dict[str, float]:
    """Return s_in."""
    recorded = dict.fromkeys(book.parties, 0.0)
    for delivery in book.deliveries:
        recorded[delivery.buyer] += delivery.amount
    return {party: max(book.material_cost[party] or 0.0, recorded[party]) for party in book.parties}


def profit_at_risk(book: Book, settings: Settings, party: str) -> float:
    """Return pi: the profit of the horizon, 0 where sales or material cost are unknown."""
    sales, material = book.sales[party], book.material_cost[party]
    if sales is None or material is None:
        return 0.0
    return max(0.0, sales - material - (book.running_costs[party] or 0.0)) * settings.horizon_months / 12.0


def undisturbed(book: Book) -> Production:
    """Return the state in which everybody produces."""
    ones = dict.fromkeys(book.parties, 1.0)
    return Production(ones, dict(ones), dict.fromkeys(book.parties, 0.0), {party: {} for party in book.parties})


def replaceability(book: Book, sold: dict[str, float], down: dict[str, float]) -> dict[str, float]:
    """Return sigma: how hard a supplier's stop weighs, from what its market can still deliver."""
    left: dict[str, float] = {}
    for party in book.parties:
        market = market_of(book, party)
        left[market] = left.get(market, 0.0) + sold[party] * down[party]
    sigma = {}
    for party in book.parties:
        available = left[market_of(book, party)]
        sigma[party] = min(1.0, sold[party] / available) if available > 0 else 1.0
    return sigma


def step(book: Book, before: Production, psi: dict[str, float]) -> Production:
    """Return the production after one step from `before`; `psi` is what each party has stopped by itself."""
    sold, bought = sold_in_all(book), bought_in_all(book)
    sigma = replaceability(book, sold, before.down)
    industry_sum: dict[tuple[str, str], float] = {}
    for d in book.deliveries:
        key = (d.buyer, market_of(book, d.supplier))
        industry_sum[key] = industry_sum.get(key, 0.0) + d.amount
    inputs: dict[str, dict[str, dict[str, float]]] = {party: {} for party in book.parties}
    orders: dict[str, dict[str, float]] = {party: {} for party in book.parties}
    for d in book.deliveries:
        line = f"supplies:{d.supplier}-{d.buyer}"
        missing = sigma[d.supplier] * (1 - before.down[d.supplier])
        if d.essential:
            market = market_of(book, d.supplier)
            group, part = "essential " + market, d.amount / industry_sum[d.buyer, market]
        else:
            group, part = "other inputs", d.amount / bought[d.buyer]
        lines = inputs[d.buyer].setdefault(group, {})
        lines[line] = lines.get(line, 0.0) + missing * part
        unsold = (d.amount / sold[d.supplier]) * (1 - before.up[d.buyer])
        orders[d.supplier][line] = orders[d.supplier].get(line, 0.0) + unsold
    after = undisturbed(book)
    for party in book.parties:
        groups = sorted(inputs[party].items())
        worst = max((lines for _, lines in groups), key=lambda lines: sum(lines.values()), default={})
        loss_down = min(1.0, sum(worst.values()))
        loss_up = min(1.0, sum(orders[party].values()))
        after.down[party] = max(0.0, min(1 - psi[party], 1 - loss_down))
        after.up[party] = max(0.0, min(1 - psi[party], 1 - loss_up))
        gone, now = before.lost(party), after.lost(party)
        after.others[party] = min(now, before.others[party] + max(0.0, min(now, max(loss_down, loss_up)) - gone))
        binding = worst if loss_down >= loss_up else orders[party]
        whole = sum(binding.values())
        if whole > 0:
            after.channel[party] = {key: value * after.others[party] / whole for key, value in binding.items()}
    return after


def settle(book: Book, before: Production, psi: dict[str, float], tolerance: float = 1e-14) -> Production:
    """Return the production at rest while nobody else stops (schedule=staged)."""
    for _ in range(100_000):
        after = step(book, before, psi)
        change = max(abs(after.down[p] - before.down[p]) + abs(after.up[p] - before.up[p]) for p in book.parties)
        before = after
        if change <= tolerance:
            return before
    raise ArithmeticError("production does not come to rest")
