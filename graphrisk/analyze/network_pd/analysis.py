"""The analyzer: own PD, PD with the network, by the engine's spread or by edges that are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.network_pd.by_edges import given_edges, spread_edges
from graphrisk.analyze.network_pd.by_engine import enumerate_part, simulate_parts
from graphrisk.analyze.network_pd.pulled import SOURCES, Flags, Pulled
from graphrisk.analyze.network_pd.tables import BOUNDS, EXACT, PARTIES, PARTS, SIMULATED, TABLES
from graphrisk.analyze.tables import score_frame
from graphrisk.cascade.drawn_defaults import DrawnDefaults
from graphrisk.cascade.obligors import Obligors, obligors_of
from graphrisk.cascade.separate_parts import separate_parts
from graphrisk.cascade.stages import stages_of
from graphrisk.credit.portfolio_params import COLLATERAL, SKIP
from graphrisk.credit.portfolio_params import Params as PortfolioParams
from graphrisk.errors import UsageError
from graphrisk.graph.book import LAYERS
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.credit.independent_cascade import MOST_EDGES, noisy_or, non_backtracking
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 1
__all__ = ["TABLES", "VERSION", "Params", "run"]
POINTS = 20.0 / np.log(2.0)
"""Points of a scorecard in which 20 double the odds."""
MOST_PARTIES = 16
"""Uncertain parties of a part up to which every set of first defaults is run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `network_pd`; those that portfolio has too mean the same there."""

    method: str = param(
        "engine", "engine: the spread of contagion and portfolio; edges: independent edges with given weights",
        choices=("engine", "edges"),
    )  # fmt: skip
    weights: str | None = param(None, "edges: file of the weights (CSV: source_id, target_id, w)")
    scenarios: int = param(2_000, "draws where a part is too large to enumerate", low=1, high=1_000_000)
    seed: int = param(1, "seed of the draws: the same seed gives the same bits", low=0)
    exact_parties: int = param(
        MOST_PARTIES, "engine: uncertain parties of a part that is enumerated", low=0, high=MOST_PARTIES
    )
    exact_edges: int = param(MOST_EDGES, "edges: uncertain edges of a part that is enumerated", low=0, high=MOST_EDGES)
    source_runs: int = param(2_000, "engine: most runs that look for sources in the draws", low=0)
    most_runs: int | None = param(None, "engine: no draw is looked at after so many runs (default: all are)", low=1)
    part_of: str | None = param(None, "look only at the part of this party, and for its sources (default: all)")
    factors: str = param(
        "one", "systematic factors: one for all, or also one per industry, per region, or per both",
        choices=("one", "sector", "region", "sector_region"),
    )  # fmt: skip
    rho: float = param(0.15, "engine: asset correlation; 0: first defaults are independent", low=0.0, high=0.99)
    inter: float = param(
        0.6, "several factors: correlation of two parties of no common group, as a part of rho", low=0.0, high=1.0
    )
    sector_length: int = param(
        1, "leading characters of the industry code that name a sector; 0 takes the whole code", low=0
    )
    pd_model: str | None = param(None, "the rating model whose PD is taken (default: the latest of any)")
    missing_pd: str = param(SKIP, "PD of a party without one: skip (it never defaults by itself), refuse, or a number")
    missing_lgd: str = param(COLLATERAL, "LGD of a facility without one: collateral, refuse, or a number")
    rule: str = param(
        "threshold", "engine: what share of a claim is lost at a given equity", choices=("threshold", "debtrank")
    )
    recovery: float = param(0.0, "threshold: part of a claim on a defaulted party that is recovered", low=0.0, high=1.0)
    layers: tuple[str, ...] | None = param(
        None, "layers that take part (default: all of these that hold data)", choices=LAYERS
    )
    capacity: str = param("net_assets", "what a guarantor can pay", choices=("net_assets", "unlimited"))
    missing_capacity: str = param("zero", "what a guarantor without known equity can pay", choices=("zero", "caps"))
    horizon_months: float = param(12.0, "months for which a firm without production loses its profit", low=0.0)
    confidence: float = param(0.95, "confidence of the intervals", low=0.5, high=0.9999)

    def of_portfolio(self) -> PortfolioParams:
        """Return the parameters of portfolio's model that these are."""
        shared = ("scenarios", "seed", "factors", "rho", "inter", "sector_length", "pd_model", "missing_pd",
                  "missing_lgd", "rule", "recovery", "layers", "capacity", "missing_capacity", "horizon_months",
                  "confidence")  # fmt: skip
        return PortfolioParams(**{name: getattr(self, name) for name in shared}, importance_sampling=False)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return what the network adds to the PD of each party."""
    refuse_inputs("network_pd", inputs)
    if params.weights is not None and params.method != "edges":
        raise UsageError("weights are read by method edges", hint="--set method=edges")
    alone = None if params.part_of is None else graph.position(params.part_of)
    progress("building the ledger")
    given = obligors_of(graph, params.of_portfolio())
    notes: list[Any] = list(given.notes)
    found = Pulled.nothing(graph.size, alone)
    certificate: dict[str, Any] = {"converged": True, "method": params.method}
    bounds: tuple[Floats, Floats] | None = None
    if params.method == "edges":
        edges = given_edges(graph, params.weights, notes)
        progress("spreading defaults along edges")
        part = spread_edges(
            given.pd, edges, found, most=params.exact_edges, scenarios=params.scenarios, seed=params.seed,
            confidence=params.confidence,
        )  # fmt: skip
        bounds = non_backtracking(given.pd, *edges), noisy_or(given.pd, *edges)
        certificate |= {"edges": len(edges[0])}
    else:
        part = separate_parts(given.book)
        certificate |= _by_engine(given, part, params, found, notes, progress)
    inside = np.ones(graph.size, dtype=np.bool_) if alone is None else part == part[alone]
    order, frame = _party_rows(graph, given, found, part, inside)
    certificate |= {
        "parties": len(frame),
        "exact": int((found.exact[order]).sum()),
        "pulled_down": int((found.added[order] > 0.0).sum()),
        "defaults_own": float(given.pd[inside].sum()),
        "defaults_net": float((given.pd + np.where(given.rated, found.added, 0.0))[inside].sum()),
    }
    _note_unrated(given, found, notes)
    return make_result(
        "network_pd",
        VERSION,
        graph,
        params,
        tables={
            "network_pd_parties": frame,
            "network_pd_parts": _part_rows(graph, given, found, part, inside),
            "network_pd_bounds": _bound_rows(graph, given, found, order, bounds),
        },
        certificate=certificate,
        notes=tuple(dict.fromkeys(notes)),
    )


def _by_engine(
    given: Obligors, part: Positions, params: Params, found: Pulled, notes: list[Any], progress: Progress
) -> dict[str, Any]:
    """Put into `found` what the engine says of each part; return how it was obtained."""
    size = np.bincount(part, minlength=len(part))
    loose = sum_by(part, ((given.pd > 0.0) & (given.pd < 1.0)).astype(np.float64), len(part))
    fails = sum_by(part, (given.pd > 0.0).astype(np.float64), len(part)) > 0.0
    heads = np.flatnonzero((size > 1) & fails)  # of parts in which anybody can fail and anybody can suffer
    if found.alone is not None:
        heads = heads[heads == part[found.alone]]
    if not len(heads):
        return {"draws": 0, "engine_runs": 0}
    runs = DrawnDefaults(stages_of(given, params.of_portfolio(), notes)[1])
    one_by_one = heads[(loose[heads] <= (params.exact_parties if params.rho == 0.0 else 1))]
    for number, head in enumerate(one_by_one.tolist()):
        progress("running all sets of first defaults", number, len(one_by_one))
        enumerate_part(runs, given.pd, np.flatnonzero(part == head), found, params.confidence)
    rest = np.setdiff1d(heads, one_by_one)
    draws = 0
    if len(rest):

        def tell(done: int) -> None:
            progress("spreading drawn defaults", done, params.scenarios)

        draws = simulate_parts(
            runs, given.pd, given.loadings, part, rest, found, scenarios=params.scenarios, seed=params.seed,
            confidence=params.confidence, source_runs=params.source_runs, most_runs=params.most_runs, tell=tell,
        )  # fmt: skip
        if params.rho > 0.0:
            notes.append(
                Note(
                    "correlated_first_defaults",
                    f"first defaults are drawn with rho={params.rho:g}, as portfolio draws them: parts are simulated "
                    "(rho=0 enumerates small ones)",
                    f"首轮违约按 rho={params.rho:g} 抽取（与 portfolio 相同）：结果为模拟（rho=0 时可穷举）",
                )
            )
    if runs.swings:
        notes.append(
            Note(
                "sets_that_swing",
                f"{runs.swings:,} of {runs.runs:,} sets of first defaults do not settle, mostly because calls shift "
                "between guarantors: who is in default in the last sweep counts",
                f"{runs.runs:,} 组首轮违约中 {runs.swings:,} 组未收敛（多因代偿在担保人间转移）：以最后一轮的违约为准",
                severity="warning",
            )
        )
    return {"draws": draws, "engine_runs": runs.runs}


def _party_rows(
    graph: RiskGraph, given: Obligors, found: Pulled, part: Positions, inside: Flags
) -> tuple[Positions, pd.DataFrame]:
    own = np.where(given.rated, given.pd, np.nan)
    shown = np.flatnonzero(inside & (given.rated | (found.added > 0.0)))
    order = shown[np.lexsort((shown, -found.added[shown]))]
    net = np.minimum(own + found.added, 1.0)
    low = np.where(given.rated, np.minimum(own + found.low, 1.0), found.low)
    high = np.where(given.rated, np.minimum(own + found.high, 1.0), np.nan)
    inner = (own > 0.0) & (net < 1.0)
    moved = np.zeros(graph.size)
    moved[inner] = logit(net[inner]) - logit(own[inner])
    moved[~inner & ~(found.added == 0.0)] = np.nan
    moved[~given.rated] = np.nan
    ids = graph.party_ids
    columns: dict[str, Any] = {
        "party_id": ids,
        "pd_own": own,
        "pd_net": net,
        "pd_low": low,
        "pd_high": high,
        "add_on": np.where(given.rated, net - own, np.nan),
        "add_on_points": POINTS * moved,
        "odds_ratio": np.exp(moved),
        "method": np.where(found.exact, EXACT, SIMULATED),
        "frequency": found.frequency,
        "part": ids[part] if graph.size else ids,
    }
    for k in range(SOURCES):
        who = [found.falls.get(i, ()) for i in range(graph.size)]
        columns[f"source_{k + 1}"] = np.array([ids[f[k][0]] if len(f) > k else None for f in who], dtype=object)
        columns[f"fall_{k + 1}"] = np.array([f[k][1] if len(f) > k else np.nan for f in who], dtype=np.float64)
    return order, score_frame(PARTIES, {name: np.asarray(column)[order] for name, column in columns.items()})


def _part_rows(graph: RiskGraph, given: Obligors, found: Pulled, part: Positions, inside: Flags) -> pd.DataFrame:
    n = graph.size
    size = np.bincount(part, minlength=n)
    own, more = sum_by(part, given.pd, n), sum_by(part, np.where(given.rated, found.added, 0.0), n)
    loose = np.bincount(part[(given.pd > 0.0) & (given.pd < 1.0)], minlength=n)
    heads = np.flatnonzero((size > 1) & inside)
    order = heads[np.lexsort((heads, -more[heads]))]
    return score_frame(
        PARTS,
        {
            "part": graph.party_ids[order],
            "parties": size[order],
            "rated": loose[order],
            "defaults_own": own[order],
            "defaults_net": (own + more)[order],
            "method": np.where(found.exact[order], EXACT, SIMULATED),
        },
    )


def _bound_rows(
    graph: RiskGraph, given: Obligors, found: Pulled, order: Positions, bounds: tuple[Floats, Floats] | None
) -> pd.DataFrame:
    if bounds is None:
        return score_frame(BOUNDS, {name: [] for name in BOUNDS.names})
    net = np.where(given.rated, np.minimum(given.pd + found.added, 1.0), np.nan)
    return score_frame(
        BOUNDS,
        {
            "party_id": graph.party_ids[order],
            "pd_net": net[order],
            "non_backtracking": np.clip(bounds[0], 0.0, 1.0)[order],
            "noisy_or": np.clip(bounds[1], 0.0, 1.0)[order],
        },
    )


def _note_unrated(given: Obligors, found: Pulled, notes: list[Any]) -> None:
    pulled = int((~given.rated & (found.added > 0.0)).sum())
    if pulled:
        notes.append(
            Note(
                "pulled_down_without_pd",
                f"{pulled:,} parties without a PD can be pulled down by others: pd_low is what these alone bring, "
                "pd_net is not known",
                f"{pulled:,} 户没有违约概率但可能被牵连：pd_low 仅为他方带来的概率，pd_net 未知",
            )
        )
