"""The analyzer: indicators scored under a policy, dimensions with coverage and trend, and where numbers come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.profile.indicators import INDICATORS as KNOWN
from graphrisk.analyze.profile.indicators import Indicator, indicators_of
from graphrisk.analyze.profile.tables import INDICATORS, PARTIES, SCORES, TABLES
from graphrisk.analyze.tables import recurring, score_frame
from graphrisk.credit.our_bank import clients
from graphrisk.credit.peers import ENOUGH
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.policies.profile_policy import DIMENSIONS, ProfilePolicy, Scale, find_profile_policy
from graphrisk.progress import Progress

VERSION = 1
__all__ = ["TABLES", "VERSION", "Params", "run"]
ROWS = 12
"""Rows of evidence that are named for one indicator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `profile`."""

    policy: str | None = param(None, "file of the policy (TOML; default: the shipped one)")
    party: str | None = param(None, "id of the one party that is scored (default: every client)")
    min_peers: int = param(ENOUGH, "peers below which a peer group is widened", low=1)
    evidence: bool = param(True, "name the indicators, and the rows that each comes from (no: scores alone)")
    before: str = param("", "earlier snapshot for the trend: an id, or a day; empty: the one before")
    after: str = param("", "later snapshot, the same way; empty: the chosen one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Scores of n parties: `scores` and `coverage` (n, 6), `total` and `covered` (n,), NaN where nothing is known."""

    indicators: Mapping[str, Indicator]
    points: Mapping[tuple[str, str], Floats]
    scores: Floats
    coverage: Floats
    weights: Floats
    total: Floats
    covered: Floats = field(default_factory=lambda: np.zeros(0))


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the profiles of the clients in `graph`, and how they moved since the earlier snapshot."""
    refuse_inputs("profile", inputs)
    policy = find_profile_policy(params.policy, KNOWN)
    asked = graph.position(params.party) if params.party is not None else None
    progress("scoring clients")
    now = _scored(graph, policy, params.min_peers)
    chosen = clients(graph)
    if asked is not None:
        chosen = np.arange(graph.size) == asked
    moved, moved_total, notes = _trend(graph, now, policy, inputs, params)
    order = np.flatnonzero(chosen)
    order = order[np.lexsort((order, np.nan_to_num(now.total[order], nan=np.inf)))]
    blind = int(np.isnan(now.total[order]).sum())
    if blind:
        notes.append(
            Note(
                "clients_without_profile",
                f"{blind:,} clients have no score: nothing that the policy looks at is known of them",
                f"{blind:,} 户没有评分：政策所看的指标全部缺失",
            )
        )
    low = int((now.covered[order] < 0.5).sum()) - blind
    if low > 0:
        notes.append(
            Note(
                "profiles_of_little_data",
                f"{low:,} profiles know less than half of what the policy looks at, by weight (coverage)",
                f"{low:,} 户的画像按权重计不足一半指标已知（见 coverage）",
            )
        )
    sizes = graph.texts("parties", "size")
    known = _known(now, policy, order if params.evidence else order[:0])
    return make_result(
        "profile",
        VERSION,
        graph,
        params,
        tables={
            "profile_parties": _party_rows(graph, now, order, moved_total, policy, sizes),
            "profile_dimensions": _dimension_rows(graph, now, order, moved, known, policy),
            "profile_indicators": _indicator_rows(graph, now, order, known, policy),
        },
        certificate={
            "converged": True,
            "policy": policy.where,
            "policy_version": policy.version,
            "clients": len(order),
            "coverage": float(now.covered[order].mean()) if len(order) else 0.0,
            "before": getattr(inputs.before, "snapshot", "") or "",
        },
        notes=tuple(notes),
    )


def _scored(graph: RiskGraph, policy: ProfilePolicy, min_peers: int) -> Profile:
    found = indicators_of(graph, min_peers)
    n = graph.size
    scores, coverage = np.full((n, len(DIMENSIONS)), np.nan), np.zeros((n, len(DIMENSIONS)))
    known_weight, full_weight = np.zeros((n, len(DIMENSIONS))), np.zeros(len(DIMENSIONS))
    points = {}
    for d, dimension in enumerate(DIMENSIONS):
        top = np.zeros(n)
        for name, scale in policy.scales[dimension].items():
            score = points[dimension, name] = _points(found[name], scale)
            there = ~np.isnan(score)
            top[there] += scale.weight * score[there]
            known_weight[there, d] += scale.weight
            full_weight[d] += scale.weight
        np.divide(top, known_weight[:, d], out=scores[:, d], where=known_weight[:, d] > 0.0)
        if full_weight[d] > 0.0:
            coverage[:, d] = known_weight[:, d] / full_weight[d]
    by_size = {size: policy.weights_of(size) for size in {None, *graph.texts("parties", "size").tolist()}}
    weights = np.array(
        [[by_size[size][d] for d in DIMENSIONS] for size in graph.texts("parties", "size")], dtype=np.float64
    ).reshape(n, len(DIMENSIONS))
    counted = np.where(np.isnan(scores), 0.0, weights)
    whole = counted.sum(axis=1)
    total = np.divide(
        np.nansum(counted * np.nan_to_num(scores), axis=1), whole, out=np.full(n, np.nan), where=whole > 0.0
    )
    return Profile(
        indicators=found,
        points=points,
        scores=scores,
        coverage=coverage,
        weights=weights,
        total=total,
        covered=(weights * coverage).sum(axis=1),
    )


def _points(given: Indicator, scale: Scale) -> Floats:
    """Return an indicator's score (n,), 0 to 100; NaN where it is not known, or has no peers and is scored by them."""
    if scale.peers:
        assert given.percentile is not None
        return given.percentile
    return np.clip(100.0 * (given.value - scale.bad) / (scale.good - scale.bad), 0.0, 100.0) + 0.0


