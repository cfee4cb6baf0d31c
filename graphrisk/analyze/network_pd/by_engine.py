"""Method engine: the spread that contagion and portfolio compute, on first defaults enumerated or drawn.

Between parts no loss passes, so that each part is looked at alone. With rho = 0 (or where one party alone is uncertain)
a part of at most `most` uncertain parties is enumerated: each set of first defaults with its probability. Else first
defaults are portfolio's own draws; only what others bring is counted, and own PDs stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from graphrisk.analyze.network_pd.pulled import Flags, Pulled
from graphrisk.cascade.drawn_defaults import DrawnDefaults
from graphrisk.graph.riskgraph import Floats, Positions
from graphrisk.kernels.portfolio.copula import factor_model
from graphrisk.kernels.portfolio.simulation import plan
from graphrisk.kernels.portfolio.tilting import draw_scenarios

CANDIDATES = 6
"""Parties that are struck from the draws one by one to see whether somebody stands, of each that falls."""
SURE_AT_MOST = 12
"""Uncertain parties of a part up to which those in default already are looked at as sources, too."""


def enumerate_part(runs: DrawnDefaults, pd: Floats, members: Positions, found: Pulled, confidence: float) -> None:
    """Put into `found` what a part's members bring one another, over all sets of first defaults."""
    loose = members[(pd[members] > 0.0) & (pd[members] < 1.0)]
    sure = members[pd[members] >= 1.0]
    chance, fails, drawn = _outcomes(runs, pd, members, loose, sure)
    by_others = fails & ~np.isin(members, sure) & ~drawn
    total = chance @ fails
    found.put(members, np.clip(chance @ by_others, 0.0, 1.0), None, confidence)
    hit = found.explained(members)
    if not len(hit):
        return
    falls, who = [], []
    for j in loose.tolist():
        at = int(np.flatnonzero(members == j)[0])
        without = chance * ~drawn[:, at] / (1.0 - pd[j])
        falls.append(total - without @ fails)
        who.append(j)
    for j in sure.tolist() if len(loose) <= SURE_AT_MOST else ():
        weight, standing, _ = _outcomes(runs, pd, members, loose, sure[sure != j])
        falls.append(total - weight @ standing)
        who.append(j)
    table, sources = np.stack(falls), np.array(who, dtype=np.int64)
    for i, k in zip(hit.tolist(), np.searchsorted(members, hit).tolist(), strict=True):
        found.put_falls(i, table[:, k], sources)


def _outcomes(
    runs: DrawnDefaults, pd: Floats, members: Positions, loose: Positions, sure: Positions
) -> tuple[Floats, Flags, Flags]:
    """Return for each set: its probability (2^k,), who fails and who was drawn (2^k, members)."""
    sets = 1 << len(loose)
    codes = (np.arange(sets)[:, None] >> np.arange(len(loose))) & 1 == 1
    chance = np.where(codes, pd[loose], 1.0 - pd[loose]).prod(axis=1)
    fails = np.zeros((sets, len(members)), dtype=bool)
    drawn = np.zeros((sets, len(members)), dtype=bool)
    place = np.searchsorted(members, loose)
    drawn[:, place] = codes
    for k in range(sets):
        down = runs.after(np.sort(np.concatenate([loose[codes[k]], sure])))
        fails[k] = np.isin(members, down)
    return chance, fails, drawn


