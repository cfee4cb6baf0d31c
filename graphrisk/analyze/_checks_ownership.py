"""Checks of who owns whom."""

from __future__ import annotations

import numpy as np

from graphrisk.analyze._checks import Check, Found, Scope, known
from graphrisk.graph.riskgraph import Floats, Positions
from graphrisk.kernels.sums import sum_by


def shares_by_owned(scope: Scope, column: str) -> tuple[Positions, Floats]:
    """Return the parties owned and the sum of a column of shares over their owners (null = 0)."""
    graph = scope.graph
    owned = graph.positions("ownership", "owned_id")
    share = np.nan_to_num(graph.floats("ownership", column))
    parties = np.unique(known(owned))
    return parties, sum_by(owned, share, graph.size)[parties]


def oversubscribed(scope: Scope, column: str = "share_min") -> Found:
    parties, total = shares_by_owned(scope, column)
    over = total > 1.0 + scope.params.share_tolerance
    return Found(
        names=scope.graph.party_ids[parties[over]],
        looked_at=len(parties),
        parties=parties[over],
        size=total[over],
    )


def oversubscribed_votes(scope: Scope) -> Found:
    return oversubscribed(scope, "votes_min")


def self_holdings(scope: Scope) -> Found:
    owner, owned = scope.graph.ends("ownership")
    return scope.found_rows("ownership", (owner == owned) & (owner >= 0), parties=owned)


def reversed_bounds(scope: Scope) -> Found:
    graph = scope.graph
    wrong = (graph.floats("ownership", "share_min") > graph.floats("ownership", "share_max")) | (
        graph.floats("ownership", "votes_min") > graph.floats("ownership", "votes_max")
    )
    return scope.found_rows("ownership", wrong, parties=graph.positions("ownership", "owned_id"))


def unknown_shares(scope: Scope) -> Found:
    graph = scope.graph
    low, high = graph.floats("ownership", "share_min"), graph.floats("ownership", "share_max")
    owned = graph.positions("ownership", "owned_id")
    return scope.found_rows("ownership", np.isnan(low) & np.isnan(high), parties=owned)


CHECKS = (
    Check(
        name="oversubscribed_shares",
        severity="high",
        table="ownership",
        one="party has owners whose known shares add up to more than 100 %",
        many="parties have owners whose known shares add up to more than 100 %",
        action="Look for the same holding reported twice, a holding that ended, or votes entered as capital.",
        find=oversubscribed,
    ),
    Check(
        name="oversubscribed_votes",
        severity="medium",
        table="ownership",
        one="party has owners whose known votes add up to more than 100 %",
        many="parties have owners whose known votes add up to more than 100 %",
        action="Look for the same votes reported twice, or at two levels of one chain.",
        find=oversubscribed_votes,
    ),
    Check(
        name="self_holdings",
        severity="medium",
        table="ownership",
        one="holding is of a party in itself",
        many="holdings are of a party in itself",
        action="Confirm treasury shares; they add no equity. Correct the owner where it is a slip.",
        find=self_holdings,
    ),
    Check(
        name="reversed_bounds",
        severity="high",
        table="ownership",
        one="holding has a lower bound above its upper bound",
        many="holdings have a lower bound above their upper bound",
        action="Correct share_min and share_max (or votes_min and votes_max).",
        find=reversed_bounds,
    ),
    Check(
        name="unknown_shares",
        severity="low",
        table="ownership",
        one="holding has no known share",
        many="holdings have no known share",
        action="Ask for the share; until then it counts as anything from nothing to the remainder.",
        find=unknown_shares,
    ),
)