def _trend(
    graph: RiskGraph, now: Profile, policy: ProfilePolicy, inputs: Inputs, params: Params
) -> tuple[Floats, Floats, list[Note]]:
    """Return how dimensions (n, 6) and totals (n,) moved since the earlier snapshot."""
    moved, total = np.full(now.scores.shape, np.nan), np.full(graph.size, np.nan)
    if inputs.before is None:
        return moved, total, [
            Note(
                "no_earlier_snapshot",
                "there is no earlier snapshot, so no score has a trend",
                "没有更早的快照，因此没有趋势",
            )
        ]  # fmt: skip
    old = inputs.before
    then = _scored(old, policy, params.min_peers)
    place = old.locate("parties", graph.party_ids.tolist())
    there = place >= 0
    moved[there] = now.scores[there] - then.scores[place[there]]
    total[there] = now.total[there] - then.total[place[there]]
    return moved, total, []


def _party_rows(
    graph: RiskGraph, now: Profile, order: Any, moved: Floats, policy: ProfilePolicy, sizes: Any
) -> pd.DataFrame:
    scores = now.scores[order]
    names = np.array(DIMENSIONS, dtype=object)
    blind = np.isnan(scores).all(axis=1) if len(order) else np.zeros(0, dtype=bool)
    lowest = names[np.nan_to_num(scores, nan=np.inf).argmin(axis=1)] if len(order) else names[:0]
    highest = names[np.nan_to_num(scores, nan=-np.inf).argmax(axis=1)] if len(order) else names[:0]
    return score_frame(
        PARTIES,
        {
            "party_id": graph.party_ids[order],
            "score": now.total[order],
            "coverage": np.clip(now.covered[order], 0.0, 1.0),
            "trend": moved[order],
            "weakest": [None if gone else name for gone, name in zip(blind, lowest, strict=True)],
            "strongest": [None if gone else name for gone, name in zip(blind, highest, strict=True)],
            "segment": [size if size in policy.segments else None for size in sizes[order]],
        },
    )


def _dimension_rows(
    graph: RiskGraph, now: Profile, order: Positions, moved: Floats, known: _Known, policy: ProfilePolicy
) -> pd.DataFrame:
    many = len(DIMENSIONS)
    names = _names(policy)
    rows = zip(known.indicator.tolist(), _said(known.value), _whole(known.score), strict=True)
    told = [f"{names[at]} {value} → {score}" for at, value, score in rows]
    begin = np.searchsorted(known.place * many + known.dimension, np.arange(len(order) * many + 1)).tolist()
    return score_frame(
        SCORES,
        {
            "party_id": recurring(graph.party_ids[order], np.repeat(np.arange(len(order)), many)),
            "dimension": recurring(DIMENSIONS, np.tile(np.arange(many), len(order))),
            "score": now.scores[order].reshape(-1),
            "weight": now.weights[order].reshape(-1),
            "coverage": np.clip(now.coverage[order].reshape(-1), 0.0, 1.0),
            "trend": moved[order].reshape(-1),
            "evidence": [told[start:stop] for start, stop in pairwise(begin)],
        },
    )


