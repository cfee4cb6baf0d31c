"""The pledges of a client graph by asset and rank, with the conventions for what is not given."""

from __future__ import annotations

import dataclasses

import numpy as np

from graphrisk.graph.joint_debts import joint_debts_digest, owe_jointly
from graphrisk.graph.oneself import pledges_to_oneself
from graphrisk.graph.references import optional, required
from graphrisk.graph.riskgraph import RiskGraph, made_of
from graphrisk.kernels.contagion.collateral import Pledges
from graphrisk.kernels.contagion.ledger import Floats, Ints
from graphrisk.model.note import Note


def pledge_rows(graph: RiskGraph, on: bool, price_change: Floats | None, notes: list[str]) -> Pledges:
    """Return the pledges and assets; none where the layer is off. `price_change` (assets,): relative, by a scenario."""

    def make() -> tuple[Pledges, list[str]]:
        said: list[str] = []
        return _as_appraised(graph, on, said), said

    read = ("pledges", "collateral", "facilities", "parties", "co_borrowers")
    made, said = made_of(graph, f"pledges {on} {joint_debts_digest(graph)}", read, make)
    notes += said
    return made if price_change is None else dataclasses.replace(made, price=1.0 + price_change[: len(made.price)])


def _as_appraised(graph: RiskGraph, on: bool, notes: list[str]) -> Pledges:
    """Return the pledges and assets at their appraised values."""
    borrower, due = required(graph, "facilities", "borrower_id"), graph.floats("facilities", "outstanding")
    assets = graph.rows("collateral") if on else 0
    row = pledges_that_count(graph) if on else np.zeros(0, dtype=np.int64)
    if on and len(row) < graph.rows("pledges"):
        many = graph.rows("pledges") - len(row)
        notes.append(
            Note(
                "pledges_of_the_lender",
                f"{many:,} pledges are of the lender's own assets: they pay it nothing, and guarantors are called as "
                "without them",
                f"{many:,} 笔押品为出借人自己的资产：对其无清偿作用，担保人按无此押品代偿",
            )
        )
    facility = required(graph, "pledges", "facility_id")[row]
    asset = required(graph, "pledges", "collateral_id")[row]
    rank = _ranks(graph)[row]
    allocated = graph.floats("pledges", "allocated_amount")[row]
    open_ = np.isnan(allocated)
    allocated = np.where(open_, due[facility], allocated)
    haircut = graph.floats("collateral", "haircut")[:assets]
    bare = np.isnan(haircut)
    haircut = np.where(bare, 0.0, haircut)
    owner = optional(graph, "collateral", "owner_id")[:assets]
    pledged = np.unique(asset)
    if bare[pledged].any():
        many = int(bare[pledged].sum())
        notes.append(
            Note(
                "assets_without_haircut",
                f"{many:,} pledged assets have no haircut: taken as 0",
                f"{many:,} 项押品没有折扣率：按 0 计",
            )
        )
    if (open_ & (haircut[asset] > 0.0)).any():
        many = int((open_ & (haircut[asset] > 0.0)).sum())
        notes.append(
            Note(
                "pledges_without_amount",
                f"{many:,} pledges of assets with a haircut name no allocated amount: the facility's due is taken as "
                "the value allocated, and the haircut applies to it",
                f"{many:,} 笔有折扣率的押品未写明分配金额：以融资余额为分配价值，并适用折扣率",
            )
        )
    if (owner[pledged] < 0).any():
        many = int((owner[pledged] < 0).sum())
        notes.append(
            Note(
                "assets_without_owner",
                f"{many:,} pledged assets have no owner: no party bears what they pay",
                f"{many:,} 项押品没有所有人：其清偿无人承担",
            )
        )
    own = (owner[asset] == borrower[facility]) | owe_jointly(graph, facility, owner[asset])
    return Pledges(
        facility=facility,
        asset=asset,
        rank=rank,
        allocated=allocated,
        owner=np.where(own, -1, owner[asset]),
        due=np.array(due),
        value=np.array(graph.floats("collateral", "value")[:assets]),
        price=np.ones(assets),
        haircut=haircut,
        asset_owner=np.array(owner),
        classes=_classes(graph)[:assets],
    )


def pledges_that_count(graph: RiskGraph) -> Ints:
    """Return the rows of `pledges` of the pledges of a book: by asset, rank and facility; none to the asset's owner."""
    facility, asset = graph.positions("pledges", "facility_id"), graph.positions("pledges", "collateral_id")
    order = np.lexsort((facility, _ranks(graph), asset)).astype(np.int64)
    return order[~pledges_to_oneself(graph)[order]]


def _ranks(graph: RiskGraph) -> Ints:
    given = graph.floats("pledges", "rank")
    return np.where(np.isnan(given), 1, given).astype(np.int64)


def _classes(graph: RiskGraph) -> Ints:
    """Return a number for the class whose price each asset shares: its asset_class, else its kind."""
    fine, kind = graph.texts("collateral", "asset_class"), graph.texts("collateral", "kind")
    names = [f"class {a}" if a is not None else f"kind {b}" for a, b in zip(fine, kind, strict=True)]
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int64)
