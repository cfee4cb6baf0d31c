"""What stands beside the groups: rebuttals and what became of them, declared groups, the weights of SME status."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from graphrisk.analyze.groups.rows import numbered
from graphrisk.analyze.groups.tables import (
    DECLARED,
    DIFFERENT,
    EQUAL,
    NOT_FOUND,
    REBUTTALS,
    SME,
    SME_STATUS,
    UNDECLARED,
)
from graphrisk.analyze.tables import empty, score_frame, texts
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.currency import rates_on
from graphrisk.model.note import Note
from graphrisk.standing.connected import Connected
from graphrisk.standing.rebuttals import APPLIED, EXPIRED, NO_LINK, NOT_YET
from graphrisk.standing.sme import sme_weights
from graphrisk.standing.sme_status import CURRENCY, OPEN, YES, Figure, Status, sme_status

_ORDER = {EXPIRED: 0, NO_LINK: 1, NOT_YET: 2, APPLIED: 3}
_HOW = {DIFFERENT: 0, NOT_FOUND: 1, EQUAL: 2, UNDECLARED: 3}
MOST_ROWS = 500_000
"""Rows of SME weights above which only the party asked for is answered."""


def rebuttal_rows(graph: RiskGraph, found: Connected) -> pd.DataFrame:
    """Return the rebuttals with what became of them, and where the two still stand together."""
    status = np.asarray(found.links.status, dtype=object)
    a, b = graph.ends("rebuttals")
    order = sorted(range(len(a)), key=lambda k: (_ORDER[str(status[k])], k))
    holding = _groups_of(found)
    together = [sorted(holding.get(int(a[k]), set()) & holding.get(int(b[k]), set())) for k in order]
    columns: dict[str, list[object]] = {
        name: graph.texts("rebuttals", name)[order].tolist()
        for name in ("a_id", "b_id", "kind", "reason", "author", "decided_on", "expires_on")
    }
    said = [columns[name] for name in ("a_id", "b_id", "kind", "decided_on")]
    columns["number"] = [*numbered(list(zip(*said, strict=True)))]
    columns["status"] = [status[k] for k in order]
    columns["together_in"] = [[found.ids[g] for g in groups] for groups in together]
    return score_frame(REBUTTALS, columns)


def _groups_of(found: Connected) -> dict[int, set[int]]:
    """Return in which groups each client stands."""
    out: dict[int, set[int]] = {}
    for k, group in enumerate(found.groups):
        for one in group.members:
            out.setdefault(one, set()).add(k)
    return out


def declared_rows(graph: RiskGraph, found: Connected, around: int | None) -> pd.DataFrame:
    """Return the declared groups against the computed ones; none where none is declared."""
    rows: dict[str, list[object]] = {name: [] for name in DECLARED.names}
    declared: dict[str, set[int]] = {}
    members = graph.positions("declared_groups", "party_id").tolist()
    for name, one in zip(graph.texts("declared_groups", "group_id").tolist(), members, strict=True):
        declared.setdefault(name, set()).add(one)
    holding, ids = _groups_of(found), graph.party_ids
    matched: set[int] = set()
    for name in sorted(declared):
        whole = {one for one in declared[name] if found.clients[one]}
        if around is not None and around not in declared[name] and not any(holding.get(one) for one in whole):
            continue
        shared = Counter(k for one in whole for k in holding.get(one, ()))
        best = min(shared, key=lambda k: (-shared[k], len(found.groups[k].members), k)) if shared else None
        computed = set(found.groups[best].members) if best is not None else set()
        if best is not None:
            matched.add(best)
        status = NOT_FOUND if best is None else EQUAL if whole == computed else DIFFERENT
        rows["declared_id"].append(name)
        rows["group_id"].append(None if best is None else found.ids[best])
        rows["status"].append(status)
        rows["missing"].append([str(ids[one]) for one in sorted(computed - whole)])
        rows["extra"].append([str(ids[one]) for one in sorted(whole - computed)])
        rows["not_clients"].append([str(ids[one]) for one in sorted(declared[name] - whole)])
    for k in range(len(found.groups) if declared else 0):
        if k not in matched:
            rows["declared_id"].append(None)
            rows["group_id"].append(found.ids[k])
            rows["status"].append(UNDECLARED)
            rows["missing"].append([str(ids[one]) for one in found.groups[k].members])
            rows["extra"].append([])
            rows["not_clients"].append([])
    frame = score_frame(DECLARED, rows)
    for name in ("declared_id", "group_id"):
        frame[name] = texts(rows[name])
    order = sorted(range(len(frame)), key=lambda k: (_HOW[str(rows["status"][k])], k))
    return frame.iloc[order].reset_index(drop=True)


def sme_rows(
    graph: RiskGraph, found: Connected, party: int | None, exempt: np.ndarray, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return who counts with each client (with `party`: with it alone), and the status that follows."""
    subjects = np.flatnonzero(found.clients) if party is None else np.array([party], dtype=np.int64)
    weights = sme_weights(graph, found.links.holdings, subjects, exempt, limit=MOST_ROWS)
    if weights is None:
        notes.append(
            Note(
                "sme_too_large",
                f"The weights of SME status would be more than {MOST_ROWS:,} rows: ask for one party at a time.",
                f"中小企业认定的权重将超过 {MOST_ROWS:,} 行：请逐户查询。",
            )
        )
        return empty(SME), empty(SME_STATUS)
    ids = graph.party_ids
    counted = score_frame(
        SME,
        {
            "subject_id": ids[weights.subject],
            "party_id": ids[weights.party],
            "weight": weights.weight,
            "relation": weights.relation,
        },
    )
    return counted, _status_rows(graph, sme_status(graph, found.links.holdings, weights, exempt), notes)


def _status_rows(graph: RiskGraph, found: Status, notes: list[str]) -> pd.DataFrame:
    decided = found.sme != OPEN
    if graph.rows("financials") and CURRENCY not in rates_on(graph.tables["fx"], graph.as_of, graph.base_currency):
        notes.append(
            Note(
                "sme_no_rate",
                "SME status compares sales and balance sheets with amounts in EUR, of which table fx has no rate: only "
                "staff can decide against it.",
                "中小企业认定以欧元金额为准，但 fx 表无欧元汇率：仅员工人数可排除。",
            )
        )
    return score_frame(
        SME_STATUS,
        {
            "subject_id": graph.party_ids[found.subject],
            "sme": np.where(decided, found.sme == YES, None),
            "size": found.size,
            "employees": _known(found.employees),
            "turnover": _known(found.sales),
            "balance_sheet": _known(found.balance_sheet),
            "enterprises": found.enterprises,
            "missing": found.missing,
            "public": found.public,
        },
    )


def _known(figure: Figure) -> np.ndarray:
    return np.where(figure.whole, figure.known, np.nan)
