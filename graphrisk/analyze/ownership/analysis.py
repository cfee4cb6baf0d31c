"""The analyzer: one pass over the holdings of a graph, written as tables with how they were obtained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.ownership.controls import control_rows
from graphrisk.analyze.ownership.saying import headline, said_of
from graphrisk.analyze.ownership.tables import CLOSE_LINKS, CONTROL, CYCLES, INDICATORS, INTEGRATED, POWER
from graphrisk.analyze.tables import empty, score_frame
from graphrisk.credit.our_bank import clients
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.stakes import CAPITAL
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress
from graphrisk.standing.circles import Circle, ring
from graphrisk.standing.holdings import Holdings, holdings_of
from graphrisk.standing.influence import influence
from graphrisk.standing.links import close_links
from graphrisk.standing.shares import Integrated, integrated
from graphrisk.standing.structure import structure_of

VERSION = 1
POWER_OF_ALL = 200_000
"""Parties up to which power is computed for every firm; in a larger book for clients only."""
TABLES = (INTEGRATED, CONTROL, CLOSE_LINKS, INDICATORS, CYCLES, POWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `ownership`."""

    semantics: str = param(
        "corrected",
        "how ways add up: corrected (a circle counts once), walk (as often as walked), simple (no party twice)",
        choices=("corrected", "walk", "simple"),
    )
    min_share: float = param(0.01, "smallest most share listed, fraction", low=0.0, high=1.0)
    threshold: float = param(0.5, "votes that control, fraction", low=0.0, high=1.0)
    strict: bool = param(True, "true: more than the threshold controls, false: the threshold itself does")
    possible: bool = param(False, "true: control that only some completion of unknown holdings gives is listed too")
    nominee: str = param(
        "apart",
        "apart: what is left with a nominee counts for nobody; as_one: each nominee is one owner",
        choices=("apart", "as_one"),
    )
    together: tuple[str, ...] = param((), "ids of parties that act together: control is that of the set")
    families: bool = param(False, "true: persons with a family tie act together")
    close_share: float = param(0.2, "share of capital that makes a close link, fraction", low=0.0, high=1.0)
    third_party: str = param(
        "clients", "pairs for which a third party makes a close link", choices=("clients", "all", "none")
    )
    power: bool = param(True, "false: table ownership_power is left empty; above 200,000 parties it holds clients only")
    max_paths: int = param(1_000_000, "most steps along simple paths, inside a circle or below an owner", low=1)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return who owns and controls whom in `graph`."""
    refuse_inputs("ownership", inputs)
    holdings = holdings_of(graph, nominee_as_one=params.nominee == "as_one")
    progress("adding up shares over all ways")
    shares = integrated(
        holdings,
        params.semantics,  # type: ignore[arg-type]
        smallest=params.min_share,
        max_paths=params.max_paths,
    )
    progress("finding who controls whom")
    controls, control_notes = control_rows(graph, holdings, params)
    progress("finding close links")
    links, over_paths = _links(graph, holdings, params)
    progress("looking at what stands above each party")
    tables = {
        "ownership_integrated": _integrated_rows(graph, holdings, shares),
        "ownership_control": controls,
        "ownership_close_links": links,
        "ownership_indicators": _indicator_rows(graph, holdings),
        "ownership_cycles": _cycle_rows(graph, holdings, shares.circles),
        "ownership_power": _power_rows(graph, holdings, params) if params.power else empty(POWER),
    }
    stakes = holdings.stakes
    open_mass = np.minimum(stakes.budget[CAPITAL], _sums(holdings, stakes.high)) - _sums(holdings, stakes.low)
    capped = _sums(holdings, stakes.high) > stakes.budget[CAPITAL] + 1e-9
    cut = int(shares.cut.sum()) + int(over_paths.cut.sum())
    return make_result(
        "ownership",
        VERSION,
        graph,
        params,
        tables={name: tables[name] for name in (table.name for table in TABLES)},
        certificate={
            "converged": True,
            "semantics": params.semantics,
            "residual": shares.residual,
            "circles": len(shares.circles),
            "closed_circles": sum(circle.closed for circle in shares.circles),
            "without_answer": sum(circle.no_answer for circle in shares.circles),
            "over_subscribed": int(stakes.over.any(axis=0).sum()),
            "capped_columns": int((capped & ~stakes.over[CAPITAL]).sum()),
            "unknown_mass": float(np.maximum(open_mass, 0.0).sum()),
            "nominee_mass": float(holdings.unknown[CAPITAL].sum()),
            "pairs_cut": cut,
            "headline": headline(tables),
        },
        notes=(
            *said_of(graph, holdings, shares, params, cut),
            *control_notes,
            *_power_note(graph, params),
        ),
    )


def _sums(holdings: Holdings, values: Any) -> Any:
    stakes = holdings.stakes
    return np.bincount(stakes.owned, np.where(stakes.live, values[CAPITAL], 0.0), minlength=stakes.size)


def _integrated_rows(graph: RiskGraph, holdings: Holdings, shares: Integrated) -> pd.DataFrame:
    stakes = holdings.stakes
    size = np.int64(max(stakes.size, 1))
    keys = stakes.owned * size + stakes.holder  # in order
    wanted = shares.owned * size + shares.owner
    place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    there = keys[place] == wanted if len(keys) else np.zeros(len(wanted), dtype=bool)
    direct = [np.where(there, side[CAPITAL][place], 0.0) if len(keys) else np.zeros(len(wanted)) for side in
              (stakes.low, stakes.high)]  # fmt: skip
    order = np.lexsort(
        (
            shares.owned,
            shares.owner,
            -np.nan_to_num(shares.most[0], nan=-1.0),
            -np.nan_to_num(shares.least[0], nan=-1.0),
        )
    )
    ids = graph.party_ids
    return score_frame(
        INTEGRATED,
        {
            "owner_id": ids[shares.owner[order]],
            "owned_id": ids[shares.owned[order]],
            "direct_min": direct[0][order],
            "direct_max": direct[1][order],
            "capital_min": shares.least[0][order],
            "capital_max": shares.most[0][order],
            "votes_min": shares.least[1][order],
            "votes_max": shares.most[1][order],
            "over_subscribed": shares.over[order],
        },
    )


def _links(graph: RiskGraph, holdings: Holdings, params: Params) -> tuple[pd.DataFrame, Integrated]:
    third = np.full(graph.size, params.third_party == "all")
    if params.third_party == "clients":
        third = clients(graph)
    links, found = close_links(holdings, third, threshold=params.close_share, max_paths=params.max_paths)
    links.sort(key=lambda k: (not k.certain, -max(k.ab, k.ba, min(k.via_a, k.via_b) if k.via >= 0 else 0.0), k.a, k.b))
    ids = graph.party_ids
    frame = score_frame(
        CLOSE_LINKS,
        {
            "a_id": [ids[k.a] for k in links],
            "b_id": [ids[k.b] for k in links],
            "share_ab": [k.ab for k in links],
            "share_ba": [k.ba for k in links],
            "via_id": [None if k.via < 0 else ids[k.via] for k in links],
            "share_via_a": [k.via_a for k in links],
            "share_via_b": [k.via_b for k in links],
            "certain": [k.certain for k in links],
        },
    )
    return frame, found


def _indicator_rows(graph: RiskGraph, holdings: Holdings) -> pd.DataFrame:
    found = structure_of(graph, holdings)
    shown = np.flatnonzero((found.height > 0) | (found.nominees > 0))
    order = shown[np.lexsort((shown, -found.height[shown], -found.layers[shown]))]
    return score_frame(
        INDICATORS,
        {
            "party_id": graph.party_ids[order],
            "layers": found.layers[order],
            "height": found.height[order],
            "holders": found.holders[order],
            "persons": found.persons[order],
            "nominees": found.nominees[order],
            "arrangements": found.arrangements[order],
            "foreign_layers": found.foreign[order],
            "complex": found.complex_[order],
            "unknown_share": holdings.unknown[CAPITAL][order],
        },
    )


def _cycle_rows(graph: RiskGraph, holdings: Holdings, circles: list[Circle]) -> pd.DataFrame:
    ids = graph.party_ids
    return score_frame(
        CYCLES,
        {
            "cycle_id": [ids[c.members[0]] for c in circles],
            "cycle": [ids[ring(holdings.stakes, c.members)].tolist() for c in circles],
            "spectral_radius": [c.radius for c in circles],
            "closed": [c.closed for c in circles],
            "no_answer": [c.no_answer for c in circles],
        },
    )


def _power_rows(graph: RiskGraph, holdings: Holdings, params: Params) -> pd.DataFrame:
    firms = clients(graph) if graph.size > POWER_OF_ALL else np.ones(graph.size, dtype=bool)
    rows = influence(holdings, firms, smallest=params.min_share, max_paths=params.max_paths)
    rows.sort(key=lambda r: (r.firm, -_known(r.votes), -_known(r.weakest), r.holder))
    ids = graph.party_ids
    return score_frame(
        POWER,
        {
            "owned_id": [ids[r.firm] for r in rows],
            "holder_id": [ids[r.holder] for r in rows],
            "votes": [r.votes for r in rows],
            "relative_control": [r.relative for r in rows],
            "shapley": [r.shapley for r in rows],
            "banzhaf": [r.banzhaf for r in rows],
            "weakest_link": [r.weakest for r in rows],
            "cash_flow": [r.cash_flow for r in rows],
            "wedge": [r.weakest - r.cash_flow for r in rows],
            "role": [r.role for r in rows],
        },
    )


def _power_note(graph: RiskGraph, params: Params) -> list[str]:
    if not params.power or graph.size <= POWER_OF_ALL:
        return []
    return [f"ownership_power holds clients only: the book has more than {POWER_OF_ALL:,} parties."]


def _known(value: float) -> float:
    """Return a number for sorting: what is not known stands last."""
    return value if value == value else -1.0
