"""Joint debts as contagion calls them: a co-borrower stands before all guarantors, in rank 0, for what it owes.

When the first debtor of a facility cannot pay, its co-borrowers are asked before any guarantor, whose rank is 1 at
least: one that owes jointly and severally up to all that is due, one that owes severally up to its share of it.
Capacity, pro rata and calls that are not met follow the procedure of guarantees, so nothing new is solved. A
co-borrower has no recourse here, and one that fails while the first debtor stands changes nothing for the facility.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from graphrisk.graph.changed import with_table
from graphrisk.graph.riskgraph import Positions, RiskGraph, made_of
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.model.catalog import CATALOG

NAMED = "co_borrower"
_RANK = 0


def with_joint_debts(graph: RiskGraph, *, guarantees: bool = True) -> RiskGraph:
    """Return the graph with its co-borrowers as guarantees of rank 0; the same graph where nobody owes jointly.

    Each is called co_borrower:FACILITY:PARTY. Without `guarantees` they are the only ones (then the graph without
    them is another, where there are any). Done twice it changes nothing more.
    """
    if not graph.rows("co_borrowers"):
        return graph if guarantees or not anybody_owes_jointly(graph) else _those_alone(graph)
    read = ("co_borrowers", "guarantees", "facilities")
    whole = made_of(graph, f"guarantees with joint debts {guarantees}", read, lambda: _joined(graph, guarantees))
    return with_table(with_table(graph, "guarantees", whole), "co_borrowers", graph.table("co_borrowers").slice(0, 0))


def _joined(graph: RiskGraph, guarantees: bool) -> pa.Table:
    """Return the table of guarantees (or of the joint debts alone) with a row for each co-borrower."""
    rows = graph.rows("co_borrowers")
    declared = CATALOG["guarantees"]
    facility, party = graph.positions("co_borrowers", "facility_id"), graph.texts("co_borrowers", "party_id")
    names = graph.texts("co_borrowers", "facility_id")
    mode = graph.texts("co_borrowers", "mode")
    share = _shares(graph, facility, mode == "several")
    due = graph.floats("facilities", "outstanding")[facility]
    cap = np.where(mode == "several", share * due, due)
    table = graph.tables.taken("facilities", facility, ["borrower_id", "currency"])
    columns = {
        "guarantee_id": [f"{NAMED}:{one}:{who}" for one, who in zip(names, party, strict=True)],
        "guarantor_id": party.tolist(),
        "debtor_id": table["borrower_id"].to_pylist(),
        "facility_id": names.tolist(),
        "amount": cap.tolist(),
        "currency": table["currency"].to_pylist(),
        "share": share.tolist(),
        "mode": mode.tolist(),
        "liability": [None] * rows,
        "rank": [_RANK] * rows,
        "from_on": [None] * rows,
        "to_on": [None] * rows,
        "known_on": [None] * rows,
        "source": graph.texts("co_borrowers", "source").tolist(),
    }
    made = pa.table({name: pa.array(columns[name], declared.column(name).arrow_type) for name in declared.names})
    kept = graph.table("guarantees") if guarantees else _those_alone(graph).table("guarantees")
    whole = pa.concat_tables([kept.select(made.column_names).cast(made.schema), made]).combine_chunks()
    return whole.sort_by([("guarantee_id", "ascending")]).combine_chunks()


def anybody_owes_jointly(graph: RiskGraph) -> bool:
    """Return whether there are joint debts, already among the guarantees or not."""
    return bool(graph.rows("co_borrowers") or owed_jointly(graph).any())


def owed_jointly(graph: RiskGraph) -> np.ndarray:
    """Return which contracts are the debt of a co-borrower, which nobody can give up (contracts,)."""
    return np.asarray(graph.floats("guarantees", "rank") == _RANK, dtype=bool)


def _those_alone(graph: RiskGraph) -> RiskGraph:
    called = owed_jointly(graph)
    return with_table(graph, "guarantees", graph.table("guarantees").filter(pa.array(called)), kept=called)


def _shares(graph: RiskGraph, facility: Positions, several: np.ndarray) -> np.ndarray:
    """Return what each is asked first: its share, else an equal part of what those with a share leave."""
    share = graph.floats("co_borrowers", "share")
    facilities = graph.rows("facilities")
    given = ~np.isnan(share)
    left = np.maximum(1.0 - sum_by(facility, np.nan_to_num(share), facilities), 0.0)
    equal = left / np.maximum(count_by(facility[~given], facilities), 1)
    return np.where(given, share, np.where(several, 0.0, equal[facility]))


def owe_jointly(graph: RiskGraph, facility: Positions, party: Positions) -> np.ndarray:
    """Return whether each party owes the facility beside its borrower (rows,)."""
    if not anybody_owes_jointly(graph):
        return np.zeros(len(facility), dtype=bool)
    size = np.int64(max(graph.size, 1))
    debts = [graph.positions("co_borrowers", "facility_id") * size + graph.positions("co_borrowers", "party_id")]
    debts.append(_called(graph))
    return np.asarray(np.isin(facility * size + party, np.concatenate(debts)) & (facility >= 0) & (party >= 0))


def joint_debts_digest(graph: RiskGraph) -> str:
    """Return a digest of which contracts among the guarantees are joint debts: all that `owe_jointly` reads of them."""
    return hashlib.sha256(_called(graph).tobytes()).hexdigest()[:16]


def _called(graph: RiskGraph) -> Positions:
    """Return the debts of co-borrowers among the guarantees, each as its facility times the parties, plus the party."""
    called = np.flatnonzero(owed_jointly(graph))
    if not len(called):
        return called
    pairs = graph.positions("guarantees", "facility_id") * max(graph.size, 1) + graph.positions(
        "guarantees", "guarantor_id"
    )
    return np.asarray(pairs[called])
