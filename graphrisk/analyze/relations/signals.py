"""Which risk signals come together, how much more often than by chance, and which comes first.

Lift and support of pairs as in R. Agrawal, T. Imielinski, A. Swami, "Mining association rules between sets of items in
large databases", SIGMOD 1993, for items that have days. A basket is a client, or a pair of related clients.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.relations.tables import SIGNALS
from graphrisk.analyze.tables import score_frame
from graphrisk.graph.riskgraph import RiskGraph, rows_that_say
from graphrisk.kernels.ownership.stakes import Bools

Seen = Mapping[str, Mapping[int, date | None]]
"""For each signal the parties that showed it, with the first day; None where the day is not known."""
FULL = 0.95
"""Utilisation of a limit from which a line is as good as drawn: our choice."""


def signals_of(graph: RiskGraph) -> Seen:
    """Return the risk signals in the data up to the as-of day: events, monthly behaviour, standing.

    Names: events by their kind; `arrears` (days past due above 0), `overdraft`, `limit_full` of the monthly behaviour;
    `watch` of the standing, which has no day. An event counts from the day on which it happened.
    """
    seen: dict[str, dict[int, date | None]] = defaultdict(dict)

    def note(signal: str, party: int, day: date | None) -> None:
        if party < 0 or (day is not None and day > graph.as_of):
            return
        held = seen[signal]
        before = held.get(party)
        if party not in held or (day is not None and (before is None or day < before)):
            held[party] = day

    kinds = graph.texts("events", "kind").tolist()
    days = graph.tables.column("events", "occurred_on").to_pylist()
    for party, kind, day in zip(graph.positions("events", "party_id").tolist(), kinds, days, strict=True):
        if kind is not None:
            note(str(kind), party, day)
    months = graph.tables.column("behaviour", "month_on").to_pylist()
    who = graph.positions("behaviour", "party_id").tolist()
    for signal, column, above in (
        ("arrears", "days_past_due", 0.0),
        ("overdraft", "overdraft_days", 0.0),
        ("limit_full", "limit_utilisation", FULL),
    ):
        values = graph.floats("behaviour", column)
        for at in np.flatnonzero(values > above).tolist():
            note(signal, who[at], months[at])
    for party in np.flatnonzero(rows_that_say(graph, "parties", "status", "watch")).tolist():
        note("watch", party, None)
    return {signal: seen[signal] for signal in sorted(seen)}


def signal_rows(
    seen: Seen, clients: Bools, related: Iterable[tuple[int, int]], *, fewest: int
) -> tuple[pd.DataFrame, int]:
    """Return the table of signals that come together `fewest` times or more, and how many clients were looked at."""
    baskets = np.flatnonzero(clients).tolist()
    among = set(baskets)
    told = {signal: {party: day for party, day in found.items() if party in among} for signal, found in seen.items()}
    names = [signal for signal, found in told.items() if found]
    rows: list[dict[str, Any]] = []
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            together = sorted(told[one].keys() & told[other].keys())
            leads = [_days(told[one][party], told[other][party]) for party in together]
            chance = len(told[one]) * len(told[other]) / max(len(baskets), 1) ** 2
            rows += _row("client", one, other, leads, len(baskets), told, fewest, chance)
    rows += _across(told, names, clients, related, fewest)
    rows.sort(key=lambda r: (-r["lift"], -r["together"], r["signal_a"], r["signal_b"], r["scope"]))
    return score_frame(SIGNALS, {name: [row[name] for row in rows] for name in SIGNALS.names}), len(baskets)


def _across(
    told: Seen, names: list[str], clients: Bools, related: Iterable[tuple[int, int]], fewest: int
) -> list[dict[str, Any]]:
    """Return the rows of signals at the two ends of related clients."""
    pairs = sorted({(a, b) for a, b in related if clients[a] and clients[b]})
    if not pairs:
        return []
    one_end, other_end = np.array(pairs, dtype=np.int64).T
    source, target = np.concatenate([one_end, other_end]), np.concatenate([other_end, one_end])
    shows = {}
    for name in names:
        shows[name] = np.zeros(len(clients), dtype=bool)
        shows[name][list(told[name])] = True
    rows: list[dict[str, Any]] = []
    for k, one in enumerate(names):
        for other in names[k:]:
            hits: dict[tuple[int, int], list[float]] = defaultdict(list)
            for at in np.flatnonzero(shows[one][source] & shows[other][target]).tolist():
                a, b = int(source[at]), int(target[at])
                hits[min(a, b), max(a, b)].append(_days(told[one][a], told[other][b]))
            best = [min(found, key=lambda lead: (np.isnan(lead), abs(lead))) for _, found in sorted(hits.items())]
            if one == other:
                best = [abs(lead) for lead in best]
            p, q = shows[one][source].mean(), shows[other][source].mean()
            chance = p * p if one == other else 1.0 - (1.0 - p * q) ** 2
            rows += _row("related", one, other, best, len(pairs), told, fewest, float(chance))
    return rows


def _days(first: date | None, second: date | None) -> float:
    """Return the days from the first to the second; NaN where one is not known."""
    return float("nan") if first is None or second is None else float((second - first).days)


def _row(
    scope: str,
    one: str,
    other: str,
    leads: list[float],
    baskets: int,
    told: Seen,
    fewest: int,
    chance: float,
) -> list[dict[str, Any]]:
    together = len(leads)
    if together < fewest or not baskets:
        return []
    known = [lead for lead in leads if not np.isnan(lead)]
    ahead, behind = sum(lead > 0 for lead in known), sum(lead < 0 for lead in known)
    turn = behind > ahead
    first, second = (other, one) if turn else (one, other)
    return [
        {
            "signal_a": first,
            "signal_b": second,
            "scope": scope,
            "lift": together / baskets / chance,
            "support": together / baskets,
            "before": (behind if turn else ahead) / len(known) if known else float("nan"),
            "together": together,
            "days": float(np.median([-lead if turn else lead for lead in known])) if known else float("nan"),
            "parties_a": len(told[first]),
            "parties_b": len(told[second]),
        }
    ]
