"""The deliveries of a client graph as the supply layer needs them, and what a party loses with its production."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.graph.accounts import MONTHS, Accounts, yearly_accounts
from graphrisk.graph.references import required
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.ledger import Flags, Floats, Ints
from graphrisk.kernels.contagion.supply_losses import Supply, supply_rows


class Deliveries(NamedTuple):
    """The supply layer of a book, None where there is none.

    `row`: row of `supplies` of each of its rows; `profit` (parties,): lost with all production over the horizon;
    `warnings`: what a reader must know first, `notes`: the conventions that were used.
    """

    supply: Supply | None
    row: Ints
    profit: Floats
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def deliveries(graph: RiskGraph, on: bool, horizon_months: float) -> Deliveries:
    """Return the deliveries of a client graph against what each party sells and buys in all.

    A firm's sales and its inputs are those of its accounts, at least the recorded sums. A market is an industry, with
    the sales of all its parties; a party without an industry has a market of its own.
    """
    if not on or not graph.rows("supplies"):
        return Deliveries(supply=None, row=np.zeros(0, dtype=np.int64), profit=np.zeros(graph.size))
    supplier, buyer = required(graph, "supplies", "supplier_id"), required(graph, "supplies", "buyer_id")
    amount, essential = graph.floats("supplies", "amount"), graph.flags("supplies", "essential")
    accounts = yearly_accounts(graph)
    notes: list[str] = []
    linked = np.unique(np.concatenate([supplier, buyer]))
    profit = _profit(accounts, horizon_months, linked, notes)
    industry = graph.texts("parties", "industry")
    known = np.array([name is not None for name in industry], dtype=bool)
    code = np.arange(graph.size, dtype=np.int64) + graph.size
    if known.any():
        code[known] = np.unique(industry[known].astype(str), return_inverse=True)[1]
    if (~known[supplier]).any():
        notes.append(
            f"{len(np.unique(supplier[~known[supplier]])):,} suppliers have no industry: nobody can stand in for them, "
            "and each is an industry of its own"
        )
    unsaid = int(sum(flag is None for flag in graph.texts("supplies", "essential")))
    if unsaid:
        notes.append(f"{unsaid:,} deliveries do not say whether they are essential: taken as not essential")
    supply, row = supply_rows(
        supplier, buyer, amount, essential, code, graph.size, sold=accounts.sales, bought=accounts.material_cost
    )
    unknown = _unknown_totals(accounts, supplier, buyer, amount, essential)
    return Deliveries(supply=supply, row=row, profit=profit, warnings=unknown, notes=tuple(notes))


def _profit(accounts: Accounts, horizon_months: float, linked: Ints, notes: list[str]) -> Floats:
    """Return sales less material cost and running costs over the horizon (parties,), not below 0."""
    sales, cost, running = accounts
    blind = np.isnan(sales) | np.isnan(cost)
    left = np.where(blind, 0.0, sales) - np.where(blind, 0.0, cost) - np.nan_to_num(running)
    notes.append(
        f"horizon_months={horizon_months:g}: a firm that produces nothing loses its profit of {horizon_months:g} "
        "months (sales less material_cost and, where known, operating_costs)"
    )
    if blind[linked].any():
        notes.append(
            f"{int(blind[linked].sum()):,} of {len(linked):,} parties in the supply layer lack sales or material cost: "
            "they lose no profit with their production"
        )
    return np.where(blind, 0.0, np.maximum(left, 0.0)) * (horizon_months / MONTHS)


def _unknown_totals(
    accounts: Accounts, supplier: Ints, buyer: Ints, amount: Floats, essential: Flags
) -> tuple[str, ...]:
    """Return a warning where recorded deliveries stand for all that a firm sells, or buys besides essential inputs."""
    sells, buys = np.isnan(accounts.sales)[supplier], np.isnan(accounts.material_cost)[buyer] & ~essential
    if not (sells.any() or buys.any()):
        return ()
    sellers, buyers = np.unique(supplier[sells]), np.unique(buyer[buys])
    firms, linked = np.union1d(sellers, buyers), np.union1d(supplier, buyer)
    whole = float(amount.sum())
    part = float(amount[sells | buys].sum()) / whole if whole > 0.0 else 1.0
    return (
        f"warning: {len(firms):,} of {len(linked):,} firms in the supply layer do not say what they sell or buy in all "
        f"(sales of {len(sellers):,} suppliers, material_cost of {len(buyers):,} buyers; {part:.1%} of the "
        "deliveries): the recorded deliveries are taken for the whole, so they pass on too much",
    )
