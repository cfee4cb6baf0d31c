"""Clients in segments: by rules on their attributes, by clusters of their scores, by communities of the network.

Rules: industry, size, credit record, length of the relationship. Clusters: k-means (S. Lloyd, "Least squares
quantization in PCM", IEEE Transactions on Information Theory 28(2), 1982; first centres after D. Arthur, S.
Vassilvitskii, "k-means++", SODA 2007) on the dimensions of the profile. Communities: Leiden, as in centrality.
Conventions: docs/methods/segments.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.vq import ClusterError, kmeans2

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.tables import real, score_frame, share, whole
from graphrisk.credit.loan_book import own_book
from graphrisk.credit.our_bank import clients
from graphrisk.credit.pd import in_default, pds_of
from graphrisk.credit.portfolio_params import SKIP
from graphrisk.graph.exposure import COMBINED, arcs_of
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.network.community import communities
from graphrisk.model.ask import Ask
from graphrisk.model.columns import category, money, party, text
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Table
from graphrisk.policies.profile_policy import DIMENSIONS
from graphrisk.progress import Progress

VERSION = 1
KINDS = ("rule", "cluster", "community")
RECORDS = ("clean", "late", "watch", "default")
TENURES = ("new", "settled", "old", "unknown")

MEMBERS = Table(
    name="segments_members",
    meaning="each client and its segments, by id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the client"),
        text("rule_segment", "industry / size / credit record / length of the relationship; ? where not known"),
        text("industry", "leading characters of its industry; null where not known"),
        text("size", "its size; null where not known"),
        category("record", "default: in default; watch: on watch, or an event of default, arrears, suit in 2 years; "
                 "late: days past due; clean: else", *RECORDS),
        category("tenure", "new: under 2 years a client, settled: under 8, old: longer", *TENURES),
        text("cluster", "cluster of its profile, K1 the lowest; null where less than half of it is scored"),
        party("community", "smallest party of its community in the network; null: it stands alone", required=False),
    ),
)  # fmt: skip
SUMMARY = Table(
    name="segments_summary",
    meaning="what each segment holds; by kind, then most exposure first",
    role="score",
    key=("kind", "segment"),
    columns=(
        category("kind", "how the segment is formed", *KINDS),
        text("segment", "its name"),
        whole("parties", "clients in it"),
        money("exposure", "outstanding at our bank"),
        share("exposure_share", "of all"),
        whole("defaulted", "clients in default"),
        share("mean_pd", "mean PD of those that have one and are not in default"),
        real("score", "mean score of the profile", "points"),
    ),
)
CENTRES = Table(
    name="segments_clusters",
    meaning="the clusters, the lowest mean first: mean score of each dimension",
    role="score",
    key=("cluster",),
    columns=(
        text("cluster", "name of the cluster"),
        whole("parties", "clients in it"),
        *(real(name, f"mean score of {name.replace('_', ' ')}", "points") for name in DIMENSIONS),
    ),
)
CROSS = Table(
    name="segments_cross",
    meaning="clients in two kinds of segments at once: rule and cluster, rule and community, cluster and community; by "
    "kinds, then most clients first",
    role="score",
    key=("kind_a", "segment_a", "kind_b", "segment_b"),
    columns=(
        category("kind_a", "first kind", *KINDS),
        text("segment_a", "its segment"),
        category("kind_b", "second kind", *KINDS),
        text("segment_b", "its segment"),
        whole("parties", "clients in both"),
        money("exposure", "outstanding at our bank"),
        whole("defaulted", "clients in default"),
        real("lift", "clients in both over those expected if the two had nothing to do with one another"),
    ),
)
TABLES = (MEMBERS, SUMMARY, CENTRES, CROSS)
Names = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `segments`."""

    clusters: int = param(5, "clusters of the profile's scores", low=1, high=50)
    industry_length: int = param(1, "leading characters of the industry code that name an industry", low=1)
    resolution: float = param(1.0, "communities: higher makes more and smaller ones", low=0.0)
    seed: int = param(1, "seed of the first centres", low=0)


