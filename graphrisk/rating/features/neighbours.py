"""What happened to a client's neighbours: their defaults, suits and arrears, as known on the day.

The share of defaulted neighbours is drawn to 0 by five neighbours (alpha = 5), so that one bad neighbour of one is no
certainty; the number is given beside it. (Drawn to the book's rate instead it would tell, of the many who have no
defaulted neighbour, how many neighbours they have.) Source of both: Oskarsdottir and Bravo, "Multilayer network
analysis for improved credit risk prediction", Omega 105 (2021): more risk with defaulted neighbours, less in larger
neighbourhoods.

Whose neighbour is in default by now may have to pay for it: what is called of a guarantor, and what a claim loses, is
set against its net assets. A default of the last quarter is news, an older one has mostly been borne already.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.rating.features.days import YEAR_DAYS
from graphrisk.rating.features.events import DEFAULT, counted
from graphrisk.rating.features.structure import calls_on, neighbours_of, over

ALPHA = 5.0
QUARTER_DAYS = 92.0
_EVER = 1e9
_OF_DEBTORS = ("days_past_due_12m", "utilisation_now", "utilisation_trend", "overdraft_days_12m", "inflow_trend")
_LOOKED_AT = ("debt_to_assets", "net_margin", "ocf_to_debt", "interest_cover", "days_past_due_12m", "utilisation_now",
              "inflow_trend", "lawsuit_12m", "log_assets")  # fmt: skip


def columns(graph: RiskGraph) -> dict[str, Any]:
    """Return neighbours, their defaults (number, share, of the last quarter), what those call for and take of a party's
    net assets, their suits and arrears of the last year."""
    n = graph.size
    a, b = neighbours_of(graph)
    fallen = counted(graph, DEFAULT, _EVER) > 0.0 if graph.rows("events") else np.zeros(n, dtype=bool)
    many = np.bincount(a, minlength=n).astype(np.float64)
    down = np.bincount(a, fallen[b].astype(np.float64), minlength=n)
    found: dict[str, Any] = {
        "neighbours": many,
        "neighbours_defaulted": down,
        "neighbours_defaulted_share": down / (many + ALPHA),
    }
    recent = counted(graph, DEFAULT, QUARTER_DAYS) > 0.0 if graph.rows("events") else fallen
    found["neighbours_defaulted_quarter"] = np.bincount(a, recent[b].astype(np.float64), minlength=n)
    found |= _borne(graph, fallen)
    for kind in ("lawsuit", "arrears"):
        events = counted(graph, kind, YEAR_DAYS) if graph.rows("events") else np.full(n, np.nan)
        found[f"neighbours_{kind}_12m"] = np.bincount(a, events[b], minlength=n)
    return found


def _borne(graph: RiskGraph, fallen: NDArray[np.bool_]) -> dict[str, Any]:
    """Return what the debtors in default ask of a party: calls and lost claims over its net assets, and for how many of
    them a call alone takes all of these."""
    n, equity = graph.size, graph.latest("equity")
    giver, debtor, call = calls_on(graph)
    due = fallen[debtor]
    creditor, owing = graph.ends("exposures")
    lost = graph.floats("exposures", "amount")
    fine = (creditor >= 0) & (owing >= 0) & (creditor != owing) & ~np.isnan(lost)
    fine[fine] = fallen[owing[fine]]
    ruined = np.bincount(giver[due & (call > equity[giver])], minlength=n).astype(np.float64)
    return {
        "calls_due_to_equity": over(np.bincount(giver[due], call[due], minlength=n).astype(np.float64), equity),
        "calls_due_beyond_equity": np.where(np.isnan(equity), np.nan, ruined),
        "claims_lost_to_equity": over(np.bincount(creditor[fine], lost[fine], minlength=n).astype(np.float64), equity),
    }


def means(graph: RiskGraph, own: dict[str, Any]) -> dict[str, Any]:
    """Return the mean of some columns over each party's neighbours: one step of a graph convolution (SGC).

    Of those for whom a party stands as guarantor, whose default it would have to pay, also the highest.
    """
    a, b = neighbours_of(graph)
    found = {f"neighbours_{name}": _mean(own[name], a, b, graph.size) for name in _LOOKED_AT if name in own}
    giver, debtor = graph.ends("guarantees")
    fine = (giver >= 0) & (debtor >= 0) & (giver != debtor)
    giver, debtor = giver[fine], debtor[fine]
    for name in (one for one in _OF_DEBTORS if one in own):
        worst = -own[name] if name == "inflow_trend" else own[name]
        found[f"guaranteed_{name}"] = _highest(worst, giver, debtor, graph.size)
    return found


def _highest(values: Floats, a: Positions, b: Positions, n: int) -> Floats:
    known = ~np.isnan(values[b])
    found = np.full(n, -np.inf)
    np.maximum.at(found, a[known], values[b[known]])
    return np.where(np.isfinite(found), found, np.nan)


def _mean(values: Floats, a: Positions, b: Positions, n: int) -> Floats:
    known = ~np.isnan(values[b])
    many = np.bincount(a[known], minlength=n)
    total = np.bincount(a[known], values[b][known], minlength=n)
    return np.asarray(np.divide(total, many, out=np.full(n, np.nan), where=many > 0))
