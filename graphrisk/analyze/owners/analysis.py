"""The analyzer: a regime of a day on a party, on the whole book, against another regime, or on a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.owners.changes import change_rows
from graphrisk.analyze.owners.listing import listed_rows
from graphrisk.analyze.owners.rows import owner_rows
from graphrisk.analyze.owners.saying import headline, said_of
from graphrisk.analyze.owners.tables import CHANGES, LISTED, OWNERS
from graphrisk.analyze.tables import empty
from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.stakes import Ints
from graphrisk.model.params import date_of, param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress
from graphrisk.regimes.find import find_regime
from graphrisk.regimes.rule import Regime, Version
from graphrisk.standing.holdings import Holdings, holdings_of
from graphrisk.standing.owners import Commanded
from graphrisk.standing.region import above

VERSION = 2
TABLES = (OWNERS, CHANGES, LISTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `owners`."""

    regime: str = param(
        "amlr", "the regime: amlr, fatf, psc, cn for owners; ofac, eu, bis for a list; or one of your own"
    )
    party: str | None = param(None, "id of one party; null = the whole book")
    other_regime: str | None = param(None, "a second regime: who becomes or ceases to be an owner under it")
    listed: tuple[str, ...] = param((), "ids of listed parties: whom the list reaches, instead of owners")
    requirements: tuple[str, ...] = param((), "requirement of each listed party, in the order of `listed`")
    strictness: tuple[float, ...] = param((), "how strict each requirement is, larger is stricter")
    on: str | None = param(None, "day of the rule, YYYY-MM-DD; null = the as-of day of the data")
    category: str | None = param(None, "a category of the regime with a threshold of its own, such as higher_risk")
    nominee: str = param(
        "apart",
        "apart: what is left with a nominee counts for nobody; as_one: each nominee is one owner",
        choices=("apart", "as_one"),
    )
    regimes_in: str | None = param(None, "folder of regimes of your own; null = those shipped or of other packages")


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the beneficial owners in `graph` under a regime, or whom a list reaches."""
    refuse_inputs("owners", inputs)
    day = date_of(params.on) or graph.as_of
    folder = None if params.regimes_in is None else Path(params.regimes_in)
    regime = find_regime(params.regime, folder)
    version, applies = regime.on(day)
    as_one = params.nominee == "as_one"
    frames: dict[str, pd.DataFrame] = {table.name: empty(table) for table in TABLES}
    certificate: dict[str, Any] = {"converged": True, **_stated(regime, version, applies, day)}
    notes: list[str] = []
    if params.listed:
        _only(regime, "listed")
        holdings = holdings_of(graph, nominee_as_one=as_one)
        frames[LISTED.name], notes = listed_rows(graph, holdings, version, params)
    elif regime.kind == "listed":
        raise UsageError(
            f"regime {regime.name} is a rule on lists: it needs one",
            hint=f"graphrisk owners --listed FILE --regime {regime.name}",
        )
    else:
        holdings = holdings_of(graph, nominee_as_one=as_one)
        holdings, graph_, parties = _region(graph, holdings, params.party)
        progress("finding beneficial owners")
        commanded: Commanded = {}
        threshold = _threshold(regime, version, params.category)
        frames[OWNERS.name] = owner_rows(graph_, holdings, version, threshold, parties, commanded=commanded)
        if params.other_regime is not None:
            other = find_regime(params.other_regime, folder)
            _only(other, "owners")
            second, ahead = other.on(day)
            after = owner_rows(graph_, holdings, second, second.threshold, parties, chains=False, commanded=commanded)
            frames[CHANGES.name] = change_rows(frames[OWNERS.name], after)
            certificate["against"] = _stated(other, second, ahead, day)
    said = headline(graph, frames, params, certificate)
    certificate |= {"headline": [note.text for note in said], "headline_zh": [note.chinese for note in said]}
    return make_result(
        "owners",
        VERSION,
        graph,
        params,
        tables=frames,
        certificate=certificate,
        notes=tuple(dict.fromkeys([*said_of(graph, holdings, frames, version, certificate, params), *notes])),
    )


def _only(regime: Regime, kind: str) -> None:
    if regime.kind != kind:
        what = "lists" if regime.kind == "listed" else "owners"
        raise UsageError(
            f"regime {regime.name} is a rule on {what}", hint="amlr, fatf, psc, cn: owners; ofac, eu, bis: lists"
        )


def _threshold(regime: Regime, version: Version, category: str | None) -> float:
    if category is None:
        return version.threshold
    if category not in version.categories:
        raise UsageError(
            f"regime {regime.name} has no category {category!r}", hint=nearest(category, version.categories)
        )
    return float(version.categories[category])


def _stated(regime: Regime, version: Version, applies: bool, day: date) -> dict[str, Any]:
    return {
        "regime": regime.name,
        "title": regime.title,
        "version": version.name,
        "valid_from": version.valid_from.isoformat(),
        "valid_to": None if version.valid_to is None else version.valid_to.isoformat(),
        "day": day.isoformat(),
        "applies": applies,
        "suspended": version.suspended,
        "sources": list(version.sources),
        "reading": version.reading,
        "reading_zh": version.reading_zh,
    }


def _region(graph: RiskGraph, holdings: Holdings, party: str | None) -> tuple[Holdings, RiskGraph, Ints | None]:
    """Return what has to be looked at: for one party only what stands above it."""
    if party is None:
        return holdings, graph, None
    at = graph.position(party)
    return above(holdings, at), graph, np.array([at], dtype=np.int64)
