"""The rows on which `validate` tries whether the network helps: clients of past days, what was known then, what came.

Two horizons. A year is the horizon of a PD; but what a neighbour's default brings comes within months (a call falls
due, a claim is lost), so that most of what a year holds has its cause after the day. Where snapshots stand a quarter
apart clients are therefore also looked at every quarter, with the defaults of the three months after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from graphrisk.rating.network_help import Ablation
    from graphrisk.ratings.snapshots import Observed, Seen
    from graphrisk.stores.base import SnapshotInfo

QUARTER, YEAR = 3, 12
LEAST_QUARTERS = 4


def observed_quarters(held: Sequence[SnapshotInfo], until: date, as_of: date | None) -> list[Observed]:
    """Return days of snapshots a quarter apart at least, the latest first, each with a known quarter of outcomes.

    Up to `as_of`, where it is given. Fewer than four are none: they would tell less than days a year apart.
    """
    from graphrisk.rating.features.days import months_later
    from graphrisk.ratings.snapshots import Observed

    by_day = {info.as_of: info.id for info in held if as_of is None or info.as_of <= as_of}
    found: list[Observed] = []
    for day in sorted(by_day, reverse=True):
        if months_later(day, QUARTER) <= (found[-1].day if found else until):
            found.append(Observed(day=day, snapshot=by_day[day], rebuilt=False))
    return found if len(found) >= LEAST_QUARTERS else []


def ablation_of(seen: Sequence[Seen], months: int = YEAR) -> Ablation:
    """Return the rows of the days seen, with the columns of each step, outcomes within `months`, and communities.

    Communities are those of all days' relations together, so that a client lies in one on every day.
    """
    from graphrisk.rating.features import feature_columns, neighbours
    from graphrisk.rating.features.structure import neighbours_of
    from graphrisk.rating.network_help import STEPS, Ablation
    from graphrisk.ratings.snapshots import at_risk

    parts: dict[str, list[dict[str, Any]]] = {step: [] for step in STEPS}
    bad, ids, days, pairs = [], [], [], []
    for one in seen:
        graph = one.graph
        at, outcome = at_risk(one, months)
        own = feature_columns(graph, "own")
        whole: dict[str, Any] = {}
        more = (
            own,
            feature_columns(graph, "structure"),
            feature_columns(graph, "neighbour_defaults"),
            neighbours.means(graph, own),
        )
        for step, columns in zip(STEPS, more, strict=True):
            whole = {**whole, **columns}
            parts[step].append({name: values[at] for name, values in whole.items()})
        pairs.append(tuple(graph.party_ids[side] for side in neighbours_of(graph)))
        bad.append(outcome)
        ids.append(graph.party_ids[at])
        days += [one.observed.day] * len(at)
    columns = {
        step: {name: np.concatenate([part[name] for part in made]) for name in made[0]} for step, made in parts.items()
    }
    whose = np.concatenate(ids).astype(str)
    return Ablation(
        columns=columns, bad=np.concatenate(bad), clients=np.unique(whose, return_inverse=True)[1],
        communities=_communities(whose, pairs), days=days, months=months,
    )  # fmt: skip


def _communities(whose: Any, pairs: Sequence[tuple[Any, ...]]) -> Any:
    """Return the community of each row: `whose` (n,) ids, `pairs` of ids joined, a day each."""
    from graphrisk.kernels.network.community import communities

    a, b = (np.concatenate([pair[side] for pair in pairs]).astype(str) for side in (0, 1))
    names, place = np.unique(np.concatenate([whose, a, b]), return_inverse=True)
    n, at = len(names), place[: len(whose)]
    one, other = place[len(whose) : len(whose) + len(a)], place[len(whose) + len(a) :]
    key = np.unique(one * n + other)
    label = communities(n, key // n, key % n, np.ones(len(key)))
    return np.unique(label[at], return_inverse=True)[1]