def simulate_parts(
    runs: DrawnDefaults,
    pd: Floats,
    loadings: Floats,
    part: Positions,
    chosen: Positions,
    found: Pulled,
    *,
    scenarios: int,
    seed: int,
    confidence: float,
    source_runs: int,
    most_runs: int | None,
    tell: Callable[[int], None],
) -> int:
    """Put into `found` what members of the parts `chosen` bring one another over portfolio's draws; return the draws.

    `part` (n,): the smallest member of each party's part. After `most_runs` runs no further draw is looked at.
    """
    given = plan(factor_model(pd, loadings), np.zeros(len(pd)), scenarios=scenarios, seed=seed, shift_level=None)
    inside = np.isin(part, chosen)
    rows: list[tuple[int, Positions, Positions]] = []  # draw, who was drawn, who fell without
    spent = runs.runs
    for first in range(0, scenarios, 256):
        ids = np.arange(first, min(first + 256, scenarios), dtype=np.int64)
        draws = draw_scenarios(given.sampler, ids, seed, given.parts).draws
        for k, one in enumerate(ids.tolist()):
            if most_runs is not None and runs.runs - spent >= most_runs:
                scenarios = one
                break
            drawn = draws.party[draws.start[k] : draws.start[k + 1]]
            drawn = np.unique(drawn[inside[drawn]])
            if not len(drawn):
                continue
            for own in _by_part(drawn, part):
                down = runs.after(own)
                rows.append((one, own, np.setdiff1d(down, own, assume_unique=True)))
        if scenarios <= ids[-1]:
            break
        tell(int(ids[-1]) + 1)
    members = np.flatnonzero(inside)
    own_count, fell_count = np.zeros(len(pd)), np.zeros(len(pd))
    for _, own, fell in rows:
        own_count[own] += 1.0
        fell_count[fell] += 1.0
    found.put(members, fell_count[members] / scenarios, scenarios, confidence)
    found.frequency[members] = (own_count + fell_count)[members] / scenarios
    _sources(runs, rows, len(pd), own_count, fell_count, scenarios, source_runs, found)
    return scenarios


def _by_part(drawn: Positions, part: Positions) -> list[Positions]:
    labels = part[drawn]
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return [np.sort(one) for one in np.split(drawn[order], cuts)]


def _sources(
    runs: DrawnDefaults,
    rows: list[tuple[int, Positions, Positions]],
    size: int,
    own: Floats,
    fell: Floats,
    scenarios: int,
    budget: int,
    found: Pulled,
) -> None:
    """Find whose survival keeps others standing: the same draws again, without one of those drawn.

    Tried are for each that fell those who were drawn with it more often than by chance; at most `budget` runs, in the
    order of the draws, so that a fall is that over the draws that were looked at.
    """
    telling = [row for row in rows if len(row[2])]
    if not telling:
        return
    fallen = sparse.csr_array(
        (np.ones(sum(len(f) for _, _, f in telling)), np.concatenate([f for _, _, f in telling]),
         np.cumsum([0, *(len(f) for _, _, f in telling)])), shape=(len(telling), size),
    )  # fmt: skip
    hit = sparse.csr_array(
        (np.ones(sum(len(o) for _, o, _ in telling)), np.concatenate([o for _, o, _ in telling]),
         np.cumsum([0, *(len(o) for _, o, _ in telling)])), shape=(len(telling), size),
    )  # fmt: skip
    explained = found.explained(np.flatnonzero(fell))
    together = sparse.csr_array(fallen[:, explained].T @ hit)
    nobody: set[int] = set()
    wanted: dict[int, set[int]] = {}
    for k, i in enumerate(explained.tolist()):
        low, high = together.indptr[k], together.indptr[k + 1]
        who, often = together.indices[low:high], together.data[low:high]
        excess = often - fell[i] * own[who] / scenarios
        for j in who[np.lexsort((who, -excess))[:CANDIDATES]].tolist():
            wanted.setdefault(int(j), set()).add(i)
    saved: dict[int, dict[int, int]] = {}
    before, seen = runs.runs, 0
    for draw, drawn, fallen_now in telling:
        if runs.runs - before > budget:
            break
        seen = draw + 1
        fell_now = set(fallen_now.tolist())
        for j in drawn.tolist():
            asked = wanted.get(j, nobody) & fell_now
            if asked:
                down = set(runs.after(drawn[drawn != j]).tolist())
                for i in asked - down:
                    saved.setdefault(i, {}).setdefault(j, 0)
                    saved[i][j] += 1
    else:
        seen = scenarios
    for i, by in saved.items():
        sources: Positions = np.array(sorted(by), dtype=np.int64)
        found.put_falls(i, np.array([by[j] for j in sources.tolist()]) / seen, sources)
