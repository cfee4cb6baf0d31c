"""The deliveries of a client graph as the supply layer needs them, and what a party loses with its production."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.graph.accounts import MONTHS, Accounts, yearly_accounts
from graphrisk.graph.references import required
from graphrisk.graph.riskgraph import RiskGraph, made_of
from graphrisk.kernels.contagion.ledger import Flags, Floats, Ints
from graphrisk.kernels.contagion.supply_losses import Supply, supply_rows
from graphrisk.model.note import Note


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
    read = (
        "supplies",
        "parties",
        *(f"financials.{column}" for column in ("party_id", *Accounts._fields, "period_months")),
    )
    return made_of(graph, f"deliveries {horizon_months!r}", read, lambda: _deliveries(graph, horizon_months))


def _deliveries(graph: RiskGraph, horizon_months: float) -> Deliveries:
    supplier, buyer = required(graph, "supplies", "supplier_id"), required(graph, "supplies", "buyer_id")
    amount, essential = graph.floats("supplies", "amount"), graph.flags("supplies", "essential")
    accounts = yearly_accounts(graph)
    notes: list[str] = []
    linked = np.unique(np.concatenate([supplier, buyer]))
    profit = _profit(accounts, horizon_months, linked, notes)
    code, known = made_of(graph, "industries as numbers", ("parties",), lambda: _industries(graph))
    if (~known[supplier]).any():
        many = len(np.unique(supplier[~known[supplier]]))
        notes.append(
            Note(
                "suppliers_without_industry",
                f"{many:,} suppliers have no industry: nobody can stand in for them, and each is an industry of its "
                "own",
                f"{many:,} 户供应商没有行业：无人可替代，各自成一行业",
            )
        )
    unsaid = int(graph.tables.column("supplies", "essential").null_count)
    if unsaid:
        notes.append(
            Note(
                "deliveries_essential_unknown",
                f"{unsaid:,} deliveries do not say whether they are essential: taken as not essential",
                f"{unsaid:,} 条供货未说明是否必需：按非必需计",
            )
        )
    supply, row = supply_rows(
        supplier, buyer, amount, essential, code, graph.size, sold=accounts.sales, bought=accounts.material_cost
    )
    unknown = _unknown_totals(accounts, supplier, buyer, amount, essential)
    return Deliveries(supply=supply, row=row, profit=profit, warnings=unknown, notes=tuple(notes))


def _industries(graph: RiskGraph) -> tuple[Ints, Flags]:
    """Return a number for the industry of each party, one of its own where it has none, and whether it has one."""
    industry = graph.texts("parties", "industry")
    known = np.array([name is not None for name in industry], dtype=bool)
    code = np.arange(graph.size, dtype=np.int64) + graph.size
    if known.any():
        code[known] = np.unique(industry[known].astype(str), return_inverse=True)[1]
    return code, known


def _profit(accounts: Accounts, horizon_months: float, linked: Ints, notes: list[str]) -> Floats:
    """Return sales less material cost and running costs over the horizon (parties,), not below 0."""
    sales, cost, running = accounts
    blind = np.isnan(sales) | np.isnan(cost)
    left = np.where(blind, 0.0, sales) - np.where(blind, 0.0, cost) - np.nan_to_num(running)
    notes.append(
        Note(
            "horizon",
            f"horizon_months={horizon_months:g}: a firm that produces nothing loses its profit of {horizon_months:g} "
            "months (sales less material_cost and, where known, operating_costs)",
            f"horizon_months={horizon_months:g} ：停产企业损失 {horizon_months:g} 个月的利润"
            "（销售减材料成本，已知时再减经营费用）",
        )
    )
    if blind[linked].any():
        many = int(blind[linked].sum())
        notes.append(
            Note(
                "firms_without_profit",
                f"{many:,} of {len(linked):,} parties in the supply layer lack sales or material cost: they lose no "
                "profit with their production",
                f"供货层 {len(linked):,} 户中 {many:,} 户没有销售或材料成本：停产不损失利润",
            )
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
        Note(
            "supply_totals_unknown",
            f"{len(firms):,} of {len(linked):,} firms in the supply layer do not say what they sell or buy in all "
            f"(sales of {len(sellers):,} suppliers, material_cost of {len(buyers):,} buyers; {part:.1%} of the "
            "deliveries): the recorded deliveries are taken for the whole, so they pass on too much",
            f"供货层 {len(linked):,} 户企业中 {len(firms):,} 户未说明销售或采购总额（{len(sellers):,} 户供应商的销售、"
            f"{len(buyers):,} 户买方的材料成本；占供货的 {part:.1%}）：以所记录的供货为全部，因此传导偏高",
            severity="warning",
        ),
    )
