"""Method edges: independent edges with given weights, from a file; exact where few are uncertain, else simulated."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from graphrisk.analyze.network_pd.pulled import Pulled
from graphrisk.errors import DataError, UsageError
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.credit.independent_cascade import MOST_PARTIES, exact, merged, simulate
from graphrisk.kernels.network.components import component_labels
from graphrisk.model.note import Note

COLUMNS = ("source_id", "target_id", "w")
SOURCES_EXACT = 14
"""Uncertain edges up to which sources are exact, too; above they come from draws."""
SOURCES_TRIED = 40
"""Parties tried as sources in a part that is simulated."""

Edges = tuple[Positions, Positions, Floats]


def read_edges(graph: RiskGraph, path: str, notes: list[Note]) -> Edges:
    """Return the edges (source, target, w) of a CSV file, repeats joined; DataError, with the line, for a wrong one."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if lacking:
                raise DataError(f"the weights lack the column {', '.join(lacking)}", hint=",".join(COLUMNS), where=path)
            rows = list(reader)
    except UnicodeDecodeError:
        raise DataError("the weights are not in UTF-8", hint="save them as CSV in UTF-8", where=path) from None
    ids = [[str(row[name] or "").strip() for row in rows] for name in COLUMNS[:2]]
    source, target = (graph.locate("parties", side) for side in ids)
    weight = np.zeros(len(rows))
    for k, row in enumerate(rows):
        for side, at in zip(ids, (source, target), strict=True):
            if at[k] < 0:
                raise DataError(f"line {k + 2}: no party has the id {side[k]!r}", where=path)
        try:
            weight[k] = float(row["w"])
        except (TypeError, ValueError):
            weight[k] = np.nan
        if not 0.0 <= weight[k] <= 1.0:
            raise DataError(f"line {k + 2}: w is a probability in [0, 1], not {row['w']!r}", where=path)
    loops = int((source == target).sum())
    if loops:
        notes.append(
            Note(
                "edges_to_oneself",
                f"{loops:,} edges lead to where they start and count for nothing",
                f"{loops:,} 条边指向自身，不计入",
            )
        )
    edges = merged(source, target, weight)
    many = int(((source != target) & (weight > 0.0)).sum()) - len(edges[0])
    if many:
        notes.append(
            Note(
                "edges_joined",
                f"{many:,} repeated edges are joined: one of them passing on is enough",
                f"{many:,} 条重复的边已合并：任一条传导即可",
            )
        )
    return edges


def spread_edges(
    pd: Floats, edges: Edges, found: Pulled, *, most: int, scenarios: int, seed: int, confidence: float
) -> Positions:
    """Put into `found` what the edges bring each party; return the smallest member of each party's part (n,).

    A part with at most `most` uncertain edges (weights below 1) is enumerated, others are simulated.
    """
    source, target, weight = edges
    n = len(pd)
    part = component_labels(n, source, target, "weak")
    by_part = np.argsort(part, kind="stable")
    for members in np.split(by_part, np.flatnonzero(np.diff(part[by_part])) + 1) if n else ():
        if len(members) < 2 or (found.alone is not None and part[found.alone] != part[members[0]]):
            continue
        members = np.sort(members)
        mine = part[source] == part[members[0]]
        here = np.searchsorted(members, source[mine]), np.searchsorted(members, target[mine]), weight[mine]
        loose = int((here[2] < 1.0).sum())
        if loose <= most and len(members) <= MOST_PARTIES:
            net = exact(pd[members], *here)
            found.put(members, net - pd[members], None, confidence)
            tried = np.arange(len(members))
            fewer = loose <= SOURCES_EXACT
        else:
            count = simulate(pd[members], *here, draws=scenarios, seed=seed)
            found.put(members, count / scenarios, scenarios, confidence)
            strength = pd[members] * np.bincount(here[0], here[2], len(members))
            tried = np.sort(np.lexsort((members, -strength))[:SOURCES_TRIED])
            fewer = False
            net = pd[members] + count / scenarios
        hit = found.explained(members)
        if not len(hit):
            continue
        falls = np.zeros((len(tried), len(members)))
        for k, j in enumerate(tried.tolist()):
            falls[k] = net - _without(pd[members], here, j, fewer, scenarios, seed)
        for i, k in zip(hit.tolist(), np.searchsorted(members, hit).tolist(), strict=True):
            found.put_falls(i, falls[:, k], members[tried])
    return part


def _without(pd: Floats, edges: Edges, j: int, enumerated: bool, scenarios: int, seed: int) -> Floats:
    """Return P(default) of each party (n,) where `j` never defaults."""
    source, target, weight = edges
    spared = pd.copy()
    spared[j] = 0.0
    if enumerated:
        apart = (source != j) & (target != j)
        return exact(spared, source[apart], target[apart], weight[apart])
    found = pd + simulate(pd, source, target, weight, draws=scenarios, seed=seed, without=j) / scenarios
    found[j] = 0.0
    return found


def given_edges(graph: RiskGraph, path: str | None, notes: list[Note]) -> Edges:
    """Return the edges that method edges needs; UsageError where no file is named."""
    if path is None:
        raise UsageError(
            "method edges needs the weights of the edges", hint="--set weights=FILE.csv with source_id,target_id,w"
        )
    return read_edges(graph, path, notes)
