"""Groups of connected clients that the proposal touches, and the limits of these groups and of the parties it names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.precheck.params import Params
from graphrisk.analyze.precheck.tables import GROUPS, LIMITS
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.exposure_values import OurExposures, our_exposures, owed_by
from graphrisk.credit.limit_use import Subjects, capital_of, client_kinds, group_subjects, tier1_of, use_columns
from graphrisk.graph.references import positions_of
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.note import Note
from graphrisk.model.proposal import Proposal
from graphrisk.regimes.exposure_rule import ExposureRule, find_exposure_regime
from graphrisk.standing.connected import Connected, connected, links_of, memberships
from graphrisk.standing.proportion import around_large_ones
from graphrisk.standing.rebuttals import Bonds
from graphrisk.standing.same_group import clients_by_group, same_groups

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSide:
    """One of the two books: the parties that the proposal names there, and the groups that hold one of them."""

    graph: RiskGraph
    named: Positions
    found: Connected
    ours: OurExposures

    @property
    def members(self) -> dict[str, frozenset[str]]:
        """The clients of each group, by its id."""
        return clients_by_group(self.graph, self.found)

    def exposure(self) -> dict[str, float]:
        """What each group owes us, by its id."""
        member, group = memberships(self.found.groups)
        owed = owed_by(self.ours, member, group, len(self.found.groups))
        return dict(zip(self.found.ids, owed.exposure.tolist(), strict=True))


def parties_named(graph: RiskGraph, proposal: Proposal) -> Positions:
    """Return the parties of `graph` that a proposed row names, itself or by a facility or an asset."""
    found: list[int] = []
    for table in proposal.rows:
        for column in CATALOG[table].columns:
            ids = proposal.column(table, column.name) if column.references or column.name == "party_id" else []
            if column.references == "parties" or (table, column.name) == ("parties", "party_id"):
                found += graph.locate("parties", ids).tolist()
            elif column.references in ("facilities", "collateral"):
                at = graph.locate(column.references, ids)
                holder = "borrower_id" if column.references == "facilities" else "owner_id"
                found += graph.positions(column.references, holder)[at[at >= 0]].tolist()
    return np.unique(np.array([one for one in found if one >= 0], dtype=np.int64))


def group_rows(
    before: RiskGraph, after: RiskGraph, proposal: Proposal, params: Params, notes: list[Note]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return which groups change, and the use of limits before and after."""
    own = None if params.regimes_in is None else Path(params.regimes_in)
    rule = find_exposure_regime(params.regime, own).on(after.as_of)[0]
    ids = [str(one) for one in after.party_ids[parties_named(after, proposal)]]
    key = ("precheck_links", params.regime, params.regimes_in)
    if key not in before._cache:
        before._cache[key] = links_of(before, rule)
    states = (*params.state, *json.loads(after.settings.get("groups.state") or "[]"))
    for where, listed in (("gsib", params.gsib), ("state", states)):
        positions_of(after, listed, where)  # refuses an id that is in neither book
    old = _side(before, ids, states, rule, _counted(before, before._cache[key], rule, params))
    new = _side(after, ids, states, rule, _counted(after, links_of(after, rule), rule, params))
    return _changes(old, new), _limits(old, new, rule, params, notes)


def _counted(graph: RiskGraph, links: Bonds, rule: ExposureRule, params: Params) -> Bonds:
    """Return the links that count, as in limits: with `proportionate` those around clients that owe much."""
    tier1 = tier1_of(graph, params)
    return around_large_ones(graph, links, rule.check_above * tier1) if params.proportionate and tier1 else links


def _side(graph: RiskGraph, ids: Sequence[str], states: Sequence[str], rule: ExposureRule, links: Bonds) -> BookSide:
    named = _in(graph, ids)
    found = connected(graph, rule, states=_in(graph, states).tolist(), touching=named, links=links)
    return BookSide(graph=graph, named=named, found=found, ours=our_exposures(graph))


def _in(graph: RiskGraph, ids: Sequence[str]) -> Positions:
    """Return the positions of those that are in this book: a party that is proposed is not in the one before."""
    at = graph.locate("parties", ids)
    return np.unique(at[at >= 0])


