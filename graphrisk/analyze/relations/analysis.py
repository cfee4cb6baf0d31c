"""The analyzer: pairs of related parties, signals that come together, likely duplicates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.relations.chains import Way, chains
from graphrisk.analyze.relations.duplicates import likely_duplicates
from graphrisk.analyze.relations.links import MOST_TOLD, Relations, direct_links
from graphrisk.analyze.relations.saying import headline, said_of
from graphrisk.analyze.relations.signals import signal_rows, signals_of
from graphrisk.analyze.relations.similar import INSTALL, Similar
from graphrisk.analyze.relations.tables import CHAIN, COMMON, DUPLICATES, PAIRS, SIGNALS
from graphrisk.analyze.relations.values import value_links
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.our_bank import clients, our_bank
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.ownership.stakes import Bools
from graphrisk.model.note import Note, both
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress
from graphrisk.standing.holdings import holdings_of

VERSION = 2
TABLES = (PAIRS, COMMON, SIGNALS, DUPLICATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `relations`."""

    values: tuple[str, ...] = param(
        ("parties.phone", "parties.address"),
        "columns in which equal values are a link: TABLE.COLUMN, or TABLE.ONE+OTHER where both must be equal",
    )
    max_shared: int = param(
        20, "parties that may share a value or a third party; what more of them share is no link and is listed", low=1
    )
    max_group: int = param(100, "parties of one owner or controller whose pairs are told", low=1)
    min_share: float = param(0.05, "smallest holding that is a link, by its most", low=0.0, high=1.0)
    common_share: float = param(
        0.2, "least share in each of two firms that makes them firms of one owner", low=0.0, high=1.0
    )
    max_steps: int = param(4, "links of a chain between two clients; 1 = none", low=1)
    min_strength: float = param(0.3, "least product of strengths along a chain", low=0.0, high=1.0)
    max_chains: int = param(100_000, "chains that are told; more are counted", low=0)
    min_together: int = param(3, "times that two signals must come together", low=1)
    names: str = param(
        "auto",
        "names that are not equal: similar (needs the extra er), exact, or auto = similar where it is installed",
        choices=("auto", "similar", "exact"),
    )
    similarity: float = param(0.9, "least similarity of two names", low=0.0, high=1.0)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return who is related to whom in `graph`, what was too common, signals that come together, likely duplicates."""
    refuse_inputs("relations", inputs)
    similar = _similar(params)
    clients, known = clients_of(graph)
    progress("finding links between parties")
    holdings = holdings_of(graph)
    found = direct_links(
        graph,
        holdings,
        min_share=params.min_share,
        common_share=params.common_share,
        most=params.max_shared,
        group=params.max_group,
    )
    value_links(graph, params.values, found, most=params.max_shared)
    ways, left = chains(
        found,
        clients,
        steps=params.max_steps,
        weakest=params.min_strength,
        most=params.max_shared,
        group=params.max_group,
        cap=params.max_chains,
    )
    owed = outstanding_of(graph)
    pairs = _pair_rows(graph, found, ways, clients, owed)
    progress("comparing names")
    alike, uncompared = likely_duplicates(graph, similar, most=params.max_shared)
    related = {(a, b) for a, b, _ in found.pairs if clients[a] and clients[b]}
    seen = signals_of(graph)
    together, baskets = signal_rows(seen, clients, related, fewest=params.min_together)
    frames = {
        "relations_pairs": pairs,
        "relations_common": _common_rows(graph, found),
        "relations_signals": together,
        "relations_duplicates": _duplicate_rows(graph, alike, clients, owed),
    }
    certificate = {
        "converged": True,
        "clients": int(clients.sum()),
        "signals_on": baskets,
        "similar_names": Similar.installed() if similar is not None else {},
        "headline": headline(graph, frames),
    }
    return make_result(
        "relations",
        VERSION,
        graph,
        params,
        tables=frames,
        certificate=certificate,
        notes=said_of(
            found, frames, left=left, uncompared=uncompared, exact=similar is None, known=known, holdings=holdings.notes
        ),
    )


def _similar(params: Params) -> Similar | None:
    if params.names == "exact":
        return None
    if Similar.installed():
        return Similar(params.similarity)
    if params.names == "similar":
        raise UsageError("similar names need packages that are not installed", hint=INSTALL)
    return None


def clients_of(graph: RiskGraph) -> tuple[Bools, bool]:
    """Return who is a client (n,), and whether any is: without one, every party is taken.

    A client is a party with is_client true; where that is not known, who owes our bank.
    """
    told = clients(graph)
    return (told, True) if told.any() else (np.ones(graph.size, dtype=bool), False)


def outstanding_of(graph: RiskGraph) -> Floats:
    """Return what each party owes our bank (n,) as borrower."""
    due = np.nan_to_num(graph.floats("facilities", "outstanding"))
    borrower = graph.positions("facilities", "borrower_id")
    counts = our_bank(graph).facilities & (borrower >= 0)
    total: Floats = sum_by(borrower[counts], due[counts], graph.size)
    return total


def _pair_rows(graph: RiskGraph, found: Relations, ways: Iterable[Way], clients: Bools, owed: Floats) -> pd.DataFrame:
    ids, client, debt = graph.party_ids.tolist(), clients.astype(int).tolist(), owed.tolist()
    firm = {(a, b) for (a, b, _), pair in found.pairs.items() if not pair.hint}
    rows = []
    for (a, b, kind), pair in found.pairs.items():
        path = [a, b] if pair.via < 0 else [a, pair.via, b]
        rows.append((a, b, kind, pair.strength, pair.evidence, path, pair.hint, pair.via))
    for strength, way, links in ways:
        hint = any(pair.hint for pair in links)
        first = [pair.told[0] for pair in links[: MOST_TOLD + 1]]
        told = both("; ".join(one.text for one in first), "；".join(one.chinese for one in first))
        rows.append((way[0], way[-1], CHAIN, strength, told, list(way), hint, way[1]))
        if not hint:
            firm.add((way[0], way[-1]))
    full = [(bool(row[6] and client[row[0]] and client[row[1]] and (row[0], row[1]) not in firm), *row) for row in rows]
    full.sort(
        key=lambda r: (
            not r[0],
            -client[r[1]] - client[r[2]],
            1.0 if math.isnan(r[4]) else -r[4],
            r[3] == CHAIN,
            -(debt[r[1]] + debt[r[2]]),
            r[1],
            r[2],
            r[3],
        )
    )
    return score_frame(
        PAIRS,
        {
            "a_id": [ids[r[1]] for r in full],
            "b_id": [ids[r[2]] for r in full],
            "kind": [r[3] for r in full],
            "strength": [r[4] for r in full],
            "evidence": [r[5].text for r in full],
            "evidence_zh": [r[5].chinese for r in full],
            "via_id": [None if r[8] < 0 else ids[r[8]] for r in full],
            "path": [[ids[k] for k in r[6]] for r in full],
            "hint": [r[7] for r in full],
            "hidden": [r[0] for r in full],
            "clients": [client[r[1]] + client[r[2]] for r in full],
            "outstanding": [debt[r[1]] + debt[r[2]] for r in full],
        },
    )


def _common_rows(graph: RiskGraph, found: Relations) -> pd.DataFrame:
    rows = sorted(found.common, key=lambda row: (-len(row[2]), row[0], row[1]))
    return score_frame(
        COMMON,
        {
            "source": [row[0] for row in rows],
            "value": [row[1] for row in rows],
            "parties": [len(row[2]) for row in rows],
            "examples": [[str(graph.party_ids[k]) for k in row[2][:5]] for row in rows],
        },
    )


def _duplicate_rows(
    graph: RiskGraph, alike: list[tuple[int, int, float, Note, float]], clients: Bools, owed: Floats
) -> pd.DataFrame:
    ids = graph.party_ids
    return score_frame(
        DUPLICATES,
        {
            "a_id": [ids[a] for a, *_ in alike],
            "b_id": [ids[b] for _, b, *_ in alike],
            "score": [score for _, _, score, _, _ in alike],
            "why": [why.text for _, _, _, why, _ in alike],
            "why_zh": [why.chinese for _, _, _, why, _ in alike],
            "name_similarity": [ratio for *_, ratio in alike],
            "clients": [int(clients[a]) + int(clients[b]) for a, b, *_ in alike],
            "outstanding": [owed[a] + owed[b] for a, b, *_ in alike],
        },
    )
