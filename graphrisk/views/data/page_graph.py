"""What the pages draw: parties and assets as one row of nodes, and every relation among them as one list of links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.graph.joint_debts import with_joint_debts
from graphrisk.graph.oneself import guarantees_for_oneself
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.views.data.palette import RELATIONS

_BETWEEN_PARTIES = {
    "guarantees": ("GUARANTEES", "amount", ("mode", "facility_id")),
    "exposures": ("LENDS_TO", "amount", ("kind",)),
    "ownership": ("OWNS", None, ()),
    "control": ("CONTROLS", None, ("basis",)),
    "supplies": ("SUPPLIES", "amount", ("product",)),
    "dependencies": ("DEPENDS_ON", None, ("criterion",)),
    "ties": ("TIED_TO", None, ("kind",)),
}
"""Table: relation, its amount, and the columns that say what it is."""

CODES = {relation: code for code, relation in enumerate(RELATIONS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Every link of the graph: ends as node numbers, relation code, amount (NaN where none), and its table and row.

    `count` is the number of rows a link stands for: payments of one party to another are one link, all else is 1.
    """

    source: Positions
    target: Positions
    code: Positions
    amount: Floats
    table: npt.NDArray[np.object_]
    row: Positions
    count: Positions

    def __len__(self) -> int:
        return len(self.source)

    def only(self, keep: npt.NDArray[Any]) -> Links:
        """Return the links at `keep` (mask or positions)."""
        return Links(
            source=self.source[keep],
            target=self.target[keep],
            code=self.code[keep],
            amount=self.amount[keep],
            table=self.table[keep],
            row=self.row[keep],
            count=self.count[keep],
        )

    def of(self, *relations: str) -> Links:
        """Return the links of these relations."""
        return self.only(np.isin(self.code, [CODES[name] for name in relations]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGraph:
    """A RiskGraph as the pages see it: nodes 0..parties-1 are parties, the rest assets.

    `exposure`: what our bank is owed (outstanding of its facilities) per node, `pd`: latest rating, NaN where none.
    """

    graph: RiskGraph
    parties: int
    size: int
    keys: npt.NDArray[np.object_]
    links: Links
    exposure: Floats
    pd: Floats
    days_past_due: Floats

    def guarantees(self) -> Links:
        """Return the guarantees that stand behind somebody else's debt: those for oneself count in no sum."""
        given = self.links.of("GUARANTEES")
        return given.only(~guarantees_for_oneself(self.graph)[given.row])

    def kind(self, node: int) -> str:
        """Return the kind of a node: that of the party, or "collateral"."""
        return str(self.graph.texts("parties", "kind")[node]) if node < self.parties else "collateral"

    def name(self, node: int) -> str:
        """Return the name of a node as the source writes it, or its id."""
        if node < self.parties:
            return str(self.graph.texts("parties", "name")[node])
        return str(self.graph.texts("collateral", "name")[node - self.parties] or self.identifier(node))

    def identifier(self, node: int) -> str:
        """Return the id of the party or asset in its own table."""
        if node < self.parties:
            return str(self.graph.party_ids[node])
        return str(self.graph.texts("collateral", "collateral_id")[node - self.parties])

    def names(self) -> Mapping[str, str]:
        """Return every id of the data with its name, for masking."""
        graph = self.graph
        known = {str(i): str(n) for i, n in zip(graph.party_ids, graph.texts("parties", "name"), strict=True)}
        for table, column in (("facilities", "facility_id"), ("guarantees", "guarantee_id")):
            known.update({str(i): "" for i in graph.texts(table, column)})
        ids, names = graph.texts("collateral", "collateral_id"), graph.texts("collateral", "name")
        known.update({str(i): str(n or "") for i, n in zip(ids, names, strict=True)})
        return known


def read_page_graph(graph: RiskGraph) -> PageGraph:
    """Return the graph as nodes and links, the same for every row order; co-borrowers are drawn as guarantees."""
    graph = with_joint_debts(graph)
    parties, assets = graph.size, graph.rows("collateral")
    ids = [str(i) for i in graph.party_ids]
    taken = set(ids)
    pledged = graph.texts("collateral", "collateral_id")
    ids += [str(asset) if asset not in taken else f"collateral:{asset}" for asset in pledged]
    keys = np.empty(parties + assets, dtype=object)
    keys[:] = ids
    exposure = np.zeros(parties + assets)
    overdue = np.full(parties + assets, np.nan)
    borrower = graph.positions("facilities", "borrower_id")
    ours = graph.positions("facilities", "lender_id") < 0
    np.add.at(exposure, borrower[ours], graph.floats("facilities", "outstanding")[ours])
    days = graph.floats("facilities", "days_past_due")
    np.fmax.at(overdue, borrower[ours], days[ours])
    pd = np.full(parties + assets, np.nan)
    rated = graph.floats("ratings", "pd")
    known = ~np.isnan(rated)  # rows run by party, then by day: the latest is written last
    pd[graph.positions("ratings", "party_id")[known]] = rated[known]
    return PageGraph(
        graph=graph,
        parties=parties,
        size=parties + assets,
        keys=keys,
        links=_read_links(graph, parties),
        exposure=exposure,
        pd=pd,
        days_past_due=overdue,
    )


def _read_links(graph: RiskGraph, parties: int) -> Links:
    parts: list[tuple[Any, Any, str, Any, str, Any, Any]] = []
    for table, (relation, amount, _) in _BETWEEN_PARTIES.items():
        source, target = graph.ends(table)
        many = len(source)
        size = graph.floats(table, amount) if amount else np.full(many, np.nan)
        parts.append((source, target, relation, size, table, np.arange(many), np.ones(many, dtype=np.int64)))
    parts.append(_lenders(graph))
    parts.append(_pledges(graph, parties))
    parts.append(_owners(graph, parties))
    parts.append(_payments(graph))
    return Links(
        source=np.concatenate([p[0] for p in parts]).astype(np.int64),
        target=np.concatenate([p[1] for p in parts]).astype(np.int64),
        code=np.concatenate([np.full(len(p[0]), CODES[p[2]]) for p in parts]).astype(np.int64),
        amount=np.concatenate([p[3] for p in parts]).astype(np.float64),
        table=np.concatenate([np.full(len(p[0]), p[4], dtype=object) for p in parts]),
        row=np.concatenate([p[5] for p in parts]).astype(np.int64),
        count=np.concatenate([p[6] for p in parts]).astype(np.int64),
    )


def _lenders(graph: RiskGraph) -> tuple[Any, ...]:
    """Facilities whose lender is a party of the graph: a claim of that party."""
    lender = graph.positions("facilities", "lender_id")
    rows = np.flatnonzero(lender >= 0)
    borrower = graph.positions("facilities", "borrower_id")
    due = graph.floats("facilities", "outstanding")
    return lender[rows], borrower[rows], "LENDS_TO", due[rows], "facilities", rows, np.ones(len(rows), dtype=np.int64)


def _pledges(graph: RiskGraph, parties: int) -> tuple[Any, ...]:
    """Pledges, drawn from the borrower of the facility secured to the asset; no allocated amount is no amount."""
    facility = graph.positions("pledges", "facility_id")
    asset = graph.positions("pledges", "collateral_id") + parties
    borrower = graph.positions("facilities", "borrower_id")[facility]
    many = len(facility)
    amount = graph.floats("pledges", "allocated_amount")
    return borrower, asset, "SECURED_BY", amount, "pledges", np.arange(many), np.ones(many, dtype=np.int64)


def _owners(graph: RiskGraph, parties: int) -> tuple[Any, ...]:
    owner = graph.positions("collateral", "owner_id")
    rows = np.flatnonzero(owner >= 0)
    value = graph.floats("collateral", "value")
    return owner[rows], rows + parties, "HAS_COLLATERAL", value[rows], "collateral", rows, np.ones(len(rows), np.int64)


def _payments(graph: RiskGraph) -> tuple[Any, ...]:
    """Payments, summed by payer and payee in key order."""
    payer, payee = graph.ends("fund_flows")
    pair = payer * max(graph.size, 1) + payee
    found, first, where, count = np.unique(pair, return_index=True, return_inverse=True, return_counts=True)
    total = np.zeros(len(found))
    np.add.at(total, where, graph.floats("fund_flows", "amount"))
    return payer[first], payee[first], "PAID", total, "fund_flows", first, count


def what_columns(table: str) -> tuple[str, ...]:
    """Return the columns that say what a relation of `table` is."""
    return _BETWEEN_PARTIES[table][2] if table in _BETWEEN_PARTIES else ()