def _indicator_rows(
    graph: RiskGraph, now: Profile, order: Positions, known: _Known, policy: ProfilePolicy
) -> pd.DataFrame:
    scales = [scale for dimension in DIMENSIONS for scale in policy.scales[dimension].values()]
    how = ["percentile among peers" if s.peers else f"0 at {s.bad:g}, 100 at {s.good:g}" for s in scales]
    weights = np.array([scale.weight for scale in scales], dtype=np.float64)
    names = _names(policy)
    shown = [now.indicators[name] for name in names]
    return score_frame(
        INDICATORS,
        {
            "party_id": recurring(graph.party_ids[order], known.place),
            "dimension": recurring(DIMENSIONS, known.dimension),
            "indicator": recurring(names, known.indicator),
            "value": known.value,
            "score": known.score,
            "weight": weights[known.indicator] if len(weights) else known.value,
            "source": recurring([one.source for one in shown], known.indicator),
            "rows": _evidence(shown, order[known.place], known.indicator),
            "scale": recurring(how, known.indicator),
        },
    )


def _evidence(shown: list[Indicator], party: Positions, indicator: Positions) -> list[list[str]]:
    """Return the rows that each value comes from: many indicators of a party come from the same, named once."""
    ways = list(dict.fromkeys(one.evidence for one in shown))
    way = np.array([ways.index(one.evidence) for one in shown], dtype=np.int64)[indicator]
    pairs, place = np.unique(party * max(len(ways), 1) + way, return_inverse=True)
    named = [_few(ways[pair % len(ways)](pair // len(ways))) for pair in pairs.tolist()]
    return [named[at] for at in place.tolist()]


def _few(rows: list[str]) -> list[str]:
    return [*rows[:ROWS], f"+{len(rows) - ROWS}"] if len(rows) > ROWS else rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known, a row each: by party (`place` in the order shown), dimension, then the lowest score, then name.

    `indicator` is its place among those of the policy, dimension by dimension.
    """

    place: Positions
    dimension: Positions
    indicator: Positions
    value: Floats
    score: Floats


def _names(policy: ProfilePolicy) -> list[str]:
    """Return the indicators of a policy, dimension by dimension."""
    return [name for dimension in DIMENSIONS for name in policy.scales[dimension]]


def _known(now: Profile, policy: ProfilePolicy, order: Positions) -> _Known:
    """Return the known indicators of the parties in `order`."""
    parts: list[tuple[Positions, Positions, Positions, Floats, Floats]] = []
    before = 0
    for number, dimension in enumerate(DIMENSIONS):
        names = list(policy.scales[dimension])
        for name in sorted(names):
            score = now.points[dimension, name][order]
            place = np.flatnonzero(~np.isnan(score))
            at = np.full(len(place), before + names.index(name), dtype=np.int64)
            value = now.indicators[name].value[order][place]
            parts.append((place, np.full(len(place), number, dtype=np.int64), at, value, score[place]))
        before += len(names)
    none = np.zeros(0, dtype=np.int64)
    parts.append((none, none, none, np.zeros(0), np.zeros(0)))
    place, dim, at, value, score = (np.concatenate(column) for column in zip(*parts, strict=True))
    row = np.lexsort((score, dim, place))  # stable: of equal scores the first by name
    return _Known(place=place[row], dimension=dim[row], indicator=at[row], value=value[row], score=score[row])


def _said(values: Floats) -> list[str]:
    """Return each value in words; most recur."""
    bits, place = np.unique(values.view(np.int64), return_inverse=True)  # -0.0 is not 0.0
    said = [
        f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
        for value in bits.view(np.float64).tolist()
    ]
    return [said[at] for at in place.tolist()]


def _whole(scores: Floats) -> list[str]:
    """Return scores of 0 to 100 as whole numbers."""
    said = [str(score) for score in range(101)]
    return [said[at] for at in np.rint(scores).astype(np.int64).tolist()]