def _changes(old: BookSide, new: BookSide) -> pd.DataFrame:
    """Return the groups that are not the same before and after: those after by clients, then those that end."""
    was, now = old.members, new.members
    owed_before, owed_after = old.exposure(), new.exposure()
    same = set(was.values())
    rows: list[dict[str, Any]] = []
    for name, members in now.items():
        if members in same:
            continue
        joined = sorted(one for one, theirs in was.items() if theirs & members)
        largest = max(
            (was[one] for one in joined),
            key=lambda theirs: (len(theirs & members), sorted(theirs)),
            default=frozenset(),
        )
        change = "new" if not joined else "merged" if len(joined) > 1 else "changed"
        rows.append(
            {
                "group_id": name,
                "change": change,
                "clients_before": len(largest),
                "clients_after": len(members),
                "exposure_before": owed_before[joined[0]]
                if len(joined) == 1
                else sum(owed_before[one] for one in joined),
                "exposure_after": owed_after[name],
                "joined": joined,
                "added": sorted(members - largest),
                "left": sorted(largest - members),
            }
        )
    seen = {one for row in rows for one in row["joined"]} | {
        name for name, members in was.items() if members in set(now.values())
    }
    rows += [
        {
            "group_id": name, "change": "gone", "clients_before": len(members), "clients_after": 0,
            "exposure_before": owed_before[name], "exposure_after": 0.0, "joined": [name], "added": [],
            "left": sorted(members),
        }
        for name, members in was.items()
        if name not in seen
    ]  # fmt: skip
    rows.sort(key=lambda row: (-row["clients_after"], row["group_id"], row["change"]))
    return score_frame(GROUPS, {name: [row[name] for row in rows] for name in GROUPS.names})


def _use(side: BookSide, rule: ExposureRule, params: Params) -> dict[_Key, dict[str, Any]]:
    """Return the use of each line by the parties named and by their groups."""
    graph = side.graph
    number = np.arange(len(side.named), dtype=np.int64)
    subjects = (
        Subjects(
            what="client", ids=[str(one) for one in graph.party_ids[side.named]],
            kind=client_kinds(graph, _in(graph, params.gsib))[side.named],
            owed=owed_by(side.ours, side.named, number, len(number)),
        ),
        group_subjects(graph, side.ours, side.found.ids, *memberships(side.found.groups)),
    )  # fmt: skip
    columns = use_columns(subjects, rule, capital_of(graph, params))
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*(c.tolist() for c in columns.values()), strict=True)
    ]
    return {(row["subject_id"], row["subject"], row["measure"], row["capital"]): row for row in rows}


def _limits(old: BookSide, new: BookSide, rule: ExposureRule, params: Params, notes: list[Note]) -> pd.DataFrame:
    was, now = _use(old, rule, params), _use(new, rule, params)
    earlier = same_groups(old.members, new.members)
    rows = []
    for key, row in now.items():  # breaches first
        then = was.get((earlier.get(key[0], ""), *key[1:]) if key[1] == "group" else key, {})
        if not row["exposure_after"] and not then.get("exposure_after", 0.0):
            continue
        rows.append(
            {
                "subject_id": key[0],
                "subject": key[1],
                "measure": key[2],
                "capital": key[3],
                "exposure_before": then.get("exposure_after", 0.0),
                "exposure_after": row["exposure_after"],
                "use_before": then.get("use", 0.0 if row["use"] == row["use"] else float("nan")),
                "use_after": row["use"],
                "limit": row["limit"],
                "level_before": then.get("level", "ok" if row["level"] is not None else None),
                "level_after": row["level"],
                "headroom_after": row["headroom"],
                "legal_basis": row["legal_basis"],
            }
        )
    if any(row["level_after"] is None for row in rows):
        notes.append(
            Note(
                "capital_not_known",
                "Our capital is not known, so limits are shown without percentages: --set tier1=..., net_capital=... "
                "or [capital] in graphrisk.toml.",
                "本行资本未知，限额不计算百分比：--set tier1=...、net_capital=... 或 graphrisk.toml 的 [capital]。",
            )
        )
    return score_frame(LIMITS, {name: [row[name] for row in rows] for name in LIMITS.names})
