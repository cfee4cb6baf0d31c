"""The analyzer: groups under a regime of the day, of the whole book or around one party, also against another day."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result
from graphrisk.analyze.groups.beside import declared_rows, rebuttal_rows, sme_rows
from graphrisk.analyze.groups.changes import change_rows
from graphrisk.analyze.groups.rows import Evidence, dependency_rows, group_rows
from graphrisk.analyze.groups.saying import headline, said_of
from graphrisk.analyze.groups.tables import (
    CHANGES,
    DECLARED,
    DEPENDENCIES,
    GROUPS,
    MEMBERS,
    REBUTTALS,
    SME,
    SME_STATUS,
)
from graphrisk.analyze.tables import empty, texts
from graphrisk.credit.exposure_values import our_exposures
from graphrisk.credit.limit_use import tier1_of
from graphrisk.errors import UsageError
from graphrisk.graph.references import positions_of
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress
from graphrisk.regimes.exposure_rule import ExposureRegime, ExposureRule, find_exposure_regime
from graphrisk.standing.connected import Connected, connected, links_of
from graphrisk.standing.proportion import around_large_ones
from graphrisk.standing.recorded import CONNECTED, recorded_steps

VERSION = 3
AGAINST_SNAPSHOT = "before"
TABLES = (GROUPS, MEMBERS, DEPENDENCIES, REBUTTALS, DECLARED, CHANGES, SME, SME_STATUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `groups`."""

    regime: str = param("basel", "the regime: basel, crr, cn, or one of your own")
    party: str | None = param(None, "id of one party: the groups that hold it; null = the whole book")
    before: str | None = param(None, "an earlier day or the id of a snapshot: what changed since, and why")
    state: tuple[str, ...] = param((), "ids of states: one group for each entity under them; beside groups.state")
    dependency_threshold: float | None = param(
        None, "from which ratio on a dependency counts, as a fraction; null = the regime's", low=0.0
    )
    guarantee_threshold: float | None = param(
        None, "from which part of the guarantor's net assets on a guarantee counts; null = the regime's", low=0.0
    )
    proportionate: bool = param(
        False, "true: derived dependencies count only around clients that owe us more than the regime's check_above"
    )
    tier1: float | None = param(
        None, "our Tier 1 capital, which check_above is a part of; null = capital.tier1", low=0.0
    )
    exempt: tuple[str, ...] = param((), "ids of investors that are exempt for SME status up to 50 %, beside funds")
    regimes_in: str | None = param(None, "folder of regimes of your own; null = those shipped")


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the groups of connected clients in `graph` under a regime."""
    if not inputs.empty:
        raise UsageError("groups takes no shocks and no scenario", hint="graphrisk groups PARTY --regime crr")
    regime = find_exposure_regime(params.regime, None if params.regimes_in is None else Path(params.regimes_in))
    rule, applies = regime.on(graph.as_of)
    rule = _with_thresholds(rule, params)
    at = None if params.party is None else graph.position(params.party)
    states = positions_of(
        graph, (*params.state, *json.loads(graph.settings.get("groups.state") or "[]")), "groups.state"
    )
    exempt = np.zeros(graph.size, dtype=bool)
    exempt[positions_of(graph, params.exempt, "exempt")] = True
    progress("finding groups of connected clients")
    notes: list[str] = []
    above = _looked_into_above(graph, rule, params, notes)
    found = _connected(graph, rule, states, at, above)
    evidence = Evidence(graph, found)
    counted, status = sme_rows(graph, found, at, exempt, notes)
    groups, members = group_rows(graph, found, our_exposures(graph), evidence)
    if at is not None:
        links = recorded_steps(graph, [path[-2:] if len(path) > 1 else [] for path in members["path"]], CONNECTED)
        members["recorded_in"] = texts([link[0] if link else None for link in links])
    around = None if at is None else {at, *(one for group in found.groups for one in group.parents)}
    frames: dict[str, pd.DataFrame] = {
        GROUPS.name: groups,
        MEMBERS.name: members,
        DEPENDENCIES.name: dependency_rows(graph, found, around),
        REBUTTALS.name: rebuttal_rows(graph, found),
        DECLARED.name: declared_rows(graph, found, at),
        CHANGES.name: empty(CHANGES),
        SME.name: counted,
        SME_STATUS.name: status,
    }
    certificate: dict[str, Any] = {"converged": True, **stated(regime, rule, applies)}
    if inputs.before is not None:
        earlier = inputs.before
        past = _with_thresholds(regime.on(earlier.as_of)[0], params)
        then = _connected(earlier, past, _known(earlier, states, graph), _there(earlier, params.party), above)
        frames[CHANGES.name] = change_rows((earlier, then), (graph, found))
        certificate["against"] = {"as_of": earlier.as_of.isoformat(), "fingerprint": earlier.fingerprint}
    certificate["headline"] = headline(graph, frames, params.party, certificate)
    notes += said_of(graph, found, frames, rule, certificate)
    return make_result(
        "groups", VERSION, graph, params, tables=frames, certificate=certificate, notes=tuple(dict.fromkeys(notes))
    )


def stated(regime: ExposureRegime, rule: ExposureRule, applies: bool) -> dict[str, Any]:
    """Return what a certificate says of the regime."""
    return {
        "regime": regime.name,
        "title": regime.title,
        "version": rule.name,
        "valid_from": rule.valid_from.isoformat(),
        "valid_to": None if rule.valid_to is None else rule.valid_to.isoformat(),
        "applies": applies,
        "dependency_threshold": rule.dependency_threshold,
        "guarantee_threshold": rule.guarantee_threshold,
        "sources": list(rule.sources),
        "reading": rule.reading,
        "reading_zh": rule.reading_zh,
    }


def _with_thresholds(rule: ExposureRule, params: Params) -> ExposureRule:
    given = {name: getattr(params, name) for name in ("dependency_threshold", "guarantee_threshold")}
    return dataclasses.replace(rule, **{name: value for name, value in given.items() if value is not None})


def _looked_into_above(graph: RiskGraph, rule: ExposureRule, params: Params, notes: list[str]) -> float | None:
    """Return the exposure above which dependencies are derived; None: whatever the exposure."""
    if not params.proportionate:
        return None
    tier1 = tier1_of(graph, params)
    if tier1 is None:
        notes.append(
            Note(
                "proportion_unknown",
                "Our Tier 1 capital is not known, so dependencies are derived whatever the exposure: set tier1 under "
                "[capital] in graphrisk.toml, or --set tier1=AMOUNT.",
                "一级资本净额未知，经济依存关系不按比例豁免：请设置 [capital] tier1 或 --set tier1=金额。",
                severity="warning",
            )
        )
        return None
    return rule.check_above * tier1


def _connected(
    graph: RiskGraph, rule: ExposureRule, states: Sequence[int], at: int | None, above: float | None
) -> Connected:
    touching = None if at is None else np.array([at] if at >= 0 else [], dtype=np.int64)
    links = None if above is None else around_large_ones(graph, links_of(graph, rule), above)
    return connected(graph, rule, states=states, touching=touching, links=links)


def _known(earlier: RiskGraph, states: Sequence[int], graph: RiskGraph) -> list[int]:
    found = earlier.locate("parties", [str(graph.party_ids[one]) for one in states])
    return [int(one) for one in found if one >= 0]


def _there(earlier: RiskGraph, party: str | None) -> int | None:
    return None if party is None else int(earlier.locate("parties", [party])[0])