def asks(_: Params) -> tuple[Ask, ...]:
    """Return what is read of others: the scores of every client's profile."""
    return (Ask(key="profile", analyzer="profile", params={"evidence": False}),)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the segments of the clients in `graph`."""
    refuse_inputs("segments", inputs)
    notes: list[Note] = []
    who = np.flatnonzero(clients(graph))
    rules = _rules(graph, who, params)
    scores, total = _scores(graph, who, inputs.results["profile"])
    progress("finding clusters")
    cluster, centres, spread = _clusters(scores, params, notes)
    progress("finding communities")
    arcs = arcs_of(graph, COMBINED)
    label = communities(graph.size, arcs.source, arcs.target, arcs.weight, resolution=params.resolution)
    alone = np.bincount(label, minlength=graph.size)[label] < 2 if graph.size else np.zeros(0, dtype=bool)
    community = np.array([None if alone[k] else graph.party_ids[label[k]] for k in who.tolist()], dtype=object)
    ead = sum_by(own_book(graph).borrower, own_book(graph).ead, graph.size)[who]
    down = in_default(graph)[who]
    chance, rated = pds_of(
        graph,
        model=None,
        multiplier=1.0,
        missing=SKIP,
        ead=np.zeros(graph.size),
        skipped="",
        notes=[],
        several="highest",
    )
    pd_ = np.where(rated[who] & ~down, chance[who], np.nan)
    kinds: dict[str, Names] = {"rule": rules["rule_segment"], "cluster": cluster, "community": community}
    return make_result(
        "segments",
        VERSION,
        graph,
        params,
        tables={
            "segments_members": score_frame(
                MEMBERS, {"party_id": graph.party_ids[who], **rules, "cluster": cluster, "community": community}
            ),
            "segments_summary": _summary(kinds, ead, down, pd_, total),
            "segments_clusters": _centre_rows(cluster, centres),
            "segments_cross": _cross(kinds, ead, down),
        },
        certificate={
            "converged": True,
            "clients": len(who),
            "rule_segments": len(set(rules["rule_segment"].tolist())),
            "clusters": len(centres),
            "communities": len({c for c in community.tolist() if c is not None}),
            "explained": spread,
        },
        notes=tuple(notes),
    )


def _rules(graph: RiskGraph, who: Positions, params: Params) -> dict[str, Names]:
    industry = np.array(
        [None if i is None else str(i)[: params.industry_length] for i in graph.texts("parties", "industry")[who]],
        dtype=object,
    )
    size = graph.texts("parties", "size")[who]
    record, tenure = _record(graph)[who], _tenure(graph)[who]
    rows = zip(industry, size, record, tenure, strict=True)
    named = np.array(
        [" / ".join("?" if v is None or v == "unknown" else str(v) for v in row) for row in rows], dtype=object
    )
    return {"rule_segment": named, "industry": industry, "size": size, "record": record, "tenure": tenure}


def _record(graph: RiskGraph) -> Names:
    """Return the credit record of each party (n,): the worst that is known."""
    found = np.full(graph.size, "clean", dtype=object)
    borrower = graph.positions("facilities", "borrower_id")
    late = (graph.floats("facilities", "days_past_due") > 0.0) & (borrower >= 0)
    found[borrower[late]] = "late"
    status = graph.texts("parties", "status")
    found[status == "watch"] = "watch"
    bad = ("default", "arrears", "lawsuit", "enforcement", "restructuring", "bankruptcy_filed", "liquidation")
    day = graph.texts("events", "occurred_on")
    edge = graph.as_of.replace(year=graph.as_of.year - 2, day=min(graph.as_of.day, 28))
    recent = np.array([d is not None and d >= edge for d in day], dtype=bool)
    party_ = graph.positions("events", "party_id")
    hit = np.isin(graph.texts("events", "kind").astype(str), bad) & recent & (party_ >= 0)
    found[party_[hit]] = "watch"
    found[status == "defaulted"] = "default"
    return found


def _tenure(graph: RiskGraph) -> Names:
    since = graph.texts("parties", "client_since_on")
    years = np.array([np.nan if d is None else (graph.as_of - d).days / 365.25 for d in since], dtype=np.float64)
    party_, months = graph.positions("relationship", "party_id"), graph.floats("relationship", "tenure_months")
    known = np.flatnonzero((party_ >= 0) & ~np.isnan(months))
    years[party_[known]] = months[known] / 12.0  # rows run by party, then day
    found = np.full(graph.size, "old", dtype=object)
    found[years < 8.0] = "settled"
    found[years < 2.0] = "new"
    found[np.isnan(years)] = "unknown"
    return found


def _scores(graph: RiskGraph, who: Positions, profile: Result) -> tuple[Floats, Floats]:
    """Return the dimensions (k, 6) and the total (k,) of the clients, NaN where not scored."""
    place = np.full(graph.size, -1, dtype=np.int64)
    place[who] = np.arange(len(who))
    scores, total = np.full((len(who), len(DIMENSIONS)), np.nan), np.full(len(who), np.nan)
    rows = profile.dimensions
    at = place[graph.locate("parties", rows["party_id"].tolist())] if len(rows) else np.zeros(0, dtype=np.int64)
    column = np.array([DIMENSIONS.index(name) for name in rows["dimension"]], dtype=np.int64)
    inside = at >= 0
    scores[at[inside], column[inside]] = rows["score"].to_numpy(dtype=np.float64)[inside]
    sums = profile.parties
    at = place[graph.locate("parties", sums["party_id"].tolist())] if len(sums) else np.zeros(0, dtype=np.int64)
    total[at[at >= 0]] = sums["score"].to_numpy(dtype=np.float64)[at >= 0]
    return scores, total


def _clusters(scores: Floats, params: Params, notes: list[Note]) -> tuple[Names, Floats, float]:
    """Return the cluster of each client (k,), the centres (c, 6), and the part of the spread that they explain.

    A client with less than half of the dimensions has none; a dimension that it lacks stands at the median of others.
    """
    named = np.full(len(scores), None, dtype=object)
    known = ~np.isnan(scores)
    usable = known.sum(axis=1) * 2 >= scores.shape[1]
    if int((~usable).sum()):
        many = int((~usable).sum())
        notes.append(
            Note(
                "clients_without_cluster",
                f"{many:,} clients have less than half of the dimensions scored and are in no cluster",
                f"{many:,} 户不足一半维度有评分，不归入任何聚类",
            )
        )
    points = scores[usable]
    if not len(points):
        return named, np.zeros((0, scores.shape[1])), 0.0
    has = ~np.isnan(points).all(axis=0)
    middle = np.where(has, 50.0, 50.0)
    middle[has] = np.nanmedian(points[:, has], axis=0)
    filled = np.where(np.isnan(points), middle, points)
    distinct = np.unique(filled, axis=0)
    count = min(params.clusters, len(distinct))
    if count < params.clusters:
        notes.append(
            Note(
                "fewer_clusters",
                f"there are {count:,} different profiles, so that many clusters at most",
                f"不同的画像只有 {count:,} 种，聚类数以此为限",
            )
        )
    inside, centres, label = _partition(filled, count, params.seed)
    order = np.lexsort((*centres.T[::-1], centres.mean(axis=1)))
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    named[usable] = [f"K{k + 1}" for k in rank[label].tolist()]
    whole_spread = float(((filled - filled.mean(axis=0)) ** 2).sum())
    explained = 1.0 - inside / whole_spread if whole_spread > 0.0 else 1.0
    return named, centres[order], explained


def _partition(points: Floats, count: int, seed: int) -> tuple[float, Floats, Positions]:
    """Return the best of eight runs of k-means: squared distances inside, centres (count, d), cluster of each point."""
    label: Positions = np.unique(points, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64) % count
    centres = np.stack([points[label == k].mean(axis=0) for k in range(count)])
    best = float(((points - centres[label]) ** 2).sum()), centres, label
    for attempt in range(8 if count > 1 else 0):
        dice = np.random.default_rng([seed, attempt])
        try:
            centres, label = _settled(points, count, dice)
        except ClusterError:  # a cluster ran empty: another start may do better
            continue
        inside = float(((points - centres[label]) ** 2).sum())
        if len(np.unique(label)) == count and inside < best[0] - 1e-9:
            best = inside, centres, label
    return best


def _settled(points: Floats, count: int, dice: np.random.Generator) -> tuple[Floats, Positions]:
    """Return centres and the cluster of each point after k-means has come to rest, or a hundred rounds.

    Raises ClusterError where a cluster runs empty.
    """
    centres, label = kmeans2(points, count, iter=1, minit="++", rng=dice, missing="raise")
    for _ in range(99):
        before = label
        centres, label = kmeans2(points, centres, iter=1, minit="matrix", missing="raise")
        if np.array_equal(before, label):
            break
    return np.asarray(centres, dtype=np.float64), np.asarray(label, dtype=np.int64)


def _summary(kinds: dict[str, Names], ead: Floats, down: Any, pd_: Floats, total: Floats) -> pd.DataFrame:
    everything = float(ead.sum())
    rows = []
    for kind, names in kinds.items():
        mine = []
        for name in sorted({n for n in names.tolist() if n is not None}):
            at = names == name
            owed = float(ead[at].sum())
            part = owed / everything if everything else 0.0
            mine.append((kind, name, int(at.sum()), owed, part, int(down[at].sum()), _mean(pd_[at]), _mean(total[at])))
        rows += sorted(mine, key=lambda row: (-row[3], row[1]))
    return score_frame(SUMMARY, {n: [row[k] for row in rows] for k, n in enumerate(SUMMARY.names)})


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _centre_rows(cluster: Names, centres: Floats) -> pd.DataFrame:
    names = [f"K{k + 1}" for k in range(len(centres))]
    columns: dict[str, Any] = {"cluster": names, "parties": [int((cluster == name).sum()) for name in names]}
    return score_frame(CENTRES, columns | {name: centres[:, k] for k, name in enumerate(DIMENSIONS)})


def _cross(kinds: dict[str, Names], ead: Floats, down: Any) -> pd.DataFrame:
    rows = []
    fallen = np.asarray(down, dtype=np.float64)
    for a, b in (("rule", "cluster"), ("rule", "community"), ("cluster", "community")):
        both = np.array([x is not None and y is not None for x, y in zip(kinds[a], kinds[b], strict=True)], dtype=bool)
        names_a, at_a = np.unique(kinds[a][both].astype(str), return_inverse=True)
        names_b, at_b = np.unique(kinds[b][both].astype(str), return_inverse=True)
        pairs, place = np.unique(at_a * max(len(names_b), 1) + at_b, return_inverse=True)
        many, defaults = count_by(place, len(pairs)), sum_by(place, fallen[both], len(pairs))
        owed = sum_by(place, ead[both], len(pairs))
        size_a, size_b = count_by(at_a, len(names_a)), count_by(at_b, len(names_b))
        first, second = pairs // max(len(names_b), 1), pairs % max(len(names_b), 1)
        lift = many * both.sum() / (size_a[first] * size_b[second]) if len(pairs) else many
        columns = (names_a[first], names_b[second], many, owed, defaults.astype(np.int64), lift)
        mine = [
            (a, one, b, other, *numbers)
            for one, other, *numbers in zip(*(column.tolist() for column in columns), strict=True)
        ]
        rows += sorted(mine, key=lambda row: (-row[4], row[1], row[3]))
    return score_frame(CROSS, {n: [row[k] for row in rows] for k, n in enumerate(CROSS.names)})
