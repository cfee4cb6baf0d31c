"""Shared collateral: assets left, the borrowers whose loans they secure right, a line for each pledge.

Drawn are the assets that secure more than one loan (all, where there is none), the most over-pledged on top; an owner
who is no borrower stands at the far left. With a party, the assets that secure its loans, and who
else borrows on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.result import Result, plain
from graphrisk.views.base import Options
from graphrisk.views.data.page_graph import CODES, Links
from graphrisk.views.data.panels import panel
from graphrisk.views.desk import Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

TITLE = "Assets that secure more than one loan, and who borrows on them"
ARG = "optional"
ARG_IS = "party"
NEEDS: tuple[str, ...] = ("quality", "collateral")

ASSETS = 60
"""Most assets drawn."""
UNSECURED = 40
"""Most parties drawn where no asset secures a loan."""
ROWS = 60
_HIGH, _WIDE = 64.0, 460.0


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture. Raises UsageError where the party is unknown."""
    desk = open_desk(graph, results, options)
    party = None if not arg else graph.position(arg)
    pledges = desk.page_graph.links.of("SECURED_BY")
    ranked = results["collateral"].assets["collateral_id"].tolist()
    found = graph.locate("collateral", ranked) + desk.page_graph.parties
    if party is not None:
        mine = set(pledges.target[pledges.source == party].tolist())
        found = np.array([one for one in found.tolist() if one in mine], dtype=np.int64)
    else:
        many = np.bincount(pledges.target, minlength=desk.page_graph.size)
        shared = found[many[found] > 1]
        found = shared if len(shared) else found
    return make_picture(desk, _drawing(desk, pledges, found[:ASSETS], len(found), party))


def _drawing(desk: Desk, pledges: Links, assets: Positions, total: int, party: int | None) -> Drawing:
    lang, links = desk.lang, desk.page_graph.links
    shown = np.isin(pledges.target, assets)
    wide = max(_WIDE, 0.6 * _HIGH * len(assets))
    height = {int(asset): number * _HIGH for number, asset in enumerate(assets.tolist())}
    mean: dict[int, list[float]] = {}
    for source, target in zip(pledges.source[shown].tolist(), pledges.target[shown].tolist(), strict=True):
        mean.setdefault(source, []).append(height[target])
    borrowers = sorted(mean, key=lambda one: (sum(mean[one]) / len(mean[one]), one))
    step = max(_HIGH, (len(assets) - 1) * _HIGH / max(len(borrowers) - 1, 1)) if len(borrowers) > 1 else _HIGH
    places = {one: (0.0, height[one]) for one in height}
    places |= {one: (wide, number * step) for number, one in enumerate(borrowers)}
    holds = links.only((links.code == CODES["HAS_COLLATERAL"]) & np.isin(links.target, assets))
    for owner, asset in zip(holds.source.tolist(), holds.target.tolist(), strict=True):
        places.setdefault(owner, (-wide * 0.6, height[asset]))
    if not len(assets) and party is None:  # whoever borrows without security
        due = desk.page_graph.exposure[: desk.page_graph.parties]
        bare = np.lexsort((np.arange(len(due)), -due))[:UNSECURED]
        places |= {int(one): (wide, number * _HIGH) for number, one in enumerate(bare.tolist())}
    nodes = np.array(sorted(places), dtype=np.int64)
    drawn = links.only(
        np.isin(links.source, nodes)
        & np.isin(links.target, nodes)
        & ((links.code != CODES["PAID"]) & (links.code != CODES["SUPPLIES"]))
    )
    left = [say(lang, "assets_left_out", assets=f"{total - len(assets):,}")] if total > len(assets) else []
    title = say(lang, "title.collateral")
    if party is not None:
        title = say(lang, "title.collateral_of", name=desk.name(party))
        if party not in places:
            nodes, places = np.append(nodes, party), {**places, party: (wide, 0.0)}
    order = np.argsort(nodes, kind="stable")
    nodes = nodes[order]
    return Drawing(
        view="collateral",
        title=title,
        nodes=nodes,
        places=np.array([places[n] for n in nodes.tolist()]) if len(nodes) else np.zeros((0, 2)),
        links=drawn,
        panels=[panel for panel in (_assets(desk), _links(desk)) if panel["rows"]],
        figures=_figures(desk),
        focus=party,
        amounts=True,
        banner=left,
        left_out=left,
        empty="" if len(assets) else say(lang, "no_shared_assets"),
    )


def _assets(desk: Desk) -> dict[str, Any]:
    frame = desk.results["collateral"].assets
    at = desk.page_graph.graph.locate("collateral", frame["collateral_id"].head(ROWS).tolist())
    rows = [
        [
            {"node": int(place) + desk.page_graph.parties}, plain(row["value"]), plain(row["allocated"]),
            plain(row["over_pledge_ratio"]), plain(row["borrowers"]), plain(row["ltv"]), plain(row["ltv_fallen"]),
            plain(row["last_rank_short"]),
        ]
        for place, row in zip(at.tolist(), frame.head(ROWS).to_dict("records"), strict=True)
    ]  # fmt: skip
    columns = [("asset", "party"), ("asset_value", "money"), ("allocated", "money"), ("over_pledge", "ratio")]
    columns += [("borrowers", "count"), ("ltv", "ratio"), ("ltv_fallen", "ratio"), ("not_reached", "money")]
    return panel("shared_assets", columns, rows, len(frame), "shared_assets_note")


def _links(desk: Desk) -> dict[str, Any]:
    graph, frame = desk.page_graph.graph, desk.results["collateral"].links
    head = frame.head(ROWS)
    one, other = (graph.locate("parties", head[name].tolist()).tolist() for name in ("a_id", "b_id"))
    asset = graph.locate("collateral", head["collateral_id"].tolist()).tolist()
    rows = [
        [{"node": a}, {"node": b}, {"node": c + desk.page_graph.parties}, plain(row["value"]),
         {"word": "only_asset.yes" if row["only"] else "only_asset.no"}]
        for a, b, c, row in zip(one, other, asset, head.to_dict("records"), strict=True)
    ]  # fmt: skip
    columns = [("one_borrower", "party"), ("other_borrower", "party"), ("asset", "party"), ("asset_value", "money")]
    return panel("asset_links", [*columns, ("only_asset", "text")], rows, len(frame), "")


def _figures(desk: Desk) -> list[dict[str, Any]]:
    said = desk.results["collateral"].certificate
    return [
        {"word": "assets_pledged", "value": int(said["assets_pledged"]), "kind": "count"},
        {"word": "assets_shared", "value": int(said["assets_shared"]), "kind": "count"},
        {
            "word": "assets_over", "value": int(said["assets_over_pledged"]), "kind": "count",
            "warn": int(said["assets_over_pledged"]) > 0,
        },
    ]  # fmt: skip
