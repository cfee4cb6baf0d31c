"""The analyzer collateral: the assets, the ranks, the falls of prices, what hangs on one asset, whom an asset joins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.analyze.base import make_result
from graphrisk.analyze.collateral.shared import link_rows
from graphrisk.analyze.collateral.stressed import price_changes, stressed_rows
from graphrisk.analyze.collateral.tables import ASSETS, FALLS, SCENARIO, SINGLE, TABLES, WATERFALL
from graphrisk.analyze.tables import empty, score_frame
from graphrisk.graph.oneself import guarantees_for_oneself
from graphrisk.graph.pledge_rows import pledge_rows
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.contagion.collateral import Pledges, covered_at, take_all
from graphrisk.kernels.contagion.ledger import rows_by
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress
from graphrisk.standing.guarantee_parts import over

VERSION = 2
TAKES_SCENARIO = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `collateral`."""

    falls: tuple[float, ...] = param(
        (0.1, 0.2, 0.3), "falls of prices in collateral_falls, as fractions", low=0.0, high=1.0
    )
    price_fall: float = param(
        0.2, "fall of prices in ltv_fallen of collateral_assets; a scenario goes before it", low=0.0, high=1.0
    )
    kind: str | None = param(None, "that fall hits this class of assets only")
    region: str | None = param(None, "that fall hits this region only")
    max_links: int = param(100_000, "most pairs of borrowers listed", low=0)
    max_groups: int = param(500, "most classes and regions whose fall is computed, the most valuable first", low=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """Who is secured by what: the pledges that count, by asset and rank, and what each claims and takes."""

    pledges: Pledges
    claim: Floats
    taken: Floats
    paid: Floats
    covered: Floats  # (facilities,)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the pledged assets of `graph` and what follows from their being shared."""
    notes: list[str] = []
    moved = price_changes(graph, inputs, notes)
    progress("reading the pledges")
    pledges = pledge_rows(graph, True, None, notes)
    held = _security(pledges)
    hit = np.ones(graph.rows("collateral"), dtype=bool)
    for column, wanted in (("kind", params.kind), ("region", params.region)):
        if wanted is not None:
            hit &= (graph.texts("collateral", column) == wanted).astype(bool)
            if not hit.any():
                notes.append(
                    Note(
                        "no_asset_falls",
                        f"No asset has {column} {wanted}: ltv_fallen is as it is now.",
                        f"没有 {column} 为 {wanted} 的押品：ltv_fallen 与现值相同。",
                    )
                )
    progress("falls of prices")
    falls, left = _fall_rows(graph, held, params)
    links, cut = link_rows(graph, pledges.facility, pledges.asset, params.max_links)
    for many, what, name, chinese in (
        (left, "classes and regions are not computed", "max_groups", "个类别与地区未计算"),
        (cut, "pairs of borrowers are not listed", "max_links", "对借款人未列出"),
    ):
        if many:
            notes.append(
                Note(
                    f"collateral_{name}_reached",
                    f"{many:,} further {what}; raise {name} to see them.",
                    f"另有 {many:,} {chinese}；提高 {name} 可见。",
                )
            )
    fallen = np.where(hit, 1.0 - params.price_fall, 1.0) if moved is None else 1.0 + moved
    assets, order = _asset_rows(graph, held, fallen)
    tables = {
        "collateral_assets": assets,
        "collateral_waterfall": _waterfall_rows(graph, held, order),
        "collateral_links": links,
        "collateral_single": _single_rows(graph, held),
        "collateral_falls": falls,
        "collateral_scenario": empty(SCENARIO) if moved is None else stressed_rows(graph, pledges, moved),
    }
    over = assets["over_pledge_ratio"] > 1.0
    return make_result(
        "collateral",
        VERSION,
        graph,
        params,
        tables={table.name: tables[table.name] for table in TABLES},
        certificate={
            "converged": True,
            "assets_pledged": len(assets),
            "assets_shared": int((assets["facilities"] > 1).sum()),
            "assets_over_pledged": int(over.sum()),
            "covered": float(held.covered.sum()),
        },
        notes=tuple(notes),
    )


def _security(pledges: Pledges) -> Security:
    part = pledges.price * (1.0 - pledges.haircut)
    claim = np.minimum(pledges.allocated * part[pledges.asset], pledges.due[pledges.facility])
    start = rows_by(pledges.asset, len(pledges.value))[0]
    covered, paid = covered_at(pledges, pledges.price)
    taken = take_all(start, pledges.rank, claim, pledges.value * part)
    return Security(pledges=pledges, claim=claim, taken=taken, paid=paid, covered=covered)


def _asset_rows(graph: RiskGraph, held: Security, fallen: Floats) -> tuple[pd.DataFrame, Positions]:
    """Return the pledged assets and their positions in the order of the table; `fallen`: prices after a fall."""
    pledges, count = held.pledges, graph.rows("collateral")
    allocated = sum_by(pledges.asset, pledges.allocated, count)
    width = np.int64(max(len(pledges.due), graph.size, 1))
    once = np.unique(pledges.asset * width + pledges.facility)
    asset, facility = once // width, once % width
    loans = sum_by(asset, pledges.due[facility], count)
    borrower = graph.positions("facilities", "borrower_id")
    people = np.unique(asset * width + borrower[facility]) // width
    ratio, ltv = over(allocated, pledges.value), over(loans, pledges.value)
    counted = pledges.value * (1.0 - pledges.haircut)
    claimed, taken = sum_by(pledges.asset, held.claim, count), sum_by(pledges.asset, held.taken, count)
    at = np.unique(pledges.asset)
    rank = np.where(np.isnan(ratio), np.where(allocated > 0.0, np.inf, 0.0), ratio)  # worth nothing, promised: first
    at = at[np.lexsort((at, -allocated[at], -rank[at]))]
    owner = graph.positions("collateral", "owner_id")[at]
    frame = score_frame(
        ASSETS,
        {
            "collateral_id": graph.texts("collateral", "collateral_id")[at],
            "value": pledges.value[at],
            "allocated": allocated[at],
            "over_pledge_ratio": ratio[at],
            "facilities": count_by(asset, count)[at],
            "borrowers": count_by(people, count)[at],
            "ltv": ltv[at],
            "ltv_fallen": over(loans, pledges.value * fallen)[at],
            "loans": loans[at],
            "counted": counted[at],
            "taken": taken[at],
            "free": np.maximum(counted - taken, 0.0)[at],
            "last_rank_short": np.maximum(claimed - taken, 0.0)[at],
            "owner_id": [None if k < 0 else graph.party_ids[k] for k in owner.tolist()],
            **{name: graph.texts("collateral", name)[at] for name in ("kind", "asset_class", "region")},
        },
    )
    return frame, at


def _waterfall_rows(graph: RiskGraph, held: Security, order: Positions) -> pd.DataFrame:
    pledges = held.pledges
    place = np.zeros(graph.rows("collateral"), dtype=np.int64)
    place[order] = np.arange(len(order))
    rows = np.argsort(place[pledges.asset], kind="stable")  # pledges run by asset, rank and facility
    asset, facility = pledges.asset[rows], pledges.facility[rows]
    begin = np.flatnonzero(np.diff(asset, prepend=-1)) if len(asset) else rows
    number = np.arange(len(rows)) - np.repeat(begin, np.diff(np.append(begin, len(rows)))) + 1
    borrower = graph.positions("facilities", "borrower_id")[facility]
    return score_frame(
        WATERFALL,
        {
            "collateral_id": graph.texts("collateral", "collateral_id")[asset],
            "facility_id": graph.texts("facilities", "facility_id")[facility],
            "rank": pledges.rank[rows],
            "claim": held.claim[rows],
            "taken": held.taken[rows],
            "paid": held.paid[rows],
            "short": np.maximum(held.claim - held.taken, 0.0)[rows],
            "borrower_id": graph.party_ids[borrower],
            "pledge": number,
        },
    )


def _single_rows(graph: RiskGraph, held: Security) -> pd.DataFrame:
    """Return the facilities with something outstanding that one asset alone secures."""
    pledges = held.pledges
    width = np.int64(max(len(pledges.value), 1))
    pairs = np.unique(pledges.facility * width + pledges.asset)
    facility, asset = pairs // width, pairs % width
    assets_of = count_by(facility, len(pledges.due))
    others = count_by(asset, len(pledges.value))
    keep = (assets_of[facility] == 1) & (pledges.due[facility] > 0)
    facility, asset = facility[keep], asset[keep]
    best = np.full(len(pledges.due), np.iinfo(np.int64).max)
    np.minimum.at(best, pledges.facility, pledges.rank)
    open_ = pledges.due[facility] - held.covered[facility]
    order = np.lexsort((facility, -pledges.due[facility], -open_))
    facility, asset = facility[order], asset[order]
    backed = np.zeros(len(pledges.due), dtype=bool)
    named, other = graph.positions("guarantees", "facility_id"), ~guarantees_for_oneself(graph)
    backed[named[other & (named >= 0)]] = True
    everything = np.zeros(graph.size, dtype=bool)
    everything[graph.positions("guarantees", "debtor_id")[other & (named < 0)]] = True
    borrower = graph.positions("facilities", "borrower_id")[facility]
    return score_frame(
        SINGLE,
        {
            "facility_id": graph.texts("facilities", "facility_id")[facility],
            "borrower_id": graph.party_ids[borrower],
            "collateral_id": graph.texts("collateral", "collateral_id")[asset],
            "outstanding": pledges.due[facility],
            "covered": held.covered[facility],
            "uncovered": pledges.due[facility] - held.covered[facility],
            "rank": best[facility],
            "shared": others[asset] > 1,
            "guaranteed": backed[facility] | everything[borrower],
        },
    )


def _fall_rows(graph: RiskGraph, held: Security, params: Params) -> tuple[pd.DataFrame, int]:
    """Return what each fall does to each class of pledged assets in each region, and how many groups were left out."""
    pledges = held.pledges
    names = [graph.texts("collateral", column) for column in ("kind", "asset_class", "region")]
    groups: dict[tuple[str, str, str], list[int]] = {}
    for at in np.unique(pledges.asset).tolist():
        groups.setdefault(tuple("" if text[at] is None else str(text[at]) for text in names), []).append(at)  # type: ignore[arg-type]
    ranked = sorted(groups, key=lambda key: (-float(pledges.value[groups[key]].sum()), key))
    rows: list[dict[str, Any]] = []
    for key in ranked[: params.max_groups]:
        mine = np.zeros(len(pledges.value), dtype=bool)
        mine[groups[key]] = True
        near = np.unique(pledges.facility[mine[pledges.asset]])
        secured = np.isin(pledges.facility, near)
        pairs = np.unique(pledges.facility[secured] * np.int64(len(mine)) + pledges.asset[secured])
        of, asset = pairs // len(mine), pairs % len(mine)
        alone = replace(
            pledges,
            **{name: getattr(pledges, name)[_reached(pledges, secured)] for name in _OF_PLEDGES},
        )
        before = covered_at(alone, pledges.price)[0][near]
        for fall in params.falls:
            price = np.where(mine, pledges.price * (1.0 - fall), pledges.price)
            after = covered_at(alone, price)[0][near]
            worth = sum_by(of, pledges.value[asset] * price[asset], len(pledges.due))[near]
            whole = np.unique(asset)
            loans = float(pledges.due[near].sum())
            rows.append(
                {
                    **dict(zip(("kind", "asset_class", "region"), key, strict=True)),
                    "fall": float(fall),
                    "value": float(pledges.value[groups[key]].sum()),
                    "loans": loans,
                    "ltv": _over(loans, float(pledges.value[whole].sum())),
                    "ltv_fallen": _over(loans, float((pledges.value * price)[whole].sum())),
                    "uncovered_added": float((before - after).sum()),
                    "facilities": len(near),
                    "above_value": int((pledges.due[near] > worth * (1.0 + 1e-12)).sum()),
                }
            )
    rows.sort(key=lambda row: (-row["uncovered_added"], row["kind"], row["asset_class"], row["region"], row["fall"]))
    frame = score_frame(FALLS, {name: [row[name] for row in rows] for name in FALLS.names})
    return frame, max(len(ranked) - params.max_groups, 0)


_OF_PLEDGES = ("facility", "asset", "rank", "allocated", "owner")


def _reached(pledges: Pledges, secured: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the pledges of all assets of which one secures these facilities: the ranks beside theirs count too."""
    touched = np.zeros(len(pledges.value), dtype=bool)
    touched[pledges.asset[secured]] = True
    found: npt.NDArray[np.bool_] = touched[pledges.asset]
    return found


def _over(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
