"""Checks of what secures the loans."""

from __future__ import annotations

import numpy as np

from graphrisk.analyze.quality.check import Check, Found, Mask, Scope
from graphrisk.graph.riskgraph import Floats, Positions
from graphrisk.kernels.arrays.sums import count_by, sum_by


def pledged_by_asset(scope: Scope) -> tuple[Floats, Positions, Positions]:
    """Return for each asset what is claimed of it, by how many facilities, and of how many borrowers.

    A claim is the allocated amount; where none is stated, the facility's due, but at most the asset's value, so that
    one loan larger than its security is no double pledge.
    """
    graph = scope.graph
    facility, asset = graph.positions("pledges", "facility_id"), graph.positions("pledges", "collateral_id")
    linked = (facility >= 0) & (asset >= 0)
    facility, asset = facility[linked], asset[linked]
    value = np.nan_to_num(graph.floats("collateral", "value"))
    stated = graph.floats("pledges", "allocated_amount")[linked]
    claim = np.where(np.isnan(stated), np.minimum(scope.due_by_facility[facility], value[asset]), stated)
    count = graph.rows("collateral")
    total = sum_by(asset, claim, count)
    size = max(graph.rows("facilities"), graph.size, 1) + 1
    several = []
    for member in (facility, graph.positions("facilities", "borrower_id")[facility] + 1):
        pairs = np.unique(asset * np.int64(size) + member)
        several.append(count_by(pairs // size, count))
    return total, several[0], several[1]


def _assets(scope: Scope, which: Mask, size: Floats, looked_at: int) -> Found:
    """Return assets, with the facilities that they secure as what is affected."""
    graph = scope.graph
    at = np.flatnonzero(which)
    facility, asset = graph.positions("pledges", "facility_id"), graph.positions("pledges", "collateral_id")
    secured = facility[(asset >= 0) & which[asset]] if len(which) else facility[:0]
    names = graph.texts("collateral", "collateral_id")[at]
    return Found(names=names, looked_at=looked_at, facilities=secured, size=size[at])


def _pledged(scope: Scope) -> Mask:
    asset = scope.graph.positions("pledges", "collateral_id")
    found = np.zeros(scope.graph.rows("collateral"), dtype=bool)
    found[asset[asset >= 0]] = True
    return found


def over_pledged(scope: Scope) -> Found:
    claimed, _, _ = pledged_by_asset(scope)
    value = np.nan_to_num(scope.graph.floats("collateral", "value"))
    over = claimed > value * (1.0 + scope.params.amount_tolerance)
    return _assets(scope, over, claimed - value, int(_pledged(scope).sum()))


def several_borrowers(scope: Scope) -> Found:
    claimed, _, borrowers = pledged_by_asset(scope)
    return _assets(scope, borrowers > 1, claimed, int(_pledged(scope).sum()))


def not_the_owner(scope: Scope) -> Found:
    graph = scope.graph
    facility, asset = graph.positions("pledges", "facility_id"), graph.positions("pledges", "collateral_id")
    linked = (facility >= 0) & (asset >= 0)
    owner = np.full(len(asset), -1, dtype=np.int64)
    owner[linked] = graph.positions("collateral", "owner_id")[asset[linked]]
    other = linked & (owner >= 0)
    other[other] = graph.positions("facilities", "borrower_id")[facility[other]] != owner[other]
    found = scope.found_rows("pledges", other)
    return Found(names=found.names, looked_at=found.looked_at, facilities=facility[other])


def owner_unknown(scope: Scope) -> Found:
    unknown = _pledged(scope) & (scope.graph.positions("collateral", "owner_id") < 0)
    value = scope.graph.floats("collateral", "value")
    return _assets(scope, unknown, value, int(_pledged(scope).sum()))


def old_appraisals(scope: Scope) -> Found:
    age = scope.days("collateral", "valued_on")
    old = _pledged(scope) & (age > scope.params.appraisal_days)
    return _assets(scope, old, scope.graph.floats("collateral", "value"), int(_pledged(scope).sum()))


def undated_appraisals(scope: Scope) -> Found:
    undated = _pledged(scope) & np.isnan(scope.days("collateral", "valued_on"))
    return _assets(scope, undated, scope.graph.floats("collateral", "value"), int(_pledged(scope).sum()))


def future_appraisals(scope: Scope) -> Found:
    later = scope.days("collateral", "valued_on") < 0
    return _assets(scope, later, scope.graph.floats("collateral", "value"), scope.graph.rows("collateral"))


CHECKS = (
    Check(
        name="pledged_beyond_value",
        severity="high",
        table="pledges",
        one="asset is pledged for more than its value",
        many="assets are pledged for more than their value",
        action="See quality_collateral; settle ranks and amounts, and count each asset once.",
        find=over_pledged,
    ),
    Check(
        name="asset_of_several_borrowers",
        severity="medium",
        table="pledges",
        one="asset secures loans of more than one borrower",
        many="assets secure loans of more than one borrower",
        action="Treat these borrowers together: one fall in price, or one sale, hits all their loans.",
        find=several_borrowers,
    ),
    Check(
        name="pledge_by_non_owner",
        severity="low",
        table="pledges",
        one="pledge is of an asset that another party than the borrower owns",
        many="pledges are of assets that another party than the borrower owns",
        action="Confirm the owner's consent; the owner loses if the borrower fails.",
        find=not_the_owner,
    ),
    Check(
        name="asset_owner_unknown",
        severity="medium",
        table="collateral",
        one="pledged asset has no known owner",
        many="pledged assets have no known owner",
        action="Find the owner in the register before counting on the asset.",
        find=owner_unknown,
    ),
    Check(
        name="old_appraisals",
        severity="medium",
        table="collateral",
        one="pledged asset was appraised too long ago",
        many="pledged assets were appraised too long ago",
        action="Have it appraised again (parameter appraisal_days says what is too long).",
        find=old_appraisals,
    ),
    Check(
        name="undated_appraisals",
        severity="low",
        table="collateral",
        one="pledged asset has a value without a day of appraisal",
        many="pledged assets have a value without a day of appraisal",
        action="Enter valued_on, so that its age can be seen.",
        find=undated_appraisals,
    ),
    Check(
        name="future_appraisals",
        severity="medium",
        table="collateral",
        one="asset has an appraisal dated after the as-of date",
        many="assets have an appraisal dated after the as-of date",
        action="Correct valued_on, or choose a later as-of date.",
        find=future_appraisals,
    ),
)
