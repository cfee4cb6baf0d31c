"""Books for the benchmark of contagion, the same for every run, made as a bank would bring them: canonical tables."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.networks import Floats, Ints, hub_network
from graphrisk.demo.dice import Dice
from graphrisk.demo.network import PUBLISHED, make_network
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG

AS_OF = date(2026, 9, 30)


def exposure_book(size: int, claims: int, load: float, seed: int = 1) -> RiskGraph:
    """Return a book of one giant component: claims between hubs; `load`: mean claims of a party over its equity."""
    creditor, debtor, amount = hub_network(size, claims, seed)
    held = np.bincount(creditor, weights=amount, minlength=size)
    equity = np.where(held > 0.0, held, 1.0) / (load * np.random.default_rng(seed).uniform(0.5, 1.5, size))
    ids = _ids(np.arange(size))
    return _graph(
        parties=_parties(ids),
        financials=_financials(ids, equity),
        exposures=_table(
            "exposures", creditor_id=ids[creditor], debtor_id=ids[debtor], amount=amount, **_money(claims)
        ),
    )


def guarantee_book(districts: int, mode: str, seed: int = 1) -> RiskGraph:
    """Return a book of small components: `districts` networks, each of the published guarantee network's shape.

    Ids are drawn at random, so that neighbours do not lie side by side.
    """
    nets = [make_network(PUBLISHED, Dice(seed, f"district {k}")) for k in range(districts)]
    first = np.cumsum([0, *(net.nodes for net in nets)])
    guarantor = np.concatenate([net.guarantor + at for net, at in zip(nets, first, strict=False)])
    debtor = np.concatenate([net.debtor + at for net, at in zip(nets, first, strict=False)])
    size = int(first[-1])
    dice = np.random.default_rng(seed)
    ids = _ids(dice.permutation(size))
    loans = np.unique(debtor)
    due = np.zeros(size)
    due[loans] = np.exp(dice.normal(1.0, 0.8, len(loans)))
    contracts = len(guarantor)
    return _graph(
        parties=_parties(ids),
        financials=_financials(ids, np.exp(dice.normal(1.0, 1.0, size))),
        facilities=_table(
            "facilities", facility_id=ids[loans], borrower_id=ids[loans], outstanding=due[loans], **_money(len(loans))
        ),
        guarantees=_table(
            "guarantees",
            guarantee_id=_ids(np.arange(contracts)),
            guarantor_id=ids[guarantor],
            debtor_id=ids[debtor],
            facility_id=ids[debtor],
            amount=due[debtor] * dice.uniform(0.3, 1.0, contracts),
            mode=np.full(contracts, mode, dtype=object),
            **_money(contracts),
        ),
    )


def delivery_book(size: int, industries: int, degree: float = 5.0, seed: int = 1) -> RiskGraph:
    """Return a book of deliveries: firms with Pareto sizes, large ones with more customers; about a third essential.

    Every firm's profit is its sales, a tenth of which it makes outside the book, and its equity covers any loss.
    """
    dice = np.random.default_rng(seed)
    scale = dice.pareto(1.3, size) + 1.0
    rows = int(size * degree)
    supplier = dice.choice(size, rows, p=scale / scale.sum())
    buyer = dice.choice(size, rows, p=scale**0.5 / (scale**0.5).sum())
    pair = np.unique(np.stack([supplier, buyer])[:, supplier != buyer], axis=1)
    supplier, buyer = pair
    amount = np.sqrt(scale[supplier] * scale[buyer]) * dice.lognormal(0.0, 1.0, len(supplier))
    industry = dice.integers(0, industries, size)
    essential = dice.random((industries, industries)) < 0.3
    sales = np.bincount(supplier, weights=amount, minlength=size) * 1.1
    ids = _ids(np.arange(size))
    day = np.full(size, date(2025, 12, 31), dtype=object)
    firms = np.array([f"I{number:03d}" for number in industry.tolist()], dtype=object)
    return _graph(
        parties=_table(
            "parties", party_id=ids, name=ids, kind=np.full(size, "company", dtype=object), industry=firms
        ),
        financials=_table(
            "financials", party_id=ids, period_end_on=day, equity=sales * 10.0 + 1.0, sales=sales,
            material_cost=np.zeros(size), **_money(size),
        ),
        supplies=_table(
            "supplies", supplier_id=ids[supplier], buyer_id=ids[buyer], amount=amount,
            essential=essential[industry[supplier], industry[buyer]], **_money(len(supplier)),
        ),
    )  # fmt: skip


def debt_book(size: int, debts: int, seed: int = 1) -> RiskGraph:
    """Return a book of debts between parties, about a quarter of which cannot pay in full."""
    creditor, debtor, amount = hub_network(size, debts, seed)
    dice = np.random.default_rng(seed)
    inside = np.bincount(debtor, weights=amount, minlength=size)
    held = np.bincount(creditor, weights=amount, minlength=size)
    owed = inside * (1.0 + dice.uniform(0.1, 0.6, size))
    assets = np.maximum(np.maximum(owed - held, 0.0) + owed * dice.uniform(-0.15, 0.25, size), 0.0)
    ids = _ids(np.arange(size))
    day = np.full(size, date(2025, 12, 31), dtype=object)
    return _graph(
        parties=_parties(ids),
        financials=_table(
            "financials", party_id=ids, period_end_on=day, equity=assets + held - owed, total_liabilities=owed,
            **_money(size),
        ),
        exposures=_table(
            "exposures", creditor_id=ids[creditor], debtor_id=ids[debtor], amount=amount, lgd=np.ones(debts),
            **_money(debts),
        ),
    )  # fmt: skip


def _ids(numbers: Ints) -> Any:
    return np.array([f"P{number:07d}" for number in numbers.tolist()], dtype=object)


def _money(rows: int) -> dict[str, Any]:
    return {"currency": np.full(rows, "CNY", dtype=object)}


def _parties(ids: Any) -> pa.Table:
    return _table("parties", party_id=ids, name=ids, kind=np.full(len(ids), "company", dtype=object))


def _financials(ids: Any, equity: Floats) -> pa.Table:
    day = np.full(len(ids), date(2025, 12, 31), dtype=object)
    return _table("financials", party_id=ids, period_end_on=day, equity=equity, **_money(len(ids)))


def _table(table: str, /, **columns: Any) -> pa.Table:
    declared = CATALOG[table]
    rows = len(next(iter(columns.values())))
    return pa.table(
        {
            column.name: pa.array(columns[column.name], column.arrow_type)
            if column.name in columns
            else pa.nulls(rows, column.arrow_type)
            for column in declared.columns
        }
    )


def _graph(**tables: pa.Table) -> RiskGraph:
    return build_graph(tables, as_of=AS_OF, digest="benchmark")
