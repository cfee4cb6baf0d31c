"""The analyzer: what clients and groups owe us against the lines of a regime, and our own related parties."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.limits.related import related_rows
from graphrisk.analyze.limits.saying import headline, said_of
from graphrisk.analyze.limits.tables import MEMBERS, RELATED, TABLES, USE
from graphrisk.analyze.limits.use import member_rows, use_rows
from graphrisk.credit.exposure_values import Owed, our_exposures, owed_by_each
from graphrisk.credit.limit_use import Capital, Subjects, capital_of, client_kinds, group_subjects, legal_line
from graphrisk.credit.our_bank import our_bank
from graphrisk.graph.references import positions_of
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress
from graphrisk.regimes.exposure_rule import ExposureRule, find_exposure_regime
from graphrisk.standing.connected import Connected, connected, links_of, memberships
from graphrisk.standing.proportion import around_large_ones

VERSION = 3
__all__ = ["TABLES", "VERSION", "Params", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `limits`."""

    regime: str = param("basel", "the regime: basel, crr, cn, or one of your own")
    tier1: float | None = param(None, "our Tier 1 capital in base currency; null = capital.tier1", low=0.0)
    net_capital: float | None = param(None, "our net capital in base currency; null = capital.net_capital", low=0.0)
    internal_single: float | None = param(
        None, "our own line for a client, a fraction of the capital; null = capital.internal_single", low=0.0, high=1.0
    )
    internal_group: float | None = param(
        None, "our own line for a group, a fraction of the capital; null = capital.internal_group", low=0.0, high=1.0
    )
    related: tuple[str, ...] = param((), "ids of our own related parties, beside those tied to the bank")
    gsib: tuple[str, ...] = param((), "ids of global systemically important banks, where we are one, too")
    state: tuple[str, ...] = param((), "ids of states, as for groups; beside groups.state")
    proportionate: bool = param(
        False, "groups: true: derived dependencies count only around clients that owe us more than check_above"
    )
    regimes_in: str | None = param(None, "folder of regimes of your own; null = those shipped")


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the use of limits in `graph` under a regime."""
    refuse_inputs("limits", inputs)
    regime = find_exposure_regime(params.regime, None if params.regimes_in is None else Path(params.regimes_in))
    rule, applies = regime.on(graph.as_of)
    capital = capital_of(graph, params)
    progress("measuring limits")
    states = positions_of(graph, (*params.state, *json.loads(graph.settings.get("groups.state") or "[]")), "state")
    links = links_of(graph, rule)
    if params.proportionate and capital.tier1 == capital.tier1:
        links = around_large_ones(graph, links, rule.check_above * capital.tier1)
    found = connected(graph, rule, states=states, links=links)
    ours = our_exposures(graph)
    owed = owed_by_each(ours)
    parties, outside = _parties(graph, found, owed, client_kinds(graph, positions_of(graph, params.gsib, "gsib")))
    groups = group_subjects(graph, ours, found.ids, *memberships(found.groups))
    use = use_rows((parties, groups), rule, capital)
    listed = positions_of(graph, params.related, "related")
    related, notes = related_rows(graph, found, ours, rule, capital, listed)
    frames: dict[str, pd.DataFrame] = {
        USE.name: use,
        RELATED.name: related,
        MEMBERS.name: member_rows(graph, found, owed),
    }
    certificate: dict[str, Any] = {
        "converged": True,
        "regime": regime.name,
        "title": regime.title,
        "version": rule.name,
        "valid_from": rule.valid_from.isoformat(),
        "applies": applies,
        "tier1": capital.tier1,
        "net_capital": capital.net_capital,
        "lines": _lines(rule, capital),
        "sources": list(rule.sources),
        "reading": rule.reading,
        "reading_zh": rule.reading_zh,
    }
    certificate["headline"] = headline(graph, found, frames, rule)
    notes += said_of(graph, rule, capital, certificate, outside)
    return make_result(
        "limits", VERSION, graph, params, tables=frames, certificate=certificate, notes=tuple(dict.fromkeys(notes))
    )


def _parties(graph: RiskGraph, found: Connected, owed: Owed, kind: np.ndarray) -> tuple[Subjects, int]:
    """Return all who owe us, and clients that guarantee to us; and how many of them are said to be no clients."""
    mine = (owed.exposure > 0.0) | (found.clients & (owed.indirect > 0.0))
    ourselves = our_bank(graph).party
    if ourselves >= 0:
        mine[ourselves] = False  # what our bank owes itself is no exposure
    at = np.flatnonzero(mine)
    part = type(owed)(**{name: getattr(owed, name)[at] for name in ("exposure", "loan", "mitigation", "indirect")})
    ids = [str(one) for one in graph.party_ids[at]]
    return Subjects(what="client", ids=ids, kind=kind[at], owed=part), int((mine & ~found.clients).sum())


def _lines(rule: ExposureRule, capital: Capital) -> list[dict[str, Any]]:
    """Return each line in money, with the amounts from which an exposure is large and must be looked into."""
    return [
        *(
            {
                "subjects": list(line.subjects),
                "kinds": list(line.kinds),
                "measure": line.measure,
                "of": line.of,
                "limit": legal_line(line, capital),
                "amount": legal_line(line, capital) * capital.amount(line.of),
                "legal_basis": line.legal,
            }
            for line in rule.lines
        ),
        {"measure": "large_exposure", "of": "tier1", "limit": rule.large, "amount": rule.large * capital.tier1},
        {"measure": "dependency_check", "of": "tier1", "limit": rule.check_above,
         "amount": rule.check_above * capital.tier1},
    ]  # fmt: skip
