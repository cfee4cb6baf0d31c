"""The guarantee layer before and after signing: chains that lengthen, parts that merge, guarantors that give more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.analyze.precheck.closing import GuaranteeWays
from graphrisk.analyze.precheck.tables import CHAIN, PARTIES, PARTS
from graphrisk.analyze.tables import score_frame
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.proposal import Proposal
from graphrisk.standing.guarantee_layer import GuaranteeLayer
from graphrisk.standing.guarantee_parts import parts_of
from graphrisk.standing.over_guarantee import CLASSES, over_guarantee_ratio

Bools = npt.NDArray[np.bool_]


class BothBooks:
    """The book before and after, with the guarantee layer of both; `was` (n,): where a party stood before, -1: not."""

    def __init__(self, before: RiskGraph, after: RiskGraph, old: GuaranteeLayer, new: GuaranteeLayer) -> None:
        self.before, self.after, self.old, self.new = before, after, old, new
        same = before.tables.shares(after.tables, "parties")
        self.was: Positions = (
            np.arange(after.size) if same else before.locate("parties", after.tables.column("parties", "party_id"))
        )

    def then(self, values: npt.NDArray[np.generic], missing: object) -> npt.NDArray[np.generic]:
        """Return what held before for each party of the book after; `missing` where it was not there."""
        found = np.full(self.after.size, missing, dtype=object if values.dtype == object else values.dtype)
        known = self.was >= 0
        found[known] = values[self.was[known]]
        return found

    @property
    def changed(self) -> Bools:
        """Whose guarantees given or received changed (n,)."""
        given, received = (self.then(side, 0.0) for side in (self.old.given, self.old.received))
        found: Bools = (given != self.new.given) | (received != self.new.received)
        return found


def new_pairs(pair: BothBooks) -> list[tuple[int, int]]:
    """Return the pairs of guarantor and debtor (positions after) that the book before has not."""
    now, then = pair.new.arcs, pair.old.arcs
    at = np.full(pair.before.size, -1, dtype=np.int64)
    at[pair.was[pair.was >= 0]] = np.flatnonzero(pair.was >= 0)
    width = np.int64(max(pair.after.size, 1))
    known = at[then.source] * width + at[then.target]
    if not bool((np.diff(known) > 0).all()):
        known = np.sort(known)
    arc = now.source * width + now.target
    place = np.minimum(np.searchsorted(known, arc), max(len(known) - 1, 0))
    fresh = known[place] != arc if len(known) else np.ones(len(arc), dtype=bool)
    return list(zip(now.source[fresh].tolist(), now.target[fresh].tolist(), strict=True))


class LoansOwed:
    """The facilities of a book with something outstanding, and who owes them: borrowers, and those who owe jointly."""

    def __init__(self, graph: RiskGraph) -> None:
        self.due = np.nan_to_num(np.maximum(graph.floats("facilities", "outstanding"), 0.0))
        joint = graph.positions("co_borrowers", "facility_id")
        self.party = np.concatenate(
            [graph.positions("facilities", "borrower_id"), graph.positions("co_borrowers", "party_id")]
        )
        self.facility = np.concatenate([np.arange(len(self.due)), joint])
        known = (self.party >= 0) & (self.facility >= 0)
        self.party, self.facility = self.party[known], self.facility[known]

    def of(self, parties: Positions) -> tuple[float, int]:
        """Return what is outstanding of all that some parties owe, each facility once, and how many these are."""
        mine = np.unique(self.facility[np.isin(self.party, parties)])
        return float(self.due[mine].sum()), int((self.due[mine] > 0.0).sum())


def chain_rows(pair: BothBooks, proposal: Proposal, threshold: float | None) -> pd.DataFrame:
    """Return what each proposed guarantee lets its guarantor reach, in the order of the file."""
    after, before = pair.after, pair.before
    ways, earlier = (
        GuaranteeWays(arcs=pair.new.arcs, size=after.size),
        GuaranteeWays(arcs=pair.old.arcs, size=before.size),
    )
    loans, loans_before = LoansOwed(after), LoansOwed(before)
    ids = after.party_ids
    proposed = pa.array(proposal.column("guarantees", "guarantee_id"), pa.string())
    holds = set(
        proposed.filter(pc.is_in(proposed, value_set=after.tables.column("guarantees", "guarantee_id"))).to_pylist()
    )
    rows = []
    columns = [proposal.column("guarantees", name) for name in ("guarantee_id", "guarantor_id", "debtor_id")]
    for contract, guarantor, debtor in zip(*columns, strict=True):
        if contract not in holds:
            continue  # it has ended
        one, other = after.locate("parties", [guarantor, debtor]).tolist()
        reached = np.array(sorted(ways.reach(one)), dtype=np.int64)
        was = int(pair.was[one])
        then = np.array(sorted(earlier.reach(was)), dtype=np.int64) if was >= 0 else reached[:0]
        total, many = loans.of(reached)
        rows.append(
            {
                "guarantor_id": guarantor,
                "debtor_id": debtor,
                "reach": ids[reached].tolist(),
                "loans_sum": total,
                "loans_count": many,
                "threshold": float("nan") if threshold is None else threshold,
                "ok": None if threshold is None else bool(total <= threshold * (1.0 + 1e-12)),
                "closes_circle": one != other and one in ways.reach(other),
                "loans_before": loans_before.of(then)[0],
                "guarantee_id": contract,
            }
        )
    return score_frame(CHAIN, {name: [row[name] for row in rows] for name in CHAIN.names})


def party_rows(pair: BothBooks, named: Bools) -> pd.DataFrame:
    """Return the parties whose guarantees change, and those named by a proposed guarantee."""
    after, old, new = pair.after, pair.old, pair.new
    at = np.flatnonzero(pair.changed | named)
    before = pair.then(old.classes, None)
    given = pair.then(old.given, 0.0)
    ratio = (
        pair.then(over_guarantee_ratio(old.given, pair.before.equity), np.nan),
        over_guarantee_ratio(new.given, after.equity),
    )
    rank = {name: number for number, name in enumerate(CLASSES)}
    worse = np.array([rank[new.classes[k]] < rank.get(before[k] or "ok", len(CLASSES)) for k in at], dtype=bool)
    at = at[np.lexsort((at, -new.given[at], ~worse))]
    return score_frame(
        PARTIES,
        {
            "party_id": after.party_ids[at],
            "guaranteed_out_before": given[at],
            "guaranteed_out_after": new.given[at],
            "over_guarantee_before": before[at],
            "over_guarantee_after": new.classes[at],
            "ratio_before": ratio[0][at],
            "ratio_after": ratio[1][at],
            "guaranteed_in_before": pair.then(old.received, 0.0)[at],
            "guaranteed_in_after": new.received[at],
            "net_assets": after.equity[at],
            "in_circle_before": pair.then(old.in_circle, False)[at],
            "in_circle_after": new.in_circle[at],
        },
    )


def part_rows(pair: BothBooks) -> pd.DataFrame:
    """Return the parts of the guarantee layer in which some party's guarantees change."""
    after, before = pair.after, pair.before
    at = np.flatnonzero(pair.changed)
    parts = parts_of(after, pair.new, at)
    here = np.isin(pair.new.weak, pair.new.weak[at])
    earlier = parts_of(before, pair.old, pair.was[here & (pair.was >= 0)])
    touched = np.flatnonzero(pair.changed & (parts.number >= 0))
    was = pair.then(earlier.number, -1)
    rows = []
    for part in np.unique(parts.number[touched]).tolist():
        members = np.flatnonzero(parts.number == part)
        old = np.unique(was[members])
        old = old[old >= 0].astype(np.int64)
        size, depth = (np.asarray(earlier.columns[name])[old] for name in ("parties", "depth_max"))
        rows.append(
            {
                "part_id": after.party_ids[parts.first[part]],
                "joined": sorted(before.party_ids[earlier.first[old]].tolist()),
                "parties_before": int(size.max(initial=0)),
                "parties_after": len(members),
                "depth_before": int(depth.max(initial=0)),
                "depth_after": int(np.asarray(parts.columns["depth_max"])[part]),
                "loans_after": float(np.asarray(parts.columns["loans"])[part]),
                "type_after": str(np.asarray(parts.columns["type"])[part]),
            }
        )
    rows.sort(key=lambda row: (-int(str(row["parties_after"])), str(row["part_id"])))
    return score_frame(PARTS, {name: [row[name] for row in rows] for name in PARTS.names})
